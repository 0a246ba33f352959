"""The whole way: from the enquiry that a program sends to the mail that offers the case to a receiver."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from deploy.local.answers import http_answers
from deploy.local.ports import free_ports
from services.intake.enquiry import reference_of
from services.matching.receivers import Receivers
from shared.times import SystemClock
from tests.bench import enquiries, load, redis
from tests.bench.burst import each_once, until
from tests.bench.comparison import OURS, Aim, Comparison, Contender
from tests.bench.environment import PYTHON
from tests.bench.figures import PER_SECOND, Figures
from tests.bench.ground import Ground, Plot
from tests.bench.intake import requests
from tests.bench.sink import Sink
from tests.bench.worker import Worker, baseline, cpu_s, service

WARM_UP = 100
_TOPICS = ("enquiries", "referrals", "notifications")
_HEARD = {"intake": ("referrals", "notifications"), "matching": ("enquiries", "notifications"), "notify": _TOPICS[:2]}
_STORED = {"intake": "enquiries", "matching": "referrals", "notify": "notices"}
_RECEIPT, _ANSWER = "receipt", "answer"
_MAILS_EACH = 2
_REFERENCE = len("WW-XXXX-XXXX-XXXX")
_OURS = tuple((f"{service}.{topic}", topic) for service, topics in _HEARD.items() for topic in topics)
_BASELINES = (("baseline", "enquiries"), *((f"baseline.notify.{topic}", topic) for topic in _HEARD["notify"]))
"""Who hears what: group and topic."""


@dataclass(frozen=True, slots=True)
class Way:
    """Somebody who takes enquiries in, decides and tells; each stage is one process."""

    plot: Plot
    sink: Sink
    url: str
    stages: Mapping[str, Worker]
    settled: Callable[[int], Awaitable[bool]]
    """Whether everybody has done with so many enquiries, apart from the mails."""

    async def is_done(self, n: int) -> bool:
        """Whether all that follows from so many enquiries has happened."""
        return await self.sink.count() >= n * _MAILS_EACH and await self.settled(n)

    async def answers(self, references: Sequence[str]) -> dict[str, float]:
        """When the mail that answers each enquiry was taken: an offer's, or the alarm that there is nobody.

        Raises ``Wrong`` unless each enquiry has one document at each stage and two mails, and nothing else is there.
        """
        notices = [f"{reference} {kind}" for reference in references for kind in (_RECEIPT, _ANSWER)]
        taken = await self.sink.mails()
        each_once([_notice(mail.message_id) for mail in taken], notices, "mails")
        for stage, collection in _STORED.items():
            found = [each["_id"] async for each in self.plot.database(stage)[collection].find({}, {"_id": 1})]
            if stage == "notify":
                each_once(map(_notice, found), notices, "notices")
            else:
                each_once(found, references, f"documents of {stage}")
        mails = {_notice(mail.message_id): mail.at for mail in taken}
        return {reference: mails[f"{reference} {_ANSWER}"] for reference in references}

    def cpu_s(self) -> dict[str, float]:
        """Seconds of CPU that each process used so far."""
        servers = {"MongoDB": self.plot.ground.mongodb, "Kafka": self.plot.ground.kafka}
        return {
            **{stage: worker.cpu_s() for stage, worker in self.stages.items()},
            **{name: cpu_s(server.pid) for name, server in servers.items()},
        }

    def used(self, before: Mapping[str, float], number: int) -> dict[str, float]:
        """What each enquiry cost each process since then, and the memory of the stages."""
        cpu = {f"CPU us {name}": (after - before[name]) / number * 1e6 for name, after in self.cpu_s().items()}
        return {**cpu, **{f"MB {stage}": worker.memory_mb() for stage, worker in self.stages.items()}}


OpenWay = Callable[[Ground], AbstractAsyncContextManager[Way]]


async def burst(open_way: OpenWay, ground: Ground, number: int) -> Figures:
    """From the first request until the last answer's mail was taken."""
    async with open_way(ground) as way:
        work = requests(way.url, WARM_UP + number, way.plot.namespace)
        await load.closed_loop(way.url, work[:WARM_UP])
        await until(lambda: way.is_done(WARM_UP), "the warm-up")
        before = way.cpu_s()
        sent = await load.closed_loop(way.url, work[WARM_UP:])
        await until(lambda: way.is_done(len(work)), f"all {number} enquiries")
        used = way.used(before, number)
        answered = await way.answers(references(way, len(work)))
        return {PER_SECOND: number / (max(answered.values()) - min(sent.due)), **used}


def references(way: Way, number: int) -> list[str]:
    """Those of so many enquiries, in the order of their requests."""
    return [reference_of(key) for key, _ in enquiries.documents(number, way.plot.namespace)]


