"""Sends what is due: claims a notice, looks at its case, hands the message over, and keeps how it went.

Any number of processes may do so. A claim is worth what its process's lease is worth (``lease.py``).
"""

import asyncio
import random
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from services.notify import metrics, notice
from services.notify.case import Case, Send, Wait, Withhold, verdict
from services.notify.lease import Lease
from services.notify.letters import NotKnownYet
from services.notify.mail import Away, Later, Outcome, Post, Refused, Sent, Unknown
from services.notify.message import Unwritable
from services.notify.notice import NoSuchAttempt, Notice, NotQueued
from services.notify.store import Cases, Notices
from services.notify.telling import Network, Occasion, undelivered
from services.notify.writing import Write
from shared import mongo
from shared.times import Clock

log = structlog.get_logger()

_SWEEP_EVERY_S = 2.0
_COUNT_EVERY_S = 5.0
_LARGEST_SWEEP = 500
_LONGEST_HAND_OVER = 10_000
_MOST_HELD = 2_000
"""Of what waits behind so many, only the ids are held in memory."""
_STALE_S = 1.0
"""After waiting so long for a connection, the case is looked at again."""
_MOMENT_S = 0.01
"""So long an outcome waits for others, as long as there are others: their notes meet in one write."""
_FIRST_WAIT = timedelta(seconds=0.5)
_LONGEST_WAIT = timedelta(minutes=1)
_MOST_DOUBLINGS = 10
_LONGEST_PAUSE_S = 5.0
_REFUSED_BY_COORDINATORS = timedelta(minutes=15)


class _Stale(Exception):
    """This has waited too long: what it is based on has to be looked at again."""


