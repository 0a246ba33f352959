"""What a single field may hold: tidied first, then checked. ``words.py`` has a sentence for each refusal."""

import re
import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from pydantic_core import PydanticCustomError

_REGION = "DE"
_LONGEST_EMAIL = 254
_LONGEST_PHONE = 50
_POSTAL_CODE = re.compile(r"[0-9]{5}")
_REFUSED = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TURNS_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LINE_BREAKS = frozenset("\n\r\t")


def line(value: str, longest: int) -> str:
    """One line that names something: it has a letter or a digit, and ``longest`` characters at most."""
    tidy = _tidied(_without_control(value))
    if not any(letter.isalnum() for letter in tidy):
        raise PydanticCustomError("missing", "nothing in it")
    return _at_most(longest, tidy)


def lines(value: str, shortest: int, longest: int) -> str:
    """A text of ``shortest`` to ``longest`` characters, in which a line break counts as one."""
    tidy = _tidied(_without_control(value, _LINE_BREAKS).replace("\r\n", "\n").replace("\r", "\n"))
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
    address = line(value, _LONGEST_EMAIL)
    try:
        return validate_email(address, check_deliverability=False, allow_smtputf8=False).ascii_email or address
    except EmailNotValidError as error:
        local = address.rpartition("@")[0]
        raise PydanticCustomError("email" if local.isascii() else "email_letters", "no e-mail address") from error


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


def _tidied(value: str) -> str:
    return unicodedata.normalize("NFC", value).strip()


def _at_most(longest: int, value: str) -> str:
    if len(value) > longest:
        raise PydanticCustomError("too_long", "too long", {"at_most": longest, "has": len(value)})
    return value


def _without_control(value: str, allowed: frozenset[str] = frozenset()) -> str:
    for letter in value:
        if (unicodedata.category(letter) in _REFUSED and letter not in allowed) or letter in _TURNS_DIRECTION:
            raise PydanticCustomError("control_characters", "control characters")
    return value
