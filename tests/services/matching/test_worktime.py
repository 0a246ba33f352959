from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.directory import Receiver
from services.matching.regions import SHOWCASE_OF
from services.matching.worktime import is_working_day, respond_by, workplace_of
from shared.times import BERLIN


def berlin(time: str) -> datetime:
    return datetime.fromisoformat(time).replace(tzinfo=BERLIN)


def a_receiver(chambers: tuple[str, ...] = (), lead: str | None = None) -> Receiver:
    return Receiver("a", "showcase" if lead else "advisor", "A", "A", "a@example.org", "", "de", chambers, lead, ())


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
    assert respond_by(berlin(sent), land) == berlin(due)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(BERLIN)),  # noqa: DTZ001 - hypothesis adds the zone
    st.sampled_from([None, *SHOWCASE_OF]),
)
def test_a_deadline_is_on_a_working_day_at_least_two_days_and_at_most_two_weeks_later(sent, land):
    due = respond_by(sent, land)
    assert is_working_day(due.astimezone(BERLIN).date(), land)
    assert 2 <= (due.astimezone(BERLIN).date() - sent.date()).days <= 14


@pytest.mark.parametrize(
    ("receiver", "land"),
    [
        (a_receiver(chambers=("Handwerkskammer Trier", "Handwerkskammer Cottbus")), "Rheinland-Pfalz"),
        (a_receiver(lead="nord"), "Niedersachsen"),
        (a_receiver(lead="sued"), "Bayern"),
        (a_receiver(), None),
        (a_receiver(chambers=("Handwerkskammer Atlantis",)), None),
    ],
)
def test_a_receiver_keeps_the_holidays_of_where_it_works(receiver, land):
    assert workplace_of(receiver) == land
