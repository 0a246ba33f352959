"""Counting in MongoDB gives what one counts by hand."""

import asyncio
import random
from collections import Counter
from datetime import date, timedelta

import pytest

from services.matching.gap_counts import GapCounts
from services.matching.gaps import Count, Period
from services.matching.referral import Refusal
from shared import mongo
from shared.mongo import aggregated
from tests.services.matching.builders import AT, EVERYBODY, NOBODY, a_referral, an_enquiry, declining

TODAY = Period(date(2026, 11, 23), date(2026, 11, 23))
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture
def counts(matching):
    return GapCounts(matching.documents, matching.clock)


async def test_what_is_counted(matching, counts):
    await matching.hear(an_enquiry("WW-0000-0000-0001"))
    await matching.referrals.open(a_referral(NOBODY, reference="WW-0000-0000-0002"))
    await matching.referrals.open(a_referral(reference="WW-0000-0000-0003", topics=("e_rechnung", "bim")))
    busy = Refusal("no_capacity")
    await matching.referrals.change("WW-0000-0000-0003", lambda it: declining(it, 1, "advisor", busy, EVERYBODY))
    found = await counts.of(TODAY)
    here = "Handwerkskammer Dresden"
    e_rechnung, bim = Count("e_rechnung", here, 3, 1, 1), Count("bim", here, 1, 0, 1)
    assert {*found} == {e_rechnung, bim}


def by_hand(documents, period):
    """The same count in Python."""
    enquiries, unmatched, refused = Counter(), Counter(), Counter()
    for document in documents:
        if not period.first <= document["day"] <= period.last:
            continue
        decision = document["decision"]
        question = decision["question"]
        nobody = any(
            each["kind"] == "triaged" and each["reason"] in ("nobody_left", "nobody_free")
            for each in document["history"]
        )
        busy = any(each["state"] == "declined" and each["reason"] == "no_capacity" for each in document["offers"])
        full = any({"full", "week_full"} & each["excluded_for"].keys() for each in (decision, *document["earlier"]))
        for topic in decision["decisive"] or [each["id"] for each in question["about"]["topics"]]:
            where = topic, question["region"]["chamber"]
            enquiries[where] += 1
            unmatched[where] += nobody
            refused[where] += busy or full
    return {Count(*where, enquiries[where], unmatched[where], refused[where]) for where in enquiries}


def made_up(draw, n):
    """A referral's document, as far as it matters here."""

    def some(of):
        return draw.sample(of, draw.randint(0, len(of)))

    def excluded():
        return {"excluded_for": dict.fromkeys(some(["absent", "full", "week_full"]), 1)}

    at = AT + timedelta(days=draw.randint(-30, 30))
    region = {"chamber": draw.choice(["Handwerkskammer Ulm", "Handwerkskammer Trier", None])}
    topics = [{"id": topic} for topic in draw.sample(["bim", "cnc_cam", "e_rechnung"], draw.randint(1, 3))]
    return {
        "_id": f"made up {n}",
        "created_at": at,
        "version": 1,
        "guard": 1,
        "day": at.date(),
        "enquiry": {"received_at": at},
        "decision": {
            "question": {"region": region, "about": {"topics": topics}},
            "decisive": some(["bim", "kasse_gobd"]),
            **excluded(),
        },
        "earlier": [excluded() for _ in range(draw.randint(0, 2))],
        "history": [
            {"kind": kind, "reason": reason}
            for kind in some(["offered", "triaged"])
            for reason in some(["nobody_left", "nobody_free", "unclear", None])
        ],
        "offers": [
            {"state": state, "reason": reason}
            for state in some(["declined", "expired"])
            for reason in some(["no_capacity", "absent"])
        ],
    }


async def test_the_count_is_the_one_made_by_hand(matching, counts):
    draw = random.Random(7)
    documents = [made_up(draw, n) for n in range(600)]
    stored = [{name: value for name, value in document.items() if name != "day"} for document in documents]
    await mongo.answered(matching.documents.insert_many(stored))
    for period in (TODAY, YEAR, Period(date(2026, 11, 1), date(2026, 11, 10))):
        assert {*await counts.of(period)} == by_hand(documents, period)


async def test_days_are_german_days(matching, counts):
    night = AT.replace(day=22, hour=23, minute=30)
    await matching.hear(an_enquiry(received_at=night))
    assert await counts.of(TODAY)
    assert not await counts.of(Period(date(2026, 11, 22), date(2026, 11, 22)))


async def test_a_count_is_kept_for_a_minute(matching, counts):
    assert await counts.of(TODAY) == ()
    await matching.hear(an_enquiry())
    assert await counts.of(TODAY) == ()
    matching.clock.forward(seconds=61)
    assert len(await counts.of(TODAY)) == 1


async def test_one_is_counted_at_a_time(matching, counts, monkeypatch):
    running, most = 0, 0

    async def counted(*asked):
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1
        return await aggregated(*asked)

    monkeypatch.setattr(mongo, "aggregated", counted)
    await asyncio.gather(*(counts.of(period) for period in (TODAY, YEAR, TODAY)))
    assert most == 1


async def test_a_count_that_takes_too_long_is_stopped(matching):
    hurried = GapCounts(matching.documents, matching.clock, within_s=0.000_001)
    with pytest.raises(mongo.Unavailable):
        await hurried.of(YEAR)


async def test_the_referrals_of_a_period_are_found_by_an_index(matching):
    asked = {"enquiry.received_at": {"$gte": AT, "$lt": AT + timedelta(days=1)}}
    plan = await mongo.answered(matching.documents.find(asked).explain())
    assert "IXSCAN" in str(plan["queryPlanner"]["winningPlan"])
