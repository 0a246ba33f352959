"""The relay takes waiting events from the documents to Kafka, in order for each document, and clears what Kafka has."""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

import structlog

from shared import metrics, mongo, outbox
from shared.kafka import Headers, KafkaAway, Unsendable
from shared.mongo import Collection, Document
from shared.times import Clock

log = structlog.get_logger()

_AT_ONCE = 500
_LONGEST_HAND_OVER = 20_000
_SWEEP_EVERY_S = 2.0
_SWEEP_OLDER_THAN = timedelta(seconds=5)
_LARGEST_SWEEP = 2_000
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 5.0


class Sender(Protocol):
    """Whatever sends one record and waits for the acknowledgement."""

    async def send(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        """Raises ``KafkaAway``, ``Unsendable``."""


class Speaking(Protocol):
    """A collection whose documents have something to say."""

    collection: Collection
    writes: mongo.Writes

    async def say_again(self, id_: str) -> None:
        """Put the events that nobody has reacted to in time back into the outbox."""


@dataclass(slots=True)
class _Source:
    aggregates: Speaking
    waiting: dict[str, None] = field(default_factory=dict)  # ids, in the order in which they came


class Relay:
    """One loop a process. Any process may relay any document, so an event can be said twice, never out of order."""

    def __init__(self, sender: Sender, clock: Clock) -> None:
        self._sender = sender
        self._clock = clock
        self._sources: dict[str, _Source] = {}
        self._woken = asyncio.Event()

    def add(self, name: str, aggregates: Speaking) -> None:
        """Relay what the documents of this collection say, too."""
        self._sources[name] = _Source(aggregates)

    def waker(self, name: str) -> Callable[[str], None]:
        """What to call with the id of a document of this collection that has something to say."""

        def wake(id_: str) -> None:
            source = self._sources[name]
            if len(source.waiting) < _LONGEST_HAND_OVER:  # what does not fit is found by the sweep
                source.waiting[id_] = None
            self._woken.set()

        return wake

    async def run(self) -> None:
        """Relay for ever. Whatever is away, it waits and goes on."""
        pause, next_sweep, older_than = _FIRST_PAUSE_S, 0.0, timedelta(0)
        while True:
            self._woken.clear()
            try:
                if _monotonic() >= next_sweep:
                    all_of_it = await self.sweep(older_than)
                    next_sweep = _monotonic() + (_SWEEP_EVERY_S * random.uniform(0.9, 1.1) if all_of_it else 0)  # noqa: S311
                    older_than = _SWEEP_OLDER_THAN
                await self.drain()
            except Exception as error:
                expected = isinstance(error, KafkaAway | mongo.Unavailable)
                log.warning("relay_waits", reason=str(error), pause_s=round(pause, 1), exc_info=not expected)
                await asyncio.sleep(pause * random.uniform(0.9, 1.1))  # noqa: S311 - no secret
                pause = min(pause * 2, _LONGEST_PAUSE_S)
                continue
            pause = _FIRST_PAUSE_S
            with suppress(TimeoutError):
                async with asyncio.timeout_at(next_sweep):
                    await self._woken.wait()

    async def sweep(self, older_than: timedelta = timedelta(0)) -> bool:
        """Find what waits without anybody having told us: left by a killed process, or due to be said again.

        False if there may be more than was found. Raises ``Unavailable``.
        """
        now = self._clock.now()
        oldest, all_of_it = 0.0, True
        for source in self._sources.values():
            collection = source.aggregates.collection
            full = collection.find({"outbox.at": {"$lte": now - older_than}}, {"outbox.at": 1})
            documents = await mongo.found(full.sort("outbox.at", 1).limit(_LARGEST_SWEEP))
            for document in documents:
                source.waiting[document["_id"]] = None
                oldest = max(oldest, (now - document["outbox"][0]["at"]).total_seconds())
            silent = await mongo.found(collection.find({"due": {"$lte": now}}, {"_id": 1}).limit(_LARGEST_SWEEP))
            await asyncio.gather(*(source.aggregates.say_again(document["_id"]) for document in silent))
            all_of_it = all_of_it and len(documents) < _LARGEST_SWEEP and len(silent) < _LARGEST_SWEEP
        metrics.oldest_waiting.set(oldest)
        return all_of_it

    async def drain(self) -> None:
        """Say what is known to wait by now. Raises ``KafkaAway`` or ``Unavailable``, and forgets nothing."""
        for source in self._sources.values():
            for _ in range(0, len(source.waiting), _AT_ONCE):  # what comes meanwhile waits, or no sweep would ever be
                ids = list(source.waiting)[:_AT_ONCE]
                for id_ in ids:
                    del source.waiting[id_]
                try:
                    await self._relay(source.aggregates, ids)
                except BaseException:
                    source.waiting |= dict.fromkeys(ids)  # behind the others, who may be luckier
                    raise

    async def _relay(self, aggregates: Speaking, ids: Sequence[str]) -> None:
        documents = await mongo.found(aggregates.collection.find({"_id": {"$in": list(ids)}}, {"outbox": 1}))
        said = await asyncio.gather(*(self._say(document) for document in documents))
        await asyncio.gather(
            *(
                aggregates.writes.update(document["_id"], {"$pull": {"outbox": {"id": {"$in": acknowledged}}}})
                for document, (acknowledged, _) in zip(documents, said, strict=True)
                if acknowledged
            )
        )
        for _, failure in said:
            if failure is not None:
                raise failure

    async def _say(self, document: Document) -> tuple[list[str], KafkaAway | None]:
        """Say a document's events one after the other; the ids that Kafka has, and what stopped us."""
        acknowledged: list[str] = []
        for waiting in sorted(document.get("outbox", ()), key=_sequence):
            try:
                record = outbox.record(waiting)
                await self._sender.send(record.topic, record.key, record.value, record.headers)
            except KafkaAway as away:
                return acknowledged, away
            except Exception as never:
                known = isinstance(never, Unsendable)
                log.critical("event_unsendable", event_id=waiting.get("id"), reason=str(never), exc_info=not known)
                break
            acknowledged.append(waiting["id"])
            metrics.relayed.labels(waiting["type"]).inc()
        return acknowledged, None


def _monotonic() -> float:
    return asyncio.get_running_loop().time()


def _sequence(waiting: dict[str, Any]) -> int:
    return int(waiting["n"])
