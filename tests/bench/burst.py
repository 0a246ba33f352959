"""How fast a stage empties a topic: it warms up, is frozen, work is laid out, and the clock runs from the thaw."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence

from shared.outbox import Record
from tests.bench.comparison import Wrong
from tests.bench.figures import PER_SECOND, Figures
from tests.bench.ground import Plot
from tests.bench.worker import Worker, cpu_s

WARM_UP = 300
_LOOKS_EVERY_S = 0.02
_PATIENCE_S = 120.0
_SETTLES_S = 0.5
_END_OF_LOG = 3_000

Done = Callable[[], Awaitable[bool]]


async def send(plot: Plot, records: Iterable[Record]) -> None:
    """Lay records out for whoever listens."""
    producer = plot.ground.producer
    sent = [
        await producer.send(plot.topic(each.topic), each.value, key=each.key, headers=list(each.headers))
        for each in records
    ]
    await asyncio.gather(*sent)


async def until(done: Done, what: str, workers: Sequence[Worker] = ()) -> None:
    """Wait for it. Raises ``Wrong`` when it never comes, or as soon as one of the workers has ended."""
    deadline = time.monotonic() + _PATIENCE_S
    while not await done():
        for worker in workers:
            if not worker.is_running:
                raise Wrong(f"{what}: a process ended:\n{worker.log[-_END_OF_LOG:]}")
        if time.monotonic() > deadline:
            raise Wrong(f"{what}: not within {_PATIENCE_S:.0f} s")
        await asyncio.sleep(_LOOKS_EVERY_S)


async def emptied(
    plot: Plot,
    workers: Sequence[Worker],
    number: int,
    lay_out: Callable[[int, int], Awaitable[None]],
    done: Callable[[int], Awaitable[bool]],
) -> Figures:
    """Figures of the workers together over ``number`` messages.

    ``lay_out(first, after_last)`` makes the work of these numbers; ``done(n)`` tells whether all up to ``n`` is
    through, with all that belongs to it.
    """
    await lay_out(0, WARM_UP)
    for worker in workers:
        worker.start()
    await until(lambda: done(WARM_UP), "the warm-up", workers)
    await asyncio.sleep(_SETTLES_S)
    for worker in workers:
        worker.freeze()
    total = WARM_UP + number
    await lay_out(WARM_UP, total)
    before = _cpu_s(plot, workers)
    began = time.perf_counter()
    for worker in workers:
        worker.thaw()
    await until(lambda: done(total), f"all {number} messages", workers)
    seconds = time.perf_counter() - began
    used = {f"CPU us{of}": (after - before[of]) / number * 1e6 for of, after in _cpu_s(plot, workers).items()}
    return {PER_SECOND: number / seconds, **used, "MB": sum(worker.memory_mb() for worker in workers)}


def _cpu_s(plot: Plot, workers: Sequence[Worker]) -> dict[str, float]:
    servers = {" MongoDB": plot.ground.mongodb, " Kafka": plot.ground.kafka}
    return {"": sum(worker.cpu_s() for worker in workers), **{of: cpu_s(server.pid) for of, server in servers.items()}}


def each_once(found: Iterable[str], wanted: Iterable[str], what: str) -> None:
    """Raises ``Wrong`` if something is missing, doubled or not wanted at all."""
    counted, expected = Counter(found), set(wanted)
    lost, doubled = expected - counted.keys(), [name for name, times in counted.items() if times > 1]
    if lost or doubled or counted.keys() - expected:
        raise Wrong(f"{what}: {len(lost)} lost, {len(doubled)} doubled, {len(counted.keys() - expected)} unknown")
