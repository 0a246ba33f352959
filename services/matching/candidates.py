"""Everybody who can be offered a case, in order, each with what speaks for them, and who cannot, and why.

The rules name pools; here is who is in each, who of them can be asked, and who comes first. Conditions and scores are
worked out for all of a pool at once; the best are told in full, the others counted. Who is in two pools is asked in the
first of them. An absent receiver's deputy does its work. Among equals a lot decides that is drawn from the enquiry's
reference: fair in the long run, and the same whenever it is asked again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from services.matching.directory import Receiver
from services.matching.loads import week_of
from services.matching.nearby import REACH_KM, chambers_near
from services.matching.reasons import recorded
from services.matching.regions import Region
from services.matching.roster import NOBODY, Rows, day_of, languages_mask, lot_of, topics_mask
from services.matching.ruleset import REGIONAL, Pool, Ruleset, Weights
from services.matching.snapshot import Snapshot

MOST_TOLD = 10
"""Candidates that are told in full."""
_MOST_EXCLUDED = 20
"""Of those who cannot be asked, how many are named."""
_ONE_BY_ONE: frozenset[Pool] = frozenset({"lead", "leads", "second_leads"})
"""Pools whose groups have an order of their own."""
_NO_ROWS: Rows = np.empty(0, np.intp)
_AT_ONCE = 64
"""So many receivers at least are looked at together, where there are as many: a look has its price."""
_WANTED = 3 * MOST_TOLD
_FEW = 2 * _WANTED

Why = Literal[
    "inactive",
    "another_showcase_leads",
    "not_valid",
    "other_topics",
    "language",
    "absent",
    "asked",
    "full",
    "week_full",
]
"""Why somebody is not asked: the first of these that is true."""
WHYS: tuple[Why, ...] = get_args(Why)
_INACTIVE, _BARRED, _NOT_VALID, _OTHER_TOPICS, _LANGUAGE, _ABSENT, _ASKED, _FULL, _WEEK_FULL = range(len(WHYS))
FULL: frozenset[str] = frozenset({"full", "week_full"})
"""What time alone changes."""


@dataclass(frozen=True, slots=True)
class Case:
    """What matters for whom to ask."""

    reference: str
    region: Region
    topics: tuple[str, ...]
    """The topics by id for which the case goes where it goes."""
    language: Literal["de", "en"]
    at: datetime
    beside: tuple[str, ...] = ()
    """What else may be meant, and somebody else leads."""
    asked: tuple[str, ...] = ()
    """Who was offered it before, by id."""


@dataclass(frozen=True, slots=True)
class Score:
    """What speaks for a candidate: each criterion from 0 to 1, unweighted; ``ahead`` speaks against it."""

    topic_fit: float
    distance: float
    free_capacity: float
    language: float
    ahead: float
    """How much more it has served than who has served least in the pool, over its capacity."""
    total: float
    """All of them, weighted by the rules."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who can be offered the case, and why."""

    receiver: str
    """The receiver's id."""
    kind: Literal["advisor", "showcase"]
    name: str
    pool: Pool
    """By which of the rules' pools."""
    reason: str
    """``names_topic:<topics>``, ``advises_in:<chamber>``, ``leads:<topics>``, ``helps_with:<topics>`` or
    ``serves:<federal state>``."""
    score: Score
    open: int
    """Cases it has at this moment; not counted for who states no limit."""
    served: float
    """Its share of the cases so far, as ``loads.py`` counts it,"""
    credited: float
    """and from where it counts on."""
    deputy_of: str | None = None
    """The id of the absent receiver whose work it does."""


@dataclass(frozen=True, slots=True)
class Excluded:
    """Somebody who would have been a candidate, and why they are not."""

    receiver: str
    """The receiver's id."""
    reason: Why


@dataclass(frozen=True, slots=True)
class Order:
    """Who is asked one after the other, and who is not."""

    candidates: tuple[Candidate, ...]
    """At most ``MOST_TOLD``."""
    more: int
    """How many come after them."""
    excluded: tuple[Excluded, ...]
    """By id; of many only some."""
    excluded_for: Mapping[str, int]
    """How many are not asked, by reason."""
    seen: bytes
    """What all that were looked at have to do, as ``Roster.restore`` reads it."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Receivers who are looked at for the same reason."""

    pool: Pool
    rows: Rows
    reason: Callable[[Receiver], str]
    distance: float = 1.0
    by_topic: bool = False
    """Only who takes the topic can be asked."""
    barred: NDArray[np.bool_] | None = None
    """Whose place another one has."""


