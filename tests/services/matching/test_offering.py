"""Offers under limits, on a real MongoDB: what is interrupted, repeated or overtaken."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from services.matching import offering as module
from services.matching.directory import Absence
from services.matching.loads import Load
from services.matching.offering import Offering
from services.matching.places import Places
from services.matching.receivers import Receivers
from services.matching.referral import Refusal, accepted, declined
from services.matching.roster import day_of
from services.matching.ruleset_file import packaged_text
from services.matching.worktime import respond_by
from shared import mongo
from shared.events import EnquiryWithdrawn, ReferralTriaged
from tests.services.matching.builders import AT, OST, an_advisor, an_enquiry
from tests.services.matching.conftest import SAID

ABSENT = Refusal("absent")
ONLY = replace(an_advisor("only"), most_open=1)
NEXT = an_advisor("next", language="en")
ELSEWHERE = replace(an_advisor("elsewhere", chamber="Handwerkskammer Ulm"), most_open=1)
IN_ULM = {"business": {"name": "Tischlerei Au", "trade": "Tischler", "postal_code": "89073", "place": "Ulm"}}


def ref(n):
    return f"WW-0000-0000-{n:04}"


async def hear(matching, n, **changes):
    await matching.hear(an_enquiry(ref(n), received_at=AT.replace(minute=n), **changes))
    return await matching.referrals.of(ref(n))


async def works(matching, *receivers):
    await matching.receivers.keep(receivers, prune=True, **SAID)


async def decline(matching, n, round_=1, who="only"):
    over = lambda it: declined(it, round_, who, ABSENT, at=matching.clock.now())  # noqa: E731
    return await matching.offering.after(ref(n), over)


async def withdraw(matching, n):
    await matching.hear(EnquiryWithdrawn(reference=ref(n), withdrawn_at=matching.clock.now()), n=2)


async def states(matching, *numbers):
    return [(await matching.referrals.of(ref(n))).state for n in numbers]


def another(matching):
    """Another process with its own view."""
    places = Places(matching.service.aggregates("places", Load), matching.clock, looks_every_s=0)
    receivers = Receivers(*map(matching.service.collection, ("receivers", "directories")), matching.clock)
    return Offering(matching.referrals, receivers, matching.rulesets, places, matching.clock)


async def held(matching, who="only"):
    document = await matching.service.collection("places").find_one({"_id": who})
    return len(document["places"])


async def test_freed_places_go_to_the_oldest_waiting_case_first(matching):
    await works(matching, ONLY)
    for n in (1, 3, 2):
        await hear(matching, n)
    assert await states(matching, 1, 2, 3) == ["offered", "triage", "triage"]
    await withdraw(matching, 1)
    await matching.offering.drain()
    assert await states(matching, 1, 2, 3) == ["closed", "offered", "triage"]


async def test_who_waits_comes_before_who_comes_now(matching):
    await works(matching, ONLY)
    for n in (1, 2):
        await hear(matching, n)
    await withdraw(matching, 1)
    await hear(matching, 3)
    assert await states(matching, 2, 3) == ["offered", "triage"]


async def test_those_behind_a_long_line_do_not_starve(matching, monkeypatch):
    monkeypatch.setattr(module, "_IN_LINE", 2)
    await works(matching, ONLY, ELSEWHERE)
    for n in range(6):
        await hear(matching, n)
    await hear(matching, 6, **IN_ULM)
    await hear(matching, 7, **IN_ULM)
    await withdraw(matching, 6)
    await matching.offering.drain()
    assert await states(matching, 5, 7) == ["triage", "offered"]


@pytest.mark.parametrize("change", ["limit", "newcomer", "validity"])
async def test_a_directory_that_changes_or_a_day_that_comes_wakes_the_line(matching, change):
    tomorrow = day_of(matching.clock.now()).replace(day=24)
    await works(matching, ONLY, replace(an_advisor("begins"), valid_from=tomorrow))
    for n in (1, 2):
        await hear(matching, n)
    await matching.offering.drain()
    if change == "limit":
        await matching.receivers.keep([replace(ONLY, most_open=2)], prune=False, **SAID)
    elif change == "newcomer":
        await matching.receivers.keep([an_advisor("new")], prune=False, **SAID)
    else:
        matching.clock.forward(days=1)
    await matching.offering.drain()
    assert await states(matching, 2) == ["offered"]


async def test_a_case_that_joins_the_line_after_its_place_was_freed_is_not_forgotten(matching):
    await works(matching, ONLY)
    for n in (1, 2):
        await hear(matching, n)
    create = matching.referrals.open

    async def slow(referral, **answers):
        """What was free by now went to nobody: the line was looked at, and this case was not in it yet."""
        await withdraw(matching, 1)
        await withdraw(matching, 2)
        await matching.offering.drain()
        return await create(referral, **answers)

    matching.referrals.open = slow
    await hear(matching, 3)
    await matching.offering.drain()
    assert await states(matching, 3) == ["offered"]


async def test_a_lowered_limit_takes_nothing_away_and_adds_nothing(matching):
    await works(matching, replace(ONLY, most_open=3))
    for n in (1, 2):
        await hear(matching, n)
    await works(matching, ONLY)
    await hear(matching, 3)
    await withdraw(matching, 1)
    await matching.offering.drain()
    assert await states(matching, 2, 3) == ["offered", "triage"]
    await withdraw(matching, 2)
    await matching.offering.drain()
    assert await states(matching, 3) == ["offered"]


async def test_a_deputy_without_room_is_waited_for(matching):
    today = day_of(matching.clock.now())
    away = replace(an_advisor("away"), absences=(Absence(today, today, "deputy"),))
    await works(matching, away, replace(ELSEWHERE, id="deputy"))
    first, second = await hear(matching, 1), await hear(matching, 2)
    assert (first.current.receiver.id, second.reason) == ("deputy", "nobody_free")
    await withdraw(matching, 1)
    await matching.offering.drain()
    assert await states(matching, 2) == ["offered"]


async def test_a_decline_that_two_processes_hear_at_once_is_told_once(matching):
    await works(matching, ONLY)
    await hear(matching, 1)
    other = another(matching)
    over = lambda it: declined(it, 1, "only", ABSENT, at=matching.clock.now())  # noqa: E731
    await asyncio.gather(matching.offering.after(ref(1), over), other.after(ref(1), over))
    assert [type(each) for each in await matching.said(ref(1))].count(ReferralTriaged) == 1
    assert await held(matching) == 0


async def test_an_enquiry_that_two_processes_hear_at_once_takes_one_place(matching):
    await works(matching, replace(ONLY, most_open=9))
    like = await hear(matching, 9)
    other = another(matching)
    for n in range(5):
        question = replace(like.decision.question, reference=ref(n))
        both = (matching.offering, other)
        await asyncio.gather(*(each.begin(question, like.enquiry, answers=None) for each in both))
    assert await held(matching) == 6


async def test_who_wakes_up_after_the_sweep_makes_no_offer_with_the_swept_place(matching):
    await works(matching, ONLY, replace(ELSEWHERE, id="other"))
    await hear(matching, 1)
    await hear(matching, 2)
    take, awake = matching.places.take, asyncio.Event()

    async def asleep(wish):
        await take(wish)
        if not awake.is_set():
            await awake.wait()

    matching.places.take = asleep
    zombie = asyncio.create_task(matching.offering.assign(ref(2), "other", None))
    while not matching.places.loads.get("other", Load()).places:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    matching.clock.forward(minutes=3)
    sweeper = another(matching)
    await sweeper.snapshot()
    await sweeper.sweep()
    assert await held(matching, "other") == 0
    awake.set()
    offered = await zombie
    assert len(offered.void) == 1
    assert offered.current.place not in offered.void
    assert await held(matching, "other") == 1


@pytest.mark.parametrize("again", [1, 3])
async def test_a_place_is_given_back_once_whatever_is_repeated(matching, again):
    await works(matching, replace(ONLY, most_open=2, most_a_week=9))
    await hear(matching, 1)
    await hear(matching, 2)
    for _ in range(again):
        await decline(matching, 1)
        await withdraw(matching, 1)
    assert await held(matching) == 1
    assert matching.places.loads["only"].in_week == 1


async def test_a_withdrawn_case_that_was_accepted_frees_its_place_and_counts_for_the_week(matching):
    await works(matching, replace(ONLY, most_a_week=9))
    await hear(matching, 1)
    await matching.referrals.change(ref(1), lambda it: accepted(it, 1, "only", at=matching.clock.now()))
    await withdraw(matching, 1)
    load = matching.places.loads["only"]
    assert (load.places, load.in_week) == ((), 1)


async def test_a_case_withdrawn_while_it_gets_a_place_gives_it_back(matching):
    await works(matching, ONLY)
    for n in (1, 2, 3):
        await hear(matching, n)
    await withdraw(matching, 1)
    take = matching.places.take

    async def slow(wish):
        await take(wish)
        if wish.token.startswith(ref(2)):
            await withdraw(matching, 2)

    matching.places.take = slow
    await matching.offering.drain()
    assert await states(matching, 2, 3) == ["closed", "offered"]
    assert await held(matching) == 1


@pytest.mark.parametrize("cut_off", [mongo.Unavailable("away"), asyncio.CancelledError()])
async def test_whoever_is_cut_off_with_a_place_leaves_it_to_the_sweep(matching, cut_off):
    await works(matching, ONLY)
    opening = matching.referrals.open

    async def cut(*_, **__):
        raise cut_off

    referral = await hear(matching, 1)
    await withdraw(matching, 1)
    matching.referrals.open = cut
    question = replace(referral.decision.question, reference=ref(2))
    with pytest.raises(type(cut_off)):
        await matching.offering.begin(question, referral.enquiry, answers=None)
    matching.referrals.open = opening
    assert (await hear(matching, 2)).waits
    matching.clock.forward(minutes=3)
    await matching.offering.sweep()
    await matching.offering.drain()
    assert await states(matching, 2) == ["offered"]


async def test_the_newcomer_a_person_chose_once_is_not_flooded(matching):
    await works(matching, an_advisor("old"))
    for n in range(20):
        await hear(matching, n)
    await works(matching, an_advisor("old"), an_advisor("new"))
    await matching.hear(an_enquiry(ref(30), business=IN_ULM["business"] | {"postal_code": "00000"}))
    await matching.offering.assign(ref(30), "new", None)
    went = [(await hear(matching, n)).current.receiver.id for n in range(31, 51)]
    assert went.count("new") <= 13


async def test_the_rules_say_in_how_many_working_days_an_offer_is_to_be_answered(matching):
    await works(matching, ONLY)
    longer = await matching.rulesets.propose(
        packaged_text().replace("answer: 2", "answer: 4"), "koordination", "Ferien"
    )
    await matching.rulesets.activate(longer.version, "koordination")
    await matching.rulesets.watch()
    case = await hear(matching, 1)
    assert case.current.respond_by == respond_by(case.current.at, ONLY, 4) > respond_by(case.current.at, ONLY, 2)


@pytest.mark.parametrize(
    "gone",
    [
        replace(ONLY, active=False),
        replace(ONLY, valid_until=day_of(AT) - timedelta(days=1)),
        replace(ONLY, absences=(Absence(day_of(AT), day_of(AT)),)),
    ],
)
async def test_who_is_not_there_any_more_is_not_waited_for(matching, gone):
    await works(matching, ONLY, NEXT)
    await hear(matching, 1)
    await matching.offering.take_from_the_absent()
    first = (await matching.referrals.of(ref(1))).current.receiver.id
    assert first == "only"
    await works(matching, gone, NEXT)
    await matching.offering.take_from_the_absent()
    case = await matching.referrals.of(ref(1))
    assert (case.offers[0].state, case.offers[0].reason) == ("void", "not_there")
    assert (case.state, case.current.receiver.id) == ("offered", "next")
    assert await held(matching) == 0


async def test_who_has_accepted_and_goes_away_keeps_the_case(matching):
    await works(matching, ONLY)
    await hear(matching, 1)
    take = lambda it: accepted(it, 1, "only", at=matching.clock.now())  # noqa: E731
    await matching.referrals.change(ref(1), take)
    await works(matching, replace(ONLY, active=False))
    await matching.offering.take_from_the_absent()
    assert await states(matching, 1) == ["accepted"]


async def test_a_case_that_nobody_else_can_have_goes_to_a_person(matching):
    await works(matching, ONLY)
    await hear(matching, 1)
    await works(matching, replace(ONLY, active=False))
    await matching.offering.take_from_the_absent()
    case = await matching.referrals.of(ref(1))
    assert (case.state, case.reason) == ("triage", "nobody_left")


FREE = replace(ONLY, most_open=None)


async def test_a_limit_counts_what_a_receiver_had_before_it_was_stated(matching):
    await works(matching, FREE)
    for n in range(3):
        await hear(matching, n)
    await matching.referrals.change(ref(2), lambda it: accepted(it, 1, "only", at=matching.clock.now()))
    await works(matching, replace(FREE, most_open=2, most_a_week=4))
    case = await hear(matching, 3)
    assert case.waits
    assert (await held(matching), (await load_of(matching))["in_week"]) == (3, 3)
    await decline(matching, 0)
    assert await held(matching) == 2
    await withdraw(matching, 2)
    await matching.offering.drain()
    assert await states(matching, 1, 3) == ["offered", "offered"]
    assert await held(matching) == 2


async def test_a_showcase_that_states_a_limit_has_its_cases_counted_each_time(matching):
    await works(matching, OST)
    await hear(matching, 0, topics=("geschaeftsmodell",))
    await works(matching, replace(OST, most_open=2))
    await hear(matching, 1, topics=("geschaeftsmodell",))
    assert await held(matching, "ost") == 2
    await works(matching, OST)
    await hear(matching, 2, topics=("geschaeftsmodell",))
    await works(matching, replace(OST, most_open=3))
    assert (await hear(matching, 3, topics=("geschaeftsmodell",))).waits
    assert await held(matching, "ost") == 3


async def test_what_is_counted_later_is_not_swept_while_it_is_needed(matching):
    await works(matching, FREE)
    await hear(matching, 0)
    await works(matching, replace(FREE, most_open=2))
    await hear(matching, 1)
    matching.clock.forward(minutes=5)
    await matching.offering.sweep()
    assert await held(matching) == 2


async def load_of(matching, who="only"):
    return await matching.service.collection("places").find_one({"_id": who})
