"""Intake: an enquiry comes in by the API, and is answered when MongoDB's journal has it."""

import json
import socket

from deploy.local.ports import free_ports
from services.intake.enquiry import reference_of
from tests.bench import enquiries, load
from tests.bench.burst import WARM_UP, each_once, until
from tests.bench.comparison import OURS, Aim, Comparison, Contender
from tests.bench.environment import PYTHON
from tests.bench.figures import PER_SECOND, Figures, waits
from tests.bench.ground import Ground, Plot
from tests.bench.worker import Worker, service

_PATH = "/api/v1/enquiries"
_SAYS = "enquiries"


def requests(url: str, number: int, prefix: str) -> list[bytes]:
    """So many enquiries as a program sends them to the intake at ``url``, each with a key of its own."""
    return [
        load.post(
            f"{url}{_PATH}",
            json.dumps(document, ensure_ascii=False).encode(),
            {"Content-Type": "application/json", "Idempotency-Key": key},
        )
        for key, document in enquiries.documents(number, prefix)
    ]


async def ours(ground: Ground, number: int) -> Figures:
    """One process of intake, which also tells Kafka."""
    async with ground.fresh(_SAYS, "referrals", "notifications") as plot:
        worker, url = service(ground.subfolder("intake"), "services.intake", plot.environment)
        return await measured(plot, plot.add(worker), url, number, says=True)


async def baseline(ground: Ground, number: int, module: str, *, says: bool) -> Figures:
    """A process with the same route that stores in the same place, and tells Kafka (``says``) or does not."""
    async with ground.fresh(_SAYS) as plot:
        (port,) = free_ports(1)
        command = (str(PYTHON), "-m", f"tests.bench.baselines.{module}")
        environment = {**plot.environment, "WEGWEISER_PORT": str(port)}
        worker = plot.add(Worker(ground.subfolder(module), command, environment, lambda: _listens(port)))
        return await measured(plot, worker, f"http://127.0.0.1:{port}", number, says=says)


async def measured(plot: Plot, worker: Worker, url: str, number: int, *, says: bool) -> Figures:
    """Send enquiries, wait for all that follows from them, and look that nothing is missing and nothing twice."""
    total = WARM_UP + number
    prepared = requests(url, total, plot.namespace)
    stored = plot.database("intake")["enquiries"]

    async def settled(n: int) -> bool:
        said = not says or await plot.records(_SAYS) >= n
        return said and await stored.find_one({"outbox.at": {"$exists": True}}) is None

    worker.start()
    await load.closed_loop(url, prepared[:WARM_UP])
    await until(lambda: settled(WARM_UP), "the warm-up's events")
    cpu_before = worker.cpu_s()
    sent = await load.closed_loop(url, prepared[WARM_UP:])
    await until(lambda: settled(total), f"the events of {number} enquiries")
    cpu_s = worker.cpu_s() - cpu_before
    wanted = [reference_of(key) for key, _ in enquiries.documents(total, plot.namespace)]
    each_once([document["_id"] async for document in stored.find({}, {"_id": 1})], wanted, "documents")
    if says:
        each_once([key.decode() for key in await plot.keys(_SAYS)], wanted, "events")
    return {
        PER_SECOND: number / sent.seconds,
        **waits(sent.waits),
        "CPU us each": cpu_s / number * 1e6,
        "MB": worker.memory_mb(),
        "CPU us each, load": sent.cpu_s / number * 1e6,
    }


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _contender(module: str, *, says: bool) -> Contender:
    async def run(ground: Ground, number: int) -> Figures:
        return await baseline(ground, number, module, says=says)

    return Contender(module.replace("_", " "), run)


COMPARISON = Comparison(
    "intake",
    "intake: POST to 202 after the journal has it, one process, 32 connections",
    8_000,
    [
        Contender(OURS, ours),
        _contender("bare_intake", says=False),
        _contender("fastapi_publish", says=True),
    ],
    [Aim("bare intake", at_least=1.5), Aim("fastapi publish", at_least=2.5)],
)