def in_order(case: Case, pools: Iterable[Pool], rules: Ruleset, snapshot: Snapshot) -> Order:
    """Everybody who can be offered the case, nobody twice; and who of the same pools cannot."""
    looked = _Looked(case, rules.weights, snapshot)
    groups: list[_Group] = []
    for pool in pools:
        groups += (group for group in _IN[pool](case, pool, rules, snapshot) if group.rows.size)
        if sum(group.rows.size for group in groups) >= _AT_ONCE:
            looked.at(groups)
            groups = []
        if len(looked.candidates) >= MOST_TOLD:
            break
    if groups:
        looked.at(groups)
    return looked.order()


def leads_of(topics: Iterable[str], rules: Ruleset) -> dict[str, tuple[str, ...]]:
    """Who leads the topics, in the topics' order, each with the topics it leads."""
    leads: dict[str, tuple[str, ...]] = {}
    for topic in topics:
        lead = rules.topics[topic].lead
        leads[lead] = (*leads.get(lead, ()), topic)
    return leads


# --- who is in a pool -------------------------------------------------------------------------------------------------


def _leading(case: Case, pool: Pool, rules: Ruleset, snapshot: Snapshot) -> Iterator[_Group]:
    for lead, topics in leads_of(case.topics, rules).items():
        if lead != REGIONAL:
            yield _showcase(lead, pool, recorded("leads", *topics), snapshot)


def _helping(case: Case, pool: Pool, rules: Ruleset, snapshot: Snapshot) -> Iterator[_Group]:
    """Second leads in the topics' order, then who leads what else may be meant."""
    second = ((lead, topic) for topic in case.topics for lead in rules.topics[topic].second_leads)
    beside = ((rules.topics[topic].lead, topic) for topic in case.beside)
    for lead, topic in dict.fromkeys((*second, *beside)):
        if lead == REGIONAL:
            yield from _near(case, pool, rules, snapshot)
        else:
            yield _showcase(lead, pool, recorded("helps_with", topic), snapshot)


def _near(case: Case, pool: Pool, _: Ruleset, snapshot: Snapshot) -> Iterator[_Group]:
    rows = snapshot.roster.rows_in(case.region.chamber or "", case.region.ags)
    yield _Group(pool, rows, _advises(case, case.region.chamber or ""), by_topic=True)


def _next_to(case: Case, pool: Pool, _: Ruleset, snapshot: Snapshot) -> Iterator[_Group]:
    for chamber, km in chambers_near(case.region):
        rows = snapshot.roster.rows_in(chamber)
        yield _Group(pool, rows, _advises(case, chamber), max(0.0, 1 - km / REACH_KM), by_topic=True)


def _of_state(case: Case, pool: Pool, _: Ruleset, snapshot: Snapshot) -> Iterator[_Group]:
    yield _showcase(case.region.showcase or "", pool, recorded("serves", case.region.land or ""), snapshot)


_IN: dict[Pool, Callable[[Case, Pool, Ruleset, Snapshot], Iterator[_Group]]] = {
    "lead": _leading,
    "leads": _leading,
    "second_leads": _helping,
    "region": _near,
    "neighbours": _next_to,
    "state": _of_state,
}


def _advises(case: Case, chamber: str) -> Callable[[Receiver], str]:
    def reason(advisor: Receiver) -> str:
        named = [topic for topic in case.topics if topic in advisor.topics]
        return recorded("names_topic", *named) if named else recorded("advises_in", chamber)

    return reason


def _showcase(lead: str, pool: Pool, reason: str, snapshot: Snapshot) -> _Group:
    rows, chosen = snapshot.roster.leading(lead), snapshot.showcase(lead)
    barred = rows != snapshot.row[chosen.id] if chosen else None
    return _Group(pool, rows, lambda _: reason, barred=barred)


# --- who of them can be asked, and who comes first --------------------------------------------------------------------


