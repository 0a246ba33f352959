import pytest

from shared import mongo
from tests.commands import commands as all_commands
from tests.shared.toy import declared


@pytest.fixture
def commands():
    all_commands.said.clear()
    return all_commands


@pytest.fixture(params=["motor", "pymongo"])
async def database(request, mongodb, namespace):
    client = mongo.connect(mongodb.url, request.param)
    yield client[f"{namespace}test"]
    await client.drop_database(f"{namespace}test")
    await mongo.close(client)


@pytest.fixture
async def collection(database):
    return await declared(database)
