"""From a decision to an offer: a place is taken first, then the offer is written, so that no limit is ever exceeded.

Whoever is cut off in between leaves a place that no offer uses. ``sweep`` finds it, makes sure in the referral that no
offer can use it any more, and gives it back.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Literal

from prometheus_client import Counter

from services.matching.decide import Question, decide
from services.matching.directory import Receiver
from services.matching.fairness import Fairness
from services.matching.loads import Load, NoPlace, Place, Wish, has_room, week_of
from services.matching.places import Places
from services.matching.receivers import Receivers
from services.matching.referral import (
    Choice,
    Enquiry,
    Overtaken,
    Referral,
    left_alone,
    onward,
    opened,
    taken_away,
    voided,
)
from services.matching.roster import day_of
from services.matching.ruleset import Ruleset
from services.matching.rulesets import Rulesets
from services.matching.snapshot import Snapshot
from services.matching.store import Referrals
from shared import mongo
from shared.service import Service
from shared.times import Clock

_ATTEMPTS = 200
_JUST_NOW = timedelta(minutes=1)
"""What was changed before is known to every process."""
_IN_LINE = 1_000
"""Cases that wait for a place, and are read together."""
_LOOKS_ANYWAY_S = 300
"""The line is looked at so often, whether anything was seen to change or not. A day is a multiple of it."""
_LOOKS_EVERY_S = 1.0
_SWEEPS_EVERY_S = 30.0
_LEFT_AFTER = timedelta(minutes=2)
"""A place without an offer was left behind: longer than any write takes."""
_NEVER_CAME_AFTER = timedelta(days=1)
"""An enquiry that nobody has opened by now is in the dead letters."""


_SWEPT = Counter(
    "wegweiser_places_swept_total",
    "Places given back that no offer used; some after a process was killed, a steady stream is a fault.",
)

NotNow = Literal["receiver_unknown", "receiver_away", "receiver_full"]


class NotReachable(Exception):
    """This receiver cannot be offered a case now."""

    def __init__(self, why: NotNow) -> None:
        super().__init__(why)
        self.why = why


class Offering:
    """Offers cases to receivers, one after the other."""

    def __init__(
        self, referrals: Referrals, receivers: Receivers, rulesets: Rulesets, places: Places, clock: Clock
    ) -> None:
        self._referrals, self._receivers, self._rulesets = referrals, receivers, rulesets
        self._places, self._clock = places, clock
        self.fairness = Fairness(clock)
        self._line = False
        """Whether cases wait for a place."""
        self._draining = asyncio.Lock()
        self._drained_at: object = None
        self._looked_for_the_absent: object = None

    async def snapshot(self) -> Snapshot:
        """The directory, with what everybody has to do."""
        return await self._places.upon(await self._receivers.snapshot())

    async def rules(self) -> Ruleset:
        """The rules in force."""
        return await self._rulesets.active()

    async def begin(self, question: Question, enquiry: Enquiry, *, answers: str | None) -> None:
        """Decide about a new enquiry, and offer it. Safe to repeat."""
        if self._line:
            await self.drain()  # who waits comes first
        situation = await self._situation()
        choice = await self._chosen(question, 0)
        now = choice.decision.decided_at
        new = opened(enquiry, choice, at=now)
        if await self._referrals.open(new, answers=answers):
            await self._joined_the_line(new, situation)
        elif choice.receiver is not None and choice.place is not None:
            kept = await self._referrals.of(question.reference)
            if kept is not None and all(offer.place != choice.place for offer in kept.offers):
                await self._places.give_back(choice.receiver.id, choice.place, had_it=False)

    async def after(
        self,
        reference: str,
        over: Callable[[Referral], Referral],
        *,
        answered: Iterable[str | None] = (),
        answers: str | None = None,
    ) -> Referral:
        """End the open offer, as ``over`` does, and offer the case to the next, in one write. Raises ``mongo.Missing``.

        What ``over`` raises passes through; where it ends no offer, nothing else happens.
        """
        answered = tuple(answered)
        for _ in range(_ATTEMPTS):
            before = await self._there(reference)
            ended = over(before)
            if ended == before:
                return await self._referrals.change(reference, over, answered=answered, answers=answers)
            situation = await self._situation()
            choice = await self._chosen(ended.question, before.round)
            with_it = _then(_ending(over), choice, before.round, choice.decision.decided_at)
            try:
                kept = await self._kept(reference, choice, with_it, answered=answered, answers=answers)
            except Overtaken:
                continue
            await self._joined_the_line(kept, situation)
            return kept
        raise mongo.Unavailable(f"{reference} changes too fast")

    async def assign(self, reference: str, receiver: str, note: str | None) -> Referral:
        """A coordinator offers the case to this receiver. Raises ``NotReachable``, ``NotAssignable``, ``Missing``."""
        for _ in range(_ATTEMPTS):
            before = await self._there(reference)
            now = self._clock.now()
            over = _taking_away(receiver, now)
            ended = over(before)
            if ended.current is not None:
                return before
            chosen, rules = self._reachable(await self.snapshot(), receiver, now), await self.rules()
            try:
                place = await self._take(chosen, reference, before.round + 1, now, None)
            except NoPlace:
                continue
            choice = Choice(before.decision, chosen, rules.time_limits.answer, place, note)
            try:
                return await self._kept(reference, choice, _then(over, choice, before.round, now))
            except Overtaken:
                continue
        raise mongo.Unavailable(f"{reference} changes too fast")

    def not_now(self, receiver: Receiver, snapshot: Snapshot, at: datetime) -> NotNow | None:
        """Why a receiver of this directory cannot be offered a case at this moment, if so."""
        if not receiver.active:
            return "receiver_unknown"
        row, today = snapshot.row[receiver.id], snapshot.roster.today(day_of(at))
        if row in today.invalid or row in today.stand_in:
            return "receiver_away"
        load = self._places.loads.get(receiver.id, Load())
        return None if has_room(load, receiver, week_of(at)) else "receiver_full"

    def load_of(self, receiver: Receiver) -> Load | None:
        """What a receiver has to do, as far as this process knows; None for who states no limit."""
        return self._places.loads.get(receiver.id, Load()) if receiver.is_limited else None

    async def free(self, referral: Referral) -> None:
        """Give back the places of offers that are over."""
        just_now = self._clock.now() - _JUST_NOW
        for offer in referral.offers:
            if referral.needs(offer):
                continue
            place, lately = referral.place_of(offer), (offer.answered_at or just_now) >= just_now
            if (offer.place and lately) or self._places.knows(offer.receiver.id, place):
                await self._places.give_back(offer.receiver.id, place, had_it=offer.state == "accepted")

    async def drain(self) -> None:
        """Offer the cases that wait for a place, the oldest first, as far as there are places."""
        async with self._draining:
            situation = await self._situation()
            if situation == self._drained_at:
                return
            self._drained_at = situation  # before the line is read: whoever joins it too late says so
            try:
                await self._go_along_the_line()
            except BaseException:
                self._drained_at = None
                raise

    async def _go_along_the_line(self) -> None:
        last, hopeless = None, set()
        while waiting := await self._referrals.line(_IN_LINE, last):
            for case in waiting:
                kind = _kind(case)
                if kind not in hopeless and not await self._offered(case):
                    hopeless.add(kind)
            last = waiting[-1]
        self._line = last is not None

    async def _situation(self) -> tuple[object, ...]:
        """As long as it is the same, a case for which there was no place still has none."""
        snapshot, rules = await self.snapshot(), await self.rules()
        slot = int(self._clock.now().timestamp()) // _LOOKS_ANYWAY_S
        return snapshot.version, rules.version, self._places.freed, slot

    async def _joined_the_line(self, case: Referral, situation: tuple[object, ...]) -> None:
        """Perhaps a case waits now. ``situation``: before it was decided that it has to."""
        if case.waits:
            self._line = True
            if situation != await self._situation():  # the line may have been looked at in between
                self._drained_at = None

    async def keep_the_line(self) -> None:
        """Look after the cases that wait for a place, and wait until it is time to look again."""
        self._line = self._line or bool(await self._referrals.line(1))
        if self._line:
            await self.drain()
        await asyncio.sleep(_LOOKS_EVERY_S)

    async def keep_reachable(self) -> None:
        """Take cases away from who is not there any more, and wait until it is time to look again."""
        await self.take_from_the_absent()
        await asyncio.sleep(_LOOKS_EVERY_S)

    async def take_from_the_absent(self) -> None:
        """Whoever has not answered yet, and was switched off, has become invalid or absent, is not waited for."""
        snapshot, now = await self.snapshot(), self._clock.now()
        looked = snapshot.version, int(now.timestamp()) // _LOOKS_ANYWAY_S
        if looked == self._looked_for_the_absent:
            return
        away = [snapshot.receivers[row].id for row in snapshot.roster.away(day_of(now))]
        theirs = await self._referrals.offered_to(away, _IN_LINE) if away else []
        for reference, receiver in theirs:
            await self.after(reference, partial(left_alone, receiver=receiver, at=now))
        if len(theirs) < _IN_LINE:
            self._looked_for_the_absent = looked

    async def keep_clean(self) -> None:
        """Sweep, and wait until it is time to sweep again."""
        await self.sweep()
        await asyncio.sleep(_SWEEPS_EVERY_S)

    async def sweep(self) -> None:
        """Give back the places that no offer needs. Raises ``Unavailable``."""
        now = self._clock.now()
        left = [
            (receiver, place)
            for receiver, load in [*self._places.loads.items()]
            for place in load.places
            if place.at < now - _LEFT_AFTER
        ]
        referrals = await self._referrals.those({_reference_of(place) for _, place in left}) if left else {}
        for receiver, place in left:
            referral = referrals.get(_reference_of(place))
            if referral is None:
                if place.at < now - _NEVER_CAME_AFTER:
                    await self._places.give_back(receiver, place.token, had_it=False)
                continue
            offer = next((offer for offer in referral.offers if referral.place_of(offer) == place.token), None)
            if offer is not None and referral.needs(offer):
                continue
            if offer is None and _round_of(place) > referral.round:
                referral = await self._referrals.change(referral.reference, _voiding(place.token))
                if any(offer.place == place.token for offer in referral.offers):
                    continue
            had_it = offer is not None and offer.state == "accepted"
            await self._places.give_back(receiver, place.token, had_it=had_it)
            _SWEPT.inc()

    async def _chosen(self, question: Question, round_: int) -> Choice:
        """Whom the rules choose, with a place taken. ``round_``: the last one."""
        for _ in range(_ATTEMPTS):
            snapshot, rules, now = await self.snapshot(), await self.rules(), self._clock.now()
            decision = decide(question, snapshot, rules, now)
            if not decision.candidates:
                return Choice(decision, None, rules.time_limits.answer)
            first = decision.candidates[0]
            receiver = snapshot.get(first.receiver)
            assert receiver is not None  # noqa: S101 - the decision is about this snapshot
            try:
                place = await self._take(receiver, question.reference, round_ + 1, now, (first.served, first.credited))
            except NoPlace:
                continue
            self.fairness.offered(question.reference, first, rules)
            return Choice(decision, receiver, rules.time_limits.answer, place)
        raise mongo.Unavailable("places change too fast")

    async def _take(
        self, receiver: Receiver, reference: str, round_: int, at: datetime, shares: tuple[float, float | None] | None
    ) -> str | None:
        """Take a place, if this receiver's places are counted.

        ``shares``: what it has served, and is credited with; None where a coordinator chose.
        """
        if not receiver.is_counted and not self._places.is_complete(receiver.id):
            return None
        if receiver.is_limited and not self._places.is_complete(receiver.id):
            await self._count_what_it_has(receiver.id)
        if shares is None:
            known = self._places.loads.get(receiver.id)
            shares = (known.served if known else 0.0, None)
        token = f"{reference}/{round_}/{secrets.token_hex(4)}"
        await self._places.take(Wish(receiver, token, at, *shares))
        return token if receiver.is_limited else None

    async def _count_what_it_has(self, receiver: str) -> None:
        """Before a receiver's first place is taken: what it had before it stated a limit counts too."""
        had = [
            Place(referral.place_of(offer), offer.at)
            for referral in await self._referrals.of_receiver(receiver)
            for offer in referral.offers
            if offer.receiver.id == receiver and referral.needs(offer)
        ]
        await self._places.complete(receiver, had)

    def _reachable(self, snapshot: Snapshot, receiver: str, at: datetime) -> Receiver:
        chosen = snapshot.get(receiver)
        if chosen is None:
            raise NotReachable("receiver_unknown")
        if why := self.not_now(chosen, snapshot, at):
            raise NotReachable(why)
        return chosen

    async def _offered(self, case: Referral) -> bool:
        """Whether a waiting case could be offered, or need not wait any more."""
        choice = await self._chosen(case.question, case.round)
        if choice.receiver is None and choice.decision.reason == case.reason:
            return False
        try:
            goes_on = _then(_still_waiting, choice, case.round, choice.decision.decided_at)
            await self._kept(case.reference, choice, goes_on)
        except Overtaken:
            pass
        return True

    async def _kept(
        self,
        reference: str,
        choice: Choice,
        command: Callable[[Referral], Referral],
        *,
        answered: Iterable[str | None] = (),
        answers: str | None = None,
    ) -> Referral:
        """Write an offer. Where it is not written, its place is given back; where nobody knows, it is swept later."""
        try:
            kept = await self._referrals.change(reference, command, answered=answered, answers=answers)
        except mongo.Unavailable:
            raise
        except Exception:
            if choice.receiver is not None and choice.place is not None:
                await self._places.give_back(choice.receiver.id, choice.place, had_it=False)
            raise
        await self.free(kept)
        return kept

    async def _there(self, reference: str) -> Referral:
        referral = await self._referrals.of(reference)
        if referral is None:
            raise mongo.Missing(reference)
        return referral


