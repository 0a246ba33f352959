"""Who can be offered a case, and in which order: against a plain reading of all receivers, one after the other."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching import candidates
from services.matching.candidates import MOST_TOLD, Case, Order, in_order
from services.matching.decide import Question, decide
from services.matching.directory import Absence, Receiver
from services.matching.loads import Load, Place, week_of
from services.matching.nearby import REACH_KM, chambers_near
from services.matching.regions import land_of, resolve
from services.matching.ruleset_file import packaged
from services.matching.snapshot import Snapshot
from services.matching.topics import Guess, Understanding
from tests.services.matching.builders import AT, DRESDEN, an_advisor

RULES = packaged()
TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)
LEIPZIG, CHEMNITZ = "Handwerkskammer zu Leipzig", "Handwerkskammer Chemnitz"
REGION = resolve("01067")
CASE = Case("WW-1", REGION, ("e_rechnung",), "de", AT)
POOLS = RULES.pools.led_by_chambers


def ordered(*receivers: Receiver, case: Case = CASE, loads: dict[str, Load] | None = None) -> Order:
    return in_order(case, POOLS, RULES, known(receivers, loads or {}))


def known(receivers, loads: dict[str, Load]) -> Snapshot:
    snapshot = Snapshot(receivers)
    for id_, load in loads.items():
        snapshot.roster.put(snapshot.row[id_], load)
    return snapshot


def away(id_: str, deputy: str | None = None, first: date = TODAY, last: date = TODAY) -> Receiver:
    return replace(an_advisor(id_), absences=(Absence(first, last, deputy),))


def busy(places: int = 0, in_week: int = 0, served: float = 0.0, at: datetime = AT) -> Load:
    return Load(tuple(Place(f"WW-{n}/1/x", at) for n in range(places)), week_of(at), in_week, served, at)


def why(order: Order) -> dict[str, str]:
    return {each.receiver: each.reason for each in order.excluded}


def ids(order: Order) -> list[str]:
    return [each.receiver for each in order.candidates]


A = an_advisor("a")


@pytest.mark.parametrize(
    ("receiver", "load", "reason"),
    [
        (replace(A, active=False), Load(), "inactive"),
        (replace(A, valid_from=TODAY + DAY), Load(), "not_valid"),
        (replace(A, valid_until=TODAY - DAY), Load(), "not_valid"),
        (replace(A, topics=("bim",)), Load(), "other_topics"),
        (replace(A, languages=("en",)), Load(), "language"),
        (away("a"), Load(), "absent"),
        (away("a", "a"), Load(), "absent"),
        (away("a", "nobody"), Load(), "absent"),
        (replace(A, most_open=2), busy(2), "full"),
        (replace(A, most_open=1), busy(2), "full"),
        (replace(A, most_a_week=2), busy(0, 2), "week_full"),
    ],
)
def test_who_cannot_be_asked_is_told_why(receiver, load, reason):
    order = ordered(receiver, loads={"a": load})
    assert (ids(order), why(order)) == ([], {"a": reason})


@pytest.mark.parametrize(
    "receiver",
    [
        replace(A, valid_from=TODAY, valid_until=TODAY),
        replace(A, languages=("de", "en")),
        away("a", first=TODAY - DAY, last=TODAY - DAY),
        away("a", first=TODAY + DAY, last=TODAY + DAY),
        replace(A, chambers=(), states=("Sachsen",)),
        replace(A, chambers=(), districts=(REGION.ags,)),
        replace(A, chambers=(DRESDEN, LEIPZIG), districts=(REGION.ags,), states=("Sachsen",)),
    ],
)
def test_who_works_here_today_is_asked_once(receiver):
    assert ids(ordered(receiver)) == ["a"]


def test_who_was_asked_is_not_asked_again_not_even_as_a_deputy():
    order = ordered(away("a", "b"), an_advisor("b"), case=replace(CASE, asked=("b",)))
    assert (ids(order), why(order)) == ([], {"a": "absent", "b": "asked"})


def test_the_week_begins_on_monday_in_german_time():
    sunday = datetime(2026, 11, 22, 22, 59, tzinfo=UTC)
    full, receiver = {"a": busy(0, 2, at=sunday)}, replace(A, most_a_week=2)
    assert why(ordered(receiver, case=replace(CASE, at=sunday), loads=full)) == {"a": "week_full"}
    assert ids(ordered(receiver, case=replace(CASE, at=sunday + timedelta(minutes=1)), loads=full)) == ["a"]


def test_a_clock_that_is_behind_does_not_begin_last_week_anew():
    sunday = datetime(2026, 11, 22, 22, 59, tzinfo=UTC)
    monday = {"a": busy(0, 2, at=sunday + timedelta(minutes=1))}
    assert why(ordered(replace(A, most_a_week=2), case=replace(CASE, at=sunday), loads=monday)) == {"a": "week_full"}


def test_deputies_of_deputies_do_the_work_and_circles_end():
    d = an_advisor("d", chamber="Handwerkskammer Trier")
    (candidate,) = ordered(away("a", "b"), replace(away("b", "d"), chambers=("Handwerkskammer Trier",)), d).candidates
    assert (candidate.receiver, candidate.deputy_of) == ("d", "a")
    assert why(ordered(away("a", "b"), away("b", "c"), away("c", "b"))) == dict.fromkeys("abc", "absent")


# --- everything at once, against a plain scan -------------------------------------------------------------------------

TOPICS = ("e_rechnung", "dsgvo_datenschutz", "dms_papierlos")
PLACES = (DRESDEN, LEIPZIG, CHEMNITZ, "Handwerkskammer Trier")


@st.composite
def directories(draw):
    """Receivers and what they have to do."""
    size = draw(st.sampled_from([1, 2, 5, 20, 60, 300]))
    chance = draw(st.randoms(use_true_random=False))
    day = lambda: TODAY + chance.randint(-3, 3) * DAY  # noqa: E731
    names = [f"r{n:03}" for n in range(size)]
    receivers, loads = [], {}
    for name in names:
        one = an_advisor(name, chamber=chance.choice(PLACES), language=chance.choice(["de", "en"]))
        absences = [Absence(first := day(), first + chance.randint(0, 3) * DAY, chance.choice([None, *names, "gone"]))]
        receiver = replace(
            one,
            active=chance.random() < 0.9,
            topics=tuple(chance.sample(TOPICS, chance.choice([0, 0, 1, 2]))),
            districts=tuple(chance.sample(["14612", "14713"], chance.choice([0, 0, 1]))),
            states=("Sachsen",) if chance.random() < 0.1 else (),
            languages=chance.choice([(), (), ("de",), ("en",), ("de", "en")]),
            most_open=chance.choice([None, 1, 3]),
            most_a_week=chance.choice([None, None, 2]),
            absences=tuple(absences) if chance.random() < 0.4 else (),
            valid_from=day() if chance.random() < 0.2 else None,
            valid_until=day() if chance.random() < 0.2 else None,
        )
        if chance.random() < 0.1:
            lead = chance.choice(["ost", "nord"])
            receiver = replace(receiver, kind="showcase", lead=lead, chambers=(), topics=(), districts=(), states=())
        receivers.append(receiver)
        if chance.random() < 0.6:
            at = AT + chance.randint(-5, 0) * DAY
            loads[name] = busy(chance.randint(0, 3), chance.randint(0, 2), chance.randint(0, 9) / 10, at)
    topics = tuple(chance.sample(TOPICS, chance.randint(1, 3)))
    case = Case(
        f"WW-{chance.random()}",
        REGION,
        topics,
        chance.choice(["de", "en"]),
        AT,
        asked=tuple(chance.sample(names, min(size, chance.randint(0, 2)))),
    )
    return receivers, loads, case


class Scan:
    """Reads all receivers for one pool, as the docstrings say."""

    def __init__(self, receivers, loads, case) -> None:
        self.all = {receiver.id: receiver for receiver in sorted(receivers, key=lambda each: each.id)}
        self.loads, self.case = loads, case

    def who_acts_for(self, receiver):
        passed = []
        while receiver is not None and any(each.first <= TODAY <= each.last for each in receiver.absences):
            passed.append(receiver.id)
            deputy = next(each.deputy for each in receiver.absences if each.first <= TODAY <= each.last)
            receiver = None if deputy in passed else self.all.get(deputy)
        return receiver if receiver and receiver.active and self.is_valid(receiver) else None

    def is_valid(self, receiver):
        return (receiver.valid_from or TODAY) <= TODAY <= (receiver.valid_until or TODAY)

    def load(self, receiver):
        return self.loads.get(receiver.id, Load())

    def why_no_room(self, receiver):
        load = self.load(receiver)
        if receiver.id in self.case.asked:
            return "asked"
        if receiver.most_open and len(load.places) >= receiver.most_open:
            return "full"
        if receiver.most_a_week and load.week == week_of(AT) and load.in_week >= receiver.most_a_week:
            return "week_full"
        return None

    def why_not(self, receiver, pool):  # noqa: PLR0911 - one for each reason
        chosen = min((each.id for each in self.all.values() if each.lead == "ost" and each.active), default=None)
        takes = not receiver.topics or {*receiver.topics} & {*self.case.topics}
        acting = self.who_acts_for(receiver)
        room = self.why_no_room(acting) if acting else None
        if not receiver.active:
            return "inactive"
        if pool == "state" and receiver.id != chosen:
            return "another_showcase_leads"
        if not self.is_valid(receiver):
            return "not_valid"
        if pool != "state" and not takes:
            return "other_topics"
        if receiver.languages and self.case.language not in receiver.languages:
            return "language"
        if acting is None or (room == "asked" and acting is not receiver):
            return "absent"
        return room

    def works_in(self, receiver, chamber):
        return chamber in receiver.chambers or land_of(chamber) in receiver.states

    def pool(self, pool):
        """Pairs of a receiver and its distance."""
        for receiver in self.all.values():
            if pool == "state" and receiver.lead == "ost":
                yield receiver, 1.0
            elif receiver.kind == "advisor" and pool == "region":
                if self.works_in(receiver, DRESDEN) or REGION.ags in receiver.districts:
                    yield receiver, 1.0
            elif receiver.kind == "advisor" and pool == "neighbours":
                near = [km for name, km in chambers_near(REGION) if self.works_in(receiver, name)]
                yield from ((receiver, max(0.0, 1 - km / REACH_KM)) for km in near)

    def was_away(self, receiver):
        back = [each.last + DAY for each in receiver.absences if each.last < TODAY]
        back += [receiver.valid_from] if receiver.valid_from else []
        last = self.load(receiver).last
        return last is None or (bool(back) and last.date() < max(back))

    def candidates(self, pools):
        found = {}
        for pool in pools:
            pairs = [(each, km) for each, km in self.pool(pool)]
            able = [(each, km, self.who_acts_for(each)) for each, km in pairs if self.why_not(each, pool) is None]
            there = [
                self.who_acts_for(each)
                for each, _ in pairs
                if self.why_not(each, pool) in {"other_topics", "language", "asked", "full", "week_full"}
            ]
            settled = [self.load(who).served for _, _, who in able if not self.was_away(who)]
            settled = settled or [self.load(who).served for who in there if who and not self.was_away(who)]
            least = min(settled, default=0.0)
            share = {
                who.id: max(self.load(who).served, least) if self.was_away(who) else self.load(who).served
                for _, _, who in able
            }
            told = []
            for each, km, who in able:
                fit = len({*each.topics} & {*self.case.topics}) / len(self.case.topics) if pool != "state" else 1.0
                free = 1 - len(self.load(who).places) / who.most_open if who.most_open else 1.0
                speaks = self.case.language in (who.language, *who.languages)
                ahead = share[who.id] - min(share.values())
                weights = RULES.weights
                total = weights.topic_fit * fit + weights.distance * km + weights.free_capacity * free
                total += weights.language * speaks - weights.fairness * ahead
                told.append((round(total, 6), who.id))
            best = {}
            for total, id_ in told:
                best[id_] = max(total, best.get(id_, total))
            for id_ in sorted(best, key=lambda each: -best[each]):
                found.setdefault(id_, best[id_])
            if len(found) >= MOST_TOLD:
                break
        return found


@settings(max_examples=150, deadline=None)
@given(directories())
def test_the_order_is_what_a_plain_reading_of_all_receivers_gives(told):
    receivers, loads, case = told
    order = in_order(case, POOLS, RULES, known(receivers, loads))
    scan = Scan(receivers, loads, case)
    expected = scan.candidates(POOLS)
    assert [each.score.total for each in order.candidates] == pytest.approx([*expected.values()][:MOST_TOLD], abs=2e-6)
    assert {each.receiver for each in order.candidates} <= {*expected}
    for each in order.candidates:
        assert expected[each.receiver] == pytest.approx(each.score.total, abs=2e-6)
    assert len(order.candidates) + order.more == len(expected)
    for each in order.excluded:
        assert each.reason in {scan.why_not(scan.all[each.receiver], pool) for pool in POOLS}


@settings(max_examples=60, deadline=None)
@given(directories())
def test_a_decision_taken_again_with_what_it_saw_is_equal(told):
    receivers, loads, case = told
    guesses = tuple(Guess(topic, 1.0) for topic in case.topics)
    about = Understanding(guesses, True, clear=1.0, not_for_us=Guess("press", 0.0), attack=0.0)
    question = Question(case.reference, case.region, about, case.language, case.asked)
    first = decide(question, known(receivers, loads), RULES, AT)
    fresh = Snapshot(receivers)
    fresh.roster.restore(first.seen)
    assert decide(question, fresh, RULES, AT) == first


@settings(max_examples=150, deadline=None)
@given(directories())
def test_it_makes_no_difference_how_many_are_looked_at_side_by_side(told):
    receivers, loads, case = told
    for pools in (POOLS, ("second_leads", "region", "lead", "state")):
        with looking_one_by_one_at(sys.maxsize):
            one_by_one = in_order(case, pools, RULES, known(receivers, loads))
        for most in (0, 5):
            with looking_one_by_one_at(most):
                side_by_side = known(receivers, loads)
                assert in_order(case, pools, RULES, side_by_side) == one_by_one
                side_by_side.roster.restore(one_by_one.seen)
                assert in_order(case, pools, RULES, side_by_side) == one_by_one


@settings(max_examples=30, deadline=None)
@given(directories())
def test_what_is_known_of_a_day_is_worked_out_anew_on_the_next(told):
    receivers, loads, case = told
    days = [replace(case, at=AT + n * DAY) for n in (0, 1, -2, 8)]
    with looking_one_by_one_at(0):
        same = known(receivers, loads)
        for day in days:
            assert in_order(day, POOLS, RULES, same) == in_order(day, POOLS, RULES, known(receivers, loads))
    one_by_one = [in_order(day, POOLS, RULES, same) for day in days]
    with looking_one_by_one_at(0):
        assert [in_order(day, POOLS, RULES, same) for day in days] == one_by_one


@contextmanager
def looking_one_by_one_at(most: int) -> Iterator[None]:
    """So many of a pool are looked at one by one, more of them side by side."""
    usual, candidates._FEW = candidates._FEW, most
    try:
        yield
    finally:
        candidates._FEW = usual


def test_many_equal_receivers_are_told_by_lot_and_the_rest_counted():
    order = ordered(*(an_advisor(f"r{n:03}") for n in range(300)))
    assert (len(order.candidates), order.more) == (MOST_TOLD, 290)
