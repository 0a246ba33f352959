"""What all tests may use: one real Kafka and one real MongoDB a run, and private ones to be killed."""

import secrets
from collections.abc import Callable, Iterator

import pytest

from deploy.local import warm
from tests.parts import Kafka, Mongo, numbered


@pytest.fixture
def namespace() -> str:
    """A fresh prefix of topics, groups and databases (``WEGWEISER_NAMESPACE``): tests share servers alone."""
    return f"t{secrets.token_hex(4)}-"


@pytest.fixture(scope="session")
def mongodb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mongo]:
    """The MongoDB all tests share: not to be stopped."""
    server = Mongo(tmp_path_factory.mktemp("mongodb"))
    yield server.start()
    server.kill()


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """The Kafka all tests share: not to be stopped."""
    warm.fetch_kafka()
    server = Kafka(tmp_path_factory.mktemp("kafka"))
    yield server.start()
    server.kill()


@pytest.fixture
def own_mongodb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Mongo]]:
    """Call it for a running MongoDB of the test's own, to be stopped, killed or frozen."""
    servers: list[Mongo] = []

    def start() -> Mongo:
        servers.append(Mongo(tmp_path_factory.mktemp(numbered("own-mongodb"))))
        return servers[-1].start()

    yield start
    for server in servers:
        server.kill()


@pytest.fixture
def own_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Kafka]]:
    """Call it for a running Kafka of the test's own, to be stopped, killed or frozen."""
    warm.fetch_kafka()
    servers: list[Kafka] = []

    def start() -> Kafka:
        servers.append(Kafka(tmp_path_factory.mktemp(numbered("own-kafka"))))
        return servers[-1].start()

    yield start
    for server in servers:
        server.kill()
