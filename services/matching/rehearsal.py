"""A changed ruleset over the past, in order: what would have been decided, with all that follows from it.

Whoever is offered another case than in the past has a place less for the next one. A case that goes elsewhere than it
did is taken to be accepted there at once, and to need that receiver as long as it needed anybody.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from services.matching.decide import TRIAGE, Decision, Question, decide, question_of
from services.matching.loads import Load, Wish, given_back, with_place
from services.matching.past import Step
from services.matching.ruleset import Ruleset
from services.matching.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Outcome:
    """One past decision, and how it would have been."""

    step: Step
    decision: Decision

    @property
    def receiver(self) -> str | None:
        """Who would have been offered the case."""
        return self.decision.candidates[0].receiver if self.decision.candidates else None

    @property
    def changed(self) -> bool:
        """Whether somebody else would have been offered it."""
        return (self.receiver, self.decision.target) != (self.step.receiver, self.step.target)


@dataclass(slots=True)
class Then:
    """What was and what would have been."""

    was: int = 0
    would_be: int = 0


@dataclass(slots=True)
class Report:
    """What would have changed."""

    decisions: int = 0
    changed: int = 0
    unmatched: Then = field(default_factory=Then)
    """Cases that went to a person."""
    targets: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many went where and would have gone where."""
    chambers: dict[str, Then] = field(default_factory=dict)
    """By region: ``was`` counts the decisions, ``would_be`` those that would have been others."""
    topics: dict[str, Then] = field(default_factory=dict)
    """By topic, likewise."""
    receivers: dict[str, Then] = field(default_factory=dict)
    """How many cases each was offered."""
    examples: list[tuple[str, str, str]] = field(default_factory=list)
    """Some of those that changed: the reference, and to whom it went and would have gone."""

    def add(self, outcome: Outcome) -> None:
        """Count one outcome."""
        step, decision = outcome.step, outcome.decision
        self.decisions += 1
        self.changed += outcome.changed
        self.unmatched.was += step.target == TRIAGE
        self.unmatched.would_be += decision.target == TRIAGE
        self.targets[step.target, decision.target] += 1
        topics = (guess.id for guess in decision.topics)
        of_chamber = self.chambers.setdefault(decision.region.chamber or "-", Then())
        for then in (of_chamber, *(self.topics.setdefault(topic, Then()) for topic in topics)):
            then.was += 1
            then.would_be += outcome.changed
        if step.receiver is not None:
            self.receivers.setdefault(step.receiver, Then()).was += 1
        if outcome.receiver is not None:
            self.receivers.setdefault(outcome.receiver, Then()).would_be += 1
        if outcome.changed and len(self.examples) < _EXAMPLES:
            before, after = step.receiver or step.target, outcome.receiver or decision.target
            self.examples.append((step.reference, before, after))


_EXAMPLES = 20


class Rehearsal:
    """Takes past decisions in order by other rules, and remembers what they would have led to."""

    def __init__(self, rules: Ruleset, directory: Callable[[int], Snapshot], *, read_anew: bool) -> None:
        self._rules, self._directory, self._read_anew = rules, directory, read_anew
        self._loads: dict[str, Load] = {}
        self._free_again: list[tuple[datetime, str, str, bool]] = []
        """When, whose, which place, and whether the receiver had the case."""
        self._elsewhere: set[str] = set()
        """Cases that would have gone elsewhere: what happened to them later did not."""
        self._snapshot: Snapshot | None = None

    def outcomes(self, steps: Iterable[Step], since: datetime) -> Iterator[Outcome]:
        """What would have been decided from then on. ``steps``: all of the past, in order."""
        for step in steps:
            outcome = self._at(step, decided=step.at >= since)
            if outcome is not None:
                yield outcome

    def _at(self, step: Step, *, decided: bool) -> Outcome | None:
        if step.reference in self._elsewhere:
            return None
        snapshot = self._as_of(step)
        if not decided or step.question is None:
            self._take(step, step.receiver, step.credited, step.until, had_it=step.had_it)
            return None
        outcome = Outcome(step, decide(self._question(step), snapshot, self._rules, step.at))
        first = outcome.decision.candidates[0] if outcome.decision.candidates else None
        if outcome.changed:
            self._elsewhere.add(step.reference)
            until, had_it = step.case_until, True
        else:
            until, had_it = step.until, step.had_it
        self._take(step, outcome.receiver, first.credited if first else 0.0, until, had_it=had_it)
        return outcome

    def _question(self, step: Step) -> Question:
        assert step.question is not None  # noqa: S101 - asked before
        if not self._read_anew:
            return step.question
        anew = question_of(step.facts, self._rules)
        return Question(anew.reference, step.question.region, anew.about, anew.language, step.question.asked)

    def _as_of(self, step: Step) -> Snapshot:
        """The directory of that time, with what everybody would have had to do."""
        snapshot = self._directory(step.directory)
        if snapshot is not self._snapshot:
            self._snapshot = snapshot
            for receiver in self._loads:
                self._put(receiver)
        while self._free_again and self._free_again[0][0] <= step.at:
            at, receiver, token, had_it = heapq.heappop(self._free_again)
            self._loads[receiver] = given_back(self._loads[receiver], token, at, had_it=had_it)
            self._put(receiver)
        return snapshot

    def _take(self, step: Step, id_: str | None, credited: float, until: datetime | None, *, had_it: bool) -> None:
        receiver = self._snapshot.get(id_) if self._snapshot and id_ else None
        if receiver is None or not receiver.is_counted:
            return
        load = self._loads.get(receiver.id, Load())
        token = f"{step.reference}/{step.at.isoformat()}"
        wish = Wish(receiver, token, step.at, load.served, max(credited, load.served))
        self._loads[receiver.id] = with_place(load, wish)
        self._put(receiver.id)
        if until is not None:
            heapq.heappush(self._free_again, (until, receiver.id, token, had_it))

    def _put(self, receiver: str) -> None:
        if self._snapshot is not None and (row := self._snapshot.row.get(receiver)) is not None:
            self._snapshot.roster.put(row, self._loads[receiver])
