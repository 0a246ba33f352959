"""Figures of rounds: each round gives every contender one dictionary of figures, and ratios stay within a round."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

Figures = Mapping[str, float]
"""What one round measured, by the figure's name with its unit: ``per second``, ``p50 ms``, ``CPU us matching``."""

PER_SECOND, P50_MS, P99_MS = "per second", "p50 ms", "p99 ms"


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over all rounds."""

    median: float
    least: float
    most: float


def spread(values: Sequence[float]) -> Spread:
    """The median and the range of at least one value."""
    return Spread(median(values), min(values), max(values))


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def waits(seconds: Sequence[float]) -> dict[str, float]:
    """The usual figures of waiting times, in milliseconds."""
    return {P50_MS: percentile(seconds, 0.5) * 1000, P99_MS: percentile(seconds, 0.99) * 1000}
