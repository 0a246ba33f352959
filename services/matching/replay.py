"""Past decisions taken again: the same question, directory, rules and loads give the same decision, bit for bit."""

import struct
from collections.abc import Iterator
from dataclasses import fields

from services.matching.decide import Decision, decide
from services.matching.ruleset import Ruleset
from services.matching.snapshot import Snapshot


class Damaged(Exception):
    """What is kept of a decision is no decision that could ever have been taken."""


def taken_again(decision: Decision, snapshot: Snapshot, rules: Ruleset) -> Decision:
    """The decision as it is taken now. Raises ``Damaged``.

    ``snapshot``: the directory of its version, whose loads this changes.
    """
    try:
        snapshot.roster.restore(decision.seen)
        return decide(decision.question, snapshot, rules, decision.decided_at)
    except (LookupError, ValueError, struct.error) as error:
        raise Damaged(f"what is kept cannot be decided about: {error}") from error


def differences(was: Decision, now: Decision) -> Iterator[tuple[str, object, object]]:
    """What is different: the field, what it was, and what it is."""
    if was == now:
        return
    for field in fields(Decision):
        before, after = getattr(was, field.name), getattr(now, field.name)
        if before != after:
            yield field.name, before, after
