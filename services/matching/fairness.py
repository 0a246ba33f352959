"""Watches what the rules promise: nobody is offered a case who is farther ahead of the others than their bound allows.

How far somebody is ahead is seen when the case is offered, and the place is only taken where it is still so: the
promise holds for all processes together, and each watches its own offers.
"""

from datetime import datetime, timedelta

import structlog
from prometheus_client import Counter, Gauge, Histogram

from services.matching.candidates import Candidate
from services.matching.ruleset import Ruleset
from shared.times import Clock

log = structlog.get_logger()

_AHEAD = Histogram(
    "wegweiser_fairness_ahead",
    "How much more than others whoever was offered a case had served, over capacity; above the bound is a fault.",
    buckets=(0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5),
)
_BOUND = Gauge(
    "wegweiser_fairness_bound",
    "How far ahead the rules in force allow somebody to be who is offered a case, over capacity.",
)
_BROKEN = Counter(
    "wegweiser_fairness_broken_total",
    "Cases offered to somebody who was farther ahead than the rules allow; one is a fault: raise an alarm.",
)
_ROUNDING = 1e-6
_COMPLAINS_FOR = timedelta(days=1)


class Fairness:
    """What this process has seen."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._broken: tuple[datetime, str] | None = None

    def offered(self, reference: str, candidate: Candidate, rules: Ruleset) -> None:
        """Somebody is offered a case."""
        bound = rules.weights.bound
        _AHEAD.observe(candidate.score.ahead)
        _BOUND.set(bound)
        if candidate.score.ahead > bound + _ROUNDING:
            _BROKEN.inc()
            self._broken = self._clock.now(), f"{reference} to {candidate.receiver}"
            log.error("fairness_broken", receiver=candidate.receiver, ahead=candidate.score.ahead, bound=bound)

    async def check(self) -> str | None:
        """The complaint for ``/healthz``, for a day."""
        if self._broken is None or self._broken[0] < self._clock.now() - _COMPLAINS_FOR:
            return None
        at, what = self._broken
        return f"{what}, offered at {at.isoformat(timespec='seconds')}, breaks the bound of fairness"
