import pytest
from pymongo import monitoring

from shared import mongo
from tests.shared.toy import declared


class Commands(monitoring.CommandListener):
    """What the driver says to the server: every write command of every database."""

    def __init__(self) -> None:
        self.said: list[monitoring.CommandStartedEvent] = []

    def started(self, event) -> None:
        self.said.append(event)

    def succeeded(self, event) -> None: ...

    def failed(self, event) -> None: ...

    def of(self, database: str, name: str) -> list[dict]:
        return [event.command for event in self.said if (event.database_name, event.command_name) == (database, name)]


_commands = Commands()
monitoring.register(_commands)


@pytest.fixture
def commands():
    _commands.said.clear()
    return _commands


@pytest.fixture(params=["motor", "pymongo"])
async def database(request, mongodb, namespace):
    client = mongo.connect(mongodb.url, request.param)
    yield client[f"{namespace}test"]
    await client.drop_database(f"{namespace}test")
    await mongo.close(client)


@pytest.fixture
async def collection(database):
    return await declared(database)
