"""Who should help: from what was asked, where from, and who there is, to an ordered list with its reasons.

- A business that seems to be under attack at this moment goes to triage, whatever was ticked: a person calls.
- An impossible postal code goes to triage too: nobody can tell who the business belongs to.
- So does what was sent without a topic and is not for us (advertising, the press, customers), or says too little.
- For the rest, the ruleset says in which order the pools are asked: one order for topics that one showcase leads, one
  for those of the chambers, one for ticked topics with different leads. Without a tick, the lead counts whose topics
  together are the likeliest.
- Nobody in any pool: triage. Where all that is missing is a free place, the case waits there for one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from services.matching.candidates import Candidate, Case, Excluded, Order, in_order, leads_of
from services.matching.directory import Receiver
from services.matching.exclusion import FULL
from services.matching.reasons import code_of, recorded
from services.matching.regions import Region, resolve
from services.matching.ruleset import REGIONAL, Confidence, Pool, Ruleset
from services.matching.snapshot import Snapshot
from services.matching.topics import Guess, Understanding, understand

TRIAGE = "triage"
ATTACK = "attack"
"""The reason of a case in which somebody has to call at once."""
NOBODY_LEFT = "nobody_left"
"""There is nobody who could be asked, or everybody was."""
NOBODY_FREE = "nobody_free"
"""Nobody who could be asked has a free place: the case waits for one."""


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
class Question:
    """What a decision is taken about."""

    reference: str
    region: Region
    about: Understanding
    language: Literal["de", "en"]
    asked: tuple[str, ...] = ()
    """Who was offered the case before, by id."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Who is offered an enquiry, in which order, and why: all that is needed to take it again."""

    question: Question
    decided_at: datetime
    ruleset: str
    """The version of the rules."""
    directory: int
    """The version of the directory."""
    target: str
    """Where it goes first: ``regional``, the showcase ``nord``, ``ost``, ``sued`` or ``west``, or ``triage``."""
    reason: str
    """How it was taken: ``led_by_showcase``, ``led_by_chambers``, ``several_leads``; for triage ``attack``,
    ``impossible_postal_code``, ``not_for_us``, ``unclear``, ``nobody_left`` or ``nobody_free``."""
    reasons: tuple[str, ...]
    """All that mattered, as ``reasons.py`` records it; the first is ``reason`` with what it is about."""
    decisive: tuple[str, ...] = ()
    """The topics by id for which the case goes where it goes: a guess may name others beside them."""
    pools: tuple[Pool, ...] = ()
    """Who is asked, one group after the other; none where no rule may decide."""
    candidates: tuple[Candidate, ...] = ()
    """Who is offered the case, one after the other: the best ten; empty for triage."""
    more: int = 0
    """How many come after them."""
    excluded: tuple[Excluded, ...] = ()
    """Who is not, and why; of many only some."""
    excluded_for: Mapping[str, int] = field(default_factory=dict)
    """How many are not, by reason."""
    seen: bytes = b""
    """What everybody who was looked at had to do, as ``Roster.restore`` reads it."""

    @property
    def reference(self) -> str:
        """The enquiry's."""
        return self.question.reference

    @property
    def region(self) -> Region:
        """Where the business is."""
        return self.question.region

    @property
    def about(self) -> Understanding:
        """What it is about, and how sure that is."""
        return self.question.about

    @property
    def topics(self) -> tuple[Guess, ...]:
        """What it is about."""
        return self.about.topics


def question_of(facts: Facts, rules: Ruleset) -> Question:
    """The question that the facts ask: finds the region and what it is about."""
    about = understand(facts.ticked, facts.text, facts.trade, rules)
    return Question(facts.reference, resolve(facts.postal_code, facts.place), about, facts.language)


def decision_for(facts: Facts, snapshot: Snapshot, rules: Ruleset, at: datetime) -> Decision:
    """The decision from the facts alone."""
    return decide(question_of(facts, rules), snapshot, rules, at)


