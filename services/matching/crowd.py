"""A look at many receivers at once: who of them cannot be asked, and who of the others may be among the best.

``candidates.py`` looks at a few one by one; here the same is worked out for thousands side by side, with the same sums
in the same order, so that it makes no difference which of the two looked.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.exclusion import NONE, NUMBER, THERE, WHYS
from services.matching.here import NOBODY, Here, Reasons, Rows
from services.matching.roster import Records, drawn
from services.matching.ruleset import Weights

Numbers = NDArray[np.float64]

_IS_THERE = np.array([False, *(why in THERE for why in WHYS), False])
_ROUNDED = 2e-6
"""Totals that are farther apart are not equal when they are rounded to six digits."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What matters for whether somebody can be asked."""

    topics: tuple[str, ...]
    """None where it does not matter which somebody takes."""
    language: str
    asked: frozenset[int]
    """The rows of who was asked before."""
    week: int
    only: int | None
    """The only row that can be asked."""


class Crowd:
    """Those who work in one place, as they are looked at for one case."""

    def __init__(self, here: Here, sought: Sought, records: Records) -> None:
        self._here, self._records = here, records
        self.rows = here.rows
        why = here.why_not(sought.topics, sought.language, sought.only)
        could = np.flatnonzero(why == NONE)
        self.looked_at = here.acting[could]
        """The rows of those for whom it mattered what they have to do."""
        has = records.take(self.looked_at)
        no_room = self._without_room(could, has, sought)
        self.why = why.copy()
        """The number of the reason why somebody cannot be asked."""
        self.why[could] = no_room
        self.able = able = could[no_room == NONE]
        """Places in ``rows``; what follows is about these."""
        has = has.compress(no_room == NONE)
        self.acting, self.served = here.acting[able], has["served"]
        self.was_away = (has["last"] == 0) | (has["last"] < here.back_since[able])
        named = [here.names(topic)[able] for topic in sought.topics]
        self.fit = sum(named, np.zeros(able.size)) / len(named) if named else np.ones(able.size)
        self.free = 1 - has["open"] / here.most_open[able]
        self.speaks = here.speaks[sought.language][able]
        self.lot = here.lot[able]

    def served_by_others(self) -> Numbers:
        """What those have served who are there, were not away, and cannot be asked this time."""
        here = self._here
        there = np.flatnonzero(_IS_THERE[self.why] & (here.acting != NOBODY))
        self.looked_at = np.concatenate([self.looked_at, here.acting[there]])
        has = self._records.take(here.acting[there])
        settled: Numbers = has["served"][(has["last"] != 0) & (has["last"] >= here.back_since[there])]
        return settled

    def _without_room(self, could: Rows, has: Records, sought: Sought) -> Reasons:
        """The number of the reason why somebody cannot be asked because of what they have to do."""
        here = self._here
        in_week = np.where(has["week"] >= sought.week, has["in_week"], 0)
        week_full = np.where(in_week >= here.most_a_week[could], NUMBER["week_full"], NONE)
        why = np.where(has["open"] >= here.most_open[could], NUMBER["full"], week_full)
        for row in sought.asked:
            acts = here.acting[could] == row
            why[acts] = np.where(here.rows[could[acts]] == row, NUMBER["asked"], NUMBER["absent"])
        return why


class Line:
    """Those of some crowds who can be asked, side by side."""

    def __init__(self, crowds: list[Crowd], distances: list[float]) -> None:
        sizes = [crowd.able.size for crowd in crowds]
        self.group = np.repeat(np.arange(len(crowds)), sizes)
        self.row = np.concatenate([crowd.rows[crowd.able] for crowd in crowds])
        self.acting = np.concatenate([crowd.acting for crowd in crowds])
        self.credited = _credited(crowds)
        self._distance = np.repeat(distances, sizes)
        self._crowds = crowds

    def best(self, weights: Weights, lot: int, most: int) -> Rows:
        """Places of those among whom are the best, however often one of them does the work of others."""
        if self.acting.size > most:
            acting = np.sort(self.acting)
            most += int(np.count_nonzero(acting[1:] == acting[:-1]))
        if self.acting.size <= most:
            return np.arange(self.acting.size)
        total = self._total(weights)
        near = np.flatnonzero(total >= np.partition(total, -most)[-most] - _ROUNDED)
        values, which = np.unique(total[near], return_inverse=True)
        rounded = np.array([round(value, 6) for value in values.tolist()])[which]
        lots = np.concatenate([crowd.lot for crowd in self._crowds])[near]
        order = np.lexsort((drawn(lots ^ np.uint64(lot)), -rounded))
        return near[order[:most]]

    def _total(self, weights: Weights) -> Numbers:
        """As ``_Look._score`` works it out, not rounded."""
        fit, free, speaks = (
            np.concatenate([getattr(crowd, name) for crowd in self._crowds]) for name in ("fit", "free", "speaks")
        )
        total: Numbers = (
            weights.topic_fit * fit
            + weights.distance * self._distance
            + weights.free_capacity * free
            + weights.language * speaks
            - weights.fairness * (self.credited - self.credited.min())
        )
        return total


def _credited(crowds: list[Crowd]) -> Numbers:
    """From where each one's share counts on, as ``_Look._credited`` says."""
    served = np.concatenate([crowd.served for crowd in crowds])
    was_away = np.concatenate([crowd.was_away for crowd in crowds])
    settled = served[~was_away]
    if served.size and not settled.size:
        settled = np.concatenate([crowd.served_by_others() for crowd in crowds])
    return np.where(was_away, np.maximum(served, settled.min()), served) if settled.size else served
