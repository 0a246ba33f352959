"""Everybody who can be offered a case, in order, each with what speaks for them, and who cannot, and why.

The rules name pools; here is who is in each, who of them can be asked, and who comes first. Conditions and scores are
worked out for all of a pool at once; the best are told in full, the others counted. Who is in two pools is asked in the
first of them. An absent receiver's deputy does its work. Among equals a lot decides that is drawn from the enquiry's
reference: fair in the long run, and the same whenever it is asked again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np

from services.matching.crowd import Crowd, Line, Sought
from services.matching.directory import Receiver
from services.matching.exclusion import NONE, NUMBER, THERE, WHYS, Why
from services.matching.here import NOBODY, Place
from services.matching.loads import week_of
from services.matching.nearby import REACH_KM, chambers_near
from services.matching.reasons import recorded
from services.matching.regions import Region
from services.matching.roster import day_of, drawn, lot_of
from services.matching.ruleset import REGIONAL, Pool, Ruleset, Weights
from services.matching.snapshot import Snapshot

MOST_TOLD = 10
"""Candidates that are told in full."""
_MOST_EXCLUDED = 20
"""Of those who cannot be asked, how many are named."""
_ONE_BY_ONE: frozenset[Pool] = frozenset({"lead", "leads", "second_leads"})
"""Pools whose groups have an order of their own."""
_FEW = 200
"""Receivers of a pool who are looked at one by one: side by side pays from here on."""


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
    place: Place
    reason: Callable[[Receiver], str]
    distance: float = 1.0
    by_topic: bool = False
    """Only who takes the topic can be asked."""
    only: int | None = None
    """The only row that can be asked."""


def in_order(case: Case, pools: Iterable[Pool], rules: Ruleset, snapshot: Snapshot) -> Order:
    """Everybody who can be offered the case, nobody twice; and who of the same pools cannot."""
    look = _Look(case, rules.weights, snapshot)
    for pool in pools:
        groups = [group for group in _IN[pool](case, pool, rules, snapshot) if group.place.rows]
        for line in [[group] for group in groups] if pool in _ONE_BY_ONE else [groups]:
            look.along(line)
        if len(look.candidates) >= MOST_TOLD:
            break
    return look.order()


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
    place = snapshot.roster.place(case.region.chamber or "", case.region.ags)
    yield _Group(pool, place, _advises(case, case.region.chamber or ""), by_topic=True)


def _next_to(case: Case, pool: Pool, _: Ruleset, snapshot: Snapshot) -> Iterator[_Group]:
    for chamber, km in chambers_near(case.region):
        place = snapshot.roster.place(chamber)
        yield _Group(pool, place, _advises(case, chamber), max(0.0, 1 - km / REACH_KM), by_topic=True)


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
    place, chosen = snapshot.roster.leading(lead), snapshot.showcase(lead)
    return _Group(pool, place, lambda _: reason, only=snapshot.row[chosen.id] if chosen else None)


# --- who of them can be asked, and who comes first --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Able:
    """Somebody who can be asked, or whose deputy can."""

    group: _Group
    row: int
    acting: int
    """The row of who does the work."""


class _Look:
    """What a look along one line after the other has found."""

    def __init__(self, case: Case, weights: Weights, snapshot: Snapshot) -> None:
        self._case, self._weights, self._snapshot = case, weights, snapshot
        self._roster, self._today = snapshot.roster, snapshot.roster.today(day_of(case.at))
        self._asked = frozenset(row for id_ in case.asked if (row := snapshot.row.get(id_)) is not None)
        self._lot, self._week = lot_of(case.reference), week_of(case.at)
        self.candidates: dict[int, Candidate] = {}
        """By row."""
        self._able = bytearray(len(snapshot.receivers))
        """1 for who can do the work, by row,"""
        self._could = 0
        """and how many these are."""
        self._why = bytearray(len(snapshot.receivers))
        """The number of the first reason why somebody cannot be asked, by row."""
        self._cannot: list[int] = []
        """The rows of the first of them."""
        self._for = [0] * NONE
        """How many there are, by the number of the reason."""
        self._looked_at: set[int] = set()
        self._crowds: list[Crowd] = []

    def along(self, line: list[_Group]) -> None:
        """Look at the groups of a line."""
        if sum(len(group.place.rows) for group in line) > _FEW:
            self._along_many(line)
        else:
            self._along_few(line)

    def order(self) -> Order:
        """All that was found."""
        receivers = self._snapshot.receivers
        for row in self.candidates:
            self._for[self._why[row]] -= 1
        not_asked = [row for row in self._cannot if row not in self.candidates]
        return Order(
            tuple(self.candidates.values()),
            self._could - len(self.candidates),
            tuple(Excluded(receivers[row].id, WHYS[self._why[row] - 1]) for row in not_asked[:_MOST_EXCLUDED]),
            {why: number for why in sorted(WHYS) if (number := self._for[NUMBER[why]])},
            self._seen(),
        )

    def _seen(self) -> bytes:
        """What everybody who was looked at has to do."""
        few = sorted(self._looked_at)
        if not self._crowds:
            return self._roster.seen(few)
        return self._roster.seen_by_many([np.array(few, np.intp), *(crowd.looked_at for crowd in self._crowds)])

    # --- one by one ---

    def _along_few(self, line: list[_Group]) -> None:
        able, there = [], []
        for group in line:
            for row in group.place.rows:
                why, acting = self._why_not(group, row)
                if why is None:
                    able.append(_Able(group, row, acting))
                    self._could += not self._able[acting]
                    self._able[acting] = 1
                    continue
                if not self._why[row]:
                    self._why[row] = NUMBER[why]
                    self._for[NUMBER[why]] += 1
                    self._cannot.append(row)
                if why in THERE and acting != NOBODY:
                    there.append(acting)
        if able:
            credited = self._credited([each.acting for each in able], there)
            self._rank(able, credited, min(credited))

    def _why_not(self, group: _Group, row: int) -> tuple[Why | None, int]:
        """Why somebody cannot be asked, if so; and who does the work."""
        receiver, case = self._snapshot.receivers[row], self._case
        acting = self._today.stand_in.get(row, row)
        why: Why | None = None
        if not receiver.active:
            why = "inactive"
        elif group.only is not None and row != group.only:
            why = "another_showcase_leads"
        elif row in self._today.invalid:
            why = "not_valid"
        elif group.by_topic and receiver.topics and not any(topic in receiver.topics for topic in case.topics):
            why = "other_topics"
        elif receiver.languages and case.language not in receiver.languages:
            why = "language"
        elif acting == NOBODY:
            why = "absent"
        else:
            why = self._has_no_room(acting)
            if why == "asked" and acting != row:
                why = "absent"
        return why, acting

    def _has_no_room(self, row: int) -> Why | None:
        self._looked_at.add(row)
        receiver, busy = self._snapshot.receivers[row], self._roster.busy[row]
        if row in self._asked:
            return "asked"
        if receiver.most_open is not None and busy.open >= receiver.most_open:
            return "full"
        in_week = busy.in_week if busy.week >= self._week else 0
        return "week_full" if receiver.most_a_week is not None and in_week >= receiver.most_a_week else None

    def _credited(self, rows: list[int], there: list[int]) -> list[float]:
        """From where each one's share counts on: who is new or was away has not fallen behind those who were there.

        Where nobody else can be asked, those count who only cannot be asked this time: they can the next.
        """
        served = [self._roster.busy[row].served for row in rows]
        away = [self._was_away(row) for row in rows]
        settled = [share for share, was_away in zip(served, away, strict=True) if not was_away]
        if not settled:
            self._looked_at.update(there)
            settled = [self._roster.busy[row].served for row in there if not self._was_away(row)]
        if not settled:
            return served
        least = min(settled)
        return [max(share, least) if was_away else share for share, was_away in zip(served, away, strict=True)]

    def _was_away(self, row: int) -> bool:
        last = self._roster.busy[row].last
        return not last or last < self._today.back_since.get(row, 0)

    # --- many at once ---

    def _along_many(self, groups: list[_Group]) -> None:
        crowds = [self._crowd(group) for group in groups]
        line = Line(crowds, [group.distance for group in groups])
        self._crowds += crowds
        if not line.row.size:
            return
        able = np.frombuffer(self._able, np.bool_)
        able[line.acting] = True
        self._could = int(np.count_nonzero(able))
        places = line.best(self._weights, self._lot, MOST_TOLD)
        of_best = (column[places].tolist() for column in (line.group, line.row, line.acting))
        found = [_Able(groups[group], row, acting) for group, row, acting in zip(*of_best, strict=True)]
        self._rank(found, line.credited[places].tolist(), float(line.credited.min()))

    def _crowd(self, group: _Group) -> Crowd:
        """Look at all of a group."""
        case, roster = self._case, self._roster
        topics = case.topics if group.by_topic else ()
        sought = Sought(topics, case.language, self._asked, self._week, group.only)
        crowd = Crowd(roster.here(group.place, day_of(case.at)), sought, roster.records)
        known = np.frombuffer(self._why, np.uint8)
        new = np.flatnonzero((crowd.why != NONE) & (known[crowd.rows] == 0))
        rows, why = crowd.rows[new], crowd.why[new]
        known[rows] = why
        self._cannot += rows[: _MOST_EXCLUDED + MOST_TOLD].tolist()
        for number, times in enumerate(np.bincount(why).tolist()):
            self._for[number] += times
        return crowd

    # --- who comes first ---

    def _rank(self, able: list[_Able], credited: list[float], least: float) -> None:
        """Add the best of those who can be asked. ``least``: what is credited to whom the least is."""
        ranked = []
        for each, share in zip(able, credited, strict=True):
            score = self._score(each, share - least)
            ranked.append((-score.total, drawn(self._roster.lot[each.acting] ^ self._lot), each, share, score))
        ranked.sort(key=lambda entry: entry[:2])
        for _, _, each, share, score in ranked:
            if len(self.candidates) == MOST_TOLD:
                break
            if each.acting not in self.candidates:
                self.candidates[each.acting] = self._candidate(each, share, score)

    def _score(self, able: _Able, ahead: float) -> Score:
        case, weights = self._case, self._weights
        receiver, acting = self._snapshot.receivers[able.row], self._snapshot.receivers[able.acting]
        fit = 1.0
        if able.group.by_topic:
            fit = sum(topic in receiver.topics for topic in case.topics) / len(case.topics)
        free = 1.0 if acting.most_open is None else 1 - self._roster.busy[able.acting].open / acting.most_open
        speaks = float(case.language == acting.language or case.language in acting.languages)
        total = (
            weights.topic_fit * fit
            + weights.distance * able.group.distance
            + weights.free_capacity * free
            + weights.language * speaks
            - weights.fairness * ahead
        )
        return Score(fit, able.group.distance, free, speaks, ahead, round(total, 6))

    def _candidate(self, able: _Able, credited: float, score: Score) -> Candidate:
        receivers = self._snapshot.receivers
        receiver, acting = receivers[able.row], receivers[able.acting]
        return Candidate(
            receiver=acting.id,
            kind=acting.kind,
            name=acting.name,
            pool=able.group.pool,
            reason=able.group.reason(receiver),
            score=score,
            open=self._roster.busy[able.acting].open,
            served=self._roster.busy[able.acting].served,
            credited=credited,
            deputy_of=None if able.row == able.acting else receiver.id,
        )
