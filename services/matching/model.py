"""What a text is about, told by a learned linear model: a table of whole numbers, added up.

Two halves add up to one score for each class. *Written*: words, pairs of words, pieces of words and the trade, weighed
by how rare they are. *Meant*: what each word means, also words that no example has, from a sentence encoder whose
vectors were worked out when the model was made; an unknown compound counts as its known parts. Both are sums of whole
numbers, so the same text has the same scores on every machine. How it is made, and what it reaches:
``docs/matching.md``.
"""

import math
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import as_file, files
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.features import folded, of_pairs, of_trade, of_word, spelled, whole, words_in

OFF_TOPIC = "off:"
"""How the classes of what is not for us begin: ``off:press``."""

_READ = 6_000
"""Letters of a text that are read: more than the form takes."""
_WORDS_KEPT = 20_000
"""Different words whose adding up is remembered: about 450 bytes each."""
_JOINTS = ("", "s", "n", "en", "e", "es")
"""What may stand between the parts of a German compound: Arbeit-s-zeit."""
_SHORTEST_COMPOUND, _SHORTEST_HEAD, _SHORTEST_TAIL = 7, 3, 4


Scores = NDArray[np.float64]
"""One number for each class."""
Sums = NDArray[np.float32]
"""One whole number for each class, not yet scaled: floats hold them exactly up to 16 million, and add up faster."""


class Half:
    """A table of features: how rare each is, and what it adds to each class."""

    def __init__(self, keys: Iterable[int], rarity: NDArray[np.uint8], adds: NDArray[np.int8], scale: Scores) -> None:
        self._row = {int(key): row for row, key in enumerate(keys)}
        self._squares = [int(rare) ** 2 for rare in rarity]
        self._adds = adds.astype(np.float32)
        self.scale = scale

    def __contains__(self, feature: object) -> bool:
        return feature in self._row

    def told_by(self, features: Iterable[int]) -> tuple[Sums, int]:
        """What those of the features add that the table knows, and the sum of their squared rarities."""
        rows = [row for feature in features if (row := self._row.get(feature)) is not None]
        return self._adds[rows].sum(axis=0), sum([self._squares[row] for row in rows])


@dataclass(frozen=True, slots=True)
class Reading:
    """What one text told."""

    plain: str
    """The words in one spelling, one blank between two."""
    written: Scores
    meant: Scores
    """To be added to ``written``."""
    words: tuple[str, ...]
    """Each word once, as it was first written."""
    by_word: NDArray[np.float32]
    """What each word added, not yet scaled: word, half, class."""
    scale: NDArray[np.float64]
    """What that is multiplied by: half, class."""


class _Told(NamedTuple):
    """What one word tells."""

    word: str
    """As it is written."""
    plain: str
    """In one spelling."""
    whole: int
    """The word's own feature."""
    adds: Sums
    """Of both halves, one after the other."""
    squares_written: int
    squares_meant: int


class Model:
    """A trained model."""

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        self.classes: tuple[str, ...] = tuple(map(str, arrays["classes"]))
        """By name, in alphabetical order."""
        self._bias, self._sharpness = arrays["bias"], float(arrays["sharpness"])
        self._written, self._meant = (
            Half(*(arrays[f"{half}_{part}"] for part in ("keys", "rarity", "adds", "scale")))
            for half in ("written", "meant")
        )
        self._nothing = np.zeros(len(self.classes), np.float32)
        self._of_word = lru_cache(_WORDS_KEPT)(self._look_up)

    def read(self, text: str, trade: str) -> Reading:
        """What a text and a trade tell. A word counts once, however often it is written."""
        told = [self._of_word(word) for word in words_in(text[:_READ])]
        once: dict[int, _Told] = {}
        for word in told:
            once.setdefault(word.whole, word)
        words = list(once.values())
        pairs = of_pairs([word.whole for word in told])
        others, squares = self._written.told_by((*pairs, *of_trade(trade)))
        each = np.concatenate([others, self._nothing, *[word.adds for word in words]]).reshape(-1, 2, len(self.classes))
        written = _length(squares + sum([word.squares_written for word in words]))
        meant = _length(sum([word.squares_meant for word in words]))
        scale = np.array((self._written.scale / written, self._meant.scale / meant))
        in_writing, in_meaning = each.sum(axis=0) * scale
        plain = " ".join([word.plain for word in told])
        return Reading(plain, in_writing, in_meaning, tuple([word.word for word in words]), each[1:], scale)

    def likely(self, scores: Scores) -> dict[str, float]:
        """From scores to probabilities, one for each class by its name; together they are 1."""
        sharp = (scores + self._bias) * self._sharpness
        likely = np.exp(sharp - sharp.max())
        return dict(zip(self.classes, (likely / likely.sum()).tolist(), strict=True))

    def above(self, least: float, scores: Scores) -> list[str]:
        """The classes whose own score is at least this: each is scored against all others, 0 is where it begins."""
        return [self.classes[number] for number in np.flatnonzero(scores + self._bias >= least).tolist()]

    def words_for(self, class_: str, reading: Reading, at_most: int) -> tuple[str, ...]:
        """The words that spoke most for a class, the strongest first."""
        number = self.classes.index(class_)
        said = (reading.by_word[:, :, number] @ reading.scale[:, number]).tolist()
        strongest = sorted((-adds, place) for place, adds in enumerate(said) if adds > 0)[:at_most]
        return tuple(reading.words[place] for _, place in strongest)

    def _look_up(self, word: str) -> _Told:
        known = folded(word)
        written, squares_written = self._written.told_by(of_word(known))
        meant, squares_meant = self._meant.told_by(map(whole, parts(known, self._meant)))
        adds = np.concatenate((written, meant))
        return _Told(word, spelled(word), whole(known), adds, squares_written, squares_meant)


def _length(squares: int) -> float:
    """By what a sum is divided, so that a long text does not shout."""
    return math.sqrt(squares) or 1.0


def parts(word: str, known: Container[int]) -> tuple[str, ...]:
    """A folded word; or the parts of an unknown compound: its longest known end, and what stands before that."""
    if whole(word) in known or len(word) < _SHORTEST_COMPOUND:
        return (word,)
    for cut in range(_SHORTEST_HEAD, len(word) - _SHORTEST_TAIL + 1):
        if whole(word[cut:]) in known:
            bare = (word[:cut].removesuffix(joint) for joint in _JOINTS if word[:cut].endswith(joint))
            return (next((head for head in bare if whole(head) in known), word[:cut]), word[cut:])
    return (word,)


@cache
def learned() -> Model:
    """The model that this version carries."""
    with as_file(files("services.matching") / "data" / "understanding.npz") as path, np.load(path) as arrays:
        return Model(arrays)
