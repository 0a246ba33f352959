"""How much a receiver has to do: its taken places, and its share of the cases so far.

A place is taken before a case is offered, and given back by the same token when the receiver does not have the case any
more. ``served`` grows by one over the receiver's capacity with each case: who has served least for its capacity is due
next. It never shrinks, so that who looks at an old value never thinks somebody is busier than they are.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from services.matching.directory import Receiver
from shared.times import BERLIN

USUAL_CAPACITY = 10
"""How much a receiver without limits is taken to be able to do, beside those who state one."""


class NoPlace(Exception):
    """All of a receiver's places are taken, or it has served more than whoever asks believed."""


@dataclass(frozen=True, slots=True)
class Place:
    """One case that a receiver has, or is about to be offered."""

    token: str
    """Known only to the offer that it was taken for."""
    at: datetime


@dataclass(frozen=True, slots=True)
class Load:
    """What one receiver has to do."""

    places: tuple[Place, ...] = ()
    """Only kept for who states a limit."""
    week: int = 0
    """The calendar week that ``in_week`` counts, as ``week_of`` writes it."""
    in_week: int = 0
    """Cases of that week, without those that it did not take."""
    served: float = 0.0
    """Cases so far, each over the capacity at its time, and what absences were credited with."""
    last: datetime | None = None
    """When the rules offered it a case last."""
    changed_at: datetime | None = None
    complete: bool = False
    """Whether what the receiver had before it stated a limit is among the places."""

    def taken_in(self, week: int) -> int:
        """Cases of a week; on a clock that is behind, it is still the week that is counted already."""
        return self.in_week if self.week >= week else 0


@dataclass(frozen=True, slots=True)
class Wish:
    """One place that somebody wants to take."""

    receiver: Receiver
    token: str
    at: datetime
    served: float
    """What the receiver had served as the decision saw it."""
    credited: float | None
    """From where its share counts on: more than ``served`` after an absence. None where a coordinator chose it: it was
    compared with nobody, and is to be credited yet."""


def taken(load: Load, wish: Wish) -> Load:
    """The load with this place taken; the same wish again changes nothing. Raises ``NoPlace``."""
    if any(place.token == wish.token for place in load.places):
        return load
    if load.served != wish.served or not has_room(load, wish.receiver, week_of(wish.at)):
        raise NoPlace(wish.receiver.id)
    return with_place(load, wish)


def with_place(load: Load, wish: Wish) -> Load:
    """The load with this place taken, whether there was room or not."""
    receiver, week = wish.receiver, week_of(wish.at)
    return Load(
        places=(*load.places, Place(wish.token, wish.at)) if receiver.is_limited else load.places,
        week=max(week, load.week),
        in_week=load.taken_in(week) + 1,
        served=(wish.served if wish.credited is None else wish.credited) + 1 / capacity_of(receiver),
        last=load.last if wish.credited is None else wish.at,
        changed_at=wish.at,
        complete=load.complete and receiver.is_limited,
    )


def completed(load: Load, had: Iterable[Place], at: datetime) -> Load:
    """The load with these places too: cases that the receiver had before it stated a limit.

    A complete load stays as it is: what was read for it may be over by now.
    """
    if load.complete:
        return load
    known = {place.token for place in load.places}
    before = tuple(place for place in had if place.token not in known)
    week = week_of(at)
    of_week = sum(week_of(place.at) == week for place in (*before, *load.places))
    return replace(
        load,
        places=(*before, *load.places),
        complete=True,
        week=max(week, load.week),
        in_week=max(load.taken_in(week), of_week),
        changed_at=at,
    )


def given_back(load: Load, token: str, at: datetime, *, had_it: bool) -> Load:
    """The load without this place; without such a place, the same load.

    ``had_it``: the receiver took the case, which goes on counting for its week.
    """
    place = next((place for place in load.places if place.token == token), None)
    if place is None:
        return load
    back = 0 if had_it or week_of(place.at) != load.week else 1
    rest = tuple(each for each in load.places if each is not place)
    return replace(load, places=rest, in_week=load.in_week - back, changed_at=at)


def has_room(load: Load, receiver: Receiver, week: int) -> bool:
    """Whether the receiver's limits leave room for one more case in this week."""
    if receiver.most_open is not None and len(load.places) >= receiver.most_open:
        return False
    return receiver.most_a_week is None or load.taken_in(week) < receiver.most_a_week


def capacity_of(receiver: Receiver) -> int:
    """How much a receiver can do beside others."""
    return receiver.most_open or receiver.most_a_week or USUAL_CAPACITY


def week_of(at: datetime) -> int:
    """The calendar week (ISO 8601) in German time, as a number: 202648."""
    year, week, _ = at.astimezone(BERLIN).date().isocalendar()
    return year * 100 + week
