"""The enquiry document as programs and the form send it: what makes one acceptable, and what to say where it is not."""

import hashlib
import unicodedata
from typing import Annotated, Any, Literal

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import PydanticCustomError

from services.intake.words import said
from shared.topics import TOPICS

_REGION = "DE"
_MOST_TOPICS = 5
_REFUSED = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TURNS_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LINE_BREAKS = frozenset("\n\r\t")


def _without_control(value: str, allowed: frozenset[str] = frozenset()) -> str:
    for letter in value:
        if (unicodedata.category(letter) in _REFUSED and letter not in allowed) or letter in _TURNS_DIRECTION:
            raise PydanticCustomError("control_characters", "control characters")
    return value


def _without_control_but_line_breaks(value: str) -> str:
    return _without_control(value, _LINE_BREAKS).replace("\r\n", "\n")


def _email(value: str) -> str:
    try:
        return validate_email(value, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise PydanticCustomError("email", "no e-mail address") from error


def _phone(value: str) -> str:
    try:
        number = phonenumbers.parse(value, _REGION)
    except phonenumbers.NumberParseException as error:
        raise PydanticCustomError("phone", "no telephone number") from error
    if not phonenumbers.is_valid_number(number):
        raise PydanticCustomError("phone", "no telephone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _topic(value: str) -> str:
    if value not in TOPICS:
        raise PydanticCustomError("unknown_topic", "unknown topic")
    return value


def _consent(value: object) -> object:
    if value is not True:
        raise PydanticCustomError("consent", "consent is needed")
    return value


def _none_if_blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _line(longest: int) -> Any:
    return Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=longest),
        AfterValidator(_without_control),
    ]


_Blank = BeforeValidator(_none_if_blank)
_Email: Any = Annotated[_line(254), AfterValidator(_email)]
_Phone: Any = Annotated[_line(50), AfterValidator(_phone)]
_PostalCode = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9]{5}$")]
_Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=10, max_length=5000),
    AfterValidator(_without_control_but_line_breaks),
]


class _Document(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class BusinessDocument(_Document):
    """The craft business that asks."""

    name: _line(200)  # type: ignore[valid-type]
    trade: _line(100)  # type: ignore[valid-type]
    postal_code: _PostalCode
    place: Annotated[_line(100) | None, _Blank] = None  # type: ignore[valid-type]
    employees: Annotated[Literal["1", "2-4", "5-9", "10-19", "20-49", "50+"] | None, _Blank] = None
    member: Annotated[Literal["yes", "no", "unclear"] | None, _Blank] = None


class ContactDocument(_Document):
    """Who asks, and how to reach them."""

    name: _line(200)  # type: ignore[valid-type]
    email: _Email
    phone: Annotated[_Phone | None, _Blank] = None
    preferred: Annotated[Literal["email", "phone"] | None, _Blank] = None
    time: Annotated[_line(200) | None, _Blank] = None  # type: ignore[valid-type]


class EnquiryDocument(_Document):
    """An enquiry: what a business asks, once."""

    business: BusinessDocument
    contact: ContactDocument
    topics: Annotated[list[Annotated[str, AfterValidator(_topic)]], Field(max_length=_MOST_TOPICS)] = []
    """Ids of topics; none means "don't know"."""
    text: _Text
    language: Literal["de", "en"] = "de"
    consent: Annotated[Literal[True], BeforeValidator(_consent)]

    def fingerprint(self) -> str:
        """SHA-256 of the content: the same document has the same fingerprint, however it was spaced."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


class Unreadable(Exception):
    """The body is no JSON."""


def errors_of(error: ValidationError, language: str) -> list[dict[str, str]]:
    """One ``{pointer, code, detail}`` for each field at fault, in this language. Raises ``Unreadable``."""
    found: dict[str, dict[str, str]] = {}
    for failure in error.errors(include_url=False, include_input=False):
        if failure["type"] == "json_invalid":
            raise Unreadable(str(failure.get("ctx", {}).get("error", "")))
        place = tuple(part for part in failure["loc"] if not _is_branch(part))
        pointer = "".join(f"/{part}" for part in place)
        code = _CODES.get(failure["type"], "wrong_type")
        detail = said(f"error.{code}", language, **_numbers(failure.get("ctx", {})))
        found.setdefault(pointer, {"pointer": pointer, "code": code, "detail": detail})
    return list(found.values())


def _is_branch(part: str | int) -> bool:
    """Pydantic names the branch of a union, which is no part of the document."""
    return isinstance(part, str) and (
        part.startswith(("constrained", "function", "literal", "nullable")) or "[" in part
    )


def _numbers(context: dict[str, Any]) -> dict[str, Any]:
    return {name: context[name] for name in ("min_length", "max_length", "expected") if name in context}


_CODES = {
    "missing": "required",
    "extra_forbidden": "unknown_field",
    "string_too_short": "too_short",
    "string_too_long": "too_long",
    "too_long": "too_many",
    "string_pattern_mismatch": "postal_code",
    "literal_error": "choice",
    "control_characters": "control_characters",
    "email": "email",
    "phone": "phone",
    "unknown_topic": "unknown_topic",
    "consent": "consent",
    "string_unicode": "control_characters",
}
