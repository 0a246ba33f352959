"""All rulesets that were ever proposed, and which of them is in force: in every process within seconds."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.matching.ruleset import Ruleset
from services.matching.ruleset_file import load, packaged, packaged_text
from services.matching.yaml_document import BadDocument
from shared import mongo
from shared.mongo import Collection, Document
from shared.service import Service
from shared.times import Clock

_LOOKS_EVERY_S = 1.0
_REHEARSALS_KEPT = 1_000
_ID = "rulesets"
_BY = "wegweiser"
WHY_PACKAGED = "These rules come with the program."


class UnknownRuleset(Exception):
    """No ruleset of this version was ever proposed."""

    def __init__(self, version: str) -> None:
        super().__init__(f"There are no rules of version '{version}'. 'wegweiser rules list' names all that there are.")


class VersionTaken(Exception):
    """Other rules have this version, by the rarest of chances."""

    def __init__(self, version: str) -> None:
        super().__init__(f"Other rules have the version '{version}' already. Give these another name.")


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """That a ruleset was tried on the past."""

    at: datetime
    since: datetime
    """The past from then until ``at``."""
    decisions: int
    changed: int


@dataclass(frozen=True, slots=True)
class Activation:
    """A ruleset was put into force."""

    at: datetime
    by: str
    why: str | None = None
    rehearsed: Rehearsed | None = None
    """The last time it was tried on the past before; None: never."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A ruleset as it was proposed; never changed."""

    version: str
    name: str
    text: str
    """The YAML file with all its comments."""
    proposed_at: datetime
    proposed_by: str
    why: str
    activations: tuple[Activation, ...]
    """When it was put into force, the last time last."""
    rehearsals: tuple[Rehearsed, ...] = ()
    """When it was tried on the past, the last time last."""

    def ruleset(self) -> Ruleset:
        """What the text says. Raises ``BadDocument`` where this version of the program cannot read it any more."""
        return replace(load(self.text.encode()), version=self.version)  # as decisions name it


