import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
import pytest

from services.intake.app import create_app
from services.intake.settings import IntakeSettings
from shared import mongo

PUBLIC_URL = "http://wegweiser.example.org/hilfe"


@pytest.fixture
def settings(mongodb, namespace):
    """Kafka is not there: intake has to do without."""
    return IntakeSettings(
        kafka_url="127.0.0.1:9",
        mongodb_url=mongodb.url,
        namespace=namespace,
        secret=("secret",),
        coordinator_token="token",
        public_url=PUBLIC_URL,
        allowed_origins=("https://handwerk.example.org",),
    )


class StoppedClock:
    """Says what it was told."""

    def __init__(self):
        self.at = datetime(2026, 11, 23, 12, 0, 0, 500_000, tzinfo=UTC)

    def now(self):
        return self.at


@pytest.fixture
def clock():
    return StoppedClock()


@asynccontextmanager
async def running(settings, clock=None):
    """Intake, ready, and a client of it."""
    app = create_app(settings, clock)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        while (await client.get("/readyz")).status_code != httpx.codes.OK:
            await asyncio.sleep(0.02)
        yield client


@pytest.fixture
async def client(settings):
    async with running(settings) as client:
        yield client


@pytest.fixture
async def kept(settings, namespace):
    """What MongoDB has of the enquiries: call it for the documents by id."""
    database = mongo.connect(settings.mongodb_url, "motor")

    async def documents():
        return {document["_id"]: document async for document in database[f"{namespace}intake"]["enquiries"].find()}

    yield documents
    await mongo.close(database)
