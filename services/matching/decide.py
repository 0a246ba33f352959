"""Who should help: from what was asked, where from, and who there is, to an ordered list with its reasons.

The rules of version 2:

- A business that seems to be under attack at this moment goes to triage, whatever was ticked: a person calls.
- An impossible postal code goes to triage too: nobody can tell who the business belongs to.
- So does what was sent without a topic and is not for us (advertising, the press, customers), or says too little.
- Topics that the chambers lead: the advisors of the chamber, then the showcase of its state.
- Topics that one showcase leads: that showcase, then the advisors of the chamber, then the showcase of its state.
- Ticked topics with different leads: the advisors of the chamber, then the showcases that lead one of the topics, then
  the showcase of the state.
- Without a tick, the lead counts whose topics together are the likeliest; then who leads what else may be meant.
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
from services.matching.topics import LEADS, Guess, Understanding, understand

RULESET = "2"
"""The version of the rules above."""

TRIAGE = "triage"
ATTACK = "attack"
"""The reason of a case in which somebody has to call at once."""

_ATTACK = 0.4
"""From this probability an attack is taken to be going on."""
_NOT_FOR_US = 0.25
"""From this probability an enquiry without a ticked topic is taken for something else."""
_UNCLEAR = 0.2
"""If no lead is likelier than this, a person decides."""


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
    """How it was taken: ``led_by_showcase``, ``led_by_chambers``, ``several_leads``; for triage ``attack``,
    ``impossible_postal_code``, ``not_for_us``, ``unclear`` or ``nobody_left``."""
    reasons: tuple[str, ...]
    """All that mattered, as ``reasons.py`` records it; the first is ``reason`` with what it is about."""


def decision_for(facts: Facts, snapshot: Snapshot, at: datetime) -> Decision:
    """The decision from the facts alone: finds the region and what it is about, then decides."""
    region = resolve(facts.postal_code, facts.place)
    return decide(facts, region, understand(facts.ticked, facts.text, facts.trade), snapshot, at)


def decide(facts: Facts, region: Region, about: Understanding, snapshot: Snapshot, at: datetime) -> Decision:
    """Who should help, by the rules of this version. The same question always has the same answer."""
    candidates: tuple[Candidate, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    target = TRIAGE
    for_a_person = _for_a_person(region, about)
    if region.chamber is None or for_a_person:
        reasons = (for_a_person, *_about(about))
    else:
        leads = _leads(about.topics)
        several = about.ticked and len(leads) > 1
        candidates = in_order(facts.reference, region, leads, snapshot, chamber_first=several)
        excluded = tuple(left_out(region, leads, snapshot))
        target = _target(candidates, snapshot)
        reasons = (
            *(() if candidates else (recorded("nobody_left"),)),
            _rule(leads, about),
            *_about(about),
            *_marks(region),
            *_missing(region, region.chamber, leads, snapshot),
        )
    return Decision(
        reference=facts.reference,
        decided_at=at,
        ruleset=RULESET,
        region=region,
        topics=about.topics,
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
        topics=_that_decided(decision),
    )


def _that_decided(decision: Decision) -> tuple[str, ...]:
    """The topics by id for which the case goes where it goes: a guess may have named others beside them."""
    if decision.reason == "several_leads":
        return tuple(topic.id for topic in decision.topics)
    return tuple(topic.id for topic in decision.topics if LEADS[topic.id] == LEADS[decision.topics[0].id])


def summary(decision: Decision) -> dict[str, Any]:
    """The decision in short, as ``wegweiser preview`` prints it."""
    return {
        "target": decision.target,
        "receiver": decision.candidates[0].receiver if decision.candidates else None,
        "chamber": decision.region.chamber,
        "topics": [{"id": topic.id, "p": topic.p} for topic in decision.topics],
        "reason": "; ".join(decision.reasons),
    }


def _for_a_person(region: Region, about: Understanding) -> str:
    """Why no rule may decide, or nothing."""
    if about.attack >= _ATTACK:
        return recorded(ATTACK)
    if region.chamber is None:
        return recorded("impossible_postal_code", region.postal_code)
    if about.ticked:
        return ""
    if about.not_for_us.p >= _NOT_FOR_US:
        return recorded("not_for_us", about.not_for_us.id)
    return recorded("unclear") if about.clear < _UNCLEAR else ""


def _leads(topics: tuple[Guess, ...]) -> Leads:
    """Who leads the topics, in their order, each with the topics it leads."""
    leads: Leads = {}
    for topic in topics:
        lead = LEADS[topic.id]
        leads[lead] = (*leads.get(lead, ()), topic.id)
    return leads


def _rule(leads: Leads, about: Understanding) -> str:
    lead, *others = leads
    if about.ticked and others:
        return recorded("several_leads", *leads)
    if lead == REGIONAL:
        return recorded("led_by_chambers", *leads[lead])
    return recorded("led_by_showcase", lead)


def _target(candidates: tuple[Candidate, ...], snapshot: Snapshot) -> str:
    """Where the first candidate belongs."""
    if not candidates:
        return TRIAGE
    first = snapshot.get(candidates[0].receiver)
    return first.lead if first and first.kind == "showcase" and first.lead else REGIONAL


def _about(about: Understanding) -> Iterator[str]:
    """What the text said, where that matters."""
    if not about.ticked:
        yield recorded("topics_guessed")
    elif about.text_says:
        yield recorded("text_says", about.text_says.id)


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
