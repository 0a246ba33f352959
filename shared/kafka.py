"""The producer: idempotent, keyed, started when first needed and made anew when its connection is beyond repair."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared import metrics

log = structlog.get_logger()

_REQUEST_TIMEOUT_MS = 10_000
_LARGEST_BATCH = 256 * 1024
"""Bytes for one partition in one request: with 16 KiB, as aiokafka has it, a burst takes several, one after another."""
_GIVE_UP_S = 30.0
_CLOSE_S = 10.0

_NEVER = frozenset({"MessageSizeTooLargeError", "RecordTooLargeError", "InvalidTopicError"})


@dataclass(frozen=True, slots=True)
class Record:
    """What Kafka gets."""

    topic: str
    """Without the namespace."""
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class KafkaAway(Exception):
    """Kafka did not acknowledge: it may have the record or not, and the same may safely be sent again."""


class Unsendable(Exception):
    """Kafka will never take this record."""


class Producer:
    """Sends records and waits until Kafka has them.

    After an error the old connection is given up and the next send makes a new one: aiokafka's sender stays dead after
    "out of order sequence" or "fenced", and a new producer id is what a restarted process would have, too.
    """

    def __init__(self, url: str, namespace: str) -> None:
        self._url = url
        self._namespace = namespace
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def send(self, record: Record) -> None:
        """Send one record and wait until Kafka has it. Raises ``KafkaAway``, ``Unsendable``."""
        (why_not,) = await self.send_all([record])
        if why_not is not None:
            raise why_not

    async def send_all(self, records: Sequence[Record]) -> list[KafkaAway | Unsendable | None]:
        """Send these side by side. For each: None once Kafka has it, else why not. Raises ``KafkaAway`` for all."""
        producer = await self._ready()
        answers: list[asyncio.Future[Any] | KafkaAway | Unsendable] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(_GIVE_UP_S):
                for record in records:
                    answers.append(await self._begun(producer, record))  # noqa: PERF401 - what was begun must be known
                waiting = [answer for answer in answers if isinstance(answer, asyncio.Future)]
                if waiting:
                    await asyncio.wait(waiting)
        ends = [_end_of(answer) for answer in answers]
        ends += [KafkaAway("no answer in time")] * (len(records) - len(ends))
        if any(isinstance(end, KafkaAway) for end in ends):
            await self._give_up(producer)
        return ends

    async def _begun(
        self, producer: AIOKafkaProducer, record: Record
    ) -> "asyncio.Future[Any] | KafkaAway | Unsendable":
        value = record.value
        if record.key is None and value is None:
            value = b""  # aiokafka sends no record without either
        topic = self._namespace + record.topic
        try:
            begun: asyncio.Future[Any] = await producer.send(topic, value, key=record.key, headers=list(record.headers))
        except (KafkaError, OSError) as error:
            return _why_not(error)
        return begun

    async def ping(self) -> None:
        """Ask Kafka whether it is there. Raises ``KafkaAway``."""
        producer = await self._ready()
        try:
            async with asyncio.timeout(3):
                there = await asyncio.shield(producer.client.force_metadata_update())
        except (KafkaError, TimeoutError, OSError) as error:
            raise KafkaAway(type(error).__name__) from error
        if not there:
            raise KafkaAway("no broker answers")

    async def close(self) -> None:
        """Send what is on its way, and close."""
        if self._producer is not None:
            await self._give_up(self._producer)

    async def _ready(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    bootstrap_servers=self._url.split(","),
                    acks="all",
                    enable_idempotence=True,
                    max_batch_size=_LARGEST_BATCH,
                    request_timeout_ms=_REQUEST_TIMEOUT_MS,
                    metadata_max_age_ms=30_000,
                    client_id="wegweiser",
                )
                try:
                    async with asyncio.timeout(_GIVE_UP_S):
                        await producer.start()
                except (KafkaError, TimeoutError, OSError) as error:
                    await _close(producer)
                    raise KafkaAway(str(error)[:300] or type(error).__name__) from error
                except asyncio.CancelledError:
                    await _close(producer)
                    raise
                self._producer = producer
                metrics.kafka_up.set(1)
            return self._producer

    async def _give_up(self, producer: AIOKafkaProducer) -> None:
        if self._producer is producer:
            self._producer = None
            metrics.kafka_up.set(0)
            await _close(producer)


def _end_of(answer: "asyncio.Future[Any] | KafkaAway | Unsendable") -> KafkaAway | Unsendable | None:
    if not isinstance(answer, asyncio.Future):
        return answer
    if not answer.done() or answer.cancelled():
        return KafkaAway("no answer in time")
    error = answer.exception()
    return None if error is None else _why_not(error)


def _why_not(error: BaseException) -> KafkaAway | Unsendable:
    if type(error).__name__ in _NEVER:
        return Unsendable(type(error).__name__)
    return KafkaAway(str(error)[:300] or type(error).__name__)


async def _close(producer: AIOKafkaProducer) -> None:
    with suppress(Exception):  # it is given up: whatever it still says changes nothing
        async with asyncio.timeout(_CLOSE_S):
            await producer.stop()
