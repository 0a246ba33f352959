"""Time: one clock for programs, and the words in which people are told."""

from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
_WEEKDAYS = {
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


class Clock(Protocol):
    """Whatever says what time it is."""

    def now(self) -> datetime:
        """The time now, aware, in UTC, in whole milliseconds (what MongoDB keeps)."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The time now, aware, in UTC, in whole milliseconds (what MongoDB keeps)."""
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)


def for_people(at: datetime, language: str) -> str:
    """``Montag, 23.11.2026, 14:05 Uhr`` or ``Monday, 23 Nov 2026, 14:05``, in German local time."""
    local = at.astimezone(BERLIN)
    weekday = _WEEKDAYS[language][local.weekday()]
    if language == "de":
        return f"{weekday}, {local:%d.%m.%Y, %H:%M} Uhr"
    return f"{weekday}, {local.day} {local:%b %Y, %H:%M} (German time)"
