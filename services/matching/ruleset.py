"""The rules by which it is decided who should help: who leads what, in which order who is asked, when a person decides.

A ruleset names groups of receivers ("the showcase that leads the topic"), never a receiver.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from hashlib import sha256
from typing import Literal

from services.matching.vocabulary import Vocabulary, Words
from shared.topics import TOPICS

REGIONAL = "regional"
"""The lead of what the chambers' own advisors help with."""
SHOWCASES = ("nord", "ost", "sued", "west")
LEADS = (REGIONAL, *SHOWCASES)

Pool = Literal["lead", "leads", "second_leads", "region", "neighbours", "state"]

_VERSION_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Topic:
    """What the rules say about one topic."""

    lead: str
    """``regional`` (the chamber's advisors) or a showcase."""
    second_leads: tuple[str, ...]
    """Who can help with it too, in their order."""
    words: Words
    """What gives the topic away in a text."""


@dataclass(frozen=True, slots=True)
class Pools:
    """In which order who is asked, by what kind of case it is."""

    led_by_showcase: tuple[Pool, ...]
    """One showcase leads all topics."""
    led_by_chambers: tuple[Pool, ...]
    """The chambers lead all topics."""
    several_leads: tuple[Pool, ...]
    """The topics have different leads."""


POSSIBLE_POOLS: dict[str, tuple[Pool, ...]] = {
    "led_by_showcase": ("lead", "second_leads", "region", "neighbours", "state"),
    "led_by_chambers": ("second_leads", "region", "neighbours", "state"),
    "several_leads": ("leads", "second_leads", "region", "neighbours", "state"),
}
"""``lead``: the showcase that leads the topic; ``leads``: all that lead one of the topics; ``second_leads``: who can
help too; ``region``: the chamber's advisors; ``neighbours``: those of the chambers next to it; ``state``: the showcase
that serves the firm's federal state."""


@dataclass(frozen=True, slots=True)
class Confidence:
    """How sure the reading of a text must be; probabilities from 0 to 1."""

    attack: float
    """From here a case is treated as an attack that is going on."""
    not_for_us: float
    """From here a case without ticked topics is taken to be no enquiry."""
    topic: float
    """Below this for the likeliest lead, a person decides."""
    contradiction: float
    """From here the text is said to contradict the ticked topics."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each criterion counts among those of a pool who can be offered a case. Each criterion is from 0 to 1."""

    topic_fit: float
    """Which share of the topics a receiver names; none for who takes all."""
    distance: float
    """1 in the firm's own region, less the farther a chamber is, 0 from 75 km."""
    free_capacity: float
    """Which share of its places is free; 1 without a limit."""
    language: float
    """Whether it is at home in the enquiry's language."""
    fairness: float
    """How much more it has served than others, over its capacity: this has no upper bound, and is subtracted."""

    @property
    def bound(self) -> float:
        """How far apart cases over capacity can come by what the other criteria say; one case more is unavoidable."""
        return (self.topic_fit + self.distance + self.free_capacity + self.language) / self.fairness


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """By when something has to have happened, in working days of whoever has to do it.

    ``answer`` is kept today; the others are for whatever watches over cases that were taken. The figures are proposals
    to the network: no source names any.
    """

    answer: int = 2
    """A receiver has said whether it takes a case it was offered."""
    reminder: int = 1
    """A receiver that has not said so is reminded."""
    help: int = 5
    """Somebody has taken a case, from when it was first offered."""
    contact: int = 3
    """Whoever took a case has spoken with the firm."""
    progress: int = 20
    """Something was noted about a case that is worked on."""
    outcome: int = 60
    """What came of a case is known."""


_USUAL = TimeLimits()


@dataclass(frozen=True, slots=True)
class Ruleset:
    """All rules of one version."""

    name: str
    version: str
    """The name and what the content amounts to: ``2026-11.3fa09c``. The same rules always have the same version."""
    topics: Mapping[str, Topic]
    """By id, in the order of ``shared/topics.py``; every topic is there."""
    pools: Pools
    confidence: Confidence
    weights: Weights
    time_limits: TimeLimits
    vocabulary: Vocabulary = field(init=False, repr=False, compare=False)
    """All topics' words."""
    led_by: Mapping[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)
    """By lead: the ids of its topics, in their order."""

    def __post_init__(self) -> None:
        vocabulary = Vocabulary({id_: topic.words for id_, topic in self.topics.items()})
        led_by = {lead: tuple(id_ for id_, topic in self.topics.items() if topic.lead == lead) for lead in LEADS}
        object.__setattr__(self, "vocabulary", vocabulary)  # a frozen class may still complete itself
        object.__setattr__(self, "led_by", led_by)


def ruleset(
    name: str,
    topics: Mapping[str, Topic],
    pools: Pools,
    confidence: Confidence,
    weights: Weights,
    time_limits: TimeLimits = _USUAL,
) -> Ruleset:
    """A ruleset with the version that its content amounts to. ``topics``: all forty, in whatever order.

    The usual time limits are no part of the version: rules that do not name them are the same rules.
    """
    topics = {id_: topics[id_] for id_ in TOPICS}
    content: dict[str, object] = {
        "name": name,
        "topics": {id_: asdict(topic) for id_, topic in topics.items()},
        "pools": asdict(pools),
        "confidence": {each.name: float(getattr(confidence, each.name)) for each in fields(confidence)},
        "weights": {each.name: float(getattr(weights, each.name)) for each in fields(weights)},
    }
    if time_limits != _USUAL:
        content["time_limits"] = asdict(time_limits)
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    digits = sha256(canonical.encode()).hexdigest()[:_VERSION_DIGITS]
    return Ruleset(name, f"{name}.{digits}", topics, pools, confidence, weights, time_limits)
