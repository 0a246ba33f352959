"""Dead letters: what the services could not handle, read from ``<topic>.dead``, and sent back to be tried again."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from deploy.cli.setup import partitions_of
from shared.dispatch import TARGET_GROUP
from shared.events import TOPICS
from shared.kafka import KafkaAway, Producer, Record

_OURS = "wegweiser-"
_WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that a service set aside, with the reason."""

    topic: str
    """Where it came from, and where it goes when it is replayed; without the namespace."""
    partition: int
    """Of the dead letter, as is ``offset``."""
    offset: int
    at: datetime
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]

    @property
    def name(self) -> str:
        """``enquiries:3:17``: by this it is shown and replayed."""
        return f"{self.topic}:{self.partition}:{self.offset}"

    @property
    def reason(self) -> str:
        """``undecodable``, ``unknown_type``, ``invalid``, ``refused`` or ``bug``."""
        return self.why("reason")

    @property
    def group(self) -> str:
        """The consumer group that could not handle it."""
        return self.why("group")

    def why(self, name: str) -> str:
        """What the service noted: ``reason``, ``error``, ``group``, ``topic``, ``partition``, ``offset``, ..."""
        return self.header(_OURS + name)

    def header(self, name: str) -> str:
        """The header of this name, or an empty string."""
        return next((value.decode(errors="replace") for header, value in self.headers if header == name), "")

    def summary(self) -> dict[str, Any]:
        """For a list."""
        return {
            "name": self.name,
            "reason": self.reason,
            "group": self.group,
            "error": self.why("error"),
            "type": self.header("ce_type"),
            "reference": self.header("ce_subject") or (self.key or b"").decode(errors="replace"),
            "at": self.at.isoformat().replace("+00:00", "Z"),
        }

    def whole(self) -> dict[str, Any]:
        """All there is, the value as JSON where it is JSON."""
        return {
            **self.summary(),
            "key": None if self.key is None else self.key.decode(errors="backslashreplace"),
            "headers": {name: value.decode(errors="backslashreplace") for name, value in self.headers},
            "value": _readable(self.value),
        }


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which dead letters are meant; what is empty chooses all."""

    topic: str = ""
    reason: str = ""
    group: str = ""
    names: frozenset[str] = frozenset()

    def fits(self, letter: DeadLetter) -> bool:
        """Whether this one is meant."""
        return (
            (not self.reason or letter.reason == self.reason)
            and (not self.group or letter.group == self.group)
            and (not self.names or letter.name in self.names)
        )


async def dead_letters(url: str, namespace: str, chosen: Chosen) -> AsyncIterator[DeadLetter]:
    """The dead letters that are there now, topic by topic. Raises ``KafkaAway``."""
    names = {f"{namespace}{topic}.dead": topic for topic in TOPICS if chosen.topic in {"", topic}}
    numbers = await partitions_of(url, list(names))
    if not numbers:
        return
    consumer = AIOKafkaConsumer(bootstrap_servers=url.split(","), enable_auto_commit=False, client_id="wegweiser")
    try:
        async with asyncio.timeout(_WITHIN_S):
            await consumer.start()
        for name, topic in names.items():
            partitions = [TopicPartition(name, number) for number in range(numbers.get(name, 0))]
            async for letter in _of(consumer, partitions, topic):
                if chosen.fits(letter):
                    yield letter
    except (KafkaError, TimeoutError, OSError) as error:
        raise KafkaAway(str(error) or type(error).__name__) from error
    finally:
        with suppress(Exception):  # it may never have been connected
            await consumer.stop()


async def replay(producer: Producer, letter: DeadLetter) -> None:
    """Send a dead letter back to its topic, as it came, for the group alone that could not handle it.

    Safe to repeat, as every handler is. The dead letter stays where it is until its time is over. Raises ``KafkaAway``,
    ``Unsendable``.
    """
    original = [(name, value) for name, value in letter.headers if not name.startswith(_OURS)]
    target = [(TARGET_GROUP, letter.group.encode())] if letter.group else []
    await producer.send(Record(letter.topic, letter.key, letter.value, [*original, *target]))


async def _of(
    consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition], topic: str
) -> AsyncIterator[DeadLetter]:
    if not partitions:
        return
    consumer.assign(partitions)
    async with asyncio.timeout(_WITHIN_S):
        begins, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
    for partition in partitions:
        if begins[partition] < ends[partition]:
            consumer.assign([partition])
            consumer.seek(partition, begins[partition])
            async for letter in _of_partition(consumer, partition, ends[partition], topic):
                yield letter


async def _of_partition(
    consumer: AIOKafkaConsumer, partition: TopicPartition, end: int, topic: str
) -> AsyncIterator[DeadLetter]:
    position = -1
    while position < end:
        async with asyncio.timeout(_WITHIN_S):
            records = (await consumer.getmany(partition, timeout_ms=1000)).get(partition, [])
            position = await consumer.position(partition)
        for record in records:
            if record.offset < end:
                yield _letter(topic, record)


def _letter(topic: str, record: Any) -> DeadLetter:
    return DeadLetter(
        topic=topic,
        partition=record.partition,
        offset=record.offset,
        at=datetime.fromtimestamp(record.timestamp / 1000, UTC),
        key=record.key,
        value=record.value,
        headers=tuple(record.headers),
    )


def _readable(value: bytes | None) -> Any:
    if value is None:
        return None
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value.decode(errors="backslashreplace")
