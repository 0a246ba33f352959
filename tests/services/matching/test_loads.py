"""Places and shares: limits hold for every load, and nobody gets farther ahead than the rules allow."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.candidates import Case, in_order
from services.matching.directory import Absence
from services.matching.loads import Load, NoPlace, Wish, capacity_of, given_back, has_room, taken, week_of
from services.matching.regions import resolve
from services.matching.roster import day_of
from services.matching.ruleset_file import packaged
from services.matching.snapshot import Snapshot
from tests.services.matching.builders import AT, an_advisor

RULES = packaged()
DAY = timedelta(days=1)
ONE = replace(an_advisor("one"), most_open=2, most_a_week=3)


def wish(token: str, load: Load, receiver=ONE, at: datetime = AT, credited: float | None = 0.0) -> Wish:
    return Wish(receiver, token, at, load.served, load.served if credited == 0.0 else credited)


def test_a_place_is_taken_and_given_back_once_by_its_token():
    load = taken(Load(), wish("a", Load()))
    assert taken(load, wish("a", load)) == load
    back = given_back(load, "a", AT, had_it=False)
    assert (back.places, back.in_week, back.served) == ((), 0, load.served)
    assert given_back(back, "a", AT, had_it=False) == back


def test_who_had_the_case_has_it_counted_for_the_week():
    load = taken(Load(), wish("a", Load()))
    assert given_back(load, "a", AT, had_it=True).in_week == 1


def test_what_was_taken_last_week_is_not_given_back_to_this_one():
    load = taken(Load(), wish("a", Load()))
    load = taken(load, wish("b", load, at=AT + 7 * DAY))
    assert given_back(load, "a", AT + 7 * DAY, had_it=False).in_week == 1


def test_whoever_saw_less_served_gets_no_place():
    load = taken(Load(), wish("a", Load()))
    with pytest.raises(NoPlace):
        taken(load, wish("b", Load()))


def test_two_clocks_around_midnight_give_no_second_week():
    monday = datetime(2026, 11, 22, 23, tzinfo=UTC)
    load, receiver = Load(), replace(ONE, most_open=None)
    for n, at in enumerate([monday, monday - timedelta(seconds=1), monday]):
        load = taken(load, wish(str(n), load, receiver, at))
    assert not has_room(load, receiver, week_of(monday))
    assert not has_room(load, receiver, week_of(monday - timedelta(seconds=1)))


def test_a_person_who_chose_somebody_credits_them_with_nothing_yet():
    load = taken(Load(), wish("a", Load(), credited=None))
    assert (load.served, load.last) == (0.5, None)


steps = st.lists(st.tuples(st.sampled_from(["take", "back", "had"]), st.integers(0, 5), st.integers(0, 9)), max_size=40)


@given(steps)
def test_whatever_is_taken_and_given_back_no_limit_is_exceeded(story):
    load, at = Load(), AT
    for what, token, days in story:
        at += (days == 0) * 3 * DAY
        if what == "take":
            with suppress(NoPlace):
                load = taken(load, wish(str(token), load, at=at))
        else:
            load = given_back(load, str(token), at, had_it=what == "had")
        assert len(load.places) <= 2
        assert 0 <= load.in_week <= 3


# --- fairness ---------------------------------------------------------------------------------------------------------

REGION = resolve("01067")
NAMES = "abcd"


class Process:
    """Decides by its own view of the loads, which may be old."""

    def __init__(self, receivers) -> None:
        self.snapshot, self.loads = Snapshot(receivers), {}

    def look(self, loads) -> None:
        self.loads = dict(loads)
        for id_, load in loads.items():
            self.snapshot.roster.put(self.snapshot.row[id_], load)

    def offer(self, reference: str, loads, at: datetime, topics=("e_rechnung",)):
        """The receiver, with what all who could be asked had served in truth just before; tried until one is found."""
        while True:
            order = in_order(Case(reference, REGION, topics, "de", at), ("region",), RULES, self.snapshot)
            if not order.candidates:
                return None
            first = order.candidates[0]
            receiver = self.snapshot.get(first.receiver)
            truth = loads.get(first.receiver, Load())
            try:
                after = taken(truth, Wish(receiver, reference, at, first.served, first.credited))
            except NoPlace:
                self.look(loads)
                continue
            could = {each.receiver: loads.get(each.receiver, Load()).served for each in order.candidates}
            loads[first.receiver] = after
            self.look({**self.loads, first.receiver: after})
            return first, could


worlds = st.lists(
    st.tuples(st.sampled_from([None, 1, 2, 5]), st.sampled_from([None, 3, 10]), st.sampled_from([(), ("e_rechnung",)])),
    min_size=2,
    max_size=4,
)
happenings = st.lists(
    st.one_of(
        st.tuples(st.just("case"), st.integers(0, 2)),
        st.tuples(st.just("look"), st.integers(0, 2)),
        st.tuples(st.just("back"), st.integers(0, 3)),
        st.tuples(st.just("day"), st.integers(1, 3)),
    ),
    min_size=20,
    max_size=150,
)


@settings(max_examples=120, deadline=None)
@given(worlds, happenings)
def test_whoever_is_offered_a_case_is_ahead_of_no_other_by_more_than_the_bound(world, story):
    receivers = [
        replace(an_advisor(name), most_open=most, most_a_week=week, topics=topics)
        for name, (most, week, topics) in zip(NAMES, world, strict=False)
    ]
    loads = {each.id: Load(last=AT) for each in receivers}
    processes, at = [Process(receivers) for _ in range(3)], AT
    for process in processes:
        process.look(loads)
    for n, (what, which) in enumerate(story):
        if what == "look":
            processes[which].look(loads)
        elif what == "day":
            at += which * DAY
        elif what == "back" and (places := loads[receivers[which % len(receivers)].id].places):
            id_ = receivers[which % len(receivers)].id
            loads[id_] = given_back(loads[id_], places[0].token, at, had_it=True)
        elif what == "case" and (offered := processes[which].offer(str(n), loads, at)):
            first, could = offered
            assert could[first.receiver] - min(could.values()) <= RULES.weights.bound + 1e-6
            capacity = capacity_of(processes[which].snapshot.get(first.receiver))
            assert loads[first.receiver].served - min(could.values()) <= RULES.weights.bound + 1 / capacity + 1e-6


def all_given_back(loads):
    for id_, load in loads.items():
        for place in load.places:
            loads[id_] = given_back(loads[id_], place.token, AT, had_it=True)


@settings(max_examples=60, deadline=None)
@given(
    others=st.sampled_from([(None,), (3,), (None, None), (5, 3)]),
    before=st.integers(10, 60),
    full=st.booleans(),
    narrow=st.booleans(),
)
def test_who_comes_back_is_not_flooded(others, before, full, narrow):
    """Neither when the others have no room on the day, nor when they only take other topics than the first case has."""
    holiday = (Absence(date(2026, 11, 20), day_of(AT)),)
    there = [replace(an_advisor(f"o{n}"), most_open=most) for n, most in enumerate(others)]
    there = [replace(each, topics=("dsgvo_datenschutz",)) for each in there] if narrow else there
    back = replace(an_advisor("back"), absences=holiday)
    process, loads = Process([*there, back]), {}
    for n in range(before):
        process.offer(f"x{n}", loads, AT, ("dsgvo_datenschutz",))
        if not (full and n >= before - 10):
            all_given_back(loads)
        process.look(loads)
    process.offer("first", loads, AT + DAY)
    all_given_back(loads)
    process.look(loads)
    in_a_row = 0
    while (offered := process.offer(f"y{in_a_row}", loads, AT + DAY, ("dsgvo_datenschutz",))) and in_a_row < 50:
        if offered[0].receiver != "back":
            break
        in_a_row += 1
    assert in_a_row <= (RULES.weights.bound + 1) * capacity_of(back)
