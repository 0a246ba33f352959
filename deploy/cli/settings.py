"""What the command line reads from the environment: the services' settings, without what only they need."""

from shared.settings import CommaSeparated, Settings


class OperatorSettings(Settings):
    """An operator's commands sign no links and open no port."""

    secret: CommaSeparated = ("none",)
    coordinator_token: str = ""
    port: int = 0
    notify_url: str = "http://localhost:8002"
