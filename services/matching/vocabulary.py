"""The network's own words for each topic, found in a text.

Words are compared in one spelling (``features.py``): case, umlauts and hyphens do not matter, and a blank also stands
for nothing, so that ``online shop`` is Onlineshop. A word of seven letters or more counts inside compounds too
(``zeiterfassung`` in ``Arbeitszeiterfassungssystem``), a shorter one at the start of a word, and one that is written
``=so`` as a whole word alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ahocorasick import Automaton

from services.matching.features import plainly

_INSIDE_COMPOUNDS = 7


@dataclass(frozen=True, slots=True)
class Words:
    """What speaks for a topic."""

    strong: tuple[str, ...]
    """Hardly said about anything else."""
    weak: tuple[str, ...] = ()
    """Said about other things too."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was said for one topic: words as the network writes them."""

    strong: tuple[str, ...]
    weak: tuple[str, ...]


class Vocabulary:
    """All topics' words, found in one pass over a text."""

    def __init__(self, words: Mapping[str, Words]) -> None:
        meant: dict[str, list[tuple[str, str, bool]]] = {}
        for topic, of_topic in words.items():
            for strong, entries in ((True, of_topic.strong), (False, of_topic.weak)):
                for entry in entries:
                    for needle in _needles(entry):
                        meant.setdefault(needle, []).append((topic, entry.removeprefix("="), strong))
        self._automaton = Automaton()
        for needle, what in meant.items():
            self._automaton.add_word(needle, tuple(what))
        self._automaton.make_automaton()

    def spoken(self, text: str, trade: str) -> dict[str, Spoken]:
        """What a plain text says for each topic; of a word within another one only the longer one.

        A word that names the business's own trade says less about what it needs: "CNC-Dreherei sucht Zeiterfassung".
        """
        of_trade = {word for _, word, _ in self._found(trade)}
        said: dict[str, dict[str, bool]] = {}
        for topic, word, strong in self._found(text):
            said.setdefault(topic, {})[word] = strong and word not in of_trade
        return {topic: _longest(words) for topic, words in said.items()}

    def _found(self, text: str) -> Iterator[tuple[str, str, bool]]:
        for _, meant in self._automaton.iter(f" {text} "):
            yield from meant


def _longest(words: dict[str, bool]) -> Spoken:
    plain = {word: plainly(word) for word in words}
    alone = [word for word in words if not any(plain[word] in plain[longer] for longer in words if longer != word)]
    return Spoken(tuple(word for word in alone if words[word]), tuple(word for word in alone if not words[word]))


def _needles(entry: str) -> Iterator[str]:
    """How a word looks in a plain text: whole, at a word's start, or anywhere."""
    plain = plainly(entry)
    for spelling in dict.fromkeys((plain, plain.replace(" ", ""))):
        if entry.startswith("="):
            yield f" {spelling} "
        else:
            yield spelling if len(spelling) >= _INSIDE_COMPOUNDS else f" {spelling}"
