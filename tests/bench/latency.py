"""How long an enquiry takes when there is time: from when it is due to be sent to the mail that offers the case."""

from tests.bench import load
from tests.bench.burst import until
from tests.bench.comparison import OURS, Aim, Bound, Comparison, Contender
from tests.bench.figures import P50_MS, P99_MS, Figures, waits
from tests.bench.ground import Ground
from tests.bench.intake import requests
from tests.bench.whole import WARM_UP, OpenWay, bare, ours, references


async def measured(open_way: OpenWay, ground: Ground, number: int, per_second: float) -> Figures:
    """Enquiries at this rate, whether or not those before are through; the waits of the first quarter do not count."""
    async with open_way(ground) as way:
        work = requests(way.url, WARM_UP + number, way.plot.namespace)
        await load.closed_loop(way.url, work[:WARM_UP])
        await until(lambda: way.is_done(WARM_UP), "the warm-up")
        before = way.cpu_s()
        sent = await load.open_loop(way.url, work[WARM_UP:], per_second)
        await until(lambda: way.is_done(len(work)), f"all {number} enquiries")
        used = way.used(before, number)
        sent_to = references(way, len(work))
        answered = await way.answers(sent_to)
        took = [answered[reference] - due for reference, due in zip(sent_to[WARM_UP:], sent.due, strict=True)]
        return {**waits(took[number // 4 :]), **used}


def _contender(name: str, open_way: OpenWay, per_second: float) -> Contender:
    async def run(ground: Ground, number: int) -> Figures:
        return await measured(open_way, ground, number, per_second)

    return Contender(name, run)


def _comparison(per_second: int, number: int) -> Comparison:
    return Comparison(
        f"latency{per_second}",
        f"submit to offer mail taken, {per_second} enquiries a second, one process each",
        number,
        [_contender(OURS, ours, per_second), _contender("bare chain", bare, per_second)],
        [Aim("bare chain", at_most=1.5, figure=P99_MS)],
        [Bound(P50_MS, at_most=60)],
    )


AT_20 = _comparison(20, 240)
AT_200 = _comparison(200, 1_000)
