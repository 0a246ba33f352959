"""A ruleset as a YAML file that people write, read with every flaw named at once.

``name``, ``confidence``, ``pools``, ``weights``, ``time_limits`` and ``topics``: ``data/ruleset.yaml`` explains them.
"""

from collections.abc import Iterable
from dataclasses import asdict
from dataclasses import fields as fields_of
from functools import cache
from importlib.resources import files

import yaml

from services.matching.features import plainly
from services.matching.ruleset import (
    LEADS,
    POSSIBLE_POOLS,
    Confidence,
    Pools,
    Ruleset,
    TimeLimits,
    Topic,
    Weights,
    ruleset,
)
from services.matching.vocabulary import Words
from services.matching.yaml_document import BadDocument, Fields, Flaw, Reader, composed, did_you_mean, line_of
from shared.topics import TOPICS

_CONFIDENCE = ("attack", "not_for_us", "topic", "contradiction")
_WEIGHTS = ("topic_fit", "distance", "free_capacity", "language", "fairness")
_TIME_LIMITS = tuple(field.name for field in fields_of(TimeLimits))
_MOST_DAYS = 250
"""About a year."""
_HEAVIEST = 100
_LEAST_FAIR = 0.1
"""Fairness must count for something, or nothing keeps loads together."""
_LONGEST_NAME = 40
_SHORTEST = 3
"""Letters of a word that may stand at the start of others: fewer would be found everywhere."""


def load(raw: bytes) -> Ruleset:
    """The ruleset in a file. Raises ``BadDocument`` with all flaws."""
    reader = Reader()
    read = _ruleset(reader, composed(raw, "a ruleset"))
    if read is None or reader.flaws:
        raise BadDocument(reader.flaws)
    return read


@cache
def packaged() -> Ruleset:
    """The ruleset that comes with this version of the program."""
    return load(packaged_text().encode())


def packaged_text() -> str:
    """The file that ``packaged`` is read from."""
    return (files("services.matching") / "data" / "ruleset.yaml").read_text(encoding="utf-8")


def _ruleset(reader: Reader, root: yaml.Node | None) -> Ruleset | None:
    if root is None:
        reader.flaws.append(Flaw(1, "", "The file is empty. Start from the rules in force: 'wegweiser rules show'."))
        return None
    document = reader.fields(root, "", ("name", "confidence", "pools", "weights", "time_limits", "topics"))
    if document is None:
        return None
    name = _name(document)
    confidence = document.fields("confidence", _CONFIDENCE)
    pools = document.fields("pools", POSSIBLE_POOLS)
    weights = document.fields("weights", _WEIGHTS)
    limits = document.fields("time_limits", _TIME_LIMITS) if document.node("time_limits") else None
    topics = document.fields("topics", TOPICS, "topic")
    read = _topics(topics), _pools(pools), _confidence(confidence), _weights(weights), _time_limits(limits)
    return None if reader.flaws else ruleset(name, *read)


def _name(document: Fields) -> str:
    name = document.text("name", required=True)
    letters = name.replace("-", "").replace("_", "").replace(".", "")
    if name and not (letters.isalnum() and name.isascii() and name[0].isalnum() and len(name) <= _LONGEST_NAME):
        allowed = "letters without umlauts, digits, '-', '_' and '.', beginning with a letter or digit"
        document.flaw("name", f"'{name}' is no name. Use up to {_LONGEST_NAME} {allowed}.")
    return name


def _confidence(fields: Fields | None) -> Confidence:
    return Confidence(**{name: fields.number(name, 0, 1) if fields else 0.0 for name in _CONFIDENCE})


def _weights(fields: Fields | None) -> Weights:
    least = dict.fromkeys(_WEIGHTS, 0.0) | {"fairness": _LEAST_FAIR}
    return Weights(**{name: fields.number(name, least[name], _HEAVIEST) if fields else 1.0 for name in _WEIGHTS})


def _time_limits(fields: Fields | None) -> TimeLimits:
    """Those that are not named are the usual ones."""
    if fields is None:
        return TimeLimits()
    limits = TimeLimits(**{name: days for name in _TIME_LIMITS if (days := fields.whole(name))})
    for name, days in asdict(limits).items():
        if days > _MOST_DAYS:
            fields.flaw(name, f"{days} working days are too many. Write at most {_MOST_DAYS}.")
    for earlier, later in (("reminder", "answer"), ("answer", "help")):
        if getattr(limits, earlier) > getattr(limits, later):
            days = getattr(limits, later)
            fields.flaw(earlier, f"'{later}' is after {days} working days already. Write at most {days}.")
    return limits


def _pools(fields: Fields | None) -> Pools:
    orders = {case: _order(fields, case, known) if fields else () for case, known in POSSIBLE_POOLS.items()}
    return Pools(**orders)  # type: ignore[arg-type] # a flaw where a name is no pool


def _order(fields: Fields, case: str, known: Iterable[str]) -> tuple[str, ...]:
    if fields.is_empty(case):
        fields.flaw(case, f"Somebody must be asked. Write a list of: {', '.join(known)}.")
    return _each_once(fields, case, known, f"no pool that can be asked here; write some of: {', '.join(known)}")


def _topics(fields: Fields | None) -> dict[str, Topic]:
    if fields is None:
        return {}
    missing = [id_ for id_ in TOPICS if fields.node(id_) is None]
    if missing:
        fields.flaw("", f"Topics are missing: {', '.join(missing)}. Write each with its lead and words.")
    return {id_: topic for id_ in TOPICS if fields.node(id_) is not None and (topic := _topic(fields, id_))}


def _topic(topics: Fields, id_: str) -> Topic | None:
    fields = topics.fields(id_, ("lead", "second_leads", "words", "hints"))
    if fields is None:
        return None
    lead = fields.one_of("lead", LEADS)
    second_leads = _each_once(fields, "second_leads", LEADS, f"no lead; write one of: {', '.join(LEADS)}")
    if lead in second_leads:
        fields.flaw("second_leads", f"'{lead}' leads this topic already. Remove it here.")
    taken: dict[str, int] = {}
    return Topic(lead, second_leads, Words(_words(fields, "words", taken), _words(fields, "hints", taken)))


def _words(fields: Fields, field: str, taken: dict[str, int]) -> tuple[str, ...]:
    """The words of a list. ``taken``: the topic's words so far as they are compared, with their lines."""
    words = []
    for node, word in fields.items(field):
        plain = plainly(word)
        if not plain:
            fields.flaw(field, f"'{word}' has no letter or digit. Write a word, or remove it.", node)
        elif len(plain) < _SHORTEST and not word.startswith("="):
            fields.flaw(field, f"Too many words begin with '{word}'. Write '={word}', which is the whole word.", node)
        elif plain in taken:
            fields.flaw(field, f"'{word}' is here already, in line {taken[plain]}. Remove one of the two.", node)
        taken.setdefault(plain, line_of(node))
        words.append(word)
    return tuple(words)


def _each_once(fields: Fields, field: str, known: Iterable[str], otherwise: str) -> tuple[str, ...]:
    """A list of known names, in its order; one that is there twice is a flaw."""
    names: list[str] = []
    for node, name in fields.items(field):
        if name not in known:
            fields.flaw(field, f"'{name}' is {otherwise}.{did_you_mean(name, known)}", node)
        elif name in names:
            fields.flaw(field, f"'{name}' is here twice. Remove one of the two.", node)
        names.append(name)
    return tuple(names)
