import asyncio

import pytest

from services.notify import handlers
from services.notify.lease import Lease
from services.notify.mail import MailUrl, Patience, Post
from services.notify.sender import Sender
from services.notify.store import cases_of, notices_of
from services.notify.writing import writer
from shared import mongo, outbox
from shared.dispatch import Dispatcher
from shared.events import EVENTS
from shared.service import Service
from shared.times import SystemClock
from tests.services.notify.builders import NETWORK, the_settings
from tests.shared.test_dispatch import Memory, Taken
from tests.shared.toy import Recorder
from tests.smtp import MailServer


@pytest.fixture
def smtp():
    server = MailServer(pipelining=True).start()
    yield server
    server.stop()


class Process:
    """One process of notify, without Kafka: it hears what it is told, and sends."""

    def __init__(self, settings, lease_s, patience) -> None:
        self.service = Service("notify", settings)
        self.clock = SystemClock()
        self.cases, self.notices = cases_of(self.service), notices_of(self.service)
        self.dead = Recorder()
        bound = (self.cases, self.notices, NETWORK, self.clock)
        self._dispatchers = {
            hears.topic: Dispatcher(hears, bound, group="notify", dead=self.dead, in_a_row=Memory())
            for hears in (handlers.enquiries, handlers.referrals)
        }
        self.processes = self.service.collection("processes")
        self.lease = Lease(self.processes, lease_s)
        self.post = Post(MailUrl.parsed(settings.smtp_url), patience=patience)
        write = writer(settings, self.service.links)
        self.sender = Sender(
            self.notices,
            self.cases,
            self.post,
            self.lease,
            write,
            NETWORK,
            self.clock,
            mail_from=settings.mail_from,
            finish_within_s=2,
        )
        self._tasks = []

    async def hear(self, event, n=1):
        """Hear an event as it comes from Kafka; ``n`` is its number."""
        waiting = outbox.entry(event, aggregate=event.reference, n=n, source="/x", at=self.clock.now(), traceparent="")
        said = outbox.record(waiting)
        await self._dispatchers[event.topic].take([Taken(said.key, said.value, said.headers, topic=event.topic)])
        assert self.dead.sent == []

    def start(self, *, renewing=True):
        """Begin to send."""
        loops = [self._patiently(self.sender.run), *([self._patiently(self.lease.keep)] if renewing else [])]
        self._tasks += [asyncio.create_task(loop) for loop in loops]
        return self

    @staticmethod
    async def _patiently(loop):
        while True:
            try:
                await loop()
            except mongo.Unavailable:
                await asyncio.sleep(0.1)

    async def die(self):
        """Stop as a killed process does: without a word to anybody."""
        tasks = [*self._tasks, *self.sender._busy.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.clear()

    async def stop(self):
        await self.sender.stop()
        await self.die()

    async def end(self):
        """Close what a killed process would have closed by being killed."""
        await self.die()
        await self.post.close()
        await self.service.stop()

    async def documents(self):
        return await mongo.found(self.service.collection("notices").find())

    async def said(self):
        """The events that wait for Kafka."""
        return [
            EVENTS[entry["type"]].model_validate_json(entry["value"])
            for document in await self.documents()
            for entry in outbox.in_outbox(document)
        ]

    async def the(self, purpose, state=None, within_s=10):
        """The notice of this purpose; waits until it is in this state."""
        async with asyncio.timeout(within_s):
            while True:
                for document in await self.documents():
                    if document["purpose"] == purpose and state in {None, document["state"]}:
                        return await self.notices.of(document["_id"])
                await asyncio.sleep(0.02)


@pytest.fixture
def process_of(mongodb, namespace, smtp):
    """Call it for one more process on the same database and mail server."""
    made = []

    def make(lease_s=30.0, patience=Patience(connect=2, command=2, data=2, dot=2), **changes):  # noqa: B008
        servers = {"mongodb_url": mongodb.url, "kafka_url": "localhost:1", "smtp_url": smtp.url, "namespace": namespace}
        settings = the_settings(**servers | changes)
        made.append(Process(settings, lease_s, patience))
        return made[-1]

    make.made = made
    return make


@pytest.fixture
async def notify(process_of, mongodb, namespace):
    """A process that hears, and does not send yet."""
    first = process_of()
    await first.service.setup()
    yield first
    for process in process_of.made:
        await process.end()
    client = mongo.connect(mongodb.url, "motor")
    await client.drop_database(f"{namespace}notify")
    await mongo.close(client)
