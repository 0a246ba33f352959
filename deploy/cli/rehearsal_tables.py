"""What a rehearsal found, in sentences and tables, German or English, with everybody by name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from services.matching.decide import TRIAGE
from services.matching.rehearsal import Report, Then
from services.matching.rule_book import named
from services.matching.ruleset import LEADS, REGIONAL
from shared.topics import TOPICS

Language = Literal["de", "en"]

MOST_AT_FIRST = 15
"""Rows of a table that are seen at once."""
_NOWHERE = "-"
WORDS: dict[Language, dict[str, str]] = {
    "de": {
        "title": "Erprobung von {version}",
        "since": "Entscheidungen seit {since}; erprobt am {at}.",
        "changed": "{changed} von {decisions} Entscheidungen wären anders ausgefallen.",
        "to_a_person": "An die Koordination gingen {was}, es wären {would_be} gewesen.",
        "fallen_away_one": "Außerdem entfällt 1 spätere Entscheidung: Ihr Fall wäre schon vorher anderswohin "
        "gegangen und gilt dort als übernommen.",
        "fallen_away": "Außerdem entfallen {number} spätere Entscheidungen: Ihre Fälle wären schon vorher anderswohin "
        "gegangen und gelten dort als übernommen.",
        "targets": "Wohin Fälle stattdessen gehen",
        "target": "bisher → dann",
        "receivers": "Ansprechstellen: angebotene Fälle",
        "receiver": "Ansprechstelle",
        "chambers": "Kammerbezirke: Entscheidungen und wie viele sich ändern",
        "chamber": "Kammerbezirk",
        "topics": "Themen: Entscheidungen und wie viele sich ändern",
        "topic": "Thema",
        "cases": "Fälle",
        "was": "bisher",
        "would_be": "dann",
        "decisions": "Entscheidungen",
        "changes": "geändert",
        "nothing": "Hier ändert sich nichts.",
        "more": "{number} weitere, davon {changed} mit Änderung",
        "more_elsewhere": "{number} weitere, davon {changed} mit Änderung: siehe --page oder --json.",
        "regional": "Handwerkskammern",
        "triage": "Koordination",
        "same_kind": "gleiche Art, andere Ansprechstelle",
        "nowhere": "nicht festzustellen",
    },
    "en": {
        "title": "Rehearsal of {version}",
        "since": "Decisions since {since}; rehearsed on {at}.",
        "changed": "{changed} of {decisions} decisions would have been others.",
        "to_a_person": "To a person: {was}, would be {would_be}.",
        "fallen_away_one": "Besides, 1 later decision falls away: its case would have gone elsewhere before, and is "
        "taken to be accepted there.",
        "fallen_away": "Besides, {number} later decisions fall away: their cases would have gone elsewhere before, "
        "and are taken to be accepted there.",
        "targets": "Where cases go instead",
        "target": "went to → would go to",
        "receivers": "Receivers: cases offered",
        "receiver": "receiver",
        "chambers": "Regions: decisions, and how many of them change",
        "chamber": "chamber",
        "topics": "Topics: decisions, and how many of them change",
        "topic": "topic",
        "cases": "cases",
        "was": "was",
        "would_be": "would be",
        "decisions": "decisions",
        "changes": "changed",
        "nothing": "Nothing changes here.",
        "more": "{number} more, {changed} of them changed",
        "more_elsewhere": "{number} more, {changed} of them changed: see --page or --json.",
        "regional": "chambers of crafts",
        "triage": "a person",
        "same_kind": "somebody else of the same kind",
        "nowhere": "cannot be told",
    },
}


@dataclass(frozen=True, slots=True)
class Row:
    """Something that was counted."""

    name: str
    numbers: tuple[int, ...]
    change: int
    """By how much it changes."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one kind, those that change most first."""

    title: str
    of: str
    heads: tuple[str, ...]
    """What the numbers of each row are."""
    rows: tuple[Row, ...]

    @property
    def first(self) -> tuple[Row, ...]:
        """What is seen at once: what changes, if it is not too much."""
        return tuple(row for row in self.rows[:MOST_AT_FIRST] if row.change)

    @property
    def others(self) -> tuple[Row, ...]:
        """All else."""
        return self.rows[len(self.first) :]

    @property
    def most(self) -> int:
        """The highest number."""
        return max((number for row in self.rows for number in row.numbers), default=0)

    def more(self, words: str) -> str:
        """How many rows there are besides the first. ``words``: that have places for ``number`` and ``changed``."""
        return words.format(number=len(self.others), changed=sum(row.change > 0 for row in self.others))


def sentences(report: Report, language: Language) -> Iterator[str]:
    """What came out, in short."""
    say, fallen = WORDS[language], report.fallen_away
    yield say["changed"].format(changed=report.changed, decisions=report.decisions)
    yield say["to_a_person"].format(was=report.unmatched.was, would_be=report.unmatched.would_be)
    if fallen:
        yield say["fallen_away_one" if fallen == 1 else "fallen_away"].format(number=fallen)


def tables(report: Report, language: Language) -> tuple[Table, ...]:
    """What came out, counted by where cases go, receivers, chambers and topics."""
    say = WORDS[language]
    before_and_after, of_which = (say["was"], say["would_be"]), (say["decisions"], say["changes"])
    return (
        Table(say["targets"], say["target"], (say["cases"],), _sorted(_moves(report, language))),
        Table(say["receivers"], say["receiver"], before_and_after, _receivers(report)),
        Table(say["chambers"], say["chamber"], of_which, _parts(report.chambers, {_NOWHERE: say["nowhere"]})),
        Table(say["topics"], say["topic"], of_which, _parts(report.topics, _topics(language))),
    )


def _moves(report: Report, language: Language) -> Iterator[Row]:
    within = report.changed
    for (was, would_be), number in report.targets.items():
        if was != would_be:
            within -= number
            yield Row(f"{_target(was, language)} → {_target(would_be, language)}", (number,), number)
    if within:
        yield Row(WORDS[language]["same_kind"], (within,), within)


def _target(target: str, language: Language) -> str:
    if target in {REGIONAL, TRIAGE}:
        return WORDS[language][target]
    return named([target], language) if target in LEADS else target


def _receivers(report: Report) -> tuple[Row, ...]:
    return _sorted(
        Row(report.names.get(id_, id_), (then.was, then.would_be), abs(then.would_be - then.was))
        for id_, then in report.receivers.items()
    )


def _parts(counted: Mapping[str, Then], names: Mapping[str, str]) -> tuple[Row, ...]:
    """What is counted by its decisions, and those of them that change."""
    return _sorted(Row(names.get(id_, id_), (then.was, then.would_be), then.would_be) for id_, then in counted.items())


def _topics(language: Language) -> Mapping[str, str]:
    return {id_: topic.label(language) for id_, topic in TOPICS.items()}


def _sorted(rows: Iterator[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda row: (-row.change, row.name)))
