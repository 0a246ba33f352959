"""The places of receivers: taken and given back in MongoDB, known to every process within a second.

One document for each receiver, changed only at the version that was read: so no limit is ever exceeded, however many
processes there are. What is asked of one receiver at the same time is one write.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from services.matching.loads import Load, NoPlace, Place, Wish, completed, given_back, taken
from services.matching.snapshot import Snapshot
from shared import mongo
from shared.aggregates import Aggregates
from shared.service import Service
from shared.times import Clock

_LOOKS_EVERY_S = 0.5
_LOOKS_AT_ALL_EVERY = 240
"""Looks after which all loads are read: a write that was long on its way carries an old ``changed_at``."""
_CLOCKS_DIFFER = timedelta(seconds=5)
"""How far apart the clocks of two machines may be."""


@dataclass(slots=True, eq=False)
class _Asked:
    """One change of a load that somebody waits for."""

    change: Callable[[Load], Load]
    answer: asyncio.Future[None]


class Places:
    """What every receiver has to do, in memory and in MongoDB."""

    def __init__(self, kept: Aggregates[Load], clock: Clock, looks_every_s: float = _LOOKS_EVERY_S) -> None:
        self._kept, self._clock, self._looks_every_s = kept, clock, looks_every_s
        self.loads: dict[str, Load] = {}
        """By receiver. Own changes are here before MongoDB has them; those of others a little later."""
        self._snapshot: Snapshot | None = None
        self._looked: datetime | None = None
        self._looks = self._forgotten = 0
        self._asked: dict[str, list[_Asked]] = {}
        self._writing: dict[str, asyncio.Task[None]] = {}
        self.freed = 0
        """Grows whenever it is seen that somebody may have room who had none."""

    async def upon(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot, with what its receivers have to do from now on. Raises ``Unavailable`` before a first look."""
        if self._looked is None:
            await self._look()
        if snapshot is not self._snapshot:
            self._snapshot = snapshot
            for id_, load in self.loads.items():
                self._put(id_, load)
        return snapshot

    async def take(self, wish: Wish) -> None:
        """Take a place. Raises ``NoPlace``: look again at what the receiver has to do; ``Unavailable``."""
        self._know(wish.receiver.id, taken(self.loads.get(wish.receiver.id, Load()), wish))
        await self._change(wish.receiver.id, partial(taken, wish=wish))

    async def give_back(self, receiver: str, token: str, *, had_it: bool) -> None:
        """Give a place back; one that is not taken stays so. Raises ``Unavailable``."""
        now = self._clock.now()
        await self._change(receiver, lambda load: given_back(load, token, now, had_it=had_it))

    async def complete(self, receiver: str, had: Iterable[Place]) -> None:
        """Count what a receiver had before it stated a limit. Raises ``Unavailable``."""
        await self._change(receiver, partial(completed, had=tuple(had), at=self._clock.now()))

    def is_complete(self, receiver: str) -> bool:
        """Whether all that a receiver has is counted, as far as is known here."""
        return self.loads.get(receiver, Load()).complete

    def knows(self, receiver: str, token: str) -> bool:
        """Whether this place is taken, as far as is known here."""
        return any(place.token == token for place in self.loads.get(receiver, Load()).places)

    async def watch(self) -> None:
        """Look what others have changed, and wait until it is time to look again."""
        self._looks += 1
        if self._looks % _LOOKS_AT_ALL_EVERY == 0:
            self._looked = None
        await self._look()
        await asyncio.sleep(self._looks_every_s)

    async def _change(self, receiver: str, change: Callable[[Load], Load]) -> None:
        asked = _Asked(change, asyncio.get_running_loop().create_future())
        self._asked.setdefault(receiver, []).append(asked)
        if receiver not in self._writing:
            self._writing[receiver] = asyncio.create_task(self._write(receiver))
        await asked.answer

    async def _write(self, receiver: str) -> None:
        """Make all changes that are asked of one receiver, as many as there are in one write."""
        try:
            while asked := self._asked.pop(receiver, None):
                refused: dict[int, NoPlace] = {}
                try:
                    load = await self._written(receiver, partial(_all_of, asked, refused))
                except Exception as error:  # noqa: BLE001 - whatever it is, each caller has to hear of it
                    self._forget(receiver)
                    for each in asked:
                        _fail(each.answer, error)
                    continue
                if refused or receiver not in self._asked:
                    self._know(receiver, load)
                for place, each in enumerate(asked):
                    if place in refused:
                        _fail(each.answer, refused[place])
                    elif not each.answer.done():
                        each.answer.set_result(None)
        finally:
            del self._writing[receiver]

    async def _written(self, receiver: str, change: Callable[[Load], Load]) -> Load:
        try:
            return await self._kept.change(receiver, change)
        except mongo.Missing:
            load = change(Load())
            if load == Load():
                return load
            try:
                return await self._kept.create(receiver, load)
            except mongo.AlreadyThere:
                return await self._kept.change(receiver, change)

    async def _look(self) -> None:
        began, forgotten = self._clock.now(), self._forgotten
        since = {"changed_at": {"$gt": self._looked - _CLOCKS_DIFFER}} if self._looked else {}
        for document in await mongo.found(self._kept.collection.find(since)):
            if document["_id"] not in self._writing:
                self._know(document["_id"], self._kept.load(document))
        if forgotten == self._forgotten:
            self._looked = began

    def _forget(self, receiver: str) -> None:
        """Nobody knows whether the last change happened: look at all of them again."""
        self._looked = None
        self._forgotten += 1
        self.loads.pop(receiver, None)

    def _know(self, receiver: str, load: Load) -> None:
        before = self.loads.get(receiver)
        if before != load:
            self.loads[receiver] = load
            if before is None or len(load.places) < len(before.places) or load.in_week < before.in_week:
                self.freed += 1
            self._put(receiver, load)

    def _put(self, receiver: str, load: Load) -> None:
        if self._snapshot is not None and (row := self._snapshot.row.get(receiver)) is not None:
            self._snapshot.roster.put(row, load)


def places_of(service: Service) -> Places:
    """The places of this service's receivers, looked after in the background while it runs."""
    service.index("places", [("changed_at", 1)])
    places = Places(service.aggregates("places", Load), service.clock)
    service.loop("places", places.watch)
    return places


def _all_of(asked: list[_Asked], refused: dict[int, NoPlace], load: Load) -> Load:
    """The load after all changes that are possible, one after the other; ``refused`` holds the others."""
    refused.clear()
    for place, each in enumerate(asked):
        try:
            load = each.change(load)
        except NoPlace as error:
            refused[place] = error
    return load


def _fail(answer: asyncio.Future[None], error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)
