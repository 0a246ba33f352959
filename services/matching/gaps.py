"""Where help is missing: how many enquiries, by topic and region, found nobody, told so that no small number gets out.

A number from 1 to 4 is hidden: it is told as 1 to 4. A sum whose parts are hidden is told exactly only where that says
nothing new about any of them; else it is told as the range that follows from what is shown of its parts anyway. So
nobody can work a hidden number out from sums. Topics are not summed: an enquiry can have several.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from services.matching.regions import land_of
from shared.topics import TOPICS

FEWEST_TOLD = 5
"""Privacy: with fewer, somebody who knows the region can guess which business asked about what."""
LAST_DAYS = 90
"""The period where none is named."""

Measure = Literal["enquiries", "unmatched", "refused"]
MEASURES: tuple[Measure, ...] = ("enquiries", "unmatched", "refused")
_STEPS = (0.1, 0.25, 0.5)


@dataclass(frozen=True, slots=True)
class Period:
    """Days in German time, the first and the last included."""

    first: date
    last: date


def last_days(today: date) -> Period:
    """The period where none is named: it ends today."""
    return Period(today - timedelta(days=LAST_DAYS - 1), today)


@dataclass(frozen=True, slots=True)
class Count:
    """What was counted for one topic in one chamber's district."""

    topic: str
    """Its id."""
    chamber: str | None
    """None: nobody could tell where the business is."""
    enquiries: int
    unmatched: int
    """Of these, how many went or go to a person because nobody was left or free."""
    refused: int
    """Of these, for how many somebody declined or was passed over for lack of capacity."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number, and between which numbers it is told to be: hidden unless these are the same."""

    value: int
    """Never told where it is hidden."""
    low: int
    high: int

    @property
    def hidden(self) -> bool:
        """Whether only a range is told."""
        return self.low != self.high

    @property
    def told(self) -> int | None:
        """The number, if it is not hidden."""
        return None if self.hidden else self.value

    @property
    def written(self) -> str:
        """``12``, ``<5`` or ``13 - 16``."""
        if not self.hidden:
            return str(self.value)
        return f"<{FEWEST_TOLD}" if (self.low, self.high) == (1, FEWEST_TOLD - 1) else f"{self.low} - {self.high}"


@dataclass(frozen=True, slots=True)
class Cell:
    """The three numbers of one topic in one region."""

    enquiries: Number
    unmatched: Number
    refused: Number

    @property
    def step(self) -> int | None:
        """How large the share of unmatched enquiries is, from 0 (none) to 4 (half or more); None if it is not told."""
        if self.unmatched.hidden or self.enquiries.hidden or not self.enquiries.value:
            return None
        share = self.unmatched.value / self.enquiries.value
        return (share > 0) + sum(share >= step for step in _STEPS)


@dataclass(frozen=True, slots=True)
class StateGaps:
    """One topic in one federal state, and in each of its chambers' districts with enquiries."""

    cell: Cell
    chambers: Mapping[str | None, Cell]


@dataclass(frozen=True, slots=True)
class TopicGaps:
    """One topic everywhere, and in each federal state with enquiries; the state None: nobody could tell."""

    topic: str
    cell: Cell
    states: Mapping[str | None, StateGaps]


def gaps(counts: Iterable[Count]) -> tuple[TopicGaps, ...]:
    """All topics with enquiries, those with the most unmatched ones first."""
    by_topic: dict[str, dict[str | None, dict[str | None, Cell]]] = defaultdict(lambda: defaultdict(dict))
    for count in counts:
        state = land_of(count.chamber) if count.chamber else None
        by_topic[count.topic][state][count.chamber] = Cell(*(_counted(getattr(count, name)) for name in MEASURES))
    rows = [_topic(topic, states) for topic, states in by_topic.items()]
    place = {topic: n for n, topic in enumerate(TOPICS)}
    rows.sort(key=lambda row: (-row.cell.unmatched.low, -row.cell.enquiries.low, place.get(row.topic, len(place))))
    return tuple(rows)


def _topic(topic: str, of_states: Mapping[str | None, Mapping[str | None, Cell]]) -> TopicGaps:
    states = {state: StateGaps(_sum([*cells.values()]), cells) for state, cells in of_states.items()}
    return TopicGaps(topic, _sum([state.cell for state in states.values()]), states)


def _counted(value: int) -> Number:
    """A number that was counted, not summed."""
    return Number(value, 1, FEWEST_TOLD - 1) if 0 < value < FEWEST_TOLD else Number(value, value, value)


def _sum(cells: Sequence[Cell]) -> Cell:
    return Cell(*(summed([getattr(cell, name) for cell in cells]) for name in MEASURES))


def summed(parts: Sequence[Number]) -> Number:
    """The sum, exact only if each hidden part could then still be any number that it is told to be between."""
    value = sum(part.value for part in parts)
    low, high = sum(part.low for part in parts), sum(part.high for part in parts)
    widest = max((part.high - part.low for part in parts), default=0)
    # The others can make up for any value of a part if the sum is that far from the least and from the most.
    tells_nothing = low + widest <= value <= high - widest
    return Number(value, value, value) if tells_nothing else Number(value, low, high)
