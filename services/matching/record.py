"""A decision's record, as programs read it: from the decision API and from ``wegweiser preview``."""

from collections.abc import Iterable
from typing import Any

from pydantic import TypeAdapter

from services.matching.changes import Change, sentence
from services.matching.decide import Decision, summary
from services.matching.explain import explain

_DECISION = TypeAdapter(Decision)
_OF_QUESTION = ("region", "about", "language", "asked")
_OF_DECISION = (
    "decided_at",
    "ruleset",
    "directory",
    "decisive",
    "pools",
    "candidates",
    "more",
    "excluded",
    "excluded_for",
    "reasons",
)


def record(decision: Decision, changes: Iterable[Change]) -> dict[str, Any]:
    """The decision in short, what it was taken from, why it is so in plain sentences, and what would have changed it.

    The lot among equals is drawn from the ``reference``.
    """
    whole = _DECISION.dump_python(decision, mode="json", exclude={"seen"})
    return {
        "reference": decision.reference,
        **summary(decision),
        **{part: whole["question"][part] for part in _OF_QUESTION},
        **{part: whole[part] for part in _OF_DECISION},
        "explanation": {"de": explain(decision, "de"), "en": explain(decision, "en")},
        "what_if": [_told(change) for change in changes],
    }


def _told(change: Change) -> dict[str, Any]:
    return {
        "change": change.what,
        "target": change.target,
        "receiver": change.receiver,
        "sentence": {"de": sentence(change, "de"), "en": sentence(change, "en")},
    }
