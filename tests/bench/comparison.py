"""What is compared: contenders that do the same work, and how ours ought to stand against the others."""

import os
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.figures import PER_SECOND, Figures, Spread, spread
from tests.bench.ground import Ground

OURS = "wegweiser"


class Wrong(Exception):
    """A message was lost or doubled, or something else makes a measurement worthless."""


@dataclass(frozen=True, slots=True)
class Contender:
    """Somebody who does the work. ``share``: of the usual number of messages, for those who are slow."""

    name: str
    run: Callable[[Ground, int], Awaitable[Figures]]
    """One round: measures so many messages on fresh topics and collections."""
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Aim:
    """A figure of ours divided by the same of another contender in the same round, and where it ought to be."""

    against: str
    at_least: float | None = None
    at_most: float | None = None
    figure: str = PER_SECOND
    of: str = OURS

    def ratio(self, figures: dict[str, Figures]) -> float:
        """The ratio in one round."""
        return figures[self.of][self.figure] / figures[self.against][self.figure]

    def is_met(self, ratio: float) -> bool:
        """Whether that is where it ought to be."""
        return not (
            (self.at_least is not None and ratio < self.at_least) or (self.at_most is not None and ratio > self.at_most)
        )

    @property
    def wanted(self) -> str:
        """The aim in signs."""
        return f"≥ {self.at_least:g}" if self.at_least is not None else f"≤ {self.at_most:g}"


@dataclass(frozen=True, slots=True)
class Bound:
    """A figure of ours, and what it ought not to exceed on any machine."""

    figure: str
    at_most: float
    of: str = OURS

    def is_met(self, value: float) -> bool:
        """Whether it does not."""
        return value <= self.at_most

    @property
    def wanted(self) -> str:
        """The aim in signs."""
        return f"≤ {self.at_most:g}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One line of the question "is it fast?"."""

    name: str
    what: str
    number: int
    """How many messages a round measures."""
    contenders: Sequence[Contender]
    aims: Sequence[Aim] = ()
    bounds: Sequence[Bound] = ()


@dataclass(slots=True)
class Result:
    """What the rounds of a comparison measured."""

    comparison: Comparison
    rounds: list[dict[str, Figures]] = field(default_factory=list)

    def figures(self, contender: str) -> dict[str, Spread]:
        """Each figure of a contender over all rounds."""
        return {name: spread([each[contender][name] for each in self.rounds]) for name in self.rounds[0][contender]}

    def ratio(self, aim: Aim) -> Spread:
        """The ratio over all rounds, each within its round."""
        return spread([aim.ratio(figures) for figures in self.rounds])


async def one_round(
    comparison: Comparison, ground: Ground, n: int, scale: float, step: Callable[[str], None]
) -> dict[str, Figures]:
    """Measure every contender once, each round beginning with another one."""
    first = n % len(comparison.contenders)
    figures: dict[str, Figures] = {}
    for contender in (*comparison.contenders[first:], *comparison.contenders[:first]):
        step(contender.name)
        figures[contender.name] = await contender.run(ground, max(20, int(comparison.number * contender.share * scale)))
    return figures


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for what is thrown away; a folder in memory would take the memory that is being measured."""
    with tempfile.TemporaryDirectory(prefix="wegweiser-bench-", dir=os.environ.get("TMPDIR", "/var/tmp")) as folder:
        yield Path(folder)
