"""Where each receiver works, who is there today, and what everybody has to do: what a decision looks up.

A row is a receiver's place among all, by id.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from hashlib import sha256
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from services.matching.absences import absence_on
from services.matching.directory import Receiver
from services.matching.here import NOBODY, Here, Place, Rows, Today
from services.matching.loads import Load
from services.matching.regions import chamber_of, chambers, land_of
from shared.times import BERLIN

_DAYS_KEPT = 400
"""Days whose exceptions are remembered: who looks back jumps from one to another."""
_64_BITS = 2**64 - 1
_NO_PLACE = Place(())

Lots = TypeVar("Lots", int, NDArray[np.uint64])
Records = NDArray[np.void]
"""What receivers have to do, side by side; the fields are those of ``Busy``."""


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
_RECORD = np.dtype(
    [("row", "<u4"), ("open", "<u4"), ("week", "<u4"), ("in_week", "<u4"), ("served", "<f8"), ("last", "<i8")]
)
"""The same as ``_ROW_AND_BUSY``."""
_NO_RECORD = (0, *_IDLE)


class Roster:
    """All receivers. What they are does not change; what they have to do does: see ``put``."""

    def __init__(self, receivers: Sequence[Receiver]) -> None:
        self._receivers = receivers
        self._row = {receiver.id: row for row, receiver in enumerate(receivers)}
        self.lot = [lot_of(receiver.id) for receiver in receivers]
        self.busy = [_IDLE] * len(receivers)
        """What each has to do. To be changed by ``put`` and ``has`` alone,"""
        self.records: Records = np.zeros(len(receivers), _RECORD)
        """for here it is too, side by side."""
        self._in_chamber, self._in_district, self._leading = _places(receivers)
        self._in_both: dict[tuple[str, str], Place] = {}
        self._dated = [row for row, receiver in enumerate(receivers) if _has_dates(receiver)]
        self._busy_rows: set[int] = set()
        """Who may have anything to do."""
        self._today: dict[date, Today] = {}
        self._here: tuple[date, dict[Place, Here]] = date.min, {}

    def place(self, chamber: str, district: str | None = None) -> Place:
        """The advisors of a chamber's district and, beside them, of this Kreis."""
        place = self._in_chamber.get(chamber, _NO_PLACE)
        if district is None or district not in self._in_district:
            return place
        if (chamber, district) not in self._in_both:
            rows = {*place.rows, *self._in_district[district].rows}
            self._in_both[chamber, district] = Place(tuple(sorted(rows)))
        return self._in_both[chamber, district]

    def leading(self, lead: str) -> Place:
        """The showcases that lead ``nord``, ``ost``, ``sued`` or ``west``."""
        return self._leading.get(lead, _NO_PLACE)

    def today(self, day: date) -> Today:
        """What is out of the ordinary on this day; worked out once a day."""
        if day not in self._today:
            if len(self._today) >= _DAYS_KEPT:
                self._today.clear()
            self._today[day] = self._worked_out(day)
        return self._today[day]

    def here(self, place: Place, day: date) -> Here:
        """Who works in a place on this day, side by side; worked out once a day."""
        if self._here[0] != day:
            self._here = day, {}
        known = self._here[1]
        if place not in known:
            known[place] = Here(place, self._receivers, self.lot, self.today(day))
        return known[place]

    def away(self, day: date) -> Iterator[int]:
        """The rows of who gets no cases on this day, be there a deputy or not."""
        today = self.today(day)
        inactive = (row for row, receiver in enumerate(self._receivers) if not receiver.active)
        yield from {*inactive, *today.invalid, *today.stand_in}

    def put(self, row: int, load: Load) -> None:
        """Take over what a receiver has to do now."""
        self.has(row, busy_with(load))

    def has(self, row: int, busy: Busy) -> None:
        """Take over what a receiver has to do, as it is counted here."""
        self.busy[row] = busy
        self.records[row] = (row, *busy)
        self._busy_rows.add(row)

    def seen(self, rows: Iterable[int]) -> bytes:
        """What these receivers have to do, of those that ever had any: ``restore`` reads it. ``rows``: in order."""
        busy = ((row, self.busy[row]) for row in rows)
        return b"".join(_ROW_AND_BUSY.pack(row, *load) for row, load in busy if load != _IDLE)

    def seen_by_many(self, rows: list[Rows]) -> bytes:
        """The same for many rows, in any order."""
        every = np.sort(np.concatenate(rows))
        once = np.ones(every.size, bool)
        once[1:] = every[1:] != every[:-1]
        records = self.records.take(every.compress(once))
        had = (records["last"] != 0) | (records["served"] != 0) | (records["week"] != 0) | (records["open"] != 0)
        return bytes(records.compress(had).tobytes())

    def restore(self, seen: bytes) -> None:
        """Take over what was ``seen``; all others have nothing to do."""
        for row in self._busy_rows:
            self.busy[row] = _IDLE
            self.records[row] = _NO_RECORD
        self._busy_rows.clear()
        for row, busy in busy_in(seen).items():
            self.has(row, busy)

    def _worked_out(self, day: date) -> Today:
        invalid, stand_in, back_since = set(), {}, {}
        for row in self._dated:
            receiver = self._receivers[row]
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


def drawn(number: Lots) -> Lots:
    """A number of 64 bits that looks drawn by lot, from another one (the finaliser of SplitMix64)."""
    mixed: Any = number
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9 & _64_BITS
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB & _64_BITS
    lots: Lots = mixed ^ (mixed >> 31)
    return lots


def day_of(at: datetime) -> date:
    """The day in German time."""
    return at.astimezone(BERLIN).date()


def _places(receivers: Sequence[Receiver]) -> tuple[Mapping[str, Place], Mapping[str, Place], Mapping[str, Place]]:
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
    return _as_places(chamber), _as_places(district), _as_places(lead)


def _as_places(lists: dict[str, list[int]]) -> dict[str, Place]:
    return {name: Place(tuple(rows)) for name, rows in lists.items()}


@cache
def _chambers_of(state: str) -> tuple[str, ...]:
    return tuple(name for name in chambers() if land_of(name) == state)


def _has_dates(receiver: Receiver) -> bool:
    return bool(receiver.absences or receiver.valid_from or receiver.valid_until)


def _is_valid(receiver: Receiver, day: date) -> bool:
    return (receiver.valid_from or day) <= day <= (receiver.valid_until or day)


def _beginning_of(day: date) -> int:
    return int(datetime.combine(day, time(), BERLIN).timestamp())
