"""The directory of receivers: in the database a history that is only ever added to, in memory as it is now.

``receivers`` holds what each receiver was from an import on (a change at the desk is an import of one); ``directories``
holds the versions, numbered from 1, each naming its import. The number is the compare-and-set: of two who add the same
one, one tries again against what the other made. An import that no version names, because it was cut off or lost,
is as if it had never been.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from operator import itemgetter
from typing import Any
from uuid import uuid4

from pydantic import TypeAdapter

from services.matching.directory import Receiver
from services.matching.snapshot import Snapshot
from shared import mongo
from shared.mongo import Document
from shared.service import Service
from shared.times import Clock

_FORM = TypeAdapter(Receiver)
_LOOKS_EVERY_S = 1.0
_PORTION = 1000
"""Receivers that are written or read at once."""

Told = Callable[[int, int], None]
"""Hears how many receivers of how many are written."""


class UnknownVersion(Exception):
    """The directory never had this version."""

    def __init__(self, version: int) -> None:
        super().__init__(f"The directory has no version {version}. 'wegweiser directory log' names all that it has.")


class ChangedMeanwhile(Exception):
    """Somebody else changed this receiver after it was read."""


@dataclass(frozen=True, slots=True)
class Version:
    """What changed the directory."""

    number: int
    at: datetime
    by: str
    why: str
    added: int = 0
    """Receivers, as the two that follow."""
    changed: int = 0
    switched_off: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A receiver as it is from a version on."""

    version: Version
    receiver: Receiver


@dataclass(frozen=True, slots=True)
class Summary:
    """What an import did, in receivers."""

    version: int
    """The directory's version after it; what changes nothing makes no new one."""
    added: int
    changed: int
    unchanged: int
    switched_off: int


@dataclass(frozen=True, slots=True)
class _Known:
    """The directory as it was read."""

    snapshot: Snapshot
    since: Mapping[str, int]
    """The version that each receiver is from, by its id."""


