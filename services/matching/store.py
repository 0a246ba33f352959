"""Keeps referrals together with the events that announce them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from services.matching.because import because
from services.matching.decide import NOBODY_FREE
from services.matching.referral import Entry, Party, Referral
from shared import mongo
from shared.aggregates import Aggregates
from shared.events import (
    Because,
    Event,
    ReceiverRef,
    ReferralAccepted,
    ReferralClosed,
    ReferralDeclined,
    ReferralExpired,
    ReferralOffered,
    ReferralTriaged,
)
from shared.service import Service


class Referrals:
    """All referrals, by the reference of their enquiry."""

    def __init__(self, kept: Aggregates[Referral]) -> None:
        self._kept = kept

    async def open(self, referral: Referral, *, answers: str | None = None) -> bool:
        """Keep a new referral; of one that is there, say the last word again: whoever asks again has missed it.

        ``answers``: id of the event it answers. False if it was there.
        """
        try:
            await self._kept.create(referral.reference, referral, cause=answers)
        except mongo.AlreadyThere:
            await self.repeat(referral.reference)
            return False
        return True

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

    async def line(self, at_most: int, behind: Referral | None = None) -> list[Referral]:
        """The cases that wait for a free place, the oldest first; only those ``behind`` this one."""
        wanted: dict[str, Any] = {"state": "triage", "reason": NOBODY_FREE}
        if behind is not None:
            at = behind.enquiry.received_at
            later = {"enquiry.received_at": {"$gt": at}}
            wanted["$or"] = [later, {"enquiry.received_at": at, "_id": {"$gt": behind.reference}}]
        waiting = self._kept.collection.find(wanted)
        oldest = waiting.sort([("enquiry.received_at", 1), ("_id", 1)]).limit(at_most)
        return [self._kept.load(document) for document in await mongo.found(oldest)]

    async def offered_to(self, receivers: Iterable[str], at_most: int) -> list[tuple[str, str]]:
        """Cases that these receivers, by id, have yet to answer: each reference with the receiver."""
        theirs = {"$elemMatch": {"state": "open", "receiver.id": {"$in": [*receivers]}}}
        wanted = self._kept.collection.find({"state": "offered", "offers": theirs}, {"offers": {"$slice": -1}})
        found = await mongo.found(wanted.limit(at_most))
        return [(document["_id"], document["offers"][-1]["receiver"]["id"]) for document in found]

    async def of_receiver(self, receiver: str) -> list[Referral]:
        """The cases that this receiver, by id, was offered, of those that somebody has or has yet to answer."""
        wanted = {"state": {"$in": ["offered", "accepted"]}, "offers.receiver.id": receiver}
        return [self._kept.load(document) for document in await mongo.found(self._kept.collection.find(wanted))]

    async def those(self, references: Iterable[str]) -> dict[str, Referral]:
        """The referrals of these enquiries, as far as there are any."""
        found = await mongo.found(self._kept.collection.find({"_id": {"$in": [*references]}}))
        return {document["_id"]: self._kept.load(document) for document in found}


def referrals_of(service: Service) -> Referrals:
    """The referrals of this service, with the index that the triage page reads by."""
    service.index("referrals", [("state", 1), ("urgent", -1), ("since", 1)])
    waiting = {"state": "triage", "reason": NOBODY_FREE}
    service.index("referrals", [("enquiry.received_at", 1), ("_id", 1)], partialFilterExpression=waiting)
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
            why = because(referral, referral.offers[entry.round - 1])
            return ReferralAccepted(**told, because=Because.model_validate(why, from_attributes=True))
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