def decide(question: Question, snapshot: Snapshot, rules: Ruleset, at: datetime) -> Decision:
    """Who should help, by the rules. The same question always has the same answer."""
    region, about = question.region, question.about
    for_a_person = _for_a_person(region, about, rules.confidence)
    if for_a_person:
        reasons = (for_a_person, *(_said(about) if about.ticked else ()))
        return Decision(question, at, rules.version, snapshot.version, TRIAGE, code_of(for_a_person), reasons)
    case, rule, pools = _case(question, rules, at)
    order = in_order(case, pools, rules, snapshot)
    nobody = () if order.candidates else (NOBODY_FREE if FULL & order.excluded_for.keys() else NOBODY_LEFT,)
    missing = _missing(case, pools, order, rules, snapshot)
    reasons = (*nobody, rule, *_said(about), *_marks(region), *missing)
    return Decision(
        question=question,
        decided_at=at,
        ruleset=rules.version,
        directory=snapshot.version,
        target=_target(order.candidates, snapshot),
        reason=code_of(reasons[0]),
        reasons=reasons,
        decisive=case.topics,
        pools=pools,
        candidates=order.candidates,
        more=order.more,
        excluded=order.excluded,
        excluded_for=order.excluded_for,
        seen=order.seen,
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


def _for_a_person(region: Region, about: Understanding, sure: Confidence) -> str:
    """Why no rule may decide, or nothing."""
    if about.attack >= sure.attack:
        return recorded(ATTACK)
    if region.chamber is None:
        return recorded("impossible_postal_code", region.postal_code)
    if about.ticked:
        return ""
    if about.not_for_us.p >= sure.not_for_us:
        return recorded("not_for_us", about.not_for_us.id)
    return recorded("unclear") if about.clear < sure.topic else ""


def _case(question: Question, rules: Ruleset, at: datetime) -> tuple[Case, str, tuple[Pool, ...]]:
    """What kind of case it is: for which topics, by which rule, and whom that rule asks."""
    about = question.about
    topics = tuple(topic.id for topic in about.topics)
    leads = leads_of(topics, rules)
    lead, *others = leads
    several = bool(about.ticked and others)
    decisive = topics if several else leads[lead]
    beside = tuple(topic for topic in topics if topic not in decisive)
    case = Case(question.reference, question.region, decisive, question.language, at, beside, question.asked)
    if several:
        return case, recorded("several_leads", *leads), rules.pools.several_leads
    if lead == REGIONAL:
        return case, recorded("led_by_chambers", *case.topics), rules.pools.led_by_chambers
    return case, recorded("led_by_showcase", lead), rules.pools.led_by_showcase


def takes(advisor: Receiver, topics: tuple[str, ...]) -> bool:
    """Whether an advisor takes cases with one of these topics."""
    return not advisor.topics or any(topic in advisor.topics for topic in topics)


def _target(candidates: tuple[Candidate, ...], snapshot: Snapshot) -> str:
    """Where the first candidate belongs."""
    if not candidates:
        return TRIAGE
    first = snapshot.get(candidates[0].receiver)
    return first.lead if first and first.kind == "showcase" and first.lead else REGIONAL


def _said(about: Understanding) -> Iterator[str]:
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


def _missing(case: Case, pools: tuple[Pool, ...], order: Order, rules: Ruleset, snapshot: Snapshot) -> Iterator[str]:
    """Who should be in the directory for this case, and is not."""
    if "region" in pools and not any(candidate.pool == "region" for candidate in order.candidates):
        chamber = case.region.chamber or ""
        advise = (takes(advisor, case.topics) for advisor in snapshot.each_advisor_of(chamber))
        first = next(advise, None)
        if first is None:
            yield recorded("without_advisor", chamber)
        elif not first and not any(advise):
            yield recorded("nobody_covers", *case.topics)
    asked = leads_of(case.topics, rules) if {"lead", "leads"} & {*pools} else ()
    of_state = [case.region.showcase or REGIONAL] if "state" in pools else []
    for lead in dict.fromkeys((*asked, *of_state)):
        if lead != REGIONAL and not snapshot.showcase(lead):
            yield recorded("without_showcase", lead)
