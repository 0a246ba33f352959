"""The matching stage: an enquiry from Kafka, a decision, a document that is safe, an event to Kafka, a commit."""

from collections.abc import Awaitable, Callable
from itertools import islice

from services.matching.store import Receivers
from shared.times import SystemClock
from tests.bench import enquiries
from tests.bench.burst import WARM_UP, each_once, emptied, send
from tests.bench.comparison import OURS, Aim, Comparison, Contender
from tests.bench.figures import Figures
from tests.bench.ground import Ground, Plot
from tests.bench.worker import Worker, baseline, service


async def ours(ground: Ground, number: int) -> Figures:
    """One process of matching."""
    async with ground.fresh("enquiries", "referrals", "notifications") as plot:
        database = plot.database("matching")
        receivers = Receivers(database["receivers"], database["revisions"], SystemClock())
        await receivers.keep(enquiries.directory(), prune=False)
        worker, _ = service(ground.subfolder("matching"), "matching", plot.environment)

        async def cleared() -> bool:
            return await database["referrals"].find_one({"outbox.at": {"$exists": True}}) is None

        return await measured(plot, plot.add(worker), number, "matching.enquiries", cleared)


async def from_kafka(ground: Ground, number: int, module: str) -> Figures:
    """A baseline that listens to the same topic and says the same event."""
    async with ground.fresh("enquiries", "referrals") as plot:
        worker = plot.add(baseline(ground.subfolder(module), module, plot.environment))
        return await measured(plot, worker, number, "baseline")


async def _nothing_more() -> bool:
    return True


async def measured(
    plot: Plot, worker: Worker, number: int, group: str, cleared: Callable[[], Awaitable[bool]] = _nothing_more
) -> Figures:
    """Lay out enquiries, wait for all that follows from them, and look that nothing is missing and nothing twice."""
    records = list(enquiries.records(WARM_UP + number, plot.namespace))

    async def lay_out(first: int, after_last: int) -> None:
        await send(plot, islice(records, first, after_last))

    async def done(n: int) -> bool:
        said = await plot.records("referrals") >= n
        return said and await plot.committed(group, "enquiries") >= n and await cleared()

    figures = await emptied(plot, worker, number, lay_out, done)
    wanted = [record.key.decode() for record in records]
    each_once([key.decode() for key in await plot.keys("referrals")], wanted, "events")
    stored = plot.database("matching")["referrals"].find({}, {"_id": 1})
    each_once([document["_id"] async for document in stored], wanted, "documents")
    return figures


def _baseline(module: str, share: float = 1.0) -> Contender:
    async def run(ground: Ground, number: int) -> Figures:
        return await from_kafka(ground, number, module)

    return Contender(module.replace("_", " "), run, share)


COMPARISON = Comparison(
    "matching",
    "matching stage, one process",
    5_000,
    [Contender(OURS, ours), _baseline("bare_aiokafka"), _baseline("faststream_single", share=0.06)],
    [Aim("bare aiokafka", at_least=0.7), Aim("faststream single", at_least=25)],
)
