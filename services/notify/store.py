"""Keeps notices together with the events that announce how they went, and what was heard of each enquiry."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.notify.case import Case
from services.notify.notice import Notice, asked_again, is_final
from shared import mongo
from shared.aggregates import Aggregates
from shared.events import Event, NoticeBounced, NoticeFailed, NoticeSent
from shared.service import Service

_MOST_LISTED = 1000
_MOST_CLAIMS = 1000


class Cases:
    """What was heard of each enquiry, by its reference."""

    def __init__(self, kept: Aggregates[Case]) -> None:
        self._kept = kept
        self._heard: Callable[[str], None] = lambda _: None

    def call_when_heard(self, heard: Callable[[str], None]) -> None:
        """Call this with the reference of each case of which something new was heard."""
        self._heard = heard

    async def of(self, reference: str) -> Case | None:
        """What was heard of an enquiry, or None. Raises ``Unavailable``."""
        return await self._kept.of(reference)

    async def note(self, reference: str, command: Callable[[Case], Case], *, probably_new: bool = False) -> Case:
        """Keep what the command makes of the case, whether it was heard of before or not. Raises ``Unavailable``."""
        case = await self._note(reference, command, probably_new=probably_new)
        self._heard(reference)
        return case

    async def _note(self, reference: str, command: Callable[[Case], Case], *, probably_new: bool) -> Case:
        if probably_new:
            created = await self._create(reference, command)
            if created is not None:
                return created
        try:
            return await self._kept.change(reference, command)
        except mongo.Missing:
            return await self._create(reference, command) or await self._kept.change(reference, command)

    async def _create(self, reference: str, command: Callable[[Case], Case]) -> Case | None:
        try:
            return await self._kept.create(reference, command(Case(reference)))
        except mongo.AlreadyThere:
            return None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many notices are not sent yet, and since when the first of them is due."""

    number: int
    oldest: datetime | None


class Notices:
    """All notices, by an id that follows from event, recipient and purpose."""

    def __init__(self, kept: Aggregates[Notice]) -> None:
        self._kept = kept
        self._wake: Callable[[Notice], None] = lambda _: None

    def call_when_new(self, wake: Callable[[Notice], None]) -> None:
        """Call this with each new notice."""
        self._wake = wake

    async def tell(self, *notices: Notice) -> None:
        """Keep new notices. One that is there already stays; if it is done, what became of it is said again."""
        if len(notices) == 1:
            await self._tell(notices[0])
        else:
            await asyncio.gather(*(self._tell(notice) for notice in notices))

    async def _tell(self, notice: Notice) -> None:
        try:
            await self._kept.create(notice.id, notice)
        except mongo.AlreadyThere:
            await self._kept.change(notice.id, asked_again)
        else:
            self._wake(notice)

    async def of(self, id_: str) -> Notice | None:
        """The notice with this id, or None. Raises ``Unavailable``."""
        return await self._kept.of(id_)

    async def change(self, id_: str, command: Callable[[Notice], Notice]) -> Notice:
        """Keep what the command makes of the notice, and what it announces. Raises ``Missing``, ``Unavailable``."""
        return await self._kept.change(id_, command)

    async def due(self, now: datetime, at_most: int) -> list[str]:
        """Ids of notices that may be sent now, oldest first."""
        queued = self._kept.collection.find({"state": "queued", "not_before": {"$lte": now}}, {"_id": 1})
        return [document["_id"] for document in await mongo.found(queued.sort("not_before", 1).limit(at_most))]

    async def claims(self) -> dict[str, list[str]]:
        """Ids of the notices that are being sent, by the process that claimed them."""
        sending = self._kept.collection.find({"state": "sending"}, {"claimed_by": 1}).limit(_MOST_CLAIMS)
        claims: defaultdict[str, list[str]] = defaultdict(list)
        for document in await mongo.found(sending):
            claims[document["claimed_by"]].append(document["_id"])
        return claims

    async def waiting(self) -> Waiting:
        """How many are queued, and the oldest of them."""
        queued = {"state": "queued"}
        number = await mongo.answered(self._kept.collection.count_documents(queued))
        first = self._kept.collection.find(queued, {"not_before": 1}).sort("not_before", 1).limit(1)
        oldest = [document["not_before"] for document in await mongo.found(first)]
        return Waiting(number, oldest[0] if oldest else None)

    async def about(self, reference: str) -> list[Notice]:
        """The notices about an enquiry, oldest first."""
        found = self._kept.collection.find({"reference": reference}).sort([("at", 1), ("_id", 1)]).limit(_MOST_LISTED)
        return [self._kept.load(document) for document in await mongo.found(found)]


def cases_of(service: Service) -> Cases:
    """The cases of this service; they announce nothing."""
    return Cases(service.aggregates("cases", Case))


def notices_of(service: Service) -> Notices:
    """The notices of this service, with the indexes that sending and listing read by."""
    service.index("notices", [("reference", 1), ("at", 1)])
    service.index("notices", [("not_before", 1)], partialFilterExpression={"state": "queued"}, name="queued")
    service.index("notices", [("claimed_by", 1)], partialFilterExpression={"state": "sending"}, name="sending")
    return Notices(service.aggregates("notices", Notice, announce=announce))


def announce(before: Notice | None, after: Notice) -> Sequence[Event]:
    """How it went, once it is done; and again for each time that somebody asks."""
    if not is_final(after):
        return ()
    if before is not None and is_final(before) and before.state == after.state and before.asked == after.asked:
        return ()
    return (_event(after),)


def _event(notice: Notice) -> Event:
    last = next((attempt for attempt in notice.attempts if attempt.outcome == "sent"), notice.attempts[-1])
    about = {
        "reference": notice.reference,
        "cause": notice.cause,
        "notice": notice.id,
        "purpose": notice.purpose,
        "recipient_kind": notice.recipient_kind,
        "message_id": notice.message_id,
        "attempt": last.n,
        "round": notice.round,
        "at": last.ended_at or last.at,
    }
    match notice.state:
        case "sent":
            return NoticeSent.model_validate(about)
        case "bounced":
            return NoticeBounced.model_validate({**about, "code": last.code, "reason": last.answer or ""})
        case _:
            return NoticeFailed.model_validate({**about, "code": last.code, "reason": last.answer or ""})
