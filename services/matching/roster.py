"""All receivers side by side, in columns: conditions and scores are worked out for a whole chamber in a few steps.

A row is a receiver's place among all, by id.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.matching.directory import Absence, Receiver
from services.matching.loads import Load, capacity_of
from services.matching.regions import chamber_of, chambers, land_of
from shared.times import BERLIN
from shared.topics import TOPICS

Rows = NDArray[np.intp]

LOAD = np.dtype(
    [("row", "<u4"), ("open", "<u4"), ("week", "<u4"), ("in_week", "<u4"), ("served", "<f8"), ("last", "<i8")]
)
"""What one receiver has to do, as ``loads.py`` counts it; ``last`` in seconds since 1970, 0 for never."""

NOBODY = -1
"""Instead of a row."""
_WITHOUT_LIMIT = np.iinfo(np.uint32).max
_BIT_OF_TOPIC = {topic: 1 << place for place, topic in enumerate(TOPICS)}
_BIT_OF_LANGUAGE = {"de": 1, "en": 2}


@dataclass(frozen=True, slots=True)
class Today:
    """What is true of the receivers on one day, by row."""

    valid: NDArray[np.bool_]
    stand_in: Rows
    """Who does the work: the receiver itself, its deputy while it is absent, or ``NOBODY``."""
    back_since: NDArray[np.int64]
    """Since when it is there after its last absence, in seconds since 1970; 0 for always."""


class Roster:
    """The columns. What the receivers are does not change; what they have to do does: see ``put``."""

    def __init__(self, receivers: Sequence[Receiver]) -> None:
        self._receivers = receivers
        self.row = {receiver.id: row for row, receiver in enumerate(receivers)}
        self.active = _column((receiver.active for receiver in receivers), np.bool_)
        self.topics = _column((topics_mask(receiver.topics) for receiver in receivers), np.uint64)
        self.languages = _column((languages_mask(receiver.languages) for receiver in receivers), np.uint8)
        self.at_home_in = _column((_BIT_OF_LANGUAGE[receiver.language] for receiver in receivers), np.uint8)
        self.most_open = _column((receiver.most_open or _WITHOUT_LIMIT for receiver in receivers), np.uint32)
        self.most_a_week = _column((receiver.most_a_week or _WITHOUT_LIMIT for receiver in receivers), np.uint32)
        self.capacity = _column(map(capacity_of, receivers), np.float64)
        self.lot = _column((lot_of(receiver.id) for receiver in receivers), np.uint64)
        self.open, self.week, self.in_week = np.zeros((3, len(receivers)), np.uint32)
        self.served, self.last = np.zeros(len(receivers)), np.zeros(len(receivers), np.int64)
        self._in_chamber, self._in_district, self._leading = _places(receivers)
        self._today: tuple[date, Today] | None = None

    def rows_in(self, chamber: str, district: str | None = None) -> Rows:
        """The advisors of a chamber's district and, beside them, of this Kreis."""
        rows = self._in_chamber.get(chamber, _NO_ROWS)
        further = self._in_district.get(district or "")
        return rows if further is None else np.union1d(rows, further)

    def leading(self, lead: str) -> Rows:
        """The showcases that lead ``nord``, ``ost``, ``sued`` or ``west``."""
        return self._leading.get(lead, _NO_ROWS)

    def today(self, day: date) -> Today:
        """What is true on this day; worked out once a day."""
        if self._today is None or self._today[0] != day:
            self._today = day, self._worked_out(day)
        return self._today[1]

    def put(self, row: int, load: Load) -> None:
        """Take over what a receiver has to do now."""
        self.open[row], self.week[row], self.in_week[row] = len(load.places), load.week, load.in_week
        self.served[row], self.last[row] = load.served, int(load.last.timestamp()) if load.last else 0

    def seen(self, rows: Rows) -> bytes:
        """What these receivers have to do, of those that have or had anything: ``restore`` reads it."""
        rows = np.unique(rows[self.last[rows] != 0])
        if not rows.size:
            return b""
        loads = np.empty(rows.size, LOAD)
        loads["row"] = rows
        for name, column in self._loads():
            loads[name] = column[rows]
        return bytes(loads.tobytes())

    def restore(self, seen: bytes) -> None:
        """Take over what was ``seen``; all others have nothing to do."""
        loads = np.frombuffer(seen, LOAD)
        for name, column in self._loads():
            column[:] = 0
            column[loads["row"]] = loads[name]

    def _loads(self) -> Iterator[tuple[str, NDArray[Any]]]:
        return ((name, getattr(self, name)) for name in (LOAD.names or ())[1:])

    def _worked_out(self, day: date) -> Today:
        count = len(self._receivers)
        valid, stand_in, back = np.ones(count, np.bool_), np.arange(count), np.zeros(count, np.int64)
        for row, receiver in enumerate(self._receivers):
            if receiver.valid_from or receiver.valid_until:
                valid[row] = _is_valid(receiver, day)
                back[row] = _beginning_of(receiver.valid_from) if receiver.valid_from else 0
            if receiver.absences:
                stand_in[row] = self._who_does_the_work_of(row, day)
                over = [absence.last for absence in receiver.absences if absence.last < day]
                back[row] = max(back[row], _beginning_of(max(over) + timedelta(days=1)) if over else 0)
        return Today(valid, stand_in, back)

    def _who_does_the_work_of(self, row: int, day: date) -> int:
        """The first in the chain of deputies who is there."""
        passed = {row}
        while (absence := _absence_on(self._receivers[row], day)) is not None:
            row = self.row.get(absence.deputy or "", NOBODY)
            if row in passed or row == NOBODY:
                return NOBODY
            passed.add(row)
        receiver = self._receivers[row]
        return row if receiver.active and _is_valid(receiver, day) else NOBODY


def topics_mask(topics: Iterable[str]) -> int:
    """A number with a bit for each topic."""
    return sum(_BIT_OF_TOPIC[topic] for topic in topics)


def languages_mask(languages: Iterable[str]) -> int:
    """A number with a bit for each language."""
    return sum(_BIT_OF_LANGUAGE[language] for language in languages)


def lot_of(text: str) -> int:
    """A number of 64 bits that looks drawn by lot, and is always the same for a text."""
    return int.from_bytes(sha256(text.encode()).digest()[:8])


def day_of(at: datetime) -> date:
    """The day in German time."""
    return at.astimezone(BERLIN).date()


_NO_ROWS: Rows = np.empty(0, np.intp)


def _column(values: Iterable[object], kind: type) -> NDArray[Any]:
    return np.fromiter(values, kind)


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
    return _rows(chamber), _rows(district), _rows(lead)


def _rows(lists: dict[str, list[int]]) -> dict[str, Rows]:
    return {name: np.array(rows, np.intp) for name, rows in lists.items()}


@cache
def _chambers_of(state: str) -> tuple[str, ...]:
    return tuple(name for name in chambers() if land_of(name) == state)


def _absence_on(receiver: Receiver, day: date) -> Absence | None:
    return next((absence for absence in receiver.absences if absence.first <= day <= absence.last), None)


def _is_valid(receiver: Receiver, day: date) -> bool:
    return (receiver.valid_from or day) <= day <= (receiver.valid_until or day)


def _beginning_of(day: date) -> int:
    return int(datetime.combine(day, time(), BERLIN).timestamp())
