"""Everybody who can be offered a case, in order, each with what speaks for them.

Of several advisors of a chamber, those who name one of the topics come first, then those who name none at all (they
take every topic), then the others. Among equals the enquiry's reference decides: fair in the long run, and the same
whenever it is asked again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from services.matching.directory import Receiver, Snapshot
from services.matching.reasons import recorded
from services.matching.regions import Region

REGIONAL = "regional"
"""The lead of what the chambers' own advisors help with."""

Pool = Literal["region", "topic", "state"]

Leads = dict[str, tuple[str, ...]]
"""Who leads the topics of an enquiry, in the topics' order, each with the ids of the topics it leads."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who can be offered the case, and why."""

    receiver: str
    """The receiver's id."""
    kind: Literal["advisor", "showcase"]
    name: str
    pool: Pool
    """Whether the region, the topic or the federal state speaks for them."""
    reason: str
    """``names_topic:<topics>``, ``advises_in:<chamber>``, ``leads:<topics>`` or ``serves:<federal state>``."""


@dataclass(frozen=True, slots=True)
class Excluded:
    """Somebody who would have been a candidate, and why they are not."""

    receiver: str
    """The receiver's id."""
    reason: Literal["inactive", "another_showcase_leads"]


def in_order(
    reference: str, region: Region, leads: Leads, snapshot: Snapshot, *, chamber_first: bool
) -> tuple[Candidate, ...]:
    """Everybody who can be offered the case, nobody twice. The order of the pools: ``decide.py``.

    ``chamber_first``: the chamber's advisors are asked before the showcases, whoever leads the first topic.
    """
    advisors = _advisors(reference, region.chamber or "", sum(leads.values(), ()), snapshot)
    by_topic = [
        _candidate(showcase, "topic", recorded("leads", *topics))
        for lead, topics in leads.items()
        if (showcase := snapshot.showcase(lead))
    ]
    of_state = snapshot.showcase(region.showcase or "") if region.showcase not in leads else None
    chamber_first = chamber_first or next(iter(leads)) == REGIONAL
    return (
        *(() if chamber_first else by_topic),
        *advisors,
        *(by_topic if chamber_first else ()),
        *((_candidate(of_state, "state", recorded("serves", region.land or "")),) if of_state else ()),
    )


def left_out(region: Region, leads: Leads, snapshot: Snapshot) -> Iterator[Excluded]:
    """Who belongs to the chamber, leads a topic or serves the federal state, and is not offered the case."""
    for receiver in snapshot.left_out_in(region.chamber or "", {*leads, region.showcase}):
        yield Excluded(receiver.id, "another_showcase_leads" if receiver.active else "inactive")


def _advisors(reference: str, chamber: str, topics: tuple[str, ...], snapshot: Snapshot) -> Iterator[Candidate]:
    def rank(advisor: Receiver) -> tuple[int, bytes]:
        return _fit(advisor, topics), sha256(f"{reference} {advisor.id}".encode()).digest()

    for advisor in sorted(snapshot.advisors_of(chamber), key=rank):
        named = [topic for topic in topics if topic in advisor.topics]
        reason = recorded("names_topic", *named) if named else recorded("advises_in", chamber)
        yield _candidate(advisor, "region", reason)


def _fit(advisor: Receiver, topics: tuple[str, ...]) -> int:
    """0 for who names one of the topics, 1 for who takes all, 2 for who names others only; all equal without topics."""
    if not topics or not advisor.topics:
        return 1
    return 0 if set(topics) & set(advisor.topics) else 2


def _candidate(receiver: Receiver, pool: Pool, reason: str) -> Candidate:
    return Candidate(receiver.id, receiver.kind, receiver.name, pool, reason)
