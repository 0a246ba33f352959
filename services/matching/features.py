"""What a learned model sees of a text: its words, pairs of neighbours, and pieces of words, as numbers.

Every word is folded first, so that spelling matters little: no case, ``ä``, ``ae`` and ``a`` are one, and so are all
digits. Pieces of three to five letters let a model know a compound it never saw, and most misspelt words.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

_PIECES = (3, 4, 5)
"""Letters of a word's pieces, the blanks at its ends counted."""
_MIXED = 1_000_003
_WORD = re.compile(r"[^\W_]{1,80}")
"""Longer ones are no words; each would cost as much as a text, and be remembered."""
_ANY_DIGIT = str.maketrans(dict.fromkeys("123456789", "0"))
_SPELT_OUT = str.maketrans({"ß": "ss", "ø": "o", "æ": "a", "œ": "o"})


def words_in(text: str) -> list[str]:
    """The words of a text as they are written, in their order."""
    return _WORD.findall(unicodedata.normalize("NFC", text))


@lru_cache(50_000)
def spelled(word: str) -> str:
    """A word in one spelling: ``Überstunden``, ``UEBERSTUNDEN`` and ``uberstunden`` are one."""
    spelt = unicodedata.normalize("NFKD", word.casefold()).translate(_SPELT_OUT)
    plain = "".join(letter for letter in spelt if not unicodedata.combining(letter))
    for digraph in ("ae", "oe", "ue"):
        plain = plain.replace(digraph, digraph[0])
    return plain


def folded(word: str) -> str:
    """A word as the model knows it: in one spelling, and any digit for all."""
    return spelled(word).translate(_ANY_DIGIT)


@lru_cache(2_000)
def plainly(text: str) -> str:
    """A text's words in one spelling, one blank between two."""
    return " ".join(map(spelled, words_in(text)))


def of_word(word: str) -> Iterator[int]:
    """A folded word and its pieces, the word itself first."""
    yield whole(word)
    edged = f" {word} "
    for letters in _PIECES:
        for start in range(len(edged) - letters + 1):
            yield crc32(f"p{edged[start : start + letters]}".encode())


def whole(word: str) -> int:
    """A folded word without its pieces."""
    return crc32(f"w{word}".encode())


def of_pairs(words: Iterable[int]) -> Iterator[int]:
    """Each two words that follow each other, from the numbers of the ``whole`` words."""
    for one, next_ in pairwise(words):
        yield (one * _MIXED + next_) & 0xFFFFFFFF


@lru_cache(2_000)
def of_trade(trade: str) -> tuple[int, ...]:
    """The words of a trade, which say something else than the same words in a text."""
    return tuple(crc32(f"t{folded(word)}".encode()) for word in words_in(trade))
