"""Deadlines in working time: a receiver's days off and its federal state's public holidays do not count."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache

import holidays

from services.matching.directory import Hours, Receiver
from services.matching.regions import chamber_of, land_of
from shared.times import BERLIN

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

_EVERY_HOUR = (Hours().begin, Hours().end)


def respond_by(sent: datetime, receiver: Receiver, working_days: int) -> datetime:
    """Until when an offer has to be answered, in UTC: so many days later at the same German local time of day.

    Working days are the receiver's own, without its state's public holidays. What is sent outside its hours counts as
    sent when they begin next; where it states no hours, what is sent on a day off counts as sent on the next working
    day at that time. Absences do not matter: who is absent is not asked. ``sent`` must be aware.
    """
    local = sent.astimezone(BERLIN)
    day, time_of_day = _counts_as_sent(local.date(), local.time(), receiver.hours, workplace_of(receiver))
    due = _working_days_after(day, working_days, receiver.hours.days, workplace_of(receiver))
    return datetime.combine(due, time_of_day, tzinfo=BERLIN).astimezone(UTC)


def is_working_day(day: date, receiver: Receiver) -> bool:
    """One of the receiver's days of the week, and no public holiday where it works."""
    return _works(day, receiver.hours.days, workplace_of(receiver))


def workplace_of(receiver: Receiver) -> str | None:
    """The federal state whose holidays a receiver keeps, by its German name; None where it cannot be told.

    Its first chamber's, or district's, or the first state it works in; a showcase's seat.
    """
    if receiver.chambers:
        return land_of(receiver.chambers[0])
    if receiver.districts:
        return land_of(chamber_of(receiver.districts[0]) or "")
    return next(iter(receiver.states), None) or _SEATS.get(receiver.lead or "")


def _counts_as_sent(day: date, time_of_day: time, hours: Hours, land: str | None) -> tuple[date, time]:
    at_work = _works(day, hours.days, land)
    if at_work and time_of_day < hours.begin:
        return day, hours.begin
    if at_work and time_of_day <= hours.end:
        return day, time_of_day
    begin = time_of_day if (hours.begin, hours.end) == _EVERY_HOUR else hours.begin
    return _next_working_day(day, hours.days, land), begin


@lru_cache(maxsize=1024)
def _working_days_after(day: date, number: int, days: tuple[int, ...], land: str | None) -> date:
    for _ in range(number):
        day = _next_working_day(day, days, land)
    return day


def _next_working_day(day: date, days: tuple[int, ...], land: str | None) -> date:
    day += timedelta(days=1)
    while not _works(day, days, land):
        day += timedelta(days=1)
    return day


def _works(day: date, days: tuple[int, ...], land: str | None) -> bool:
    return day.weekday() in days and day not in _holidays(land)


@cache
def _holidays(land: str | None) -> holidays.HolidayBase:
    """The public holidays of a state; its years fill in as they are asked for."""
    return holidays.country_holidays("DE", subdiv=_CODES[land] if land else None)
