"""The directory of receivers: kept in MongoDB, held in memory."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from services.matching.directory import Receiver
from services.matching.snapshot import Snapshot
from shared import mongo
from shared.mongo import Collection
from shared.service import Service
from shared.times import Clock

_FORM = TypeAdapter(Receiver)
_LOOKS_EVERY_S = 2.0
_READS_ALL_EVERY = 30
"""Looks after which the directory is read even if nobody said that it changed: an import may have been cut off."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What an import did, in receivers."""

    added: int
    changed: int
    unchanged: int
    switched_off: int


class Receivers:
    """The directory: kept in MongoDB, held in memory, read again soon after somebody changed it."""

    def __init__(
        self, receivers: Collection, revisions: Collection, clock: Clock, looks_every_s: float = _LOOKS_EVERY_S
    ) -> None:
        self._collection = receivers
        self._revisions = revisions
        self._writes = mongo.Writes(receivers)
        self._clock = clock
        self._looks_every_s = looks_every_s
        self._snapshot: Snapshot | None = None
        self._revision = -1
        self._looks = 0

    async def snapshot(self) -> Snapshot:
        """Everybody as they were at most some seconds ago. Raises ``Unavailable`` before it was ever read."""
        if self._snapshot is None:
            await self._read()
        assert self._snapshot is not None  # noqa: S101 - it was just read
        return self._snapshot

    async def watch(self) -> None:
        """Look whether the directory changed, and wait until it is time to look again."""
        self._looks += 1
        if self._looks % _READS_ALL_EVERY == 0 or await self._current_revision() != self._revision:
            await self._read()
        await asyncio.sleep(self._looks_every_s)

    async def all(self) -> tuple[Receiver, ...]:
        """Everybody who was ever in the directory, by id, as it is now. Raises ``Unavailable``."""
        documents = await mongo.found(self._collection.find().sort("_id", 1))
        return tuple(_FORM.validate_python({**document, "id": document["_id"]}) for document in documents)

    async def keep(self, receivers: Iterable[Receiver], *, prune: bool) -> Summary:
        """Add who is new, change who is known, and, to ``prune``, switch off who is absent. Raises ``Unavailable``.

        Safe to repeat; cut off in the middle, it leaves some changed and some not.
        """
        known = {receiver.id: receiver for receiver in await self.all()}
        named = {receiver.id: receiver for receiver in receivers}
        added = [receiver for id_, receiver in named.items() if id_ not in known]
        changed = [receiver for id_, receiver in named.items() if id_ in known and known[id_] != receiver]
        absent = [id_ for id_, receiver in known.items() if prune and receiver.active and id_ not in named]
        await asyncio.gather(
            *(self._add(receiver) for receiver in added),
            *(self._change(receiver.id, _fields(receiver)) for receiver in changed),
            *(self._change(id_, {"active": False}) for id_ in absent),
        )
        await mongo.answered(self._revisions.update_one({"_id": "receivers"}, {"$inc": {"revision": 1}}, upsert=True))
        return Summary(len(added), len(changed), len(named) - len(added) - len(changed), len(absent))

    async def _add(self, receiver: Receiver) -> None:
        now = self._clock.now()
        try:
            await self._writes.insert({"_id": receiver.id, **_fields(receiver), "created_at": now, "changed_at": now})
        except mongo.AlreadyThere:  # somebody else imports at the same time
            await self._change(receiver.id, _fields(receiver))

    async def _change(self, id_: str, fields: dict[str, Any]) -> None:
        await self._writes.update(id_, {"$set": {**fields, "changed_at": self._clock.now()}})

    async def _read(self) -> None:
        revision = await self._current_revision()  # before reading: what changes meanwhile is read again
        self._snapshot = Snapshot(await self.all())
        self._revision = revision

    async def _current_revision(self) -> int:
        document = await mongo.answered(self._revisions.find_one({"_id": "receivers"}))
        return int(document["revision"]) if document else 0


def receivers_of(service: Service) -> Receivers:
    """The directory of this service, looked after in the background while it runs."""
    receivers = Receivers(service.collection("receivers"), service.collection("revisions"), service.clock)
    service.loop("directory", receivers.watch)
    return receivers


def _fields(receiver: Receiver) -> dict[str, Any]:
    """As MongoDB keeps it, which knows moments but no dates."""
    return dict(_FORM.dump_python(receiver, mode="json", exclude={"id"}))
