"""A service's plumbing, put together once: database, relay, listening, background loops, health."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, TypeVar

import structlog

from shared import mongo
from shared.aggregates import Aggregates, Announce
from shared.broker import Listening
from shared.dispatch import Dispatcher, Hears
from shared.kafka import KafkaAway, Producer
from shared.links import Links
from shared.mongo import Collection
from shared.relay import Relay
from shared.settings import Settings
from shared.times import Clock, SystemClock

log = structlog.get_logger()

T = TypeVar("T")
Check = Callable[[], Awaitable[str | None]]
Loop = Callable[[], Awaitable[None]]

_LONGEST_PAUSE_S = 5.0
_STALE = timedelta(seconds=60)


class Service:
    """Opens nothing before ``start``; what is away then is waited for in the background."""

    def __init__(
        self, name: str, settings: Settings, clock: Clock | None = None, *, relays_apart_s: float = 0.01
    ) -> None:
        """``relays_apart_s``: seconds between sayings; more where nobody waits for what the service says."""
        self.name = name
        self.settings = settings
        self.clock = clock or SystemClock()
        self.links = Links(settings.secret)
        self.producer = Producer(settings.kafka_url, settings.namespace)
        self.relay = Relay(self.producer, self.clock, relays_apart_s)
        self._client = mongo.connect(settings.mongodb_url, settings.mongodb_driver)
        self._database = self._client[f"{settings.namespace}{name}"]
        self._listening = Listening(settings.kafka_url, settings.namespace, settings.session_timeout_ms)
        self._indexes: dict[str, list[tuple[Any, dict[str, Any]]]] = {}
        self._aggregates: dict[str, Aggregates[Any]] = {}
        self.dispatchers: list[Dispatcher] = []
        self._loops: dict[str, Loop] = {}
        self._checks: dict[str, Check] = {
            "mongodb": self._mongodb,
            "kafka": self._kafka,
            "consumer": self._consumer,
            "relay": self._relay,
        }
        self._ending: list[Loop] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._set_up = False

    # --- put together ------------------------------------------------------------------------------------------------

    def collection(self, name: str) -> Collection:
        """A plain collection of this service's database: journalled, with time-outs, ids as ``str``."""
        self._indexes.setdefault(name, [])
        return self._database[name]

    def aggregates(self, name: str, kind: type[T], *, announce: Announce[T] | None = None) -> Aggregates[T]:
        """The aggregates of one kind, with the events that their changes announce; without ``announce``, none."""
        kept = Aggregates(
            self.collection(name),
            kind,
            source=f"/wegweiser/{self.name}",
            announce=announce or _nothing,
            clock=self.clock,
            say_again_after=timedelta(seconds=self.settings.say_again_after_s),
            wake=self.relay.waker(name),
        )
        self._aggregates[name] = kept
        if announce is not None:
            self.relay.add(name, kept)
            self.index(name, [("outbox.at", 1)], partialFilterExpression={"outbox.at": {"$exists": True}})
            self.index(name, [("due", 1)], partialFilterExpression={"due": {"$exists": True}})
        return kept

    def index(self, collection: str, keys: list[tuple[str, int]], **options: Any) -> None:
        """Declare an index; ``setup`` makes it."""
        self._indexes.setdefault(collection, []).append((keys, options))

    def hear(self, hears: Hears, *bound: object) -> None:
        """Listen to a topic; ``bound`` is what its handlers need, found by the type of their parameters."""
        group = f"{self.name}.{hears.topic}"
        memory = _InARow(self.collection("lines"), group)
        dispatcher = Dispatcher(hears, bound, group=group, dead=self.producer, in_a_row=memory)
        self.dispatchers.append(dispatcher)
        self._listening.add(dispatcher)

    def loop(self, name: str, loop: Loop) -> None:
        """Run this in the background from the time MongoDB is there; what raises is started again after a pause."""
        self._loops[name] = loop

    def check(self, name: str, check: Check) -> None:
        """One more line of ``/healthz``: None when fine, else what is wrong."""
        self._checks[name] = check

    def on_stop(self, ending: Loop) -> None:
        """Do this when the service stops, while MongoDB and Kafka can still be written to."""
        self._ending.append(ending)

    # --- run ---------------------------------------------------------------------------------------------------------

    async def setup(self) -> None:
        """Make collections, validators and indexes; safe to repeat. Raises ``Unavailable``."""
        for name, indexes in self._indexes.items():
            await mongo.declare(self._database, name, indexes, aggregates=name in self._aggregates)
        self._set_up = True

    async def start(self) -> None:
        """Begin; returns at once, whatever is away."""
        self._tasks.append(asyncio.create_task(self._run(), name=f"{self.name}.run"))

    async def stop(self) -> None:
        """Fetch no more, finish what is in hand, say what waits, close."""
        await self._listening.stop()
        for ending in self._ending:
            with suppress(Exception):
                await ending()
        await _cancel(self._tasks)
        with suppress(Exception):  # what is not said now is said after the next start
            async with asyncio.timeout(5):
                await asyncio.gather(*(kept.writes.drain() for kept in self._aggregates.values()))
                await self.relay.drain()
        await self.producer.close()
        await mongo.close(self._client)

    async def checks(self) -> dict[str, str | None]:
        """What is wrong, by the name of each check; None where all is well."""
        names, asked = list(self._checks), [check() for check in self._checks.values()]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        return {
            name: str(answer) or type(answer).__name__ if isinstance(answer, BaseException) else answer
            for name, answer in zip(names, answers, strict=True)
        }

    async def ready(self) -> str | None:
        """None while requests can be served, else the reason why not."""
        return await self._mongodb()

    async def _run(self) -> None:
        await self._patiently("setup", self.setup)
        self._tasks.append(asyncio.create_task(self.relay.run(), name="relay"))
        for name, loop in self._loops.items():
            self._tasks.append(asyncio.create_task(self._patiently(name, loop, for_ever=True), name=name))
        await self._listening.run()

    async def _patiently(self, name: str, step: Loop, *, for_ever: bool = False) -> None:
        pause = 0.2
        while True:
            try:
                await step()
            except Exception as error:
                expected = isinstance(error, mongo.Unavailable | KafkaAway)
                log.warning("loop_waits", loop=name, reason=str(error), exc_info=not expected)
                await asyncio.sleep(pause * random.uniform(0.9, 1.1))  # noqa: S311 - no secret
                pause = min(pause * 2, _LONGEST_PAUSE_S)
            else:
                if not for_ever:
                    return
                pause = 0.2
                await asyncio.sleep(0)

    async def _mongodb(self) -> str | None:
        try:
            await mongo.ping(self._client)
        except mongo.Unavailable as away:
            return f"MongoDB does not answer: {away}"
        return None if self._set_up else "collections and indexes are not made yet"

    async def _kafka(self) -> str | None:
        try:
            async with asyncio.timeout(3):
                await self.producer.ping()
        except (KafkaAway, TimeoutError) as away:
            return f"Kafka does not answer: {away or 'no answer within 3 s'}"
        return None

    async def _consumer(self) -> str | None:
        return self._listening.complaint()

    async def _relay(self) -> str | None:
        now = self.clock.now()
        for kept in self._aggregates.values():
            waiting = kept.collection.find({"outbox.at": {"$lte": now - _STALE}}, {"outbox.at": 1})
            for document in await mongo.found(waiting.sort("outbox.at", 1).limit(1)):
                age = (now - document["outbox"][0]["at"]).total_seconds()
                return f"an event has been waiting for Kafka for {age:.0f} s"
        return None


def _nothing(_: object, __: object) -> tuple[()]:
    return ()


class _InARow:
    """How many records in a row a group had to set aside, remembered across restarts."""

    def __init__(self, collection: Collection, group: str) -> None:
        self._collection = collection
        self._group = group

    async def load(self) -> int:
        document = await mongo.answered(self._collection.find_one({"_id": self._group}))
        return int(document["set_aside_in_a_row"]) if document else 0

    async def keep(self, number: int) -> None:
        update = {"$set": {"set_aside_in_a_row": number}}
        await mongo.answered(self._collection.update_one({"_id": self._group}, update, upsert=True))


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
