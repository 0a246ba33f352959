"""An enquiry document, as the decision API and ``wegweiser preview`` take it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from services.matching.decide import Facts
from shared.topics import TOPICS


class _Business(BaseModel):
    model_config = ConfigDict(strict=True)

    postal_code: str = Field(pattern=r"^[0-9]{5}$")
    place: str | None = None
    trade: str = ""


class EnquiryDocument(BaseModel):
    """Of an enquiry document what a decision needs; the rest may be missing, wrong or more."""

    model_config = ConfigDict(strict=True)

    reference: str = "preview"
    """Chooses among advisors who are equally close; an enquiry gets its own when it is sent."""
    business: _Business
    topics: list[str] = []
    text: str = ""
    language: Literal["de", "en"] = "de"

    @field_validator("topics")
    @classmethod
    def _exist(cls, topics: list[str]) -> list[str]:
        if unknown := [topic for topic in topics if topic not in TOPICS]:
            raise ValueError(f"there is no topic {', '.join(unknown)}")
        return topics

    def facts(self) -> Facts:
        """What matters for who should help."""
        return Facts(
            reference=self.reference,
            postal_code=self.business.postal_code,
            place=self.business.place,
            trade=self.business.trade,
            language=self.language,
            ticked=tuple(self.topics),
            text=self.text,
        )
