import httpx
import pytest

from services.matching import handlers
from services.matching.app import create_app
from services.matching.gap_counts import gap_counts_of
from services.matching.loads import Load
from services.matching.offering import Offering
from services.matching.places import Places
from services.matching.receivers import receivers_of
from services.matching.rulesets import Rulesets
from services.matching.settings import MatchingSettings
from services.matching.store import referrals_of
from shared import mongo, outbox
from shared.dispatch import Dispatcher
from shared.events import EVENTS
from shared.service import Service
from tests.services.matching.builders import ADVISOR, OST, WEST
from tests.shared.test_dispatch import Memory, Taken
from tests.shared.toy import Recorder, SetClock

TOKEN = "coordinators-only"
SAID = {"by": "Frau Kern", "why": "to begin"}
"""Who fills the directory, and why."""


@pytest.fixture
def settings(mongodb, namespace):
    """Without Kafka: nothing listens there."""
    return MatchingSettings(
        mongodb_url=mongodb.url,
        kafka_url="localhost:1",
        namespace=namespace,
        secret=("only-for-tests",),
        coordinator_token=TOKEN,
        desk_url="http://desk.example.org",
    )


@pytest.fixture
def clock():
    return SetClock()


class Matching:
    """The service without Kafka: what it keeps, and a way to tell it events."""

    def __init__(self, settings, clock) -> None:
        self.service = Service("matching", settings, clock)
        self.referrals, self.clock, self.dead = referrals_of(self.service), clock, Recorder()
        self.receivers = receivers_of(self.service)
        self.receivers._looks_every_s = 0
        collections = (self.service.collection("rulesets"), self.service.collection("revisions"))
        self.rulesets = Rulesets(*collections, clock, looks_every_s=0)
        self.gap_counts = gap_counts_of(self.service)
        self.places = Places(self.service.aggregates("places", Load), clock, looks_every_s=0)
        self.offering = Offering(self.referrals, self.receivers, self.rulesets, self.places, clock)
        bound = (self.referrals, self.offering, clock)
        self._dispatchers = {
            hears.topic: Dispatcher(hears, bound, group="matching", dead=self.dead, in_a_row=Memory())
            for hears in (handlers.enquiries, handlers.notifications)
        }
        self.documents = self.service.collection("referrals")

    async def hear(self, event, n=1):
        """Hear an event as it comes from Kafka; ``n`` is its number."""
        waiting = outbox.entry(event, aggregate=event.reference, n=n, source="/x", at=self.clock.now(), traceparent="")
        said = outbox.record(waiting)
        await self._dispatchers[event.topic].take([Taken(said.key, said.value, said.headers, topic=event.topic)])

    async def said(self, reference):
        """The events about an enquiry, in their order."""
        document = await self.documents.find_one({"_id": reference})
        return [EVENTS[entry["type"]].model_validate_json(entry["value"]) for entry in outbox.in_outbox(document)]

    async def unanswered(self, reference):
        """The ids of the events that still wait for somebody to react."""
        document = await self.documents.find_one({"_id": reference})
        return [waiting["id"] for waiting in document.get("unanswered", [])]


@pytest.fixture
async def matching(settings, clock):
    matching = Matching(settings, clock)
    await matching.service.setup()
    await matching.receivers.keep([ADVISOR, OST, WEST], prune=False, **SAID)
    yield matching
    client = mongo.connect(settings.mongodb_url, "motor")
    await client.drop_database(f"{settings.namespace}matching")
    await mongo.close(client)
    await matching.service.stop()


@pytest.fixture
async def desk(settings, clock, matching):
    app = create_app(settings, clock)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.example.org") as client,
    ):
        yield client
