"""What would have led a case elsewhere: the smallest changes, each tried by deciding again.

Nothing is told that was not tried: the decision is taken once more with the directory, the rules or the question
changed in one respect, and with what everybody had to do as the decision saw it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from services.matching.candidates import Excluded
from services.matching.changes import Change
from services.matching.decide import ATTACK, Decision, Question, decide
from services.matching.directory import Absence, Receiver
from services.matching.loads import capacity_of, week_of
from services.matching.nearby import chambers_near
from services.matching.reasons import code_of, recorded
from services.matching.regions import if_in
from services.matching.roster import Busy, busy_in, day_of
from services.matching.ruleset import Ruleset
from services.matching.snapshot import Snapshot
from services.matching.topics import Guess, Understanding

_MOST = 8
_MOST_EXCLUDED = 4
"""Of those who were not asked, how many are told who would have got the case."""
_A_LITTLE = 0.001
"""More of a probability than can be told apart."""
_EASIEST = ("full", "week_full", "absent", "other_topics", "language", "not_valid", "inactive")
"""What was in the way of somebody, the easiest to change first."""
_SOMEBODY = "?"
"""The id of an advisor who does not exist."""


def what_if(decision: Decision, snapshot: Snapshot, rules: Ruleset) -> tuple[Change, ...]:
    """What would have led the case elsewhere, the most useful first.

    ``snapshot`` and ``rules``: of the versions that the decision names; they are not changed. Nothing is told of a
    business that may be under attack, of one that is nowhere, and where the decision cannot be taken again.
    """
    if decision.reason == ATTACK or decision.region.chamber is None or decision.directory != snapshot.version:
        return ()
    again = _Again(decision, snapshot, rules)
    same = again.decided(_Idea(""))
    if (same.candidates, same.excluded) != (decision.candidates, decision.excluded):
        return ()
    found = (
        *_told(again, _of_rules(again)),
        *_told(again, _of_text(again)),
        *islice(_told(again, _of_excluded(again)), _MOST_EXCLUDED),
        *_told(again, _of_somebody_missing(again)),
        *islice(_told(again, _of_first(again)), 1),
        *_told(again, _of_guesses(again)),
        *_told(again, _of_region(again)),
    )
    return found[:_MOST]


# --- trying -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Idea:
    """One change to be tried."""

    what: str
    receivers: tuple[Receiver, ...] = ()
    """Who would be different, or there too."""
    busy: Mapping[str, Busy] = field(default_factory=dict)
    """What somebody would have to do, by id."""
    question: Question | None = None
    rules: Ruleset | None = None


class _Again:
    """A decision, and all that is needed to take it again with something changed."""

    def __init__(self, decision: Decision, snapshot: Snapshot, rules: Ruleset) -> None:
        self.decision, self.rules = decision, rules
        self.who = {receiver.id: receiver for receiver in _within_reach(decision.question, snapshot)}
        self.busy = {snapshot.receivers[row].id: busy for row, busy in busy_in(decision.seen).items()}

    def decided(self, idea: _Idea) -> Decision:
        """The decision with this change."""
        changed = {receiver.id: receiver for receiver in idea.receivers}
        snapshot = Snapshot((self.who | changed).values(), self.decision.directory)
        for id_, busy in (self.busy | {**idea.busy}).items():
            if (row := snapshot.row.get(id_)) is not None:
                snapshot.roster.has(row, busy)
        question, rules = idea.question or self.decision.question, idea.rules or self.rules
        return decide(question, snapshot, rules, self.decision.decided_at)

    def name(self, id_: str) -> str:
        """A receiver, for people."""
        receiver = self.who.get(id_)
        if receiver is None:
            return ""
        name, organisation = receiver.name, receiver.organisation
        return name if organisation in name else f"{name} ({organisation})"


def _told(again: _Again, ideas: Iterable[_Idea]) -> Iterator[Change]:
    """Those that lead elsewhere."""
    for idea in ideas:
        decision = again.decided(idea)
        target, first = _first_of(decision)
        if (target, first) != _first_of(again.decision):
            receiver = first if first in again.who else None
            who = idea.what.partition(":")[2].partition("|")[0]
            yield Change(idea.what, target, receiver, again.name(first), again.name(who))


def _first_of(decision: Decision) -> tuple[str, str]:
    """Where a case goes, and to whom."""
    return decision.target, decision.candidates[0].receiver if decision.candidates else ""


def _within_reach(question: Question, snapshot: Snapshot) -> Iterator[Receiver]:
    """Everybody who could be looked at for this question, in whatever region it may be, with all deputies."""
    roster, here = snapshot.roster, question.region
    rows = {row for row, receiver in enumerate(snapshot.receivers) if receiver.kind == "showcase"}
    for region in (here, *(if_in(chamber, here) for chamber in here.alternatives)):
        rows.update(roster.place(region.chamber or "", region.ags).rows)
        for chamber, _ in chambers_near(region):
            rows.update(roster.place(chamber).rows)
    to_do = list(rows)
    while to_do:
        receiver = snapshot.receivers[to_do.pop()]
        deputies = {snapshot.row[absence.deputy] for absence in receiver.absences if absence.deputy in snapshot.row}
        to_do.extend(deputies - rows)
        rows |= deputies
    return (snapshot.receivers[row] for row in rows)


# --- ideas ------------------------------------------------------------------------------------------------------------


def _of_rules(again: _Again) -> Iterator[_Idea]:
    """The confidence at which the rules would have decided."""
    rules, about = again.rules, again.decision.about
    now = rules.confidence
    if again.decision.reason == "unclear" and about.clear > 0:
        what = recorded("topic", str(about.clear), str(now.topic))
        yield _Idea(what, rules=replace(rules, confidence=replace(now, topic=about.clear)))
    if again.decision.reason == "not_for_us" and about.not_for_us.p < 1:
        what = recorded("not_for_us", str(about.not_for_us.p), str(now.not_for_us))
        more = about.not_for_us.p + _A_LITTLE
        yield _Idea(what, rules=replace(rules, confidence=replace(now, not_for_us=more)))


def _of_text(again: _Again) -> Iterator[_Idea]:
    """What the text speaks of, where something else was ticked."""
    said = again.decision.about.text_says
    if said is not None:
        yield _Idea(recorded("text_says", said.id), question=_ticking(said.id, again.decision.question))


def _of_guesses(again: _Again) -> Iterator[_Idea]:
    """What else may be meant; where a person decides, the likeliest too."""
    about, decision = again.decision.about, again.decision
    if not about.ticked:
        for guess in about.topics[1 if decision.candidates else 0 :]:
            yield _Idea(recorded("ticked", guess.id), question=_ticking(guess.id, decision.question))


def _of_region(again: _Again) -> Iterator[_Idea]:
    question = again.decision.question
    for chamber in question.region.alternatives:
        elsewhere = replace(question, region=if_in(chamber, question.region))
        yield _Idea(recorded("region", chamber), question=elsewhere)


def _of_somebody_missing(again: _Again) -> Iterator[_Idea]:
    """An advisor whom the chamber does not have."""
    decision = again.decision
    if {"nobody_covers", "without_advisor"} & {code_of(reason) for reason in decision.reasons}:
        chamber, topics = decision.region.chamber or "", decision.decisive
        language = decision.question.language
        somebody = Receiver(_SOMEBODY, "advisor", "", chamber, "", "", language, (chamber,), None, topics)
        yield _Idea(recorded("advisor", chamber, *topics), (somebody,))


def _of_first(again: _Again) -> Iterator[_Idea]:
    """Who is next, if the first has one case more, or is absent."""
    decision = again.decision
    if not decision.candidates:
        return
    first = again.who[decision.candidates[0].receiver]
    busy, week = again.busy.get(first.id, Busy()), week_of(decision.decided_at)
    one_more = Busy(
        busy.open + 1,
        week,
        (busy.in_week if busy.week == week else 0) + 1,
        decision.candidates[0].credited + 1 / capacity_of(first),
        int(decision.decided_at.timestamp()),
    )
    yield _Idea(recorded("busier", first.id), busy={first.id: one_more})
    today = day_of(decision.decided_at)
    yield _Idea(recorded("away", first.id), (replace(first, absences=(*first.absences, Absence(today, today))),))


def _of_excluded(again: _Again) -> Iterator[_Idea]:
    """Those who were not asked, each without what was in the way; and whose deputy got the case."""
    first = again.decision.candidates[:1]
    absent = [Excluded(each.deputy_of, "absent") for each in first if each.deputy_of]
    able = [each for each in again.decision.excluded if each.reason in _EASIEST]
    for excluded in (*absent, *sorted(able, key=lambda each: _EASIEST.index(each.reason))):
        yield from _without_what_was_in_the_way(again, again.who[excluded.receiver], excluded.reason)


def _without_what_was_in_the_way(again: _Again, who: Receiver, why: str) -> Iterator[_Idea]:
    decision, busy = again.decision, again.busy.get(who.id, Busy())
    today, language = day_of(decision.decided_at), decision.question.language
    match why:
        case "full" if who.most_open is not None:
            more = busy.open + 1
            what = recorded("most_open", who.id, str(more), str(who.most_open))
            yield _Idea(what, (replace(who, most_open=more),))
        case "week_full" if who.most_a_week is not None:
            more = busy.in_week + 1
            what = recorded("most_a_week", who.id, str(more), str(who.most_a_week))
            yield _Idea(what, (replace(who, most_a_week=more),))
        case "absent":
            others = tuple(absence for absence in who.absences if not absence.first <= today <= absence.last)
            yield _Idea(recorded("present", who.id), (replace(who, absences=others),))
        case "inactive":
            yield _Idea(recorded("active", who.id), (replace(who, active=True),))
        case "not_valid" if who.valid_from is not None and who.valid_from > today:
            yield _Idea(recorded("begun", who.id), (replace(who, valid_from=None),))
        case "not_valid":
            yield _Idea(recorded("not_ended", who.id), (replace(who, valid_until=None),))
        case "other_topics":
            for topic in decision.decisive:
                yield _Idea(recorded("takes", who.id, topic), (replace(who, topics=(*who.topics, topic)),))
        case "language":
            yield _Idea(recorded("speaks", who.id, language), (replace(who, languages=(*who.languages, language)),))


def _ticking(topic: str, question: Question) -> Question:
    """The question, if this topic alone had been ticked."""
    about = question.about
    ticked = Understanding(
        (Guess(topic, 1.0),), ticked=True, clear=1.0, not_for_us=about.not_for_us, attack=about.attack
    )
    return replace(question, about=ticked)
