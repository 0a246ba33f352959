"""Who should help: from what was asked, where from, and who there is, to an ordered list with its reasons.

The rules of version 1:

- An impossible postal code goes to triage, whatever the topic: nobody can tell who the business belongs to.
- Topics that the chambers lead, or no topic at all: the advisors of the chamber, then the showcase of its state.
- Topics that one showcase leads: that showcase, then the advisors of the chamber, then the showcase of its state.
- Topics with different leads: the advisors of the chamber, then the showcases that lead one of the topics, that of the
  likeliest topic first, then the showcase of the state.
- Nobody in any of these: triage.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from services.matching.candidates import REGIONAL, Candidate, Excluded, Leads, in_order, left_out
from services.matching.directory import Snapshot
from services.matching.reasons import code_of, recorded, worded
from services.matching.regions import Region, resolve
from services.matching.topics import LEADS, Guess, find_topics

RULESET = "1"
"""The version of the rules above."""

TRIAGE = "triage"


@dataclass(frozen=True, slots=True)
class Facts:
    """What an enquiry says that matters for who should help."""

    reference: str
    postal_code: str
    place: str | None
    trade: str
    language: Literal["de", "en"]
    ticked: tuple[str, ...]
    """Topics by id; empty means "don't know"."""
    text: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Who is offered an enquiry, in which order, and why: all that is needed to take it again."""

    reference: str
    decided_at: datetime
    ruleset: str
    region: Region
    topics: tuple[Guess, ...]
    target: str
    """Where it goes first: ``regional``, the showcase ``nord``, ``ost``, ``sued`` or ``west``, or ``triage``."""
    candidates: tuple[Candidate, ...]
    """Who is offered the case, one after the other; empty for triage."""
    excluded: tuple[Excluded, ...]
    reason: str
    """How it was taken: ``led_by_showcase``, ``led_by_chambers``, ``several_leads``, ``no_topic``; for triage
    ``impossible_postal_code`` or ``nobody_left``."""
    reasons: tuple[str, ...]
    """All that mattered, as ``reasons.py`` records it; the first is ``reason`` with what it is about."""


def decision_for(facts: Facts, snapshot: Snapshot, at: datetime) -> Decision:
    """The decision from the facts alone: finds the region and the topics, then decides."""
    region = resolve(facts.postal_code, facts.place)
    topics = find_topics(facts.ticked, facts.text, facts.trade)
    return decide(facts, region, topics, snapshot, at)


def decide(facts: Facts, region: Region, topics: tuple[Guess, ...], snapshot: Snapshot, at: datetime) -> Decision:
    """Who should help, by the rules of this version. The same question always has the same answer."""
    candidates: tuple[Candidate, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    target = TRIAGE
    if region.chamber is None:
        reasons = (recorded("impossible_postal_code", region.postal_code), *_guessed(topics))
    else:
        leads = _leads(topics)
        candidates = in_order(facts.reference, region, leads, snapshot)
        excluded = tuple(left_out(region, leads, snapshot))
        target = _target(candidates, snapshot)
        reasons = (
            *(() if candidates else (recorded("nobody_left"),)),
            _rule(leads, topics),
            *_guessed(topics),
            *_marks(region),
            *_missing(region, region.chamber, leads, snapshot),
        )
    return Decision(
        reference=facts.reference,
        decided_at=at,
        ruleset=RULESET,
        region=region,
        topics=topics,
        target=target,
        candidates=candidates,
        excluded=excluded,
        reason=code_of(reasons[0]),
        reasons=reasons,
    )


def explain(decision: Decision, language: Literal["de", "en"]) -> str:
    """Why the decision is as it is, in plain sentences."""
    return worded(
        decision.reasons,
        language,
        postal_code=decision.region.postal_code,
        chamber=decision.region.chamber or "",
        topics=tuple(topic.id for topic in decision.topics),
    )


def summary(decision: Decision) -> dict[str, Any]:
    """The decision in short, as ``wegweiser preview`` prints it."""
    return {
        "target": decision.target,
        "receiver": decision.candidates[0].receiver if decision.candidates else None,
        "chamber": decision.region.chamber,
        "topics": [{"id": topic.id, "p": topic.p} for topic in decision.topics],
        "reason": "; ".join(decision.reasons),
    }


def _leads(topics: tuple[Guess, ...]) -> Leads:
    """Who leads the topics, the likeliest topic first, each with the topics it leads."""
    leads: Leads = {}
    for topic in sorted(topics, key=lambda guess: -guess.p):
        lead = LEADS[topic.id]
        leads[lead] = (*leads.get(lead, ()), topic.id)
    return leads


def _rule(leads: Leads, topics: tuple[Guess, ...]) -> str:
    match tuple(leads):
        case ():
            return recorded("no_topic")
        case (lead,):
            ids = (topic.id for topic in topics)
            return recorded("led_by_chambers", *ids) if lead == REGIONAL else recorded("led_by_showcase", lead)
        case several:
            return recorded("several_leads", *several)


def _target(candidates: tuple[Candidate, ...], snapshot: Snapshot) -> str:
    """Where the first candidate belongs."""
    if not candidates:
        return TRIAGE
    first = snapshot.get(candidates[0].receiver)
    return first.lead if first and first.kind == "showcase" and first.lead else REGIONAL


def _guessed(topics: tuple[Guess, ...]) -> tuple[str, ...]:
    return (recorded("topics_guessed"),) if any(topic.p < 1 for topic in topics) else ()


def _marks(region: Region) -> Iterator[str]:
    """What is not certain about where the business is."""
    if region.certainty in {"ambiguous", "estimated"}:
        yield recorded(f"region_{region.certainty}", *region.alternatives)
    elif region.note == "place":
        yield recorded("region_by_place")


def _missing(region: Region, chamber: str, leads: Leads, snapshot: Snapshot) -> Iterator[str]:
    """Who should be in the directory for this case, and is not."""
    if not snapshot.advisors_of(chamber):
        yield recorded("without_advisor", chamber)
    for lead in dict.fromkeys((*leads, region.showcase or REGIONAL)):
        if lead != REGIONAL and not snapshot.showcase(lead):
            yield recorded("without_showcase", lead)
