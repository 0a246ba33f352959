"""A past with all that happens: limits, declines, cases that wait, a coordinator, changes of directory and rules."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from services.matching.decide import question_of
from services.matching.directory import Absence
from services.matching.handlers import enquiry_of, facts_of
from services.matching.loads import Load
from services.matching.offering import NotReachable, Offering
from services.matching.places import Places
from services.matching.receivers import Receivers
from services.matching.referral import NotAssignable, Refusal, accepted, declined
from services.matching.roster import day_of
from services.matching.ruleset_file import packaged_text
from shared.events import EnquiryWithdrawn
from tests.services.matching.builders import OST, WEST, an_advisor, an_enquiry
from tests.services.matching.conftest import SAID

FIRST = [
    replace(an_advisor("one"), most_open=2),
    replace(an_advisor("two"), most_open=3, most_a_week=6),
    replace(an_advisor("three"), most_a_week=8),
    replace(an_advisor("four"), most_open=5),
    replace(OST, most_open=4),
    WEST,
]
LATER = packaged_text().replace("fairness: 8 ", "fairness: 2 ").replace('name: "2026-11"', "name: later")


def ref(n):
    return f"WW-0000-0000-{n:04}"


def another(matching):
    """Another process with its own view."""
    places = Places(matching.service.aggregates("places", Load), matching.clock, looks_every_s=0)
    receivers = Receivers(*map(matching.service.collection, ("receivers", "directories")), matching.clock)
    return Offering(matching.referrals, receivers, matching.rulesets, places, matching.clock)


async def comes(offering, n, **changes):
    """An enquiry is heard."""
    event = an_enquiry(ref(n), **changes)
    question = question_of(facts_of(event), await offering.rules())
    await offering.begin(question, enquiry_of(event), answers=None)


async def decline(matching, n):
    """Who has the open offer declines."""
    offer, now = (await matching.referrals.of(ref(n))).current, matching.clock.now()
    refusal = Refusal("absent")
    over = lambda it: declined(it, offer.round, offer.receiver.id, refusal, at=now)  # noqa: E731
    await matching.offering.after(ref(n), over)


async def accept(matching, n):
    """Who has the open offer accepts."""
    offer, now = (await matching.referrals.of(ref(n))).current, matching.clock.now()
    await matching.referrals.change(ref(n), lambda it: accepted(it, offer.round, offer.receiver.id, at=now))


async def withdraw(matching, n):
    """The firm does not want help any more."""
    await matching.hear(EnquiryWithdrawn(reference=ref(n), withdrawn_at=matching.clock.now()), n=2)


async def lived(matching, *, both):
    """Forty enquiries and what becomes of them. ``both``: two processes hear them, each several at once."""
    await matching.receivers.keep(FIRST, prune=True, **SAID)
    offerings = [matching.offering, another(matching)] if both else [matching.offering]
    for n in range(0, 40, 4):
        matching.clock.forward(hours=7, milliseconds=123)
        texts = {"topics": ()} if n % 8 else {"topics": ("e_rechnung", "zeiterfassung")}
        if both:
            await asyncio.gather(*(comes(offerings[i % 2], n + i, **texts) for i in range(4)))
            for offering in offerings:
                await offering.keep_the_line()
        else:
            for i in range(4):
                matching.clock.forward(seconds=1)
                await comes(matching.offering, n + i, **texts)
        await _goes_on(matching, n)
    matching.clock.forward(days=3)
    await matching.places.watch()
    await matching.offering.drain()


async def _goes_on(matching, n):
    matching.clock.forward(hours=1)
    for i, does in enumerate((accept, decline, decline, withdraw)):
        matching.clock.forward(seconds=1)
        if (await matching.referrals.of(ref(n + i))).current is not None or does is withdraw:
            await does(matching, n + i)
    if n % 12 == 4:
        await _assigned(matching, n + 1)
    if n == 8:
        tomorrow = day_of(matching.clock.now()) + timedelta(days=1)
        away = replace(FIRST[0], absences=(Absence(tomorrow, tomorrow, "four"),))
        new = replace(an_advisor("new"), most_open=3)
        await matching.receivers.keep([away, replace(FIRST[1], most_open=5), new], prune=False, **SAID)
    if n == 20:
        kept = await matching.rulesets.propose(LATER, "koordination", "to try")
        await matching.rulesets.activate(kept.version, "koordination")
        await matching.rulesets.watch()
    await matching.places.watch()
    matching.clock.forward(seconds=1)
    await matching.offering.drain()


async def _assigned(matching, n):
    for receiver in ("three", "four", "west"):
        try:
            await matching.offering.assign(ref(n), receiver, None)
        except (NotReachable, NotAssignable):
            continue
