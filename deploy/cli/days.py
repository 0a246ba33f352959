"""Days as options of a command: ``--since 2026-09-01``."""

from contextlib import suppress
from datetime import UTC, date, datetime, time

import typer

from shared.times import BERLIN

_FIRST, _LAST = date(1900, 1, 1), date(9000, 1, 1)
"""What can be asked of MongoDB in any time zone."""
_NEVER = datetime.max.replace(tzinfo=UTC)


def day(written: str) -> date:
    """The day that an option names. Raises ``typer.BadParameter``, which says what is expected."""
    with suppress(ValueError):
        read = date.fromisoformat(written)
        if read.isoformat() == written and _FIRST <= read <= _LAST:
            return read
    raise typer.BadParameter(f"'{written}' is no day. Write year-month-day, for example 2026-09-01.")


def beginning_of(day: date | None) -> datetime:
    """The first moment of a day in German time; without a day, the first of all."""
    return datetime.combine(day, time.min, BERLIN) if day else datetime.min.replace(tzinfo=UTC)


def end_of(day: date | None) -> datetime:
    """The last moment of a day in German time; without a day, the last of all."""
    return datetime.combine(day, time.max, BERLIN) if day else _NEVER
