"""The command line as people run it, against real servers under a namespace of the test's own."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from deploy.cli.app import app
from services.matching.settings import MatchingSettings
from shared import mongo
from tests.services.matching.conftest import TOKEN, Matching
from tests.shared.toy import SetClock


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    said: str


@pytest.fixture
def wegweiser() -> Callable[..., Ended]:
    """Run ``wegweiser`` with these arguments and environment."""

    def run(*arguments: object, **environment: str) -> Ended:
        settings = {f"WEGWEISER_{name.upper()}": value for name, value in environment.items()}
        ended = CliRunner().invoke(app, [str(argument) for argument in arguments], env={**os.environ, **settings})
        if ended.exception is not None and not isinstance(ended.exception, SystemExit):
            raise ended.exception
        return Ended(ended.exit_code, ended.stdout, ended.stderr)

    return run


@pytest.fixture
def during(mongodb, namespace):
    """What happens meanwhile in matching; the databases are taken away at the end."""
    settings = MatchingSettings(
        mongodb_url=mongodb.url,
        kafka_url="localhost:1",
        namespace=namespace,
        secret=("only-for-tests",),
        coordinator_token=TOKEN,
    )

    async def happens(what):
        matching = Matching(settings, SetClock(datetime(2024, 11, 25, 12, tzinfo=UTC)))
        await matching.service.setup()
        try:
            return await what(matching)
        finally:
            await matching.service.stop()

    yield lambda what: asyncio.run(happens(what))

    async def forget():
        client = mongo.connect(mongodb.url, "motor")
        await client.drop_database(f"{namespace}matching")
        await mongo.close(client)

    asyncio.run(forget())