class _Looked:
    """What one look after the other has found."""

    def __init__(self, case: Case, weights: Weights, snapshot: Snapshot) -> None:
        self._case, self._weights, self._snapshot = case, weights, snapshot
        self._today = snapshot.roster.today(day_of(case.at))
        self._topics = np.uint64(topics_mask(case.topics))
        self._language = np.uint8(languages_mask([case.language]))
        self._asked = np.zeros(len(snapshot.receivers), np.bool_)
        self._asked[[row for id_ in case.asked if (row := snapshot.row.get(id_)) is not None]] = True
        self._lot = np.uint64(lot_of(case.reference))
        self._week = week_of(case.at)
        self.candidates: dict[int, Candidate] = {}
        """By row."""
        self._could = np.zeros(len(snapshot.receivers), np.bool_)
        self._acting: list[Rows] = []
        self._cannot: list[tuple[Rows, Rows]] = []
        """Rows, and which of ``WHYS``."""

    def at(self, groups: list[_Group]) -> None:
        """Look at groups of some pools, all at once."""
        rows = np.concatenate([group.rows for group in groups])
        of_group = np.repeat(np.arange(len(groups)), [group.rows.size for group in groups])
        stand_in = self._today.stand_in[rows]
        acting = np.where(stand_in == NOBODY, rows, stand_in)
        self._acting.append(acting)
        by_topic = np.array([group.by_topic for group in groups])[of_group]
        named = self._snapshot.roster.topics[rows] & self._topics
        why = self._why_not(groups, rows, acting, by_topic & (named == 0))
        can, cannot = np.flatnonzero(why == len(WHYS)), np.flatnonzero(why < len(WHYS))
        self._cannot.append((rows[cannot], why[cannot]))
        if can.size:
            fit = np.where(by_topic[can], np.bitwise_count(named[can]) / len(self._case.topics), 1.0)
            self._rank(groups, of_group[can], rows[can], acting[can], fit)

    def order(self) -> Order:
        """All that was found."""
        told = [*self.candidates]
        self._could[told] = False
        rows = np.concatenate([rows for rows, _ in self._cannot] or [_NO_ROWS])
        why = np.concatenate([why for _, why in self._cannot] or [_NO_ROWS])
        first = np.empty(self._could.size, np.intp)
        first[rows[::-1]] = np.arange(rows.size)[::-1]
        first[told] = -1
        once = first[rows] == np.arange(rows.size)
        rows, why = rows[once], why[once]
        named = zip(rows[:_MOST_EXCLUDED].tolist(), why[:_MOST_EXCLUDED].tolist(), strict=True)
        numbers = np.bincount(why, minlength=len(WHYS)).tolist()
        return Order(
            tuple(self.candidates.values()),
            int(np.count_nonzero(self._could)),
            tuple(Excluded(self._snapshot.receivers[row].id, WHYS[reason]) for row, reason in named),
            {reason: number for reason, number in zip(WHYS, numbers, strict=True) if number},
            self._snapshot.roster.seen(np.concatenate(self._acting or [_NO_ROWS])),
        )

    def _why_not(self, groups: list[_Group], rows: Rows, acting: Rows, names_none: NDArray[np.bool_]) -> Rows:
        """For each which of ``WHYS`` keeps it from being asked; their number for who can be asked."""
        roster = self._snapshot.roster
        why = np.full(rows.size, len(WHYS))
        in_week = np.where(roster.week[acting] == self._week, roster.in_week[acting], 0)
        why[in_week >= roster.most_a_week[acting]] = _WEEK_FULL
        why[roster.open[acting] >= roster.most_open[acting]] = _FULL
        why[self._asked[acting]] = _ASKED
        why[((acting != rows) & (why < len(WHYS))) | (self._today.stand_in[rows] == NOBODY)] = _ABSENT
        languages = roster.languages[rows]
        why[(languages != 0) & (languages & self._language == 0)] = _LANGUAGE
        why[names_none & (roster.topics[rows] != 0)] = _OTHER_TOPICS
        why[~self._today.valid[rows]] = _NOT_VALID
        why[_barred(groups, rows.size)] = _BARRED
        why[~roster.active[rows]] = _INACTIVE
        return why

    def _rank(self, groups: list[_Group], of_group: Rows, rows: Rows, acting: Rows, fit: NDArray[np.float64]) -> None:
        """Add the best of those who can be asked."""
        self._could[acting] = True
        roster, weights = self._snapshot.roster, self._weights
        line = _lines(groups)[of_group]
        served, credited, ahead = self._shares(line, acting)
        distance = np.array([group.distance for group in groups])[of_group]
        open_ = roster.open[acting]
        free = 1 - open_ / roster.most_open[acting]
        speaks = (roster.languages[acting] | roster.at_home_in[acting]) & self._language != 0
        total = (
            weights.topic_fit * fit
            + weights.distance * distance
            + weights.free_capacity * free
            + weights.language * speaks
            - weights.fairness * ahead
        ).round(6)
        for place in _best(line, total, _mixed(roster.lot[acting] ^ self._lot)):
            row, group = int(acting[place]), groups[of_group[place]]
            if row in self.candidates:
                continue
            if len(self.candidates) >= MOST_TOLD:
                break
            receiver, absent = self._snapshot.receivers[row], self._snapshot.receivers[rows[place]]
            parts = (fit[place], distance[place], free[place], speaks[place], ahead[place], total[place])
            self.candidates[row] = Candidate(
                receiver=receiver.id,
                kind=receiver.kind,
                name=receiver.name,
                pool=group.pool,
                reason=group.reason(absent),
                score=Score(*(round(float(part), 6) for part in parts)),
                open=int(open_[place]),
                served=float(served[place]),
                credited=float(credited[place]),
                deputy_of=None if receiver is absent else absent.id,
            )

    def _shares(self, line: Rows, acting: Rows) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """What each has served, from where its share counts on, and how far that is ahead of the least in its line.

        Who is new or was away has not fallen behind those who were there.
        """
        roster = self._snapshot.roster
        served, last = roster.served[acting], roster.last[acting]
        if not last.any():
            return served, served, served
        begins = np.flatnonzero(np.diff(line, prepend=-1))
        nth = np.cumsum(np.diff(line, prepend=-1) != 0) - 1
        was_away = (last == 0) | (last < self._today.back_since[acting])
        least = np.minimum.reduceat(np.where(was_away, np.inf, served), begins)[nth]
        credited = np.where(was_away & (least < np.inf), np.maximum(served, least), served)
        return served, credited, credited - np.minimum.reduceat(credited, begins)[nth]


