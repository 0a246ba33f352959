"""Why somebody is not asked."""

from typing import Literal, get_args

Why = Literal[
    "inactive",
    "another_showcase_leads",
    "not_valid",
    "other_topics",
    "language",
    "absent",
    "asked",
    "full",
    "week_full",
]
"""Why somebody is not asked: the first of these that is true."""
WHYS: tuple[Why, ...] = get_args(Why)
FULL: frozenset[str] = frozenset({"full", "week_full"})
"""What time alone changes."""
THERE: frozenset[Why] = frozenset({"other_topics", "language", "asked", "full", "week_full"})
"""Why somebody who is at work is not asked this time."""
NUMBER: dict[Why, int] = {why: number for number, why in enumerate(WHYS, 1)}
"""Each reason's number: of several, the least is told. 0 is unknown yet."""
NONE = len(WHYS) + 1
"""The number of no reason."""
