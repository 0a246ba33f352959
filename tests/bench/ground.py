"""Where a benchmark runs: real servers that belong to this run, and fresh topics and databases for each measurement."""

import asyncio
import logging
import secrets
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.cli.setup import PARTITIONS
from deploy.local import parts, warm
from deploy.local.answers import kafka_answers
from deploy.local.ports import free_ports
from shared import mongo
from tests.parts import Mongo, Server, numbered

# The tests' broker starts fast and stays slow, and does not let commits wait for each other: here it is as it comes.
_LIKE_IN_PRODUCTION = ("-XX:TieredStopAtLevel=4", "-Xmx1g")
_KAFKAS_OWN = "group.coordinator.append.linger.ms=0\n"


class Kafka(Server):
    """Apache Kafka with its compiler and its own defaults."""

    def __init__(self, folder: Path) -> None:
        port, controller_port = free_ports(2)
        super().__init__(folder, lambda: self._made(folder, port, controller_port))
        self.url = f"127.0.0.1:{port}"

    @staticmethod
    def _made(folder: Path, port: int, controller_port: int) -> parts.Part:
        part = parts.kafka(folder, port, controller_port, *_LIKE_IN_PRODUCTION)
        properties = folder / "server.properties"
        properties.write_text(properties.read_text("ascii").replace(_KAFKAS_OWN, ""), "ascii")
        return parts.Part(part.name, part.command, lambda: kafka_answers(port), part.folder)


class Redis(Server):
    """Redis, for the baselines that need it; everything it is told is written to disk at once."""

    def __init__(self, folder: Path) -> None:
        (port,) = free_ports(1)
        program = shutil.which("redis-server")
        if program is None:
            raise SystemExit("The baselines need Redis: install it (Debian, Ubuntu: apt-get install redis-server).")
        command = (program, "--port", str(port), "--dir", str(folder), "--appendonly", "yes", "--appendfsync", "always")
        super().__init__(folder, lambda: parts.Part("redis", command, lambda: _listens(port)))
        self.url = f"redis://127.0.0.1:{port}"


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass(slots=True)
class Ground:
    """The servers of one run."""

    folder: Path
    kafka: Kafka
    mongodb: Mongo
    producer: AIOKafkaProducer
    consumer: AIOKafkaConsumer
    admin: AIOKafkaAdminClient
    client: Any
    _redis: Redis | None = None

    @property
    def redis(self) -> Redis:
        """Started when first asked for."""
        if self._redis is None:
            self._redis = Redis(self.folder / "redis").start()
        return self._redis

    def subfolder(self, name: str) -> Path:
        """A folder for one more process."""
        return self.folder / numbered(name)

    @asynccontextmanager
    async def fresh(self, *topics: str) -> AsyncIterator["Plot"]:
        """Topics and databases that nobody used before, taken away afterwards."""
        plot = Plot(self, f"b{secrets.token_hex(4)}-")
        await self.admin.create_topics([NewTopic(plot.topic(name), PARTITIONS, 1) for name in topics])
        for name in topics:
            while not self.consumer.partitions_for_topic(plot.topic(name)):
                await self.consumer._client.force_metadata_update()
                await asyncio.sleep(0.02)
        try:
            yield plot
        finally:
            for worker in plot.workers:
                worker.kill()
            if topics:
                await self.admin.delete_topics([plot.topic(name) for name in topics])
            for database in await self.client.list_database_names():
                if database.startswith(plot.namespace):
                    await self.client.drop_database(database)


@dataclass(slots=True)
class Plot:
    """One measurement's part of the ground."""

    ground: Ground
    namespace: str
    workers: list[Server]

    def __init__(self, ground: Ground, namespace: str) -> None:
        self.ground, self.namespace, self.workers = ground, namespace, []

    def topic(self, name: str) -> str:
        """The topic's real name."""
        return self.namespace + name

    def database(self, name: str) -> Any:
        """A database of this measurement."""
        return self.ground.client[self.namespace + name]

    @property
    def environment(self) -> dict[str, str]:
        """What our services and the baselines read; the baselines use the same names."""
        return {
            "WEGWEISER_KAFKA_URL": self.ground.kafka.url,
            "WEGWEISER_MONGODB_URL": self.ground.mongodb.url,
            "WEGWEISER_NAMESPACE": self.namespace,
            "WEGWEISER_SECRET": "only-for-benchmarks",
            "WEGWEISER_COORDINATOR_TOKEN": "coordinators-only",
            "WEGWEISER_COORDINATORS": "koordination@example.org",
            "WEGWEISER_MAIL_FROM": "wegweiser@example.org",
            "WEGWEISER_LOG_FORMAT": "json",
        }

    def add(self, worker: Any) -> Any:
        """A process that is killed when the measurement ends."""
        self.workers.append(worker)
        return worker

    def _partitions(self, topic: str) -> list[TopicPartition]:
        return [TopicPartition(self.topic(topic), n) for n in range(PARTITIONS)]

    async def records(self, topic: str) -> int:
        """How many records were ever written to the topic."""
        return sum((await self.ground.consumer.end_offsets(self._partitions(topic))).values())

    async def committed(self, group: str, topic: str) -> int:
        """How many records of the topic the group is done with. ``group`` without the namespace."""
        offsets = await self.ground.admin.list_consumer_group_offsets(self.namespace + group)
        return sum(offset.offset for partition, offset in offsets.items() if partition.topic == self.topic(topic))

    async def keys(self, topic: str) -> list[bytes]:
        """The keys of all records of the topic."""
        return [record.key for record in await self.all(topic)]

    async def all(self, topic: str) -> list[Any]:
        """All records of the topic."""
        consumer, partitions, found = self.ground.consumer, self._partitions(topic), []
        wanted = await self.records(topic)
        consumer.assign(partitions)
        for partition in partitions:
            consumer.seek(partition, 0)
        while len(found) < wanted:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found.extend(records)
        consumer.unsubscribe()
        return found


@asynccontextmanager
async def ground(folder: Path) -> AsyncIterator[Ground]:
    """Start the servers, and stop them when done."""
    warm.fetch_kafka()
    kafka, mongodb = Kafka(folder / "kafka").start(), Mongo(folder / "mongodb").start()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # topics come and go all the time
    producer = AIOKafkaProducer(bootstrap_servers=kafka.url, linger_ms=5, max_batch_size=262_144)
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka.url, enable_auto_commit=False)
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.url)
    client = mongo.connect(mongodb.url, "pymongo")
    made = Ground(folder, kafka, mongodb, producer, consumer, admin, client)
    try:
        for part in (producer, consumer, admin):
            await part.start()
        yield made
    finally:
        for part in (producer, consumer, admin):
            await (part.close() if part is admin else part.stop())
        await mongo.close(client)
        for server in (kafka, mongodb, made._redis):
            if server is not None:
                server.kill()
