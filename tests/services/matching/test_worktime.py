from dataclasses import replace
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.directory import Absence, Hours, Receiver
from services.matching.regions import SHOWCASE_OF
from services.matching.worktime import is_working_day, respond_by, workplace_of
from shared.times import BERLIN


def berlin(time: str) -> datetime:
    return datetime.fromisoformat(time).replace(tzinfo=BERLIN)


def a_receiver(chambers: tuple[str, ...] = (), lead: str | None = None) -> Receiver:
    return Receiver("a", "showcase" if lead else "advisor", "A", "A", "a@example.org", "", "de", chambers, lead, ())


ANY_TIME = Hours()


def in_land(land: str | None, hours: Hours = ANY_TIME) -> Receiver:
    """An advisor of a federal state, or of nowhere."""
    return replace(a_receiver(), states=(land,) if land else (), hours=hours)


@pytest.mark.parametrize(
    ("sent", "land", "due"),
    [
        pytest.param("2026-11-23 10:00", "Sachsen", "2026-11-25 10:00", id="Monday"),
        pytest.param("2026-11-20 16:00", "Sachsen", "2026-11-24 16:00", id="Friday, over the weekend"),
        pytest.param("2026-11-21 10:00", "Sachsen", "2026-11-25 10:00", id="Saturday counts as Monday"),
        pytest.param("2026-11-22 23:59", "Sachsen", "2026-11-25 23:59", id="Sunday counts as Monday"),
        pytest.param("2026-11-17 09:00", "Sachsen", "2026-11-20 09:00", id="Buß- und Bettag in Sachsen"),
        pytest.param("2026-11-17 09:00", "Bayern", "2026-11-19 09:00", id="and in no other state"),
        pytest.param("2026-11-17 09:00", None, "2026-11-19 09:00", id="nor where the state is not known"),
        pytest.param("2026-12-24 10:00", "Berlin", "2026-12-29 10:00", id="over Christmas"),
        pytest.param("2027-03-26 10:00", "Berlin", "2027-04-01 10:00", id="Good Friday counts as Tuesday"),
        pytest.param("2026-03-27 10:00", "Berlin", "2026-03-31 10:00", id="same local time in summer time"),
        pytest.param("2026-10-23 10:00", "Berlin", "2026-10-27 10:00", id="and back in winter time"),
    ],
)
def test_an_offer_has_to_be_answered_within_two_working_days(sent, land, due):
    assert respond_by(berlin(sent), in_land(land), 2) == berlin(due)


OFFICE = Hours((0, 1, 2, 3), time(8), time(16, 30))
"""Monday to Thursday."""


@pytest.mark.parametrize(
    ("sent", "due"),
    [
        pytest.param("2026-11-23 10:00", "2026-11-25 10:00", id="within the hours"),
        pytest.param("2026-11-23 06:00", "2026-11-25 08:00", id="before they begin"),
        pytest.param("2026-11-23 16:30", "2026-11-25 16:30", id="when they end"),
        pytest.param("2026-11-23 18:00", "2026-11-26 08:00", id="after they ended, as on the next day"),
        pytest.param("2026-11-25 10:00", "2026-11-30 10:00", id="over the days off"),
        pytest.param("2026-11-26 17:00", "2026-12-02 08:00", id="after the last hour of the week"),
        pytest.param("2026-11-28 10:00", "2026-12-02 08:00", id="on a day off, as when they begin next"),
        pytest.param("2026-11-17 17:00", "2026-11-24 08:00", id="before Buß- und Bettag in Sachsen"),
        pytest.param("2026-10-22 17:00", "2026-10-28 08:00", id="same local time in winter time"),
    ],
)
def test_what_is_sent_outside_a_receivers_hours_counts_as_sent_when_they_begin_next(sent, due):
    assert respond_by(berlin(sent), in_land("Sachsen", OFFICE), 2) == berlin(due)


def test_who_works_at_weekends_answers_at_weekends():
    every_day = Hours(tuple(range(7)))
    assert respond_by(berlin("2026-11-20 10:00"), in_land(None, every_day), 2) == berlin("2026-11-22 10:00")


def test_who_works_one_day_a_week_has_two_of_these_days():
    assert respond_by(berlin("2026-11-26 10:00"), in_land(None, Hours((3,))), 2) == berlin("2026-12-10 10:00")


def test_absences_move_no_deadline():
    away = Absence(date(2026, 11, 1), date(2026, 12, 31))
    receiver = in_land("Sachsen")
    assert respond_by(berlin("2026-11-23 10:00"), replace(receiver, absences=(away,)), 2) == berlin("2026-11-25 10:00")


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(BERLIN)),  # noqa: DTZ001 - hypothesis adds the zone
    st.sampled_from([None, *SHOWCASE_OF]),
    st.sampled_from([Hours(), Hours(begin=time(8), end=time(16, 30)), Hours(begin=time(20))]),
)
def test_a_deadline_is_on_a_working_day_at_least_two_days_and_at_most_two_weeks_later(sent, land, hours):
    receiver = in_land(land, hours)
    due = respond_by(sent, receiver, 2)
    assert is_working_day(due.astimezone(BERLIN).date(), receiver)
    assert hours.begin <= due.astimezone(BERLIN).time() <= hours.end
    assert 2 <= (due.astimezone(BERLIN).date() - sent.date()).days <= 14


@pytest.mark.parametrize(
    ("receiver", "land"),
    [
        (a_receiver(chambers=("Handwerkskammer Trier", "Handwerkskammer Cottbus")), "Rheinland-Pfalz"),
        (a_receiver(lead="nord"), "Niedersachsen"),
        (a_receiver(lead="sued"), "Bayern"),
        (a_receiver(), None),
        (replace(a_receiver(), districts=("14612", "12052")), "Sachsen"),
        (replace(a_receiver(), states=("Bayern", "Hessen")), "Bayern"),
        (replace(a_receiver(lead="nord"), chambers=("Handwerkskammer Trier",)), "Rheinland-Pfalz"),
        (a_receiver(chambers=("Handwerkskammer Atlantis",)), None),
    ],
)
def test_a_receiver_keeps_the_holidays_of_where_it_works(receiver, land):
    assert workplace_of(receiver) == land