class Sender:
    """One a process. ``finish_within_s``: how long messages that are being handed over may take when it stops."""

    def __init__(
        self,
        notices: Notices,
        cases: Cases,
        post: Post,
        lease: Lease,
        write: Write,
        network: Network,
        clock: Clock,
        *,
        mail_from: str,
        finish_within_s: float = 20.0,
    ) -> None:
        self._notices = notices
        self._cases = cases
        self._post = post
        self._lease = lease
        self._write = write
        self._network = network
        self._clock = clock
        self._mail_from = mail_from
        self._finish_within_s = finish_within_s
        self._ready: OrderedDict[str, Notice | None] = OrderedDict()
        """Those that are due, in their order, and what is known of them: None where they have to be read."""
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._under_way: set[str] = set()
        """Those of the busy ones whose end is not known yet."""
        self._moment: list[asyncio.Future[None]] = []
        """Those whose end is known, and waits for others."""
        self._handed_over: set[str] = set()
        self._woken = asyncio.Event()
        self._stopping = False
        self._expecting: dict[str, set[str]] = {}
        """By reference: those that wait in memory for something to be heard of their case."""
        notices.call_when_new(self.wake)
        cases.call_when_heard(self.wake_about)

    def wake(self, new: Notice) -> None:
        """This notice is new; what does not fit is found by the sweep."""
        if len(self._ready) < _LONGEST_HAND_OVER:
            self._ready[new.id] = new if len(self._ready) < _MOST_HELD else None
        self._woken.set()

    def wake_about(self, reference: str) -> None:
        """Something was heard of this case: look again at what waits for it."""
        if waiting := self._expecting.pop(reference, None):
            self._ready |= dict.fromkeys(waiting)
            self._woken.set()

    async def run(self) -> None:
        """Send what is due, for ever. Raises ``Unavailable``; started again, it goes on."""
        next_sweep = next_count = 0.0
        while True:
            self._woken.clear()
            now = time.monotonic()
            if now >= next_sweep and not self._stopping:
                await self._sweep()
                next_sweep = time.monotonic() + _SWEEP_EVERY_S * random.uniform(0.9, 1.1)  # noqa: S311 - no secret
            if now >= next_count:
                await self._count()
                next_count = time.monotonic() + _COUNT_EVERY_S
            self._begin()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience(next_sweep)):
                    await self._woken.wait()

    async def stop(self) -> None:
        """Begin nothing more, let what is being handed over finish, give claims back, close connections."""
        self._stopping = True
        if self._busy:
            await asyncio.wait(self._busy.values(), timeout=self._finish_within_s)
        unfinished = list(self._busy.values())
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
        await self._post.close()
        with suppress(mongo.Unavailable):
            await self._give_back((await self._notices.claims()).get(self._lease.identity, []))
            await self._lease.give_up()

    # --- what is due --------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Begin as many as will soon have a connection; many at a time, so that what they read and write meets."""
        ahead = self._post.soon
        most = 1 if self._post.is_suspect else self._post.at_most + ahead
        if len(self._under_way) > most - ahead // 2:
            return
        while (
            self._ready
            and len(self._under_way) < most
            and not self._stopping
            and self._lease.holds()
            and not self._post.opens_in_s
        ):
            id_, known = self._ready.popitem(last=False)
            if id_ in self._busy:
                continue
            self._under_way.add(id_)
            task = asyncio.create_task(self._one(id_, known), name=f"send {id_}")
            self._busy[id_] = task
            task.add_done_callback(lambda _, id_=id_: self._end(id_))  # type: ignore[misc]

    def _end(self, id_: str) -> None:
        self._busy.pop(id_, None)
        self._end_is_known(id_)

    def _end_is_known(self, id_: str) -> None:
        self._under_way.discard(id_)
        if not self._under_way:
            self._end_moment()
        if self._ready:
            self._woken.set()

    async def _a_moment(self) -> None:
        """Let others end, too: their notes meet in one write. At once if there are none."""
        if self._under_way:
            loop = asyncio.get_running_loop()
            if not self._moment:
                loop.call_later(_MOMENT_S, self._end_moment)
            self._moment.append(loop.create_future())
            await self._moment[-1]

    def _end_moment(self) -> None:
        for each in self._moment:
            if not each.done():
                each.set_result(None)
        self._moment.clear()

    def _patience(self, next_sweep: float) -> float:
        until_sweep = max(0.0, next_sweep - time.monotonic())
        opens_in = self._post.opens_in_s
        return min(until_sweep, opens_in) if opens_in and self._ready else until_sweep or _SWEEP_EVERY_S / 10

    async def _sweep(self) -> None:
        """Find what is due without anybody having told us, and what was claimed by a process that is gone."""
        if len(self._ready) < _LARGEST_SWEEP:
            for id_ in await self._notices.due(self._clock.now(), _LARGEST_SWEEP):
                if id_ not in self._busy:
                    self._ready[id_] = None
        for by, ids in (await self._notices.claims()).items():
            if by == self._lease.identity:
                await self._give_back([id_ for id_ in ids if id_ not in self._busy])
            elif await self._lease.is_void(by):
                await _each(self._take_over(id_, by) for id_ in ids)

    async def _take_over(self, id_: str, by: str) -> None:
        why = "the process that was sending it ended or fell silent before it noted the answer"
        after = await self._notices.change(id_, lambda each: notice.taken_over(each, by, why, self._clock.now()))
        if after.state == "queued":
            log.warning("notice_taken_over", notice=id_, process=by)
            metrics.taken_over.inc()
            metrics.ended.labels(after.purpose, "unknown").inc()
            self._ready[id_] = None
            self._woken.set()

    async def _give_back(self, ids: list[str]) -> None:
        """Our own claims that nobody here works on: their write had an unknown fate, or the stop cut them off."""
        by = self._lease.identity
        await _each(self._notices.change(id_, lambda each: self._given_back(each, by)) for id_ in ids)

    def _given_back(self, each: Notice, by: str) -> Notice:
        if each.id in self._busy:
            return each
        if each.id in self._handed_over:
            return notice.taken_over(each, by, "the process ended while it waited for the answer", self._clock.now())
        return notice.released(each, by, "the claim was given back", self._clock.now())

    async def _count(self) -> None:
        waiting = await self._notices.waiting()
        metrics.queued.set(waiting.number)
        due_for = (self._clock.now() - waiting.oldest).total_seconds() if waiting.oldest else 0.0
        metrics.oldest_due.set(max(0.0, due_for))

    # --- one notice ---------------------------------------------------------------------------------------------------

    async def _one(self, id_: str, known: Notice | None) -> None:
        try:
            await self._look_and_send(id_, known)
        except (Away, _Stale):
            self._ready[id_] = None
            self._ready.move_to_end(id_, last=False)
        except mongo.Unavailable as away:
            log.warning("notice_waits", notice=id_, reason=str(away))  # the sweep finds it again
        except Exception:
            log.exception("notice_failed", notice=id_)
            with suppress(mongo.Unavailable):
                await _each([self._put_off(id_)])

    async def _look_and_send(self, id_: str, known: Notice | None) -> None:
        each = known or await self._notices.of(id_)
        if each is None or each.state != "queued" or each.not_before > self._clock.now():
            return
        case = await self._cases.of(each.reference)
        offer = await self._notices.of(each.facts.offer) if each.facts.offer else None
        match verdict(each, case, offer):
            case Wait():
                await self._not_yet(each)
            case Withhold(reason):
                await self._withhold(each, reason)
            case Send():
                await self._send(each, case)

    async def _send(self, each: Notice, case: Case | None) -> None:
        to = each.to or (case.enquiry.email if case and case.enquiry else "")
        each = each if each.to else replace(each, to=to)
        try:
            message = self._write(each, case, to)
        except NotKnownYet:
            return await self._not_yet(each)
        except Unwritable as never:
            return await self._give_up(each, case, f"it cannot be written: {never}")
        by, n, looked_at, ahead = self._lease.identity, None, time.monotonic(), self._post.soon > 0
        try:
            if ahead and (n := await self._claim(each.id, by, to)) is None:
                return None
            async with self._post.connection(_STALE_S if ahead else None) as connection:
                if self._stopping or not self._lease.holds(by) or time.monotonic() - looked_at > _STALE_S:
                    raise _Stale
                if not ahead and (n := await self._claim(each.id, by, to)) is None:
                    return None
                if n is None or not self._lease.holds(by):
                    raise _Stale
                self._handed_over.add(each.id)
                outcome = await connection.deliver(self._mail_from, to, message, partial(self._lease.holds, by))
        except (Away, _Stale):
            if n is not None:
                await self._release(each.id, by)
            raise
        self._end_is_known(each.id)
        await self._a_moment()
        await self._keep(each, case, n, by, outcome)
        return None

    async def _claim(self, id_: str, by: str, to: str) -> int | None:
        """The number of the attempt, or None if somebody else was faster, or has put it off."""
        at = self._clock.now()

        def claimed(each: Notice) -> Notice:
            if each.not_before > at:
                raise NotQueued(id_)
            return notice.claimed(each, by, to, at)

        try:
            after = await self._notices.change(id_, claimed)
        except NotQueued:
            return None
        return after.attempts[-1].n

    async def _release(self, id_: str, by: str) -> None:
        """Not handed over, for certain: another time, or somebody else."""
        why = "no connection was free in time"
        await self._notices.change(id_, lambda each: notice.released(each, by, why, self._clock.now()))

    async def _keep(self, each: Notice, case: Case | None, n: int, by: str, outcome: Outcome) -> None:
        """Keep how it went, for as long as it takes: nobody else knows."""
        at = self._clock.now()
        if isinstance(outcome, Refused):
            await self._alarm(each, case, outcome.answer)
        with suppress(NoSuchAttempt, mongo.Missing):
            await _for_as_long_as_it_takes(
                lambda: self._notices.change(each.id, lambda now: self._ended(now, n, by, at, outcome))
            )
        self._handed_over.discard(each.id)
        kind = type(outcome).__name__.lower()
        metrics.ended.labels(each.purpose, kind).inc()
        level = log.info if isinstance(outcome, Sent) else log.warning
        level("mail_attempted", notice=each.id, purpose=each.purpose, attempt=n, outcome=kind)

    def _ended(self, each: Notice, n: int, by: str, at: datetime, outcome: Outcome) -> Notice:
        unknown = sum(attempt.outcome == "unknown" for attempt in each.attempts) + 1
        match outcome:
            case Sent(answer):
                return notice.sent(each, n, by, at, answer)
            case Refused(_, answer) if each.recipient_kind == "coordinator":
                # Nobody would be left to tell: it is tried again until it arrives, or until it is not needed any more.
                return notice.later(each, n, by, at, answer, _after(at, _REFUSED_BY_COORDINATORS))
            case Refused(code, answer):
                return notice.refused(each, n, by, at, code, answer)
            case Later(answer):
                return notice.later(each, n, by, at, answer, _after(at, notice.pause_after(len(each.attempts))))
            case Unknown(why):
                return notice.unknown(each, n, by, at, why, _after(at, notice.pause_after_unknown(unknown)))

    async def _alarm(self, each: Notice, case: Case | None, answer: str) -> None:
        """Tell coordinators of what nothing else makes up for: first, so that a crash in between repeats it."""
        occasion = Occasion(self._network, case or Case(each.reference), each.cause, self._clock.now())
        alarms = undelivered(occasion, each, notice.masked(answer))
        await _for_as_long_as_it_takes(lambda: self._notices.tell(*alarms))

    async def _withhold(self, each: Notice, reason: str) -> None:
        by, at = self._lease.identity, self._clock.now()
        await self._notices.change(each.id, lambda now: notice.withheld(now, reason, by, at))
        metrics.ended.labels(each.purpose, "withheld").inc()
        log.info("notice_withheld", notice=each.id, purpose=each.purpose, reason=reason)

    async def _give_up(self, each: Notice, case: Case | None, reason: str) -> None:
        await self._alarm(each, case, reason)
        await self._withhold(each, reason)

    async def _not_yet(self, each: Notice) -> None:
        """There is no order between topics: what is missing is mostly heard at once. If not, look at it ever less."""
        waiting = self._expecting.setdefault(each.reference, set())
        if each.id not in waiting:
            waiting.add(each.id)  # still due: the sweep finds it, if nothing is heard of the case
            return
        del self._expecting[each.reference]
        await self._put_off(each.id)

    async def _put_off(self, id_: str) -> None:
        """Look again soon, then less and less often."""

        def later(each: Notice) -> Notice:
            pause = min(_FIRST_WAIT * 2 ** min(each.waits, _MOST_DOUBLINGS), _LONGEST_WAIT)
            return notice.put_off(each, _whole_ms(self._clock.now() + pause))

        await self._notices.change(id_, later)


async def _each(steps: Iterable[Awaitable[object]]) -> None:
    """Do all of them: one notice that cannot be read, say, must not stop the others. Raises ``Unavailable``."""
    for end in await asyncio.gather(*steps, return_exceptions=True):
        if isinstance(end, mongo.Unavailable):
            raise end
        if isinstance(end, Exception):
            log.error("notice_unusable", reason=f"{type(end).__name__}: {end}")


async def _for_as_long_as_it_takes(step: Callable[[], Awaitable[object]]) -> None:
    pause = 0.1
    while True:
        try:
            await step()
        except mongo.Unavailable as away:
            log.warning("outcome_waits", reason=str(away), pause_s=round(pause, 1))
            await asyncio.sleep(pause * random.uniform(0.9, 1.1))  # noqa: S311 - no secret
            pause = min(pause * 2, _LONGEST_PAUSE_S)
        else:
            return


def _after(at: datetime, pause: timedelta) -> datetime:
    return _whole_ms(at + pause * random.uniform(0.8, 1.2))  # noqa: S311 - no secret


def _whole_ms(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