class Rulesets:
    """Kept in MongoDB; the active one is held in memory, and read again soon after somebody activated another.

    Which one is active is said in one document of ``revisions``, with all activations before: one write changes it.
    """

    def __init__(
        self, rulesets: Collection, revisions: Collection, clock: Clock, looks_every_s: float = _LOOKS_EVERY_S
    ) -> None:
        self._collection = rulesets
        self._revisions = revisions
        self._writes = mongo.Writes(rulesets)
        self._clock = clock
        self._looks_every_s = looks_every_s
        self._active: Ruleset | None = None
        self._revision = -1

    async def active(self) -> Ruleset:
        """The rules in force, as they were at most some seconds ago; the packaged ones until others are activated.

        Raises ``Unavailable`` before they were ever read, also where they were made for another version of the program.
        """
        if self._active is None:
            await self._read(await self._pointer())
        assert self._active is not None  # noqa: S101 - it was just read
        return self._active

    async def active_version(self) -> str:
        """Which rules are in force now. Raises ``Unavailable``."""
        return (await self._pointer()).get("active") or (await self._keep_packaged()).version

    async def watch(self) -> None:
        """Look whether others were activated, and wait until it is time to look again."""
        pointer = await self._pointer()
        if pointer.get("revision", 0) != self._revision:
            await self._read(pointer)
        await asyncio.sleep(self._looks_every_s)

    async def propose(self, text: str, by: str, why: str) -> Kept:
        """Keep a ruleset, which changes nothing yet; of one that is there, what was proposed first.

        Raises ``BadDocument`` with all flaws, ``VersionTaken``, ``Unavailable``.
        """
        rules = await asyncio.to_thread(load, text.encode())
        kept = await self._keep(rules, text, by, why)
        if kept.text != text and await asyncio.to_thread(kept.ruleset) != rules:
            raise VersionTaken(rules.version)
        return kept

    async def activate(self, version: str, by: str, why: str | None = None) -> Kept:
        """Put a ruleset into force, in all processes within seconds. Raises ``UnknownRuleset``, ``Unavailable``."""
        if await self.get(version) is None:
            raise UnknownRuleset(version)
        activation = {"version": version, "at": self._clock.now(), "by": by, "why": why}
        update = {"$set": {"active": version}, "$inc": {"revision": 1}, "$push": {"activations": activation}}
        await mongo.answered(self._revisions.update_one({"_id": _ID}, update, upsert=True))
        return await self._there(version)

    async def rehearsed(self, version: str, since: datetime, decisions: int, changed: int) -> None:
        """Remember that a ruleset, if it was proposed, was tried on the past. Raises ``Unavailable``."""
        done = {"at": self._clock.now(), "since": since, "decisions": decisions, "changed": changed}
        if await self.get(version) is not None:
            update = {"$push": {"rehearsals": {"$each": [done], "$slice": -_REHEARSALS_KEPT}}}
            await mongo.answered(self._collection.update_one({"_id": version}, update))

    async def listed(self) -> tuple[Kept, ...]:
        """All rulesets, the oldest proposal first. Raises ``Unavailable``."""
        documents = await mongo.found(self._collection.find().sort([("proposed_at", 1), ("_id", 1)]))
        activations = await self._activations()
        return tuple(_kept(document, activations) for document in documents)

    async def get(self, version: str) -> Kept | None:
        """The ruleset of this version, or None. Raises ``Unavailable``."""
        document = await mongo.answered(self._collection.find_one({"_id": version}))
        if document is not None:
            return _kept(document, await self._activations())
        return await self._keep_packaged() if version == packaged().version else None

    async def _keep(self, rules: Ruleset, text: str, by: str, why: str) -> Kept:
        said = {"proposed_at": self._clock.now(), "proposed_by": by, "why": why}
        with suppress(mongo.AlreadyThere):
            await self._writes.insert({"_id": rules.version, "name": rules.name, "text": text, **said})
        return await self._there(rules.version)

    async def _keep_packaged(self) -> Kept:
        """So that what was decided by them can be read when another program comes with other ones."""
        return await self._keep(packaged(), packaged_text(), _BY, WHY_PACKAGED)

    async def _there(self, version: str) -> Kept:
        document = await mongo.answered(self._collection.find_one({"_id": version}))
        if document is None:
            raise mongo.Missing(version)
        return _kept(document, await self._activations())

    async def _read(self, pointer: Document) -> None:
        version = pointer.get("active")
        if version is None:
            self._active = await asyncio.to_thread(packaged)
            await self._keep_packaged()
        else:
            self._active = await self._understood(version)
        self._revision = pointer.get("revision", 0)

    async def _understood(self, version: str) -> Ruleset:
        try:
            return await asyncio.to_thread((await self._there(version)).ruleset)
        except (BadDocument, mongo.Missing) as error:
            # Who needs them waits for a program that understands them, or for other rules.
            raise mongo.Unavailable(f"this program cannot read the rules {version}: {error}") from error

    async def _pointer(self) -> Document:
        found = await mongo.answered(self._revisions.find_one({"_id": _ID}, {"activations": 0}))
        return found or {}

    async def _activations(self) -> list[dict[str, Any]]:
        found = await mongo.answered(self._revisions.find_one({"_id": _ID}, {"activations": 1}))
        return found["activations"] if found else []


def rulesets_of(service: Service) -> Rulesets:
    """The rulesets of this service, looked after in the background while it runs."""
    rulesets = Rulesets(service.collection("rulesets"), service.collection("revisions"), service.clock)
    service.loop("rulesets", rulesets.watch)
    return rulesets


def _kept(document: Document, activations: list[dict[str, Any]]) -> Kept:
    told = {name: document[name] for name in ("name", "text", "proposed_at", "proposed_by", "why")}
    once = [document["rehearsed"]] if "rehearsed" in document else []  # before, only the last one was kept
    rehearsals = tuple(Rehearsed(**each) for each in (*once, *document.get("rehearsals", ())))
    of_it = (entry for entry in activations if entry["version"] == document["_id"])
    return Kept(
        version=document["_id"],
        **told,
        activations=tuple(_activation(entry, rehearsals) for entry in of_it),
        rehearsals=rehearsals,
    )


def _activation(entry: dict[str, Any], rehearsals: tuple[Rehearsed, ...]) -> Activation:
    before = [rehearsed for rehearsed in rehearsals if rehearsed.at <= entry["at"]]
    return Activation(entry["at"], entry["by"], entry.get("why"), before[-1] if before else None)
