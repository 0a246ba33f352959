"""Where each receiver works, who is there today, and what everybody has to do: what a decision looks up.

A row is a receiver's place among all, by id.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from hashlib import sha256
from typing import NamedTuple

from services.matching.absences import absence_on
from services.matching.directory import Receiver
from services.matching.loads import Load
from services.matching.regions import chamber_of, chambers, land_of
from shared.times import BERLIN

Rows = tuple[int, ...]

NOBODY = -1
"""Instead of a row."""
_64_BITS = 2**64 - 1


class Busy(NamedTuple):
    """What one receiver has to do, as ``loads.py`` counts it."""

    open: int = 0
    week: int = 0
    in_week: int = 0
    served: float = 0.0
    last: int = 0
    """When it was offered a case last, in seconds since 1970; 0 for never."""


_IDLE = Busy()
_ROW_AND_BUSY = struct.Struct("<IIIIdq")


@dataclass(frozen=True, slots=True)
class Today:
    """What is out of the ordinary on one day, by row."""

    invalid: frozenset[int]
    """Who gets no cases yet, or any more."""
    stand_in: Mapping[int, int]
    """Who does the work of somebody absent: a row, or ``NOBODY``."""
    back_since: Mapping[int, int]
    """Since when somebody is there who was absent or new, in seconds since 1970."""


class Roster:
    """All receivers. What they are does not change; what they have to do does: see ``put``."""

    def __init__(self, receivers: Sequence[Receiver]) -> None:
        self._receivers = receivers
        self._row = {receiver.id: row for row, receiver in enumerate(receivers)}
        self.lot = [lot_of(receiver.id) for receiver in receivers]
        self.busy = [_IDLE] * len(receivers)
        self._in_chamber, self._in_district, self._leading = _places(receivers)
        self._today: tuple[date, Today] | None = None

    def rows_in(self, chamber: str, district: str | None = None) -> Rows:
        """The advisors of a chamber's district and, beside them, of this Kreis."""
        rows = self._in_chamber.get(chamber, ())
        further = self._in_district.get(district or "", ())
        return tuple(sorted({*rows, *further})) if further else rows

    def leading(self, lead: str) -> Rows:
        """The showcases that lead ``nord``, ``ost``, ``sued`` or ``west``."""
        return self._leading.get(lead, ())

    def today(self, day: date) -> Today:
        """What is out of the ordinary on this day; worked out once a day."""
        if self._today is None or self._today[0] != day:
            self._today = day, self._worked_out(day)
        return self._today[1]

    def put(self, row: int, load: Load) -> None:
        """Take over what a receiver has to do now."""
        self.has(row, busy_with(load))

    def has(self, row: int, busy: Busy) -> None:
        """Take over what a receiver has to do, as it is counted here."""
        self.busy[row] = busy

    def seen(self, rows: Iterable[int]) -> bytes:
        """What these receivers have to do, of those that ever had anything: ``restore`` reads it."""
        busy = ((row, self.busy[row]) for row in sorted(rows))
        return b"".join(_ROW_AND_BUSY.pack(row, *load) for row, load in busy if load is not _IDLE)

    def restore(self, seen: bytes) -> None:
        """Take over what was ``seen``; all others have nothing to do."""
        self.busy = [_IDLE] * len(self._receivers)
        for row, busy in busy_in(seen).items():
            self.busy[row] = busy

    def _worked_out(self, day: date) -> Today:
        invalid, stand_in, back_since = set(), {}, {}
        for row, receiver in enumerate(self._receivers):
            if not _is_valid(receiver, day):
                invalid.add(row)
            if absence_on(day, receiver):
                stand_in[row] = self._who_does_the_work_of(row, day)
            came = [absence.last + timedelta(days=1) for absence in receiver.absences if absence.last < day]
            if receiver.valid_from:
                came.append(receiver.valid_from)
            if came:
                back_since[row] = _beginning_of(max(came))
        return Today(frozenset(invalid), stand_in, back_since)

    def _who_does_the_work_of(self, row: int, day: date) -> int:
        """The first in the chain of deputies who is there."""
        passed = {row}
        while (absence := absence_on(day, self._receivers[row])) is not None:
            row = self._row.get(absence.deputy or "", NOBODY)
            if row in passed or row == NOBODY:
                return NOBODY
            passed.add(row)
        receiver = self._receivers[row]
        return row if receiver.active and _is_valid(receiver, day) else NOBODY


def busy_with(load: Load) -> Busy:
    """What is looked up of a load."""
    last = int(load.last.timestamp()) if load.last else 0
    return Busy(len(load.places), load.week, load.in_week, load.served, last)


def busy_in(seen: bytes) -> dict[int, Busy]:
    """What was ``seen``, by row."""
    return {row: Busy(*load) for row, *load in _ROW_AND_BUSY.iter_unpack(seen)}


def lot_of(text: str) -> int:
    """A number of 64 bits that looks drawn by lot, and is always the same for a text."""
    return int.from_bytes(sha256(text.encode()).digest()[:8])


def drawn(number: int) -> int:
    """A number of 64 bits that looks drawn by lot, from another one (the finaliser of SplitMix64)."""
    number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9 & _64_BITS
    number = (number ^ (number >> 27)) * 0x94D049BB133111EB & _64_BITS
    return number ^ (number >> 31)


def day_of(at: datetime) -> date:
    """The day in German time."""
    return at.astimezone(BERLIN).date()


def _places(receivers: Sequence[Receiver]) -> tuple[Mapping[str, Rows], Mapping[str, Rows], Mapping[str, Rows]]:
    """The rows of each chamber and of each single Kreis, and of each lead."""
    chamber: dict[str, list[int]] = {}
    district: dict[str, list[int]] = {}
    lead: dict[str, list[int]] = {}
    for row, receiver in enumerate(receivers):
        if receiver.kind == "showcase":
            lead.setdefault(receiver.lead or "", []).append(row)
            continue
        whole = {*receiver.chambers, *(name for state in receiver.states for name in _chambers_of(state))}
        for name in whole:
            chamber.setdefault(name, []).append(row)
        for key in receiver.districts:
            if chamber_of(key) not in whole:
                district.setdefault(key, []).append(row)
    return _as_rows(chamber), _as_rows(district), _as_rows(lead)


def _as_rows(lists: dict[str, list[int]]) -> dict[str, Rows]:
    return {name: tuple(rows) for name, rows in lists.items()}


@cache
def _chambers_of(state: str) -> tuple[str, ...]:
    return tuple(name for name in chambers() if land_of(name) == state)


def _is_valid(receiver: Receiver, day: date) -> bool:
    return (receiver.valid_from or day) <= day <= (receiver.valid_until or day)


def _beginning_of(day: date) -> int:
    return int(datetime.combine(day, time(), BERLIN).timestamp())
