"""What an enquiry costs in round trips: counts that no machine changes, so that nobody makes it dearer unnoticed."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from functools import partial

import httpx
import pytest
from aiokafka.conn import AIOKafkaConnection
from fastapi import FastAPI

from deploy.cli.setup import make_topics, wanted
from deploy.local.provision import SAMPLE
from services.intake.app import create_app as intake
from services.intake.settings import IntakeSettings
from services.matching.app import create_app as matching
from services.matching.directory_file import load
from services.matching.receivers import receivers_of
from services.matching.settings import MatchingSettings
from services.notify.app import create_app as notify
from services.notify.settings import NotifySettings
from shared.service import Service
from tests.commands import commands
from tests.real.stack import an_enquiry, until

MAILS = 2
"""Receipt and offer."""
COLLECTIONS = {"enquiries", "referrals", "cases", "notices"}
COUNTED = {"ProduceRequest": "produce", "OffsetCommitRequest": "commit"}


class Counts:
    """Counts what is said to MongoDB about enquiries, to Kafka, and to the mail server."""

    def __init__(self, namespace, smtp, patch) -> None:
        self._namespace = namespace
        self._smtp = smtp
        self._kafka: Counter[str] = Counter()
        send = AIOKafkaConnection.send

        def counted(connection, request, *arguments, **options):
            self._kafka[type(request).__name__.split("_")[0]] += 1
            return send(connection, request, *arguments, **options)

        patch.setattr(AIOKafkaConnection, "send", counted)

    def begin(self) -> None:
        commands.said.clear()
        self._kafka.clear()
        self._smtp.answers.clear()
        self._smtp.connections = 0

    def now(self) -> Counter[str]:
        mongo = Counter(
            f"{said.database_name.removeprefix(self._namespace)} {said.command_name}"
            for said in commands.said
            if said.command.get(said.command_name) in COLLECTIONS and self._is_about_enquiries(said.command)
        )
        kafka = Counter({what: self._kafka[request] for request, what in COUNTED.items()})
        smtp = Counter({f"smtp {phase}": times for phase, times in self._smtp.answers.items()})
        return mongo + kafka + smtp

    @staticmethod
    def _is_about_enquiries(command) -> bool:
        """Whether it is about certain documents: sweeps look for any, whether there are enquiries or not."""
        return command.keys().isdisjoint({"find", "aggregate"}) or "_id" in command.get("filter", {})


@pytest.fixture
async def services(kafka, mongodb, smtp, namespace) -> AsyncIterator[list[FastAPI]]:
    common = {
        "kafka_url": kafka.url,
        "mongodb_url": mongodb.url,
        "namespace": namespace,
        "secret": ("secret",),
        "coordinator_token": "coordinators-only",
    }
    mail = {"smtp_url": smtp.url, "mail_from": "wegweiser@example.org", "coordinators": ("koordination@example.org",)}
    await make_topics(kafka.url, wanted(namespace))
    apps = [
        intake(IntakeSettings(**common)),
        matching(MatchingSettings(**common)),
        notify(NotifySettings(**common, **mail)),
    ]
    started: list[Service] = [app.state.service for app in apps]
    await receivers_of(started[1]).keep(load(SAMPLE.read_bytes()), prune=False, by="tests", why="to begin")
    for service in started:
        await service.start()
    yield apps
    for service in started:
        await service.stop()


@pytest.fixture
async def post(services):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(services[0]), base_url="http://intake") as client:

        async def post(n) -> None:
            answer = await client.post("/api/v1/enquiries", json=an_enquiry(n))
            assert answer.status_code == httpx.codes.ACCEPTED, answer.text

        yield post


async def settled(services, smtp, enquiries) -> None:
    """Wait until all mails are out, and everybody has heard of everything."""
    await until(lambda: len(smtp.taken) >= enquiries * MAILS)
    for app in services:
        service = app.state.service
        for name in COLLECTIONS & service._aggregates.keys():
            waiting = {"$or": [{"outbox.0": {"$exists": True}}, {"unanswered": {"$exists": True}}]}
            await until(partial(_nothing, service.collection(name), waiting))
    await asyncio.sleep(0.5)  # the last commits


@pytest.fixture
async def counts(services, post, smtp, namespace, monkeypatch) -> Counts:
    """Begun after the first enquiries: connections are open, and caches full."""
    counts = Counts(namespace, smtp, monkeypatch)
    await until(lambda: _healthy(services))
    for n in range(5):
        await post(n)
    await settled(services, smtp, 5)
    counts.begin()
    return counts


def too_many(counts: Counter[str], at_most: dict[str, int]) -> dict[str, int]:
    """What happened more often than it may, or was not expected at all."""
    return {what: times for what, times in counts.items() if times > at_most.get(what, 0)}


async def test_one_enquiry_at_leisure(counts, services, post, smtp):
    await post(5)
    await settled(services, smtp, 6)
    at_most = {
        "intake insert": 1,
        "intake find": 1,
        "intake update": 2,
        "matching insert": 1,
        "matching find": 2,
        "matching update": 2,
        "notify insert": 3,
        "notify find": 6,
        "notify update": 8,
        "produce": 5,
        "commit": 8,
        "smtp greeting": 2,
        "smtp MAIL": 2,
        "smtp RCPT": 2,
        "smtp DATA": 2,
        "smtp dot": 2,
    }
    assert too_many(counts.now(), at_most) == {}


async def test_a_hundred_enquiries_in_a_burst(counts, services, post, smtp):
    await asyncio.gather(*(post(n) for n in range(5, 105)))
    await settled(services, smtp, 105)
    at_most = {
        "intake insert": 5,
        "intake find": 10,
        "intake update": 15,
        "matching insert": 5,
        "matching find": 15,
        "matching update": 20,
        "notify insert": 15,
        "notify find": 90,
        "notify update": 160,
        "produce": 30,
        "commit": 40,
        "smtp greeting": 8,
        "smtp MAIL": 200,
        "smtp RCPT": 200,
        "smtp DATA": 200,
        "smtp dot": 200,
    }
    assert too_many(counts.now(), at_most) == {}


async def _nothing(collection, query) -> bool:
    return await collection.count_documents(query) == 0


async def _healthy(services):
    checks = [await app.state.service.checks() for app in services]
    return not any(any(each.values()) for each in checks)
