"""The matching stage: an enquiry from Kafka, a decision, a document that is safe, an event to Kafka, a commit."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice

from services.intake.enquiry import reference_of
from services.matching.receivers import Receivers
from shared.times import SystemClock
from tests.bench import enquiries, redis
from tests.bench.burst import WARM_UP, each_once, emptied, send
from tests.bench.comparison import OURS, Aim, Comparison, Contender, Wrong
from tests.bench.environment import PYTHON, ROOT
from tests.bench.figures import Figures
from tests.bench.ground import Ground, Plot
from tests.bench.worker import Worker, baseline, service

LayOut = Callable[[int, int], Awaitable[None]]
_QUIET = ("--loglevel", "WARNING")


async def ours(
    ground: Ground,
    number: int,
    *,
    processes: int = 1,
    module: str = "services.matching",
    fill: Callable[[Plot], Awaitable[None]] | None = None,
) -> Figures:
    """Processes of matching; ``fill`` stores what is there before they start."""
    async with ground.fresh("enquiries", "referrals", "notifications") as plot:
        database = plot.database("matching")
        receivers = Receivers(database["receivers"], database["directories"], SystemClock())
        await receivers.keep(enquiries.directory(), prune=False, by="bench", why="to measure")
        if fill is not None:
            await fill(plot)
        workers = [service(ground.subfolder("matching"), module, plot.environment)[0] for _ in range(processes)]

        async def done(n: int) -> bool:
            handled = await said(plot, n) and await plot.committed("matching.enquiries", "enquiries") >= n
            return handled and await database["referrals"].find_one({"outbox.at": {"$exists": True}}) is None

        return await measured(plot, workers, number, events(plot, number), done)


async def from_kafka(ground: Ground, number: int, module: str) -> Figures:
    """A baseline that hears the same events, and commits what it has done."""
    async with ground.fresh("enquiries", "referrals") as plot:
        worker = baseline(ground.subfolder(module), module, plot.environment)

        async def done(n: int) -> bool:
            return await said(plot, n) and await plot.committed("baseline", "enquiries") >= n

        return await measured(plot, [worker], number, events(plot, number), done)


async def faust(ground: Ground, number: int) -> Figures:
    """Hears the same events; its commits, every 2.8 s, are not waited for."""
    async with ground.fresh("enquiries", "referrals") as plot:
        folder, module = ground.subfolder("faust"), "faust_matching"
        environment = {**plot.environment, "FAUST_DATADIR": str(folder / "data")}
        worker = baseline(folder, module, environment, "worker", "--without-web", "--loglevel", "warn")
        return await measured(plot, [worker], number, events(plot, number), lambda n: said(plot, n))


async def taskiq(ground: Ground, number: int) -> Figures:
    """Hears tasks; its commits, every 5 s, are not waited for."""
    async with ground.fresh("enquiries", "referrals") as plot:
        module = "tests.bench.baselines.taskiq_matching"
        command = (_program("taskiq"), "worker", f"{module}:broker", "--workers", "1", "--log-level", "WARNING")
        worker = Worker(ground.subfolder("taskiq"), command, plot.environment)
        return await measured(plot, [worker], number, tasks(module, plot.environment), lambda n: said(plot, n))


async def celery(ground: Ground, number: int) -> Figures:
    """Hears tasks from Redis, and leaves tasks there."""
    async with ground.fresh() as plot:
        url, module = ground.redis.url, "tests.bench.baselines.celery_matching"
        environment = {**plot.environment, "WEGWEISER_REDIS_URL": url}
        command = (
            _program("celery"),
            "--app",
            module,
            "worker",
            "--queues",
            "enquiries",
            "--concurrency",
            "1",
            *_QUIET,
        )
        worker = Worker(ground.subfolder("celery"), command, environment)

        async def done(n: int) -> bool:
            left = await redis.ask(url, "LLEN", plot.topic("referrals")) >= n
            return left and await redis.ask(url, "HLEN", plot.topic("unacked")) == 0

        async def keys() -> list[str]:
            left = await redis.ask(url, "LRANGE", plot.topic("referrals"), "0", "-1")
            return [json.loads(task)["headers"]["id"] for task in left]

        return await measured(plot, [worker], number, tasks(module, environment), done, keys)


async def said(plot: Plot, n: int) -> bool:
    """Whether there are so many events about referrals."""
    return await plot.records("referrals") >= n


def events(plot: Plot, number: int) -> LayOut:
    """Lays enquiries out as events."""
    records = list(enquiries.records(WARM_UP + number, plot.namespace))

    async def lay_out(first: int, after_last: int) -> None:
        await send(plot, islice(records, first, after_last))

    return lay_out


def tasks(module: str, environment: Mapping[str, str]) -> LayOut:
    """Lays enquiries out as the module has its tasks."""

    async def lay_out(first: int, after_last: int) -> None:
        command = (str(PYTHON), "-m", module, str(first), str(after_last))
        loader = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env={**os.environ, **environment})
        if await loader.wait():
            raise Wrong(f"{module} could not lay out its work")

    return lay_out


async def measured(
    plot: Plot,
    workers: Sequence[Worker],
    number: int,
    lay_out: LayOut,
    done: Callable[[int], Awaitable[bool]],
    keys: Callable[[], Awaitable[list[str]]] | None = None,
) -> Figures:
    """Lay out enquiries, wait for all that follows from them, and look that nothing is missing and nothing twice."""
    for worker in workers:
        plot.add(worker)
    began = datetime.now(UTC)
    figures = await emptied(plot, workers, number, lay_out, done)
    wanted = [reference_of(key) for key, _ in enquiries.documents(WARM_UP + number, plot.namespace)]
    found = await keys() if keys else [key.decode() for key in await plot.keys("referrals")]
    each_once(found, wanted, "events")
    stored = plot.database("matching")["referrals"].find({"since": {"$gte": began}}, {"_id": 1})
    each_once([document["_id"] async for document in stored], wanted, "documents")
    return figures


def _program(name: str) -> str:
    return str(PYTHON.with_name(name))


def _baseline(module: str, share: float = 1.0) -> Contender:
    async def run(ground: Ground, number: int) -> Figures:
        return await from_kafka(ground, number, module)

    return Contender(module.replace("_", " "), run, share)


COMPARISON = Comparison(
    "matching",
    "matching stage, one process",
    5_000,
    [
        Contender(OURS, ours),
        _baseline("bare_aiokafka"),
        _baseline("faststream_single", share=0.06),
        Contender("celery", celery, share=0.06),
        Contender("taskiq", taskiq, share=0.25),
        Contender("faust", faust, share=0.25),
    ],
    [
        Aim("bare aiokafka", at_least=0.7),
        Aim("faststream single", at_least=25),
        Aim("celery", at_least=10),
        Aim("taskiq", at_least=4),
        Aim("faust", at_least=4),
    ],
)
