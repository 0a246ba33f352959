"""What only matching reads from the environment."""

from shared.settings import Settings


class MatchingSettings(Settings):
    """The settings of matching: the shared ones, on a port of its own."""

    port: int = 8001
