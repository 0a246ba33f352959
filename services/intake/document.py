"""The enquiry document as programs and the form send it, and what is wrong with one that cannot be taken."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema
from pydantic_core import ErrorDetails, PydanticCustomError

from services.intake import fields
from shared.topics import TOPICS

_MOST_TOPICS = 5


def _known(topic: str) -> str:
    if topic not in TOPICS:
        raise PydanticCustomError("unknown_topic", "unknown topic")
    return topic


def _each_once(topics: list[str]) -> list[str]:
    return list(dict.fromkeys(topics))


Line100 = Annotated[
    str,
    AfterValidator(partial(fields.line, longest=100)),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 100}),
]
Line200 = Annotated[
    str,
    AfterValidator(partial(fields.line, longest=200)),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 200}),
]
Email = Annotated[str, AfterValidator(fields.email), WithJsonSchema({"type": "string", "format": "email"})]
Phone = Annotated[str, AfterValidator(fields.phone), WithJsonSchema({"type": "string", "maxLength": 50})]
PostalCode = Annotated[
    str, AfterValidator(fields.postal_code), WithJsonSchema({"type": "string", "pattern": "^[0-9]{5}$"})
]
Text = Annotated[
    str,
    AfterValidator(partial(fields.lines, shortest=10, longest=5000)),
    WithJsonSchema({"type": "string", "minLength": 10, "maxLength": 5000}),
]
TopicId = Annotated[str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": list(TOPICS)})]
MayBeBlank = BeforeValidator(fields.none_if_blank)


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class BusinessDocument(_Part):
    """The craft business that asks."""

    name: Line200
    trade: Line100
    postal_code: PostalCode
    place: Annotated[Line100 | None, MayBeBlank] = None
    employees: Annotated[Literal["1", "2-4", "5-9", "10-19", "20-49", "50+"] | None, MayBeBlank] = None
    member: Annotated[Literal["yes", "no", "unclear"] | None, MayBeBlank] = None


class ContactDocument(_Part):
    """Who asks, and how to reach them."""

    name: Line200
    email: Email
    phone: Annotated[Phone | None, MayBeBlank] = None
    preferred: Annotated[Literal["email", "phone"] | None, MayBeBlank] = None
    time: Annotated[Line200 | None, MayBeBlank] = None


class EnquiryDocument(_Part):
    """An enquiry: what a business asks, once."""

    business: BusinessDocument
    contact: ContactDocument
    topics: Annotated[list[TopicId], Field(max_length=_MOST_TOPICS), AfterValidator(_each_once)] = []
    """Ids of topics; none means "don't know"."""
    text: Text
    language: Literal["de", "en"] = "de"
    consent: Annotated[Literal[True], BeforeValidator(fields.consent)]

    def fingerprint(self) -> str:
        """SHA-256 of the content: the same however it was spaced, and when optional fields are added one day."""
        return hashlib.sha256(self.model_dump_json(exclude_defaults=True).encode()).hexdigest()


class Unreadable(Exception):
    """The body is no JSON."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with one field."""

    pointer: str
    """Its place in the document (RFC 6901)."""
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)
    """What the sentence about it names."""


class Invalid(Exception):
    """The document cannot be taken."""

    def __init__(self, flaws: tuple[Flaw, ...]) -> None:
        super().__init__(", ".join(f"{flaw.pointer}: {flaw.code}" for flaw in flaws))
        self.flaws = flaws


def read(body: bytes) -> EnquiryDocument:
    """The document in a body of JSON. Raises ``Unreadable``, ``Invalid``."""
    try:
        return EnquiryDocument.model_validate_json(body)
    except ValidationError as error:
        failures = error.errors(include_url=False, include_input=False)
        if any(failure["type"] == "json_invalid" for failure in failures):
            raise Unreadable from None
        raise Invalid(_flaws(failures)) from None


def taken(document: Mapping[str, Any]) -> EnquiryDocument:
    """The document that was put together from a form. Raises ``Invalid``."""
    try:
        return EnquiryDocument.model_validate(document)
    except ValidationError as error:
        raise Invalid(_flaws(error.errors(include_url=False, include_input=False))) from None


def schema() -> dict[str, Any]:
    """The document's JSON Schema, in one piece."""
    whole = EnquiryDocument.model_json_schema()
    parts = whole.pop("$defs")
    for name, part in {"business": "BusinessDocument", "contact": "ContactDocument"}.items():
        whole["properties"][name] = parts[part]
    return whole


def _flaws(failures: list[ErrorDetails]) -> tuple[Flaw, ...]:
    """The first thing that is wrong with each field."""
    found: dict[str, Flaw] = {}
    for failure in failures:
        pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in failure["loc"])
        found.setdefault(pointer, Flaw(pointer, *_code(failure)))
    return tuple(found.values())


_CODES: dict[str, tuple[str, Mapping[str, Any]]] = {
    "missing": ("required", {}),
    "extra_forbidden": ("unknown_field", {}),
    "string_type": ("wrong_type", {"wanted": "text"}),
    "string_unicode": ("wrong_type", {"wanted": "text"}),
    "list_type": ("wrong_type", {"wanted": "list"}),
    "model_type": ("wrong_type", {"wanted": "object"}),
    "model_attributes_type": ("wrong_type", {"wanted": "object"}),
}


def _code(failure: ErrorDetails) -> tuple[str, Mapping[str, Any]]:
    context = failure.get("ctx", {})
    if failure["type"] == "literal_error":
        return "choice", {"expected": context["expected"]}
    if failure["type"] == "too_long" and "max_length" in context:
        return "too_many", {"at_most": context["max_length"]}
    return _CODES.get(failure["type"], (failure["type"], context))
