"""Who works in one place on one day, side by side: what is the same for every case, to look at thousands at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.matching.directory import Receiver
from services.matching.exclusion import NONE, NUMBER

NOBODY = -1
"""Instead of a row."""
LANGUAGES = ("de", "en")

Rows = NDArray[np.intp]
"""Each a receiver's place among all, by id."""
Reasons = NDArray[np.integer[Any]]
"""Each the number of one."""
Yes = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Today:
    """What is out of the ordinary on one day, by row."""

    invalid: frozenset[int]
    """Who gets no cases yet, or any more."""
    stand_in: Mapping[int, int]
    """Who does the work of somebody absent: a row, or ``NOBODY``."""
    back_since: Mapping[int, int]
    """Since when somebody is there who was absent or new, in seconds since 1970."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """The receivers of one place: a chamber's district, perhaps with a Kreis, or what a showcase leads."""

    rows: tuple[int, ...]
    """In their order."""


class Here:
    """Who works in one place, on one day."""

    def __init__(self, place: Place, receivers: Sequence[Receiver], lot: Sequence[int], today: Today) -> None:
        self.rows = np.array(place.rows, np.intp)
        acting = [today.stand_in.get(row, row) for row in place.rows]
        self.acting = np.array(acting, np.intp)
        """The row of who does the work; its limits, lot and language matter, and whether it was away."""
        who, does = [receivers[row] for row in place.rows], [receivers[row] for row in acting]
        self.most_open = np.array([_limit(each.most_open) for each in does], float)
        self.most_a_week = np.array([_limit(each.most_a_week) for each in does], float)
        self.lot = np.array([lot[row] for row in acting], np.uint64)
        self.back_since = np.array([today.back_since.get(row, 0) for row in acting], np.int64)
        self.speaks, self._out = {}, {}
        for language in LANGUAGES:
            self.speaks[language] = np.array([language in (each.language, *each.languages) for each in does], bool)
            self._out[language] = self._out_in(language, who, today)
        self._takes_all = np.array([not each.topics for each in who], bool)
        self.names = cache(lambda topic: np.array([topic in each.topics for each in who], bool))
        """Who names a topic."""

    def why_not(self, topics: tuple[str, ...], language: str, only: int | None) -> Reasons:
        """The number of the reason why somebody cannot be asked, whatever they have to do."""
        why = self._out[language]
        if topics:
            takes = self._takes_all
            for topic in topics:
                takes = takes | self.names(topic)
            why = np.where(takes, why, np.minimum(why, NUMBER["other_topics"]))
        if only is not None:
            why = np.where(self.rows == only, why, np.minimum(why, NUMBER["another_showcase_leads"]))
        return why

    def _out_in(self, language: str, who: Sequence[Receiver], today: Today) -> Reasons:
        """The number of the reason, of those that are the same all day for all topics."""
        why = np.full(self.rows.size, NONE, np.uint8)
        why[self.acting == NOBODY] = NUMBER["absent"]
        why[[bool(each.languages) and language not in each.languages for each in who]] = NUMBER["language"]
        why[[row in today.invalid for row in self.rows.tolist()]] = NUMBER["not_valid"]
        why[[not each.active for each in who]] = NUMBER["inactive"]
        return why


def _limit(most: int | None) -> float:
    return np.inf if most is None else most