@asynccontextmanager
async def ours(ground: Ground) -> AsyncIterator[Way]:
    """One process of each service."""
    async with _plot(ground) as (plot, sink, environment):
        database = plot.database("matching")
        receivers = Receivers(database["receivers"], database["directories"], SystemClock())
        await receivers.keep(enquiries.directory(), prune=False, by="bench", why="to measure")
        started = {name: service(ground.subfolder(name), f"services.{name}", environment) for name in _STORED}
        for worker, _ in started.values():
            plot.add(worker).start()

        async def settled(n: int) -> bool:
            if await plot.records("notifications") < n * _MAILS_EACH:
                return False
            for name, collection in _STORED.items():
                if await plot.database(name)[collection].find_one({"outbox.at": {"$exists": True}}) is not None:
                    return False
            return await _heard(plot, _OURS)

        yield Way(plot, sink, started["intake"][1], {name: worker for name, (worker, _) in started.items()}, settled)


@asynccontextmanager
async def celery(ground: Ground) -> AsyncIterator[Way]:
    """FastAPI, and Celery with a worker for each stage."""
    async with _plot(ground) as (plot, sink, environment):
        redis_url, module = ground.redis.url, "celery_whole"
        settings = {**environment, "WEGWEISER_REDIS_URL": redis_url}
        intake, url = _web(ground, module, settings, "openapi.json")
        program = (str(PYTHON.with_name("celery")), "--app", f"tests.bench.baselines.{module}", "worker")
        stages = {"intake": intake}
        for name in ("matching", "notify"):
            command = (*program, "--queues", name, "--concurrency", "1", "--loglevel", "WARNING", "--hostname", name)
            stages[name] = Worker(ground.subfolder(f"celery-{name}"), command, settings)
        for worker in stages.values():
            plot.add(worker).start()

        async def settled(_: int) -> bool:
            queued = [await redis.ask(redis_url, "LLEN", plot.topic(name)) for name in ("matching", "notify")]
            return not any(queued) and await redis.ask(redis_url, "HLEN", plot.topic("unacked")) == 0

        yield Way(plot, sink, url, stages, settled)


def _on_kafka(intake: str, ready: str, matching: str, notify: str) -> OpenWay:
    """A way of three baselines that commit what they have done."""

    @asynccontextmanager
    async def way(ground: Ground) -> AsyncIterator[Way]:
        async with _plot(ground) as (plot, sink, environment):
            worker, url = _web(ground, intake, environment, ready)
            stages = {"intake": worker}
            for name, module in (("matching", matching), ("notify", notify)):
                stages[name] = baseline(ground.subfolder(module), module, environment)
            for each in stages.values():
                plot.add(each).start()

            async def settled(_: int) -> bool:
                return await _heard(plot, _BASELINES)

            yield Way(plot, sink, url, stages, settled)

    return way


# Single messages, as documentation shows; and the floor: batches, no guard, no outbox, no claim.
single = _on_kafka("fastapi_publish", "openapi.json", "faststream_single", "faststream_notify")
bare = _on_kafka("bare_saying_intake", "readyz", "bare_aiokafka", "bare_notify")


@asynccontextmanager
async def _plot(ground: Ground) -> AsyncIterator[tuple[Plot, Sink, dict[str, str]]]:
    async with ground.fresh(*_TOPICS) as plot:
        sink = plot.add(Sink(ground.subfolder("sink"))).start()
        yield plot, sink, {**plot.environment, "WEGWEISER_SMTP_URL": sink.url}


def _web(ground: Ground, module: str, environment: Mapping[str, str], ready: str) -> tuple[Worker, str]:
    """A baseline that listens, and its address; ``ready``: a path that answers."""
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    command = (str(PYTHON), "-m", f"tests.bench.baselines.{module}")
    settings = {**environment, "WEGWEISER_PORT": str(port)}
    return Worker(ground.subfolder(module), command, settings, lambda: http_answers(f"{url}/{ready}")), url


async def _heard(plot: Plot, groups: Iterable[tuple[str, str]]) -> bool:
    """Whether each group is done with all records of its topic."""
    for group, topic in groups:
        if await plot.committed(group, topic) < await plot.records(topic):
            return False
    return True


def _notice(id_: str) -> str:
    """Which enquiry a notice or a ``Message-ID`` is about, and whether it confirms or answers it."""
    plain = id_.removeprefix("<")
    return f"{plain[:_REFERENCE]} {_RECEIPT if '-receipt-' in plain else _ANSWER}"


def _contender(name: str, open_way: OpenWay, share: float = 1.0) -> Contender:
    async def run(ground: Ground, number: int) -> Figures:
        return await burst(open_way, ground, number)

    return Contender(name, run, share)


COMPARISON = Comparison(
    "whole",
    "whole way: first POST to last offer mail taken, one process each, 32 connections",
    5_000,
    [
        _contender(OURS, ours),
        _contender("celery", celery, share=0.04),
        _contender("single", single, share=0.04),
        _contender("bare chain", bare, share=0.2),
    ],
    [Aim("celery", at_least=5), Aim("single", at_least=10)],
)
