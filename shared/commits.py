"""Tells Kafka how far a consumer is, some times a second instead of after each batch.

What is handled and not yet committed is handled again after a crash, as a batch in hand is: handlers recognise it.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.pace import Pace

log = structlog.get_logger()

_APART_S = 0.25
_AT_THE_END_S = 2.0


class Commits:
    """Those of one consumer. The first after a while is made at once; what comes right after it, together."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self._commit = consumer.commit
        self._pace = Pace(_APART_S)
        self._handled: dict[TopicPartition, int] = {}
        self._telling: asyncio.Task[None] | None = None
        self._one_at_a_time = asyncio.Lock()

    def note(self, records: Iterable[Any]) -> None:
        """These are handled, each partition's in their order."""
        self._handled |= {TopicPartition(each.topic, each.partition): each.offset + 1 for each in records}
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell())

    async def now(self) -> None:
        """Commit what is handled, before the partitions go elsewhere. What cannot be committed is handled again."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_AT_THE_END_S):
                await self._told()
        self._handled.clear()  # somebody else may be further by the time these partitions come back

    async def _tell(self) -> None:
        while self._handled:
            await self._pace.wait()
            await self._told()

    async def _told(self) -> None:
        async with self._one_at_a_time:
            ours = self._consumer.assignment()
            handled, self._handled = {each: n for each, n in self._handled.items() if each in ours}, {}
            if not handled:
                return
            try:
                await self._commit(handled)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again or handled again
                log.warning("commit_waits", reason=f"{type(error).__name__}: {error}")
                self._handled = handled | self._handled
