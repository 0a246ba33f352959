"""Absences that cannot be, and deputies who could not help."""

from dataclasses import replace
from datetime import date

import pytest

from services.matching.absences import Fault, absence_on, faults
from services.matching.directory import Absence, Receiver
from tests.services.matching.builders import an_advisor


def away(id_: str, *absences: tuple[int, int, str | None], active: bool = True) -> Receiver:
    """Absent on these days of December 2026, each with its deputy."""
    of_december = (Absence(date(2026, 12, first), date(2026, 12, last), deputy) for first, last, deputy in absences)
    return replace(an_advisor(id_, active=active), absences=tuple(of_december))


@pytest.mark.parametrize(
    "receivers",
    [
        pytest.param([away("a", (1, 1, None))], id="one day without a deputy"),
        pytest.param([away("a", (1, 5, "b"), (6, 9, "b")), away("b")], id="one absence after the other"),
        pytest.param([away("a", (1, 5, "b")), away("b", (6, 9, "a"))], id="each other, at different times"),
        pytest.param([away("a", (1, 5, "b")), away("b", (3, 9, None))], id="a deputy who is away without one"),
        pytest.param([away("a", (1, 9, "b")), away("b", (1, 9, "c")), away("c")], id="a deputy of a deputy"),
        pytest.param([away("a", (1, 1, "nobody"), active=False)], id="who left"),
    ],
)
def test_what_can_be_has_no_faults(receivers):
    assert faults(receivers) == []


@pytest.mark.parametrize(
    ("receivers", "what"),
    [
        ([away("a", (5, 1, None))], "backwards"),
        ([away("a", (1, 5, None), (5, 9, None))], "overlap"),
        ([away("a", (1, 5, "a"))], "itself"),
        ([away("a", (1, 5, "b"))], "unknown"),
        ([away("a", (1, 5, "b")), away("b", active=False)], "inactive"),
    ],
)
def test_what_cannot_be_is_named(receivers, what):
    assert [fault.what for fault in faults(receivers)] == [what]


def test_an_absence_that_is_over_may_have_a_deputy_who_left():
    gone = [away("a", (1, 5, "b")), away("b", active=False)]
    assert faults(gone, since=date(2026, 12, 6)) == []
    assert len(faults(gone, since=date(2026, 12, 5))) == 1


def test_a_circle_is_told_once_on_the_first_day_on_which_all_are_absent():
    three = [away("a", (1, 9, "b")), away("b", (3, 12, "c")), away("c", (2, 4, "a"))]
    assert faults(three) == [Fault("b", 0, "circle", ("b", "c", "a"), date(2026, 12, 3))]


def test_a_circle_of_which_all_begin_to_be_absent_on_one_day_is_told_once():
    assert len(faults([away("a", (1, 9, "b")), away("b", (1, 12, "a"))])) == 1


def test_who_only_leads_into_a_circle_is_not_at_fault():
    circle = [away("a", (1, 9, "b")), away("b", (1, 12, "a"))]
    assert [fault.receiver for fault in faults([away("0", (1, 2, "a")), *circle])] == ["a"]


def test_an_absence_covers_its_first_and_its_last_day():
    receiver = away("a", (2, 3, None))
    covered = [day for day in range(1, 6) if absence_on(date(2026, 12, day), receiver)]
    assert covered == [2, 3]
