"""What only notify reads from the environment."""

from email.utils import parseaddr
from typing import Annotated, Any

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, Field, field_validator

from services.notify.mail import MailUrl
from shared.settings import CommaSeparated, Settings


def _address(value: str) -> str:
    try:
        return validate_email(value, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise ValueError(f"{value!r} is no e-mail address: {error}") from error


def _mail_url(value: str) -> str:
    MailUrl.parsed(value)
    return value


Address = Annotated[str, AfterValidator(_address)]


class NotifySettings(Settings):
    """The settings of notify: the shared ones, and how mail leaves."""

    port: int = 8002
    smtp_url: Annotated[str, AfterValidator(_mail_url)] = "smtp://localhost:1025"
    """``smtp://user:password@host:port``, ``?starttls`` after it to insist on that; ``smtps://`` for TLS at once."""
    mail_from: Address
    """Where mail comes from; its domain is the right-hand side of every ``Message-ID``. There is no default."""
    mail_from_name: str = "Wegweiser"
    reply_to: Address | None = None
    """Where replies go; to ``mail_from`` if this is not set."""
    coordinators: CommaSeparated = Field(min_length=1)
    """Addresses of those who are told when a person must decide. There is no default: somebody has to be told."""
    privacy_url: str | None = None
    imprint_url: str | None = None

    @field_validator("mail_from", mode="before")
    @classmethod
    def _only_the_address(cls, value: Any) -> Any:
        """``Wegweiser <wegweiser@example.org>`` may be given; the name is a setting of its own."""
        return parseaddr(value)[1] if isinstance(value, str) and "<" in value else value

    @field_validator("coordinators")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_address(address) for address in value))

    @property
    def domain(self) -> str:
        """The domain that mail comes from."""
        return self.mail_from.rpartition("@")[2].encode("idna").decode()