def offering_of(
    service: Service, referrals: Referrals, receivers: Receivers, rulesets: Rulesets, places: Places
) -> Offering:
    """What offers this service's cases, looked after in the background while it runs."""
    offering = Offering(referrals, receivers, rulesets, places, service.clock)
    service.loop("line", offering.keep_the_line)
    service.loop("absent", offering.keep_reachable)
    service.loop("sweep", offering.keep_clean)
    service.check("fairness", offering.fairness.check)
    return offering


def _then(
    over: Callable[[Referral], Referral], choice: Choice, after_round: int, at: datetime
) -> Callable[[Referral], Referral]:
    """Goes onward from a round, after what ends it. Raises ``Overtaken``, and what ``over`` raises."""

    def command(referral: Referral) -> Referral:
        return onward(over(referral), choice, after_round=after_round, at=at)

    return command


def _ending(over: Callable[[Referral], Referral]) -> Callable[[Referral], Referral]:
    """Ends the open offer, as ``over`` does. Raises ``Overtaken`` where somebody has done so."""

    def command(referral: Referral) -> Referral:
        ended = over(referral)
        if ended == referral:
            raise Overtaken(referral.reference)
        return ended

    return command


def _still_waiting(referral: Referral) -> Referral:
    """The case as it is. Raises ``Overtaken`` where it waits for a place no more."""
    if not referral.waits:
        raise Overtaken(referral.reference)
    return referral


def _taking_away(receiver: str, at: datetime) -> Callable[[Referral], Referral]:
    return lambda referral: taken_away(referral, receiver, at=at)


def _voiding(place: str) -> Callable[[Referral], Referral]:
    return lambda referral: voided(referral, place)


def _kind(case: Referral) -> object:
    """What makes two waiting cases alike: one finds nobody where the other found nobody."""
    question, about = case.question, case.question.about
    topics = tuple(topic.id for topic in about.topics)
    return question.region, case.decision.decisive, question.language, question.asked, topics, about.ticked


def _reference_of(place: Place) -> str:
    return place.token.partition("/")[0]


def _round_of(place: Place) -> int:
    return int(place.token.split("/")[1])
