"""What only intake reads from the environment."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from shared.settings import CommaSeparated, Settings


def _address(value: str) -> str:
    if urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).netloc:
        raise ValueError("an address that begins with http:// or https:// is expected")
    return value


def _origins(values: tuple[str, ...]) -> tuple[str, ...]:
    """Browsers say ``https://host``, without the slash that people copy along with it."""
    return tuple(_address(value).rstrip("/").lower() for value in values)


Address = Annotated[str, AfterValidator(_address)]


class IntakeSettings(Settings):
    """The settings of intake: the shared ones, on a port of its own, and what its pages and its API need."""

    port: int = 8000
    public_url: Address = "http://localhost:8000"
    allowed_origins: Annotated[CommaSeparated, AfterValidator(_origins)] = ()
    """Websites whose pages may call the API."""
    privacy_url: Address = "https://example.org/datenschutz"
    """The privacy notice that the form links to."""
    imprint_url: Address = "https://example.org/impressum"
    """The imprint that every page links to."""
