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
_EVENTS_KEEP_DAYS, _DEAD_LETTERS_KEEP_DAYS = 30, 90
_WITHIN_S = 30.0


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


async def make_topics(url: str, topics: Sequence[Wanted], replication_factor: int = -1) -> tuple[str, ...]:
    """Make those that are not there, and return their names; safe to repeat.

    ``replication_factor`` -1 is the broker's own default. Raises ``TopicsRefused``, for a topic with another
    number of partitions before anything is made; ``KafkaAway``.
    """
    async with _admin(url) as admin:
        there = await _partitions(admin, [topic.name for topic in topics])
        _refuse_other_partitions(topics, there)
        missing = [topic for topic in topics if topic.name not in there]
        await _create(admin, missing, replication_factor)
        # Another setup may have been faster: what counts is what is there now.
        _refuse_other_partitions(topics, await _partitions(admin, [topic.name for topic in topics]))
        return tuple(topic.name for topic in missing)


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
    if not there:
        return {}
    return {topic["topic"]: len(topic["partitions"]) for topic in await admin.describe_topics(sorted(there))}


async def _create(admin: AIOKafkaAdminClient, topics: Sequence[Wanted], replication_factor: int) -> None:
    if not topics:
        return
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
    for name, code, *message in answer.topic_errors:
        if code and for_code(code) is not TopicAlreadyExistsError:
            raise TopicsRefused(f"Topic {name} was not made: {(message or [None])[0] or for_code(code).__name__}")


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
