"""Makes what the services need on Kafka: topics with a number of partitions that is never changed by accident."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from shared.events import TOPICS
from shared.kafka import KafkaAway

PARTITIONS = 12
_DAY_MS = 24 * 60 * 60 * 1000
_COPIES = 3
_EVENTS_KEEP_DAYS, _DEAD_LETTERS_KEEP_DAYS = 30, 90
_WITHIN_S = 30.0
_LOOK_AGAIN_S = 0.1


@dataclass(frozen=True, slots=True)
class Wanted:
    """A topic as it should be."""

    name: str
    """With the namespace."""
    partitions: int
    keep_days: int


class TopicsRefused(Exception):
    """Kafka has other topics than wanted, or will not make them; the message says what to do."""


def wanted(namespace: str, partitions: int = PARTITIONS) -> tuple[Wanted, ...]:
    """All topics of the services: one for each kind of aggregate, and its dead letters, which keep longer."""
    return tuple(
        topic
        for name in TOPICS
        for topic in (
            Wanted(f"{namespace}{name}", partitions, _EVENTS_KEEP_DAYS),
            Wanted(f"{namespace}{name}.dead", partitions, _DEAD_LETTERS_KEEP_DAYS),
        )
    )


async def make_topics(url: str, topics: Sequence[Wanted], replication_factor: int | None = None) -> tuple[str, ...]:
    """Make those that are not there, wait until they can be used, and return their names; safe to repeat.

    ``replication_factor``: how many servers keep each record; three if there are so many. Raises ``TopicsRefused``, for
    a topic with another number of partitions before anything is made; ``KafkaAway``.
    """
    async with _admin(url) as admin:
        names = [topic.name for topic in topics]
        there = await _partitions(admin, names)
        _refuse_other_partitions(topics, there)
        missing = [topic for topic in topics if topic.name not in there]
        made = await _create(admin, missing, replication_factor or min(_COPIES, await _servers(admin)))
        while len(there) < len(topics):  # a server hears of a new topic a little later
            await asyncio.sleep(_LOOK_AGAIN_S)
            there = await _partitions(admin, names)
        _refuse_other_partitions(topics, there)  # another setup may have been faster
        return made


async def partitions_of(url: str, names: Sequence[str]) -> dict[str, int]:
    """How many partitions each of these topics has, without those that do not exist. Raises ``KafkaAway``."""
    async with _admin(url) as admin:
        return await _partitions(admin, names)


def _refuse_other_partitions(topics: Sequence[Wanted], there: dict[str, int]) -> None:
    wrong = [topic for topic in topics if there.get(topic.name, topic.partitions) != topic.partitions]
    if wrong:
        named = "; ".join(f"{topic.name} has {there[topic.name]} partitions, not {topic.partitions}" for topic in wrong)
        raise TopicsRefused(
            f"{named}. Nothing was changed: with another number of partitions the events of one enquiry would lose "
            f"their order. Either keep the number (wegweiser setup --partitions {there[wrong[0].name]}), or use new "
            "topics by another WEGWEISER_NAMESPACE."
        )


async def _partitions(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, int]:
    there = set(await admin.list_topics()) & set(names)
    described = await admin.describe_topics(sorted(there)) if there else []
    return {topic["topic"]: len(topic["partitions"]) for topic in described if topic["partitions"]}


async def _servers(admin: AIOKafkaAdminClient) -> int:
    return len((await admin.describe_cluster())["brokers"])


async def _create(admin: AIOKafkaAdminClient, topics: Sequence[Wanted], replication_factor: int) -> tuple[str, ...]:
    """Ask for topics, and return the names of those that were made; one that is there by now is no error."""
    if not topics:
        return ()
    new = [
        NewTopic(
            topic.name,
            num_partitions=topic.partitions,
            replication_factor=replication_factor,
            topic_configs={"retention.ms": str(topic.keep_days * _DAY_MS), "cleanup.policy": "delete"},
        )
        for topic in topics
    ]
    answer = await admin.create_topics(new)
    made = []
    for name, code, *message in answer.topic_errors:
        error = for_code(code)
        if not code:
            made.append(name)
        elif error is not TopicAlreadyExistsError:
            raise TopicsRefused(f"Topic {name} was not made: {next(iter(message), None) or error.__name__}")
    return tuple(made)


@asynccontextmanager
async def _admin(url: str) -> AsyncIterator[Any]:
    admin = AIOKafkaAdminClient(bootstrap_servers=url.split(","), client_id="wegweiser-setup")
    try:
        async with asyncio.timeout(_WITHIN_S):
            await admin.start()
            yield admin
    except (KafkaError, TimeoutError, OSError) as error:
        raise KafkaAway(str(error) or type(error).__name__) from error
    finally:
        with suppress(Exception):  # it may never have been connected
            await admin.close()
