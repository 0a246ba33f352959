"""What matching counts. Each metric has a sentence that says what it means and when to worry."""

from prometheus_client import Counter, Gauge, Histogram

swept = Counter(
    "wegweiser_places_swept_total",
    "Places given back that no offer used; some after a process was killed, a steady stream is a fault.",
)
ahead = Histogram(
    "wegweiser_fairness_ahead",
    "How much more than others whoever was offered a case had served, over capacity; above the bound is a fault.",
    buckets=(0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5),
)
bound = Gauge(
    "wegweiser_fairness_bound",
    "How far ahead the rules in force allow somebody to be who is offered a case, over capacity.",
)
broken = Counter(
    "wegweiser_fairness_broken_total",
    "Cases offered to somebody who was farther ahead than the rules allow; one is a fault: raise an alarm.",
)

_ROUNDING = 1e-6


def fairness(chosen_ahead: float, rules_bound: float) -> None:
    """Count one case that was offered."""
    ahead.observe(chosen_ahead)
    bound.set(rules_bound)
    if chosen_ahead > rules_bound + _ROUNDING:
        broken.inc()
