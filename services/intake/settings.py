"""What only intake reads from the environment."""

from shared.settings import CommaSeparated, Settings


class IntakeSettings(Settings):
    """The settings of intake."""

    port: int = 8000
    allowed_origins: CommaSeparated = ()
    """Websites whose pages may call the API."""
    privacy_url: str = "https://example.org/datenschutz"
    imprint_url: str = "https://example.org/impressum"
