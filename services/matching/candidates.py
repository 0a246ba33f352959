"""Everybody who can be offered a case, in order, each with what speaks for them, and who cannot, and why.

The rules name pools; here is who is in each. Who is in two is asked in the first of them. Of several advisors of a
chamber, those who name one of the topics come before those who name none at all and take every topic; who names others
only is not asked. Among equals the enquiry's reference decides: fair in the long run, and the same whenever it is asked
again.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from services.matching.directory import Receiver, Snapshot
from services.matching.nearby import chambers_near
from services.matching.reasons import recorded
from services.matching.regions import Region
from services.matching.ruleset import REGIONAL, Pool, Ruleset


@dataclass(frozen=True, slots=True)
class Case:
    """What matters for whom to ask."""

    reference: str
    region: Region
    topics: tuple[str, ...]
    """The topics by id for which the case goes where it goes."""
    beside: tuple[str, ...] = ()
    """What else may be meant, and somebody else leads."""


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


@dataclass(frozen=True, slots=True)
class Excluded:
    """Somebody who would have been a candidate, and why they are not."""

    receiver: str
    """The receiver's id."""
    reason: Literal["inactive", "another_showcase_leads", "other_topics"]


Asked = Candidate | Excluded


def in_order(
    case: Case, pools: Iterable[Pool], rules: Ruleset, snapshot: Snapshot
) -> tuple[tuple[Candidate, ...], tuple[Excluded, ...]]:
    """Everybody who can be offered the case, nobody twice; and who of the same pools cannot, by id."""
    candidates: dict[str, Candidate] = {}
    excluded: dict[str, Excluded] = {}
    for pool in pools:
        for asked in _IN[pool](case, pool, rules, snapshot):
            if isinstance(asked, Candidate):
                candidates.setdefault(asked.receiver, asked)
            else:
                excluded.setdefault(asked.receiver, asked)
    without = (excluded[id_] for id_ in sorted(excluded.keys() - candidates.keys()))
    return tuple(candidates.values()), tuple(without)


def leads_of(topics: Iterable[str], rules: Ruleset) -> dict[str, tuple[str, ...]]:
    """Who leads the topics, in the topics' order, each with the topics it leads."""
    leads: dict[str, tuple[str, ...]] = {}
    for topic in topics:
        lead = rules.topics[topic].lead
        leads[lead] = (*leads.get(lead, ()), topic)
    return leads


def _leading(case: Case, pool: Pool, rules: Ruleset, snapshot: Snapshot) -> Iterator[Asked]:
    for lead, topics in leads_of(case.topics, rules).items():
        if lead != REGIONAL:
            yield from _showcase(lead, pool, recorded("leads", *topics), snapshot)


def _helping(case: Case, pool: Pool, rules: Ruleset, snapshot: Snapshot) -> Iterator[Asked]:
    """Second leads in the topics' order, then who leads what else may be meant."""
    second = ((lead, topic) for topic in case.topics for lead in rules.topics[topic].second_leads)
    beside = ((rules.topics[topic].lead, topic) for topic in case.beside)
    for lead, topic in (*second, *beside):
        if lead == REGIONAL:
            yield from _advisors(case.region.chamber or "", case, pool, snapshot)
        else:
            yield from _showcase(lead, pool, recorded("helps_with", topic), snapshot)


def _near(case: Case, pool: Pool, _: Ruleset, snapshot: Snapshot) -> Iterator[Asked]:
    yield from _advisors(case.region.chamber or "", case, pool, snapshot)


def _next_to(case: Case, pool: Pool, _: Ruleset, snapshot: Snapshot) -> Iterator[Asked]:
    for chamber in chambers_near(case.region):
        yield from _advisors(chamber, case, pool, snapshot)


def _of_state(case: Case, pool: Pool, _: Ruleset, snapshot: Snapshot) -> Iterator[Asked]:
    yield from _showcase(case.region.showcase or "", pool, recorded("serves", case.region.land or ""), snapshot)


_IN: dict[Pool, Callable[[Case, Pool, Ruleset, Snapshot], Iterator[Asked]]] = {
    "lead": _leading,
    "leads": _leading,
    "second_leads": _helping,
    "region": _near,
    "neighbours": _next_to,
    "state": _of_state,
}


def _advisors(chamber: str, case: Case, pool: Pool, snapshot: Snapshot) -> Iterator[Asked]:
    def rank(advisor: Receiver) -> tuple[bool, bytes]:
        return not advisor.topics, sha256(f"{case.reference} {advisor.id}".encode()).digest()

    for advisor in sorted(snapshot.members_of(chamber), key=rank):
        named = [topic for topic in case.topics if topic in advisor.topics]
        if not advisor.active:
            yield Excluded(advisor.id, "inactive")
        elif advisor.topics and not named:
            yield Excluded(advisor.id, "other_topics")
        else:
            reason = recorded("names_topic", *named) if named else recorded("advises_in", chamber)
            yield Candidate(advisor.id, advisor.kind, advisor.name, pool, reason)


def _showcase(lead: str, pool: Pool, reason: str, snapshot: Snapshot) -> Iterator[Asked]:
    chosen = snapshot.showcase(lead)
    for showcase in snapshot.leading(lead):
        if showcase is chosen:
            yield Candidate(showcase.id, showcase.kind, showcase.name, pool, reason)
        else:
            yield Excluded(showcase.id, "another_showcase_leads" if showcase.active else "inactive")
