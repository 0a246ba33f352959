from datetime import UTC, datetime

import pytest

from shared.times import SystemClock, for_people


def test_the_clock_tells_what_mongodb_keeps():
    now = SystemClock().now()
    assert (now.tzinfo, now.microsecond % 1000) == (UTC, 0)


@pytest.mark.parametrize(
    ("at", "language", "told"),
    [
        (datetime(2026, 11, 23, 13, 5, tzinfo=UTC), "de", "Montag, 23.11.2026, 14:05 Uhr"),
        (datetime(2026, 7, 1, 22, 30, tzinfo=UTC), "de", "Donnerstag, 02.07.2026, 00:30 Uhr"),
        (datetime(2026, 11, 23, 13, 5, tzinfo=UTC), "en", "Monday, 23 Nov 2026, 14:05 (German time)"),
    ],
)
def test_people_are_told_german_time_with_the_weekday(at, language, told):
    assert for_people(at, language) == told
