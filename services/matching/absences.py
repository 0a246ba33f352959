"""What is wrong with absences: their days, and who stands in for whom."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.matching.directory import Absence, Receiver

What = Literal["backwards", "overlap", "itself", "unknown", "inactive", "circle"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an absence cannot be as it is."""

    receiver: str
    """The id of who is absent."""
    absence: int
    """Which of its absences, counted from 0."""
    what: What
    """``backwards``: it ends before it begins; ``overlap``: another one has the same day; the deputy is the absent
    receiver ``itself``, ``unknown`` or ``inactive``; ``circle``: all deputies are absent on the same day."""
    circle: tuple[str, ...] = ()
    """The ids of a circle of deputies, beginning with who is absent."""
    day: date | None = None
    """A day on which all of the circle, or both absences that overlap, are absent."""


def faults(receivers: Iterable[Receiver], since: date = date.min) -> list[Fault]:
    """All faults in a directory; each circle once. Who left needs no deputy: its absences have no faults.

    ``since``: absences that ended before this day may have any deputy, also one who left.
    """
    by_id = {receiver.id: receiver for receiver in receivers}
    found: list[Fault] = []
    circles: set[tuple[frozenset[str], date]] = set()
    for receiver in by_id.values():
        if receiver.active:
            found += _of_days(receiver)
            for fault in _of_deputies(receiver, by_id, since):
                circle = (frozenset(fault.circle), fault.day or date.min)
                if not fault.circle or circle not in circles:
                    found.append(fault)
                circles.add(circle)
    return found


def absence_on(day: date, receiver: Receiver) -> Absence | None:
    """The absence that a day belongs to, or None."""
    return next((absence for absence in receiver.absences if absence.first <= day <= absence.last), None)


def _of_days(receiver: Receiver) -> Iterator[Fault]:
    for number, absence in enumerate(receiver.absences):
        if absence.last < absence.first:
            yield Fault(receiver.id, number, "backwards")
        for other in receiver.absences[:number]:
            day = max(absence.first, other.first)
            if day <= min(absence.last, other.last):
                yield Fault(receiver.id, number, "overlap", day=day)
                break


def _of_deputies(receiver: Receiver, by_id: Mapping[str, Receiver], since: date) -> Iterator[Fault]:
    for number, absence in enumerate(receiver.absences):
        if absence.deputy is None:
            continue
        deputy = by_id.get(absence.deputy)
        if absence.deputy == receiver.id:
            yield Fault(receiver.id, number, "itself")
        elif deputy is None:
            yield Fault(receiver.id, number, "unknown")
        elif absence.last < since:
            continue
        elif not deputy.active:
            yield Fault(receiver.id, number, "inactive")
        elif circle := _circle(receiver, absence.first, by_id):
            yield Fault(receiver.id, number, "circle", circle, absence.first)


def _circle(receiver: Receiver, day: date, by_id: Mapping[str, Receiver]) -> tuple[str, ...]:
    """From deputy to deputy on this day, if that leads back to where it began; else nothing.

    A circle exists on the day on which the last of it begins to be absent, so first days are all that need be asked.
    """
    way = [receiver.id]
    while (deputy := _deputy_on(day, by_id.get(way[-1]))) is not None:
        if deputy == receiver.id:
            return tuple(way)
        if deputy in way:  # a circle of others, found from one of them
            return ()
        way.append(deputy)
    return ()


def _deputy_on(day: date, receiver: Receiver | None) -> str | None:
    absence = absence_on(day, receiver) if receiver is not None else None
    return absence.deputy if absence is not None else None
