"""What programs are told about an enquiry."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, PlainSerializer

from services.intake.enquiry import Enquiry, State
from services.intake.words import next_step, why


def _rfc3339(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


Time = Annotated[datetime, PlainSerializer(_rfc3339), Field(description="RFC 3339, in UTC.")]
Reference = Annotated[str, Field(pattern="^WW(-[0-9A-HJKMNP-TV-Z]{4}){3}$")]


class Confirmation(BaseModel):
    """The enquiry is stored, and will be answered."""

    reference: Reference
    status_url: str = Field(description="Private: whoever has it sees the enquiry's status, and can withdraw it.")
    received_at: Time


class Taker(BaseModel):
    """Who takes care of an enquiry."""

    id: str
    name: str
    why: str | None = Field(
        default=None,
        exclude_if=lambda why: why is None,
        description="Why they: a sentence in the enquiry's language. Missing where nothing was said that can be told.",
    )


class Moment(BaseModel):
    """When an enquiry came into a state."""

    at: Time
    state: State


class Status(BaseModel):
    """What became of an enquiry; who declined is not shown."""

    reference: Reference
    state: State
    since: Time
    receiver: Taker | None = Field(description="Null before somebody accepted.")
    next_step: str = Field(description="A sentence in the enquiry's language.")
    history: list[Moment]


def status_of(enquiry: Enquiry) -> Status:
    """What became of this enquiry."""
    receiver = enquiry.receiver
    return Status(
        reference=enquiry.reference,
        state=enquiry.state,
        since=enquiry.since,
        receiver=Taker(id=receiver.id, name=receiver.name, why=why(enquiry)) if receiver else None,
        next_step=next_step(enquiry),
        history=[Moment(at=step.at, state=step.state) for step in enquiry.history],
    )
