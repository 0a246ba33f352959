"""What the services cost while nothing happens, and how long they take to start."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from tests.bench.comparison import OURS, Aim, Bound, Comparison, Contender
from tests.bench.environment import PYTHON
from tests.bench.figures import Figures
from tests.bench.ground import Ground, Plot
from tests.bench.worker import Worker, service

BARE = "bare FastAPI and FastStream"
CPU, MEMORY, START = "CPU % of a core, the busiest", "MB", "ms until ready, the slowest"
_SERVICES = ("intake", "matching", "notify")
_TOPICS = ("enquiries", "referrals", "notifications")
_SETTLES_S = 6.0
_LOOKS_EVERY_S = 0.005

Start = Callable[[Plot, str], Worker]


def _ours(plot: Plot, name: str) -> Worker:
    return service(plot.ground.subfolder(name), f"services.{name}", plot.environment)[0]


def _bare(plot: Plot, name: str) -> Worker:
    module = "tests.bench.baselines.bare_service"
    return service(plot.ground.subfolder(f"bare-{name}"), module, plot.environment, str(PYTHON))[0]


async def _idle(ground: Ground, seconds: int, start: Start) -> Figures:
    async with ground.fresh(*_TOPICS) as plot:
        workers = [plot.add(start(plot, name)) for name in _SERVICES]
        for worker in workers:
            worker.start()
        await asyncio.sleep(_SETTLES_S)
        before = [worker.cpu_s() for worker in workers]
        await asyncio.sleep(seconds)
        used = [worker.cpu_s() - cpu_s for worker, cpu_s in zip(workers, before, strict=True)]
        return {CPU: max(used) / seconds * 100, MEMORY: sum(worker.memory_mb() for worker in workers)}


async def _start(ground: Ground, _: int, start: Start) -> Figures:
    async with ground.fresh(*_TOPICS) as plot:
        return {START: max([await _ready_after_s(plot.add(start(plot, name))) for name in _SERVICES]) * 1000}


async def _ready_after_s(worker: Worker) -> float:
    began = time.perf_counter()
    worker.start_soon()
    while not worker.ready():
        await asyncio.sleep(_LOOKS_EVERY_S)
    return time.perf_counter() - began


def _contender(name: str, measure: Callable[[Ground, int, Start], Awaitable[Figures]], start: Start) -> Contender:
    async def run(ground: Ground, number: int) -> Figures:
        return await measure(ground, number, start)

    return Contender(name, run)


IDLE = Comparison(
    "idle",
    "three services while nothing happens, for so many seconds",
    20,
    [_contender(OURS, _idle, _ours), _contender(BARE, _idle, _bare)],
    [Aim(BARE, figure=MEMORY, at_most=1.4)],
    [Bound(CPU, 1.0)],
)

STARTS = Comparison(
    "start",
    "from the start of a process until it is ready",
    1,
    [_contender(OURS, _start, _ours), _contender(BARE, _start, _bare)],
    [Aim(BARE, figure=START, at_most=1.5)],
)
