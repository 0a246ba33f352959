"""What the MongoDB driver says to the server, for tests that count it."""

from pymongo import monitoring


class Commands(monitoring.CommandListener):
    """Every command of every client that is made after this is registered."""

    def __init__(self) -> None:
        self.said: list[monitoring.CommandStartedEvent] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self.said.append(event)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...

    def of(self, database: str, name: str) -> list[dict]:
        """The commands of this name that were said to this database."""
        return [event.command for event in self.said if (event.database_name, event.command_name) == (database, name)]


commands = Commands()
monitoring.register(commands)
