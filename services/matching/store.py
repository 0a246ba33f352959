"""Keeps referrals together with the events that announce them, and the directory of receivers."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter

from services.matching.directory import Receiver, Snapshot
from services.matching.referral import Entry, Party, Referral
from shared import mongo
from shared.aggregates import Aggregates
from shared.events import (
    Event,
    ReceiverRef,
    ReferralAccepted,
    ReferralClosed,
    ReferralDeclined,
    ReferralExpired,
    ReferralOffered,
    ReferralTriaged,
)
from shared.mongo import Collection
from shared.service import Service
from shared.times import Clock

_LOOKS_EVERY_S = 2.0
_READS_ALL_EVERY = 30
"""Looks after which the directory is read even if nobody said that it changed: an import may have been cut off."""


class Referrals:
    """All referrals, by the reference of their enquiry."""

    def __init__(self, kept: Aggregates[Referral]) -> None:
        self._kept = kept

    async def open(self, referral: Referral, *, answers: str | None = None) -> None:
        """Keep a new referral; of one that is there, say the last word again: whoever asks again has missed it.

        ``answers``: id of the event it answers.
        """
        try:
            await self._kept.create(referral.reference, referral, cause=answers)
        except mongo.AlreadyThere:
            await self.repeat(referral.reference)

    async def repeat(self, reference: str) -> None:
        """Say again what was said last about this referral."""
        await self._kept.repeat_last(reference)

    async def of(self, reference: str) -> Referral | None:
        """The referral of an enquiry, or None."""
        return await self._kept.of(reference)

    async def change(
        self,
        reference: str,
        command: Callable[[Referral], Referral],
        *,
        answered: Iterable[str | None] = (),
        answers: str | None = None,
    ) -> Referral:
        """Keep what the command makes of the referral, and what it announces. Raises ``mongo.Missing``.

        ``answered``: own events that somebody has reacted to. ``answers``: the event that this change answers.
        """
        return await self._kept.change(reference, command, answered=answered, cause=answers)

    async def answered(self, reference: str, event: str | None) -> None:
        """Somebody has reacted to this own event: it need not be said again."""
        if event is not None:
            await self._kept.change(reference, lambda referral: referral, answered=[event])

    async def waiting(self, at_most: int) -> tuple[list[Referral], int]:
        """The cases in triage, urgent ones first, then the oldest, and how many there are in all."""
        in_triage = {"state": "triage"}
        number = await mongo.answered(self._kept.collection.count_documents(in_triage))
        oldest = self._kept.collection.find(in_triage).sort([("urgent", -1), ("since", 1), ("_id", 1)]).limit(at_most)
        return [self._kept.load(document) for document in await mongo.found(oldest)], number


def referrals_of(service: Service) -> Referrals:
    """The referrals of this service, with the index that the triage page reads by."""
    service.index("referrals", [("state", 1), ("urgent", -1), ("since", 1)])
    return Referrals(service.aggregates("referrals", Referral, announce=announce))


def announce(before: Referral | None, after: Referral) -> Sequence[Event]:
    """One event for each new fact in the referral's history."""
    new = after.history[len(before.history) if before else 0 :]
    return [_event(after, entry) for entry in new]


def _event(referral: Referral, entry: Entry) -> Event:
    told: dict[str, Any] = {"reference": referral.reference, "round": entry.round, "at": entry.at}
    if entry.receiver is not None:
        told["receiver"] = _ref(entry.receiver)
    match entry.kind:
        case "offered":
            return ReferralOffered(
                **told,
                respond_by=referral.offers[entry.round - 1].respond_by,
                topics=tuple(guess.id for guess in referral.decision.topics),
                trade=referral.enquiry.trade,
                chamber=referral.decision.region.chamber,
            )
        case "accepted":
            return ReferralAccepted(**told)
        case "declined":
            return ReferralDeclined(**told, reason=entry.reason or "", note=entry.note)
        case "expired":
            return ReferralExpired(**told, reason=entry.reason)
        case "triaged":
            return ReferralTriaged(**told, reason=entry.reason or "")
        case "closed":
            return ReferralClosed(**told, reason=entry.reason or "")


def _ref(party: Party) -> ReceiverRef:
    return ReceiverRef.model_validate(party, from_attributes=True)


# --- the directory ----------------------------------------------------------------------------------------------------


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
        self._form = TypeAdapter(Receiver)
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
        return tuple(self._form.validate_python({**document, "id": document["_id"]}) for document in documents)

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
    fields = asdict(receiver)
    del fields["id"]
    return fields
