"""Aggregates: every change is one write of one document, with the events that announce it.

A document holds the fields of the aggregate's state beside the plumbing's: ``version`` and ``guard`` (the version as it
is, and as its last writer meant it: MongoDB refuses a write after which the two differ), ``sequence`` (counts the
events), ``created_at``, ``events`` (the bytes of those that may have to be said again, always with the last one),
``outbox`` (which of them Kafka does not have yet), ``unanswered`` (to which of them nobody has reacted yet) and ``due``
(when the first of those is said again).
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

from shared import metrics, mongo, outbox, trace
from shared.events import Event
from shared.mongo import Collection, Document
from shared.times import Clock

T = TypeVar("T")
Announce = Callable[[T | None, T], Sequence[Event]]
"""Which events a change tells: from the state before (None: it is new) to the state after."""

Wake = Callable[[str, Sequence[Document] | None], None]
"""Called with the id of a document that has something to say, and what that is, where it is known for certain."""

_ATTEMPTS = 50
_MOST_HELD = 2_000
_ONLY_JUST = timedelta(minutes=1)


class Aggregates(Generic[T]):
    """All aggregates of one kind, in one collection."""

    def __init__(
        self,
        collection: Collection,
        kind: type[T],
        *,
        source: str,
        announce: Announce[T],
        clock: Clock,
        say_again_after: timedelta,
        wake: Wake,
    ) -> None:
        self.collection = collection
        """For queries; changes go through ``create`` and ``change`` alone."""
        self.source = source
        self.writes = mongo.Writes(collection)
        self._reads = mongo.Reads(collection)
        self._form: TypeAdapter[T] = TypeAdapter(kind)
        self._fields = tuple(field.name for field in fields(kind))  # type: ignore[arg-type] # a dataclass
        self._announce = announce
        self._clock = clock
        self._say_again_after = say_again_after
        self._wake = wake
        self._held: OrderedDict[str, tuple[Document, T]] = OrderedDict()
        """What was written here last and has nothing to say: the plumbing's fields, and the state."""

    def load(self, document: Mapping[str, Any]) -> T:
        """The state that a document holds."""
        return self._form.validate_python(document)

    async def of(self, id_: str) -> T | None:
        """The aggregate with this id, or None. Raises ``Unavailable``."""
        document = await self._reads.of(id_)
        return None if document is None else self.load(document)

    async def create(self, id_: str, state: T, *, cause: str | None = None) -> T:
        """Keep a new aggregate and what it announces. Raises ``AlreadyThere``, ``Unstorable``, ``Unavailable``."""
        now = self._clock.now()
        said = self._say(id_, 0, self._announce(None, state), cause, now)
        unanswered = outbox.to_be_answered(said, now, self._say_again_after)
        await self.writes.create(
            {
                "_id": id_,
                **self._form.dump_python(state),
                "sequence": len(said),
                "created_at": now,
                **({"events": said, "outbox": outbox.waiting(said)} if said else {}),
                **_waiting_for_answers(unanswered),
            }
        )
        if said:
            self._wake(id_, said)
        else:
            self._hold({"_id": id_, "version": 1, "sequence": 0}, state)
        return state

    async def change(
        self, id_: str, command: Callable[[T], T], *, answered: Iterable[str | None] = (), cause: str | None = None
    ) -> T:
        """Read, decide, and keep the new state and what it announces in one guarded write.

        ``command`` is pure; whatever it raises passes through. It is asked again with the newer state when another
        writer was faster, and returns an equal state to change nothing. What this process wrote last is tried without
        reading it: the guard tells whether it still stands, and what changes nothing is decided on what was read.
        ``answered``: ids of own events to which somebody has reacted. ``cause``: the id of the event that this change
        answers. Raises ``Missing``, ``Unstorable``, and ``Unavailable``, after which the change may have happened:
        whoever asks again recognises it.
        """
        answers = frozenset(answered)
        held = self._held.pop(id_, None)
        if held is not None and not answers:
            with suppress(mongo.Conflict):
                after = await self._changed_unread(*held, command, cause)
                if after is not None:
                    return after
        for _ in range(_ATTEMPTS):
            document = await self._reads.of(id_)
            if document is None:
                raise mongo.Missing(id_)
            before = self.load(document)
            after = command(before)
            waiting = document.get("unanswered", [])
            still_waiting = [each for each in waiting if each["id"] not in answers]
            if after == before and len(still_waiting) == len(waiting):
                return before
            try:
                await self._keep(document, before, after, still_waiting, cause)
            except mongo.Conflict:
                metrics.conflicts.labels(self.collection.name).inc()
                continue
            return after
        raise mongo.Unavailable(f"{id_} changes too fast")

    async def _changed_unread(
        self, document: Document, before: T, command: Callable[[T], T], cause: str | None
    ) -> T | None:
        """None if only a fresh look can tell. Raises ``Conflict``."""
        try:
            after = command(before)
        except Exception:  # noqa: BLE001 - raised again if it still stands
            return None
        if after == before:
            return None
        await self._keep(document, before, after, [], cause)
        return after

    async def _keep(self, document: Document, before: T, after: T, waiting: list[Document], cause: str | None) -> None:
        now = self._clock.now()
        id_, sequence = document["_id"], document["sequence"]
        said = self._say(id_, sequence, self._announce(before, after), cause, now)
        await self._write(document, self._changes(before, after), said, waiting, now)
        if said:
            self._wake(id_, None if document.get("outbox") else said)
        elif not waiting and not document.get("outbox"):
            self._hold({"_id": id_, "version": document["version"] + 1, "sequence": sequence}, after)

    def _hold(self, document: Document, state: T) -> None:
        self._held[document["_id"]] = (document, state)
        if len(self._held) > _MOST_HELD:
            self._held.popitem(last=False)

    async def say_again(self, id_: str) -> None:
        """Put the events that nobody has reacted to in time back into the outbox. Raises ``Unavailable``."""
        document = await self._reads.of(id_)
        if document is None:
            return
        now = self._clock.now()
        due, unanswered = outbox.said_again(document.get("unanswered", []), now, self._say_again_after)
        if not due:
            return
        waiting = {item["id"] for item in document.get("outbox", ())}
        again = [entry for entry in document["events"] if entry["id"] in due - waiting]
        try:
            await self._write(document, {}, again, unanswered, now)
        except mongo.Conflict:
            return  # another process was faster
        for entry in again:
            metrics.said_again.labels(entry["type"]).inc()
        self._wake(id_, None)

    async def repeat_last(self, id_: str) -> None:
        """Say the last event again, unless it is only just said: somebody has missed it. Raises ``Unavailable``."""
        document = await self._reads.of(id_)
        if document is None or "events" not in document or document.get("outbox"):
            return
        last = document["events"][-1]
        now = self._clock.now()
        if document["created_at"] > now - _ONLY_JUST:
            return
        with suppress(mongo.Conflict):  # something newer is being said
            await self._write(document, {}, [last], document.get("unanswered", []), now)
            metrics.said_again.labels(last["type"]).inc()
            self._wake(id_, [last])

    def _say(
        self, id_: str, sequence: int, events: Sequence[Event], cause: str | None, now: datetime
    ) -> list[Document]:
        return [
            outbox.entry(
                event if cause is None or event.cause else event.model_copy(update={"cause": cause}),
                aggregate=id_,
                n=sequence + n,
                source=self.source,
                at=now,
                traceparent=trace.current(),
            )
            for n, event in enumerate(events, start=1)
        ]

    def _changes(self, before: T, after: T) -> Document:
        changed = {name for name in self._fields if getattr(before, name) != getattr(after, name)}
        return dict(self._form.dump_python(after, include=changed)) if changed else {}

    async def _write(
        self, document: Document, changes: Document, said: list[Document], waiting: list[Document], now: datetime
    ) -> None:
        new = [entry for entry in said if entry["n"] > document["sequence"]]
        answers = _waiting_for_answers(waiting + outbox.to_be_answered(new, now, self._say_again_after))
        if new:
            needed = {each["id"] for each in (*waiting, *document.get("outbox", ()))}
            kept = [entry for entry in document.get("events", ()) if entry["id"] in needed]
            changes = {**changes, "sequence": new[-1]["n"], "events": kept + new}
        others: Document = {}
        if not answers and "unanswered" in document:
            others["$unset"] = {"unanswered": "", "due": ""}
        if said:
            others["$push"] = {"outbox": {"$each": outbox.waiting(said, now), "$sort": {"n": 1}}}
        await self.writes.change(document["_id"], document["version"], {**changes, **answers}, others)


def _waiting_for_answers(unanswered: list[Document]) -> Document:
    return {"unanswered": unanswered, "due": outbox.earliest(unanswered)} if unanswered else {}
