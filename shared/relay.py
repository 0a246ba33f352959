"""The relay takes waiting events from the documents to Kafka, in order for each document, and clears what Kafka has."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

import structlog

from shared import metrics, mongo, outbox
from shared.aggregates import Wake
from shared.kafka import KafkaAway, Record, Unsendable
from shared.mongo import Collection, Document
from shared.pace import Pace
from shared.times import Clock

log = structlog.get_logger()

_AT_ONCE = 500
_APART_S = 0.01
_LONGEST_HAND_OVER = 20_000
_MOST_HELD = 2_000
"""Outboxes held in memory; of what waits behind them, only the ids."""
_SWEEP_EVERY_S = 2.0
_SWEEP_OLDER_THAN = timedelta(seconds=5)
_LARGEST_SWEEP = 2_000
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 5.0


class Sender(Protocol):
    """Whatever sends records and waits for the acknowledgements."""

    async def send_all(self, records: Sequence[Record]) -> Sequence[KafkaAway | Unsendable | None]:
        """For each record: None once it is acknowledged, else why it is not. Raises ``KafkaAway`` for all."""


class Speaking(Protocol):
    """A collection whose documents have something to say."""

    collection: Collection

    async def say_again(self, id_: str) -> None:
        """Put the events that nobody has reacted to in time back into the outbox."""


@dataclass(slots=True)
class _Source:
    aggregates: Speaking
    waiting: dict[str, Sequence[Document] | None] = field(default_factory=dict)
    """By id, in the order in which they came: all that waits, in its order, where it is known; else None."""


class Relay:
    """One loop a process. Any process may relay any document, so an event can be said twice, never out of order."""

    def __init__(self, sender: Sender, clock: Clock, apart_s: float = _APART_S) -> None:
        """``apart_s``: seconds from one request to Kafka to the next; what comes meanwhile shares it."""
        self._sender = sender
        self._clock = clock
        self._sources: dict[str, _Source] = {}
        self._woken = asyncio.Event()
        self._pace = Pace(apart_s)

    def add(self, name: str, aggregates: Speaking) -> None:
        """Relay what the documents of this collection say, too."""
        self._sources[name] = _Source(aggregates)

    def waker(self, name: str) -> Wake:
        """What to call with the id of a document of this collection that has something to say."""

        def wake(id_: str, said: Sequence[Document] | None) -> None:
            waiting = self._sources[name].waiting
            if len(waiting) < _LONGEST_HAND_OVER:  # what does not fit is found by the sweep
                waiting[id_] = said if id_ not in waiting and len(waiting) < _MOST_HELD else None
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
                await self._pace.wait()
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
            clearing: asyncio.Task[None] | None = None
            try:
                for _ in range(0, len(source.waiting), _AT_ONCE):  # what comes meanwhile waits, or no sweep would be
                    said = await self._say_some(source)
                    if clearing is not None:
                        await clearing
                    clearing = asyncio.create_task(_clear(source.aggregates.collection, said.acknowledged))
                    if said.failure is not None:
                        raise said.failure
            finally:
                if clearing is not None:
                    await clearing

    async def _say_some(self, source: _Source) -> "_Said":
        ids = list(source.waiting)[:_AT_ONCE]
        outboxes = {id_: source.waiting.pop(id_) for id_ in ids}
        said = _Said()
        try:
            await self._say(await _complete(source.aggregates.collection, outboxes), said)
        finally:
            if said.failure is not None or not said.is_complete:
                source.waiting |= dict.fromkeys(ids)  # behind the others, who may be luckier
        return said

    async def _say(self, outboxes: Mapping[str, Sequence[Document]], said: "_Said") -> None:
        """Say the first event of each document, then the second of those whose first Kafka has, and so on."""
        turns = [(id_, entries) for id_, entries in outboxes.items() if entries]
        while turns:
            sayable = [(id_, entries, record) for id_, entries in turns if (record := _record(entries[0])) is not None]
            answers = await self._sender.send_all([record for _, _, record in sayable])
            turns = []
            for (id_, (entry, *others), _), why_not in zip(sayable, answers, strict=True):
                if why_not is None:
                    said.acknowledged[entry["id"]] = id_
                    metrics.relayed.labels(entry["type"]).inc()
                    if others:
                        turns.append((id_, others))
                elif isinstance(why_not, KafkaAway):
                    said.failure = why_not
                else:
                    log.critical("event_unsendable", event_id=entry["id"], reason=str(why_not))
        said.is_complete = True


@dataclass(slots=True)
class _Said:
    """How it went."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    """The document of each event that Kafka has."""
    failure: KafkaAway | None = None
    """What stopped a document, if anything did."""
    is_complete: bool = False


async def _complete(
    collection: Collection, outboxes: Mapping[str, Sequence[Document] | None]
) -> dict[str, Sequence[Document]]:
    """Read those that are not known. Raises ``Unavailable``."""
    known = {id_: entries for id_, entries in outboxes.items() if entries is not None}
    unknown = [id_ for id_ in outboxes if id_ not in known]
    if unknown:
        documents = await mongo.found(collection.find({"_id": {"$in": unknown}}, {"outbox": 1, "events": 1}))
        known |= {document["_id"]: outbox.in_outbox(document) for document in documents}
    return known


async def _clear(collection: Collection, acknowledged: Mapping[str, str]) -> None:
    """Take out what Kafka has. Raises ``Unavailable``, after which the sweep finds it, and it is said twice."""
    if acknowledged:
        said = {"$pull": {"outbox": {"id": {"$in": list(acknowledged)}}}}
        await mongo.answered(collection.update_many({"_id": {"$in": list(set(acknowledged.values()))}}, said))


def _record(entry: Document) -> Record | None:
    """What says this entry, or None if this version cannot."""
    try:
        return outbox.record(entry)
    except Exception:
        log.critical("event_unsendable", event_id=entry.get("id"), exc_info=True)
        return None


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
