"""The form as people fill it in: its fields, the document that they mean, and what is wrong with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.intake.document import EnquiryDocument, Flaw, Invalid, taken

LINES = (
    "business.name",
    "business.trade",
    "business.postal_code",
    "business.place",
    "business.employees",
    "business.member",
    "contact.name",
    "contact.email",
    "contact.phone",
    "contact.preferred",
    "contact.time",
)
ORDER = (*LINES, "text", "topics", "consent")
"""As they stand on the page."""
_CONSENT = "true"


@dataclass(frozen=True, slots=True)
class Filled:
    """What was typed and ticked, untouched."""

    lines: Mapping[str, str]
    topics: Sequence[str]
    """The empty one means "don't know"."""
    text: str
    consent: bool
    key: str
    """Hidden in the form: sent twice, it is one enquiry."""

    def document(self, language: str) -> EnquiryDocument:
        """The document that this means, without what was left empty. Raises ``Invalid``, with all that is wrong."""
        flaws: list[Flaw] = []
        try:
            document = taken(self._fields(language))
        except Invalid as invalid:
            flaws += invalid.flaws
        if self.lines["contact.preferred"] == "phone" and not self.lines["contact.phone"].strip():
            flaws.append(Flaw("/contact/phone", "phone_needed"))
        if flaws:
            raise Invalid(tuple(sorted(flaws, key=lambda flaw: ORDER.index(field_of(flaw)))))
        return document

    def _fields(self, language: str) -> Mapping[str, object]:
        return {
            "business": self._part("business."),
            "contact": self._part("contact."),
            "topics": [topic for topic in self.topics if topic],
            **({"text": self.text} if self.text.strip() else {}),
            "language": language,
            "consent": self.consent,
        }

    def _part(self, prefix: str) -> Mapping[str, str]:
        return {
            name.removeprefix(prefix): value
            for name, value in self.lines.items()
            if name.startswith(prefix) and value.strip()
        }


def filled(posted: Mapping[str, Sequence[str]], new_key: str) -> Filled:
    """What came with a posted form; ``new_key`` where none did."""

    def first(name: str) -> str:
        return next(iter(posted.get(name, ())), "")

    return Filled(
        lines={name: first(name) for name in LINES},
        topics=tuple(posted.get("topics", ())),
        text=first("text").replace("\r\n", "\n"),
        consent=first("consent") == _CONSENT,
        key=first("key") or new_key,
    )


def field_of(flaw: Flaw) -> str:
    """The field of the form that a flaw is about."""
    name = flaw.pointer[1:].replace("/", ".")
    return "topics" if name.startswith("topics") else name