def _barred(groups: list[_Group], size: int) -> NDArray[np.bool_]:
    if not any(group.barred is not None for group in groups):
        return np.zeros(size, np.bool_)
    none = (np.zeros(group.rows.size, np.bool_) if group.barred is None else group.barred for group in groups)
    return np.concatenate([*none])


def _lines(groups: list[_Group]) -> Rows:
    """The number of the line in which each group's receivers stand: a pool is one, or each of its groups is."""
    new = [
        place == 0 or group.pool != groups[place - 1].pool or group.pool in _ONE_BY_ONE
        for place, group in enumerate(groups)
    ]
    return np.cumsum(new)


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Numbers that look drawn by lot, from others (the finaliser of SplitMix64)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


def _best(line: Rows, total: NDArray[np.float64], lot: NDArray[np.uint64]) -> list[int]:
    """The places of the best, line by line, the best first: more than are told, for some may have been told already."""
    among = np.arange(total.size)
    if total.size > _FEW:
        begins = np.flatnonzero(np.diff(line, prepend=-1)).tolist()
        ends = [*begins[1:], total.size]
        among = np.concatenate(
            [_promising(among[begin:end], total, lot) for begin, end in zip(begins, ends, strict=True)]
        )
    return list(among[np.lexsort((lot[among], -total[among], line[among]))].tolist())


def _promising(among: Rows, total: NDArray[np.float64], lot: NDArray[np.uint64]) -> Rows:
    """Some of these, with certainty the best: sorting is slower than leaving out."""
    if among.size <= _FEW:
        return among
    enough = np.partition(total[among], -_WANTED)[-_WANTED]
    among = among[total[among] >= enough]
    if among.size <= _FEW:
        return among
    lots = np.where(total[among] > enough, np.uint64(0), lot[among])  # many are equal
    best: Rows = among[lots <= np.partition(lots, _WANTED)[_WANTED]]
    return best
