"""What a single field may hold: tidied first, then checked. ``words.py`` has a sentence for each refusal."""

import re
import unicodedata

import phonenumbers
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from pydantic_core import PydanticCustomError

_REGION = "DE"
_LONGEST_EMAIL = 254
_LONGEST_PHONE = 50
_POSTAL_CODE = re.compile(r"[0-9]{5}")
_UNSEEN = r"\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2066-\u2069"
"""Control characters beyond ASCII, halves of letters, separators, and what turns the direction of writing."""
_REFUSED = re.compile(rf"[\x00-\x1f{_UNSEEN}]")
_REFUSED_IN_LINES = re.compile(rf"[\x00-\x08\x0b\x0c\x0e-\x1f{_UNSEEN}]")
_PLAIN_EMAIL = re.compile(r"[a-z0-9_]+(?:[.+-][a-z0-9_]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,}")
_LONGEST_PLAIN_EMAIL = 64
_NOBODYS = tuple(f"{before}{domain}" for domain in SPECIAL_USE_DOMAIN_NAMES for before in "@.")


def line(value: str, longest: int) -> str:
    """One line that names something: it has a letter or a digit, and ``longest`` characters at most."""
    tidy = _tidied(value, _REFUSED)
    if not (tidy[:1].isalnum() or any(letter.isalnum() for letter in tidy)):
        raise PydanticCustomError("missing", "nothing in it")
    return _at_most(longest, tidy)


def lines(value: str, shortest: int, longest: int) -> str:
    """A text of ``shortest`` to ``longest`` characters, in which a line break counts as one."""
    tidy = _tidied(value.replace("\r\n", "\n").replace("\r", "\n"), _REFUSED_IN_LINES)
    if not tidy:
        raise PydanticCustomError("missing", "nothing in it")
    if len(tidy) < shortest:
        raise PydanticCustomError("too_short", "too short", {"at_least": shortest})
    return _at_most(longest, tidy)


def postal_code(value: str) -> str:
    """A German postal code by its form; whether there is such a one is not asked here."""
    if not _POSTAL_CODE.fullmatch(value.strip()):
        raise PydanticCustomError("postal_code", "not five digits")
    return value.strip()


def email(value: str) -> str:
    """An e-mail address that any mail server can write to."""
    if is_plain_email(value):
        return value
    address = line(value, _LONGEST_EMAIL)
    try:
        return validate_email(address, check_deliverability=False, allow_smtputf8=False).ascii_email or address
    except EmailNotValidError as error:
        local = address.rpartition("@")[0]
        raise PydanticCustomError("email" if local.isascii() else "email_letters", "no e-mail address") from error


def is_plain_email(address: str) -> bool:
    """Whether the library, which takes ten times as long, would take this address as it is; if in doubt, not."""
    is_plain = len(address) <= _LONGEST_PLAIN_EMAIL and _PLAIN_EMAIL.fullmatch(address)
    return bool(is_plain) and not address.endswith(_NOBODYS)


def phone(value: str) -> str:
    """A telephone number in its international form; without a country code it is a German one."""
    try:
        number = phonenumbers.parse(line(value, _LONGEST_PHONE), _REGION)
    except phonenumbers.NumberParseException as error:
        raise PydanticCustomError("phone", "no telephone number") from error
    if not phonenumbers.is_valid_number(number):
        raise PydanticCustomError("phone", "no telephone number")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def none_if_blank(value: object) -> object:
    """What may be left out may also be left empty."""
    return None if isinstance(value, str) and not value.strip() else value


def consent(value: object) -> object:
    """Only ``true`` is consent."""
    if value is not True:
        raise PydanticCustomError("consent", "consent is needed")
    return value


def _tidied(value: str, refused: re.Pattern[str]) -> str:
    if refused.search(value):
        raise PydanticCustomError("control_characters", "control characters")
    return unicodedata.normalize("NFC", value).strip()


def _at_most(longest: int, value: str) -> str:
    if len(value) > longest:
        raise PydanticCustomError("too_long", "too long", {"at_most": longest, "has": len(value)})
    return value
