"""The producer: idempotent, keyed, started when first needed and made anew when its connection is beyond repair."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared import metrics

log = structlog.get_logger()

_REQUEST_TIMEOUT_MS = 10_000
_GIVE_UP_S = 30.0
_CLOSE_S = 10.0

Headers = Sequence[tuple[str, bytes]]


class KafkaAway(Exception):
    """Kafka did not acknowledge: it may have the record or not, and the same may safely be sent again."""


class Unsendable(Exception):
    """Kafka will never take this record."""


class Producer:
    """Sends records one at a time for each caller, many callers side by side.

    After an error the old connection is given up and the next send makes a new one: aiokafka's sender stays dead after
    "out of order sequence" or "fenced", and a new producer id is what a restarted process would have, too.
    """

    def __init__(self, url: str, namespace: str) -> None:
        self._url = url
        self._namespace = namespace
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def send(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        """Send one record and wait until Kafka has it. Raises ``KafkaAway``, ``Unsendable``."""
        if key is None and value is None:
            value = b""  # aiokafka sends no record without either
        producer = await self._ready()
        try:
            async with asyncio.timeout(_GIVE_UP_S):
                await producer.send_and_wait(self._namespace + topic, value, key=key, headers=list(headers))
        except KafkaError as error:
            if type(error).__name__ in {"MessageSizeTooLargeError", "RecordTooLargeError", "InvalidTopicError"}:
                raise Unsendable(type(error).__name__) from error
            await self._give_up(producer)
            raise KafkaAway(str(error)[:300] or type(error).__name__) from error
        except (TimeoutError, OSError) as error:
            await self._give_up(producer)
            raise KafkaAway(type(error).__name__) from error

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


async def _close(producer: AIOKafkaProducer) -> None:
    with suppress(Exception):  # it is given up: whatever it still says changes nothing
        async with asyncio.timeout(_CLOSE_S):
            await producer.stop()
