"""What one decision costs, and reading one text: in one process, without any server."""

import gc
import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from deploy.learning.examples import to_judge_by
from services.matching.decide import Question, decide, question_of
from services.matching.handlers import facts_of
from services.matching.loads import Load, Place, week_of
from services.matching.ruleset_file import packaged
from services.matching.snapshot import Snapshot
from services.matching.topics import understand
from shared.events import EnquiryReceived
from tests.bench import enquiries
from tests.bench.comparison import Aim, Bound, Comparison, Contender
from tests.bench.figures import Figures, percentile
from tests.bench.ground import Ground
from tests.bench.past import directory

_P50, _P99, _LOAD = "p50 us", "p99 us", "p50 us, a load"
_AT = datetime(2026, 1, 14, 9, tzinfo=UTC)
_TIMES = 5
"""Everything is done so often, and the fastest time counts: the others tell of the machine."""

Asked = TypeVar("Asked")


def _decides(a_chamber_has: int) -> Contender:
    """Decisions in a network with so many advisors in each of the 53 chambers, and how fast a load changes there."""

    async def run(_: Ground, number: int) -> Figures:
        snapshot, rules, chance = Snapshot(directory(1, a_chamber_has)), packaged(), random.Random(1)
        for row in range(len(snapshot.receivers)):
            snapshot.roster.put(row, _some_load(chance))
        rows, changed = chance.choices(range(len(snapshot.receivers)), k=number), _some_load(chance)
        decides = _spent(lambda question: decide(question, snapshot, rules, _AT), _questions(number))
        return {**decides, _LOAD: _spent(lambda row: snapshot.roster.put(row, changed), rows)[_P50]}

    return Contender(f"{53 * a_chamber_has + 4:,} receivers", run)


async def _reads(_: Ground, number: int) -> Figures:
    rules = packaged()
    return _spent(lambda example: understand((), example.text, example.trade, rules), to_judge_by()[:number])


def _spent(do: Callable[[Asked], object], asked: Sequence[Asked]) -> dict[str, float]:
    """Microseconds for each of those asked, without collecting garbage: that is left to whole stages."""
    seconds = []
    gc.disable()
    for each in asked:
        times = []
        for _ in range(_TIMES):
            began = time.perf_counter()
            do(each)
            times.append(time.perf_counter() - began)
        seconds.append(min(times))
    gc.enable()
    return {name: percentile(seconds, share) * 1e6 for name, share in ((_P50, 0.5), (_P99, 0.99))}


def _questions(number: int) -> list[Question]:
    """The sample's questions again and again, each as somebody new."""
    rules = packaged()
    documents = ({**told, "reference": key, "received_at": _AT, "consent_version": "1"}
                 for key, told in enquiries.documents(number, "WW-"))  # fmt: skip
    return [question_of(facts_of(EnquiryReceived.model_validate(told)), rules) for told in documents]


def _some_load(chance: random.Random) -> Load:
    last = _AT - timedelta(minutes=chance.randrange(100_000))
    places = tuple(Place(f"WW-{n}/1/0", last) for n in range(chance.randrange(5)))
    return Load(places, week_of(_AT), chance.randrange(4), chance.random() * 10, last)


DECISION = Comparison(
    "decision",
    "one decision of matching, the text understood",
    200,
    [_decides(1), _decides(19), _decides(1_887)],
    [Aim("1,011 receivers", figure=_P50, at_most=2.0, of="100,015 receivers")],
    [Bound(figure, at_most, of="100,015 receivers") for figure, at_most in ((_P99, 200.0), (_LOAD, 10.0))],
)

READING = Comparison(
    "reading",
    "understanding one text",
    1_301,
    [Contender("the evaluation's texts", _reads)],
    bounds=[
        Bound(figure, at_most, of="the evaluation's texts") for figure, at_most in ((_P50, 300.0), (_P99, 2_000.0))
    ],
)
