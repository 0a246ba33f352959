"""Deadlines in working time: weekends and a federal state's public holidays do not count."""

from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache

import holidays

from services.matching.directory import Receiver
from services.matching.regions import land_of
from shared.times import BERLIN

WORKING_DAYS = 2
"""How many working days a receiver has to answer an offer. The project's own choice: no source names a figure."""

_CODES = {
    "Baden-Württemberg": "BW",
    "Bayern": "BY",
    "Berlin": "BE",
    "Brandenburg": "BB",
    "Bremen": "HB",
    "Hamburg": "HH",
    "Hessen": "HE",
    "Mecklenburg-Vorpommern": "MV",
    "Niedersachsen": "NI",
    "Nordrhein-Westfalen": "NW",
    "Rheinland-Pfalz": "RP",
    "Saarland": "SL",
    "Sachsen": "SN",
    "Sachsen-Anhalt": "ST",
    "Schleswig-Holstein": "SH",
    "Thüringen": "TH",
}

_SEATS = {"nord": "Niedersachsen", "ost": "Sachsen", "sued": "Bayern", "west": "Rheinland-Pfalz"}
"""The states of the showcases' seats: Oldenburg, Dresden, Bayreuth, Koblenz."""

_SATURDAY = 5


def respond_by(sent: datetime, land: str | None) -> datetime:
    """Until when an offer has to be answered, in UTC: two working days later at the same German local time of day.

    What is sent on a day off counts as sent on the next working day at that time. ``land`` is the federal state's
    German name; where it is None, only the holidays of all of Germany count. ``sent`` must be aware.
    """
    local = sent.astimezone(BERLIN)
    day = _working_days_after(local.date(), land)
    return datetime.combine(day, local.time(), tzinfo=BERLIN).astimezone(UTC)


def is_working_day(day: date, land: str | None) -> bool:
    """Monday to Friday, and no public holiday in the state."""
    return day.weekday() < _SATURDAY and day not in _holidays(land)


def workplace_of(receiver: Receiver) -> str | None:
    """The federal state whose holidays a receiver keeps: its first chamber's, or its showcase's seat; else None."""
    if receiver.chambers:
        return land_of(receiver.chambers[0])
    return _SEATS.get(receiver.lead or "")


@lru_cache(maxsize=1024)
def _working_days_after(day: date, land: str | None) -> date:
    if not is_working_day(day, land):
        day = _next_working_day(day, land)
    for _ in range(WORKING_DAYS):
        day = _next_working_day(day, land)
    return day


def _next_working_day(day: date, land: str | None) -> date:
    day += timedelta(days=1)
    while not is_working_day(day, land):
        day += timedelta(days=1)
    return day


@cache
def _holidays(land: str | None) -> holidays.HolidayBase:
    """The public holidays of a state; its years fill in as they are asked for."""
    return holidays.country_holidays("DE", subdiv=_CODES[land] if land else None)
