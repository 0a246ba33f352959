"""A changed ruleset over the past, in order: what would have been decided, with all that follows from it.

Whoever is offered another case than in the past has a place less for the next one. A case that goes elsewhere than it
did is taken to be accepted there at once, and to need that receiver as long as it needed anybody.

What everybody had to do is known as each decision saw it; only what would have been different is added to that, or
taken away. So the rules of the past lead to the past, exactly.
"""

import heapq
from collections import Counter, deque
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.matching.decide import TRIAGE, Decision, Question, decide, question_of
from services.matching.directory import Receiver
from services.matching.loads import Load, Wish, given_back, week_of, with_place
from services.matching.past import Step
from services.matching.roster import Busy, busy_in, busy_with
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
    fallen_away: int = 0
    """Later decisions about cases that would have gone elsewhere: they would never have been asked for."""
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
    names: dict[str, str] = field(default_factory=dict)
    """How the receivers are called, by id."""

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
_NOTHING = Load()
_IDLE = Busy()


def read_alike(some: Ruleset, others: Ruleset) -> bool:
    """Whether a text is understood the same by both: by who leads what, and by the words."""
    topics = ((some.topics[id_], others.topics[id_]) for id_ in some.topics)
    return all((one.lead, one.words) == (other.lead, other.words) for one, other in topics)


class _Course:
    """What everybody has to do, as things happen."""

    def __init__(self) -> None:
        self._loads: dict[str, Load] = {}
        self._free_again: list[tuple[datetime, str, str, bool]] = []
        """When, whose, which place, and whether the receiver had the case."""

    def of(self, receiver: str) -> Load:
        """What a receiver has to do, by its id."""
        return self._loads.get(receiver, _NOTHING)

    def everybody(self) -> Iterable[str]:
        """Who ever had anything to do, by id."""
        return self._loads

    def goes_on(self, until: datetime) -> Iterator[str]:
        """Places get free until then; gives whose."""
        while self._free_again and self._free_again[0][0] <= until:
            at, receiver, token, had_it = heapq.heappop(self._free_again)
            self._loads[receiver] = given_back(self._loads[receiver], token, at, had_it=had_it)
            yield receiver

    def take(
        self, receiver: Receiver, step: Step, credited: float | None, until: datetime | None, *, had_it: bool
    ) -> None:
        """A receiver is offered the case of this step, and has its place until then."""
        load = self.of(receiver.id)
        token = f"{step.reference}/{step.at.isoformat()}"
        self._loads[receiver.id] = with_place(load, Wish(receiver, token, step.at, load.served, credited))
        if until is not None:
            heapq.heappush(self._free_again, (until, receiver.id, token, had_it))


class Rehearsal:
    """Takes past decisions in order by other rules, and remembers what they would have led to."""

    def __init__(self, rules: Ruleset, directory: Callable[[int], Snapshot], reads_alike: Container[str]) -> None:
        """``reads_alike``: the versions by which a text was understood as these rules understand it."""
        self._rules, self._directory, self._reads_alike = rules, directory, reads_alike
        self._was, self._would = _Course(), _Course()
        self._elsewhere: set[str] = set()
        """Cases that would have gone elsewhere: what happened to them later did not."""
        self.fallen_away = 0
        """Past decisions that were not taken again, because their case would have gone elsewhere before."""
        self._snapshot = Snapshot(())
        """The directory of the last step, with what everybody would have had to do."""

    def outcomes(self, steps: Iterable[Step], since: datetime) -> Iterator[Outcome]:
        """What would have been decided from then on. ``steps``: all of the past, in order."""
        for step in steps:
            self._goes_on(step)
            if step.reference in self._elsewhere:
                self.fallen_away += step.question is not None
            elif step.question is None or step.at < since:
                self._take(self._would, step)
            else:
                outcome = Outcome(step, self._decided(step.question, step))
                self._follow(outcome)
                yield outcome
            self._take(self._was, step)

    def _goes_on(self, step: Step) -> None:
        snapshot = self._directory(step.directory)
        if snapshot is not self._snapshot:
            self._snapshot = snapshot
            for receiver in self._would.everybody():
                self._put(receiver)
        for receiver in self._would.goes_on(step.at):
            self._put(receiver)
        deque(self._was.goes_on(step.at), maxlen=0)

    def _decided(self, question: Question, step: Step) -> Decision:
        snapshot, week = self._snapshot, week_of(step.at)
        idle = {snapshot.row[id_]: _IDLE for id_ in step.told if id_ in snapshot.row}
        looked_at = {snapshot.receivers[row].id: busy for row, busy in (idle | busy_in(step.seen)).items()}
        for id_, busy in looked_at.items():
            was, would = self._was.of(id_), self._would.of(id_)
            snapshot.roster.has(snapshot.row[id_], _with_the_difference(busy, was, would, week))
        decision = decide(self._read(question, step), snapshot, self._rules, step.at)
        for id_ in looked_at:
            self._put(id_)
        return decision

    def _read(self, question: Question, step: Step) -> Question:
        """The question, as these rules understand the text."""
        if question.about.ticked or step.ruleset in self._reads_alike:
            return question
        return replace(question, about=question_of(step.facts, self._rules).about)

    def _follow(self, outcome: Outcome) -> None:
        if not outcome.changed:
            credited = outcome.decision.candidates[0].credited if outcome.receiver else None
            self._take(self._would, outcome.step, credited)
            return
        self._elsewhere.add(outcome.step.reference)
        receiver = self._snapshot.get(outcome.receiver or "")
        if receiver is not None and receiver.is_counted:
            credited = outcome.decision.candidates[0].credited
            self._would.take(receiver, outcome.step, credited, outcome.step.case_until, had_it=True)
            self._put(receiver.id)

    def _take(self, course: _Course, step: Step, credited: float | None = None) -> None:
        """What happened happens."""
        receiver = self._snapshot.get(step.receiver or "")
        if receiver is None or not receiver.is_counted:
            return
        credited = step.credited if credited is None else credited
        course.take(receiver, step, credited, step.until, had_it=step.had_it)
        self._put(receiver.id)

    def _put(self, receiver: str) -> None:
        if (row := self._snapshot.row.get(receiver)) is not None:
            self._snapshot.roster.has(row, busy_with(self._would.of(receiver)))


def _with_the_difference(seen: Busy, was: Load, would: Load, week: int) -> Busy:
    """What somebody would have had to do, where this was seen. ``was``, ``would``: as far as it is known from cases."""
    if was == would:
        return seen
    in_week = (seen.in_week if seen.week >= week else 0) + would.taken_in(week) - was.taken_in(week)
    return Busy(
        open=max(0, seen.open + len(would.places) - len(was.places)),
        week=max(seen.week, week),
        in_week=max(0, in_week),
        served=max(0.0, seen.served + would.served - was.served),
        last=seen.last if would.last == was.last else busy_with(would).last,
    )