class Receivers:
    """The directory: what changes it is read by every process within a second."""

    def __init__(
        self,
        receivers: mongo.Collection,
        directories: mongo.Collection,
        clock: Clock,
        looks_every_s: float = _LOOKS_EVERY_S,
    ) -> None:
        self._entries = receivers
        self._versions = directories
        self._clock = clock
        self._looks_every_s = looks_every_s
        self._known: _Known | None = None
        self._reading = asyncio.Lock()

    async def snapshot(self) -> Snapshot:
        """Everybody as they were about a second ago. Raises ``Unavailable`` before it was ever read."""
        return (self._known or await self._newest()).snapshot

    async def newest(self) -> Snapshot:
        """Everybody as they are now, who left too. Raises ``Unavailable``."""
        return (await self._newest()).snapshot

    async def at(self, version: int) -> Snapshot:
        """Everybody as they were at a version; nobody at 0. Raises ``UnknownVersion``, ``Unavailable``."""
        numbers = await self._numbers({"_id": {"$lte": version}})
        if len(numbers) != version:  # there is no gap: either it never was, or one before it is lost
            raise UnknownVersion(version)
        newest = await self.newest()
        return newest if version == newest.version else (await self._with(_NOTHING, numbers)).snapshot

    async def those(self, versions: Collection[int]) -> dict[int, Snapshot]:
        """Everybody as they were at these versions; without those that cannot be told. Raises ``Unavailable``."""
        known, found = _NOTHING, {0: _NOTHING.snapshot}
        numbers = await self._numbers({"_id": {"$lte": max(versions, default=0)}})
        for n, (import_, number) in enumerate(sorted(numbers.items(), key=itemgetter(1)), start=1):
            if n != number:
                break
            known = await self._with(known, {import_: number})
            if number in versions:
                found[number] = known.snapshot
        return found

    async def versions(self) -> tuple[Version, ...]:
        """All versions, the newest first. Raises ``Unavailable``."""
        return tuple(map(_version, await mongo.found(self._versions.find().sort("_id", -1))))

    async def history_of(self, receiver: str) -> tuple[Entry, ...]:
        """All that a receiver ever was, by its id, the newest first; empty if unknown. Raises ``Unavailable``."""
        entries = {entry["import"]: entry for entry in await mongo.found(self._entries.find({"receiver": receiver}))}
        naming = self._versions.find({"import": {"$in": list(entries)}}).sort("_id", -1)
        versions = await mongo.found(naming)
        return tuple(Entry(_version(version), _receiver(entries[version["import"]])) for version in versions)

    async def watch(self) -> None:
        """Look whether the directory changed, and wait until it is time to look again."""
        await self._newest()
        await asyncio.sleep(self._looks_every_s)

    async def keep(
        self, receivers: Iterable[Receiver], *, prune: bool, by: str, why: str, told: Told | None = None
    ) -> Summary:
        """Add who is new, change who is known, and, to ``prune``, switch off who is absent. Raises ``Unavailable``.

        All or nothing, and safe to repeat.
        """
        named = {receiver.id: receiver for receiver in receivers}
        while True:
            directory = await self.newest()
            known = {receiver.id: receiver for receiver in directory.receivers}
            added = [receiver for id_, receiver in named.items() if id_ not in known]
            changed = [receiver for id_, receiver in named.items() if id_ in known and known[id_] != receiver]
            absent = [receiver for id_, receiver in known.items() if prune and receiver.active and id_ not in named]
            numbers = {"added": len(added), "changed": len(changed), "switched_off": len(absent)}
            unchanged = len(named) - len(added) - len(changed)
            if not any(numbers.values()):
                return Summary(directory.version, unchanged=unchanged, **numbers)
            version = Version(directory.version + 1, self._clock.now(), by, why, **numbers)
            gone = [replace(receiver, active=False) for receiver in absent]
            if await self._added(version, [*added, *changed, *gone], told):
                return Summary(version.number, unchanged=unchanged, **numbers)

    async def change(
        self, receiver: str, command: Callable[[Snapshot], Receiver], *, since: int, by: str, why: str
    ) -> None:
        """Keep what the command makes of a receiver, by its id, in the directory as it is now.

        ``since``: the directory's version from which the change was made. Raises ``ChangedMeanwhile`` where somebody
        changed the receiver after it, ``Unavailable``, and what the command raises.
        """
        while True:
            known = await self._newest()
            if known.since.get(receiver, 0) > since:
                raise ChangedMeanwhile(receiver)
            changed = command(known.snapshot)
            if changed == known.snapshot.get(receiver):
                return
            version = Version(known.snapshot.version + 1, self._clock.now(), by, why, changed=1)
            if await self._added(version, [changed]):
                return

    async def _added(self, version: Version, receivers: list[Receiver], told: Told | None = None) -> bool:
        """Add the version with its entries; False where somebody else added one of this number first."""
        import_ = uuid4().hex
        for start in range(0, len(receivers), _PORTION):
            portion = [_entry(import_, receiver) for receiver in receivers[start : start + _PORTION]]
            await mongo.answered(self._entries.insert_many(portion, ordered=False))
            if told is not None:
                told(start + len(portion), len(receivers))
        document = asdict(version)
        number = document.pop("number")
        try:
            await mongo.answered(self._versions.insert_one({"_id": number, "import": import_, **document}))
        except mongo.AlreadyThere:
            return False
        await self._newest()
        return True

    async def _newest(self) -> _Known:
        """Read what is new since it was read last."""
        async with self._reading:
            known = self._known or _NOTHING
            numbers = await self._numbers({"_id": {"$gt": known.snapshot.version}})
            self._known = await self._with(known, numbers) if numbers else known
            return self._known

    async def _numbers(self, wanted: Document) -> dict[str, int]:
        """The versions' numbers by their imports."""
        found = await mongo.found(self._versions.find(wanted, {"import": 1}))
        return {version["import"]: version["_id"] for version in found}

    async def _with(self, known: _Known, numbers: Mapping[str, int]) -> _Known:
        """The directory after these imports too."""
        since = dict(known.since)
        receivers = {receiver.id: receiver for receiver in known.snapshot.receivers}
        wanted = self._entries.find({"import": {"$in": list(numbers)}})
        async for portion in mongo.portions(wanted, _PORTION):
            for entry in portion:
                id_, number = entry["receiver"], numbers[entry["import"]]
                if number >= since.get(id_, 0):
                    since[id_], receivers[id_] = number, _receiver(entry)
        version = max(numbers.values(), default=0)
        snapshot = await asyncio.to_thread(Snapshot, tuple(receivers.values()), version)
        return _Known(snapshot, since)


_NOTHING = _Known(Snapshot(()), {})


def receivers_of(service: Service) -> Receivers:
    """The directory of this service, looked after in the background while it runs."""
    for field_ in ("import", "receiver"):
        service.index("receivers", [(field_, 1)])
    receivers = Receivers(service.collection("receivers"), service.collection("directories"), service.clock)
    service.loop("directory", receivers.watch)
    return receivers


def _version(document: Document) -> Version:
    told = {name: document[name] for name in ("at", "by", "why", "added", "changed", "switched_off")}
    return Version(document["_id"], **told)


def _entry(import_: str, receiver: Receiver) -> Document:
    """As MongoDB keeps it, which knows moments but no dates."""
    fields: dict[str, Any] = _FORM.dump_python(receiver, mode="json", exclude={"id"}, exclude_defaults=True)
    return {"_id": f"{import_}/{receiver.id}", "receiver": receiver.id, "import": import_, **fields}


def _receiver(entry: Document) -> Receiver:
    return _FORM.validate_python({**entry, "id": entry["receiver"]})
