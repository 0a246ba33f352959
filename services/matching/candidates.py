"""Everybody who can be offered a case, in order, each with what speaks for them, and who cannot, and why.

The rules name pools; here is who is in each, who of them can be asked, and who comes first. Conditions and scores are
worked out for all of a pool at once; the best are told in full, the others counted. Who is in two pools is asked in the
first of them. An absent receiver's deputy does its work. Among equals a lot decides that is drawn from the enquiry's
reference: fair in the long run, and the same whenever it is asked again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from services.matching.directory import Receiver
from services.matching.loads import week_of
from services.matching.nearby import REACH_KM, chambers_near
from services.matching.reasons import recorded
from services.matching.regions import Region
from services.matching.roster import NOBODY, Rows, day_of, drawn, lot_of
from services.matching.ruleset import REGIONAL, Pool, Ruleset, Weights
from services.matching.snapshot import Snapshot

MOST_TOLD = 10
"""Candidates that are told in full."""
_MOST_EXCLUDED = 20
"""Of those who cannot be asked, how many are named."""
_ONE_BY_ONE: frozenset[Pool] = frozenset({"lead", "leads", "second_leads"})
"""Pools whose groups have an order of their own."""
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
FULL: frozenset[str] = frozenset({"full", "week_full"})
"""What time alone changes."""
_THERE: frozenset[Why] = frozenset({"other_topics", "language", "asked", "full", "week_full"})
"""Why somebody who is at work is not asked this time."""


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
    only: int | None = None
    """The only row that can be asked."""


def in_order(case: Case, pools: Iterable[Pool], rules: Ruleset, snapshot: Snapshot) -> Order:
    """Everybody who can be offered the case, nobody twice; and who of the same pools cannot."""
    look = _Look(case, rules.weights, snapshot)
    for pool in pools:
        groups = [group for group in _IN[pool](case, pool, rules, snapshot) if group.rows]
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
    return _Group(pool, rows, lambda _: reason, only=snapshot.row[chosen.id] if chosen else None)


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
        self._others: set[int] = set()
        """Rows of candidates that are not told."""
        self._cannot: dict[int, Why] = {}
        self._looked_at: set[int] = set()

    def along(self, line: list[_Group]) -> None:
        """Look at the groups of a line."""
        able, there = [], []
        for group in line:
            for row in group.rows:
                why, acting = self._why_not(group, row)
                if why is None:
                    able.append(_Able(group, row, acting))
                    continue
                self._cannot.setdefault(row, why)
                if why in _THERE and acting != NOBODY:
                    there.append(acting)
        if able:
            self._rank(able, there)

    def order(self) -> Order:
        """All that was found."""
        not_asked = [(row, why) for row, why in self._cannot.items() if row not in self.candidates]
        return Order(
            tuple(self.candidates.values()),
            len(self._others - self.candidates.keys()),
            tuple(Excluded(self._snapshot.receivers[row].id, why) for row, why in not_asked[:_MOST_EXCLUDED]),
            dict(sorted(Counter(why for _, why in not_asked).items())),
            self._roster.seen(self._looked_at),
        )

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

    def _rank(self, able: list[_Able], there: list[int]) -> None:
        """Add the best of those who can be asked. ``there``: rows of who else works in this line."""
        credited = self._credited([each.acting for each in able], there)
        least = min(credited)
        ranked = []
        for each, share in zip(able, credited, strict=True):
            score = self._score(each, share - least)
            ranked.append((-score.total, drawn(self._roster.lot[each.acting] ^ self._lot), each, share, score))
        ranked.sort(key=lambda entry: entry[:2])
        for _, _, each, share, score in ranked:
            if each.acting in self.candidates:
                continue
            if len(self.candidates) < MOST_TOLD:
                self.candidates[each.acting] = self._candidate(each, share, score)
            else:
                self._others.add(each.acting)

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
