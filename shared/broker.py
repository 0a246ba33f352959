"""How a service listens: one FastStream subscriber a topic, each in a consumer group of its own, in batches."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, cast

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage

from shared import metrics
from shared.commits import Commits
from shared.dispatch import Dispatcher, GivenBack, LineStopped, Taken

log = structlog.get_logger()

MAX_RECORDS = 500
BATCH_TIMEOUT_MS = 10
_REBALANCE_TIMEOUT_MS = 30_000
_FINISH_BEFORE_REVOCATION_S = _REBALANCE_TIMEOUT_MS / 1000 - 5
_FINISH_BEFORE_STOP_S = 4.0
_CLOSE_S = 4.0
_NEVER_MS = 2**31 - 1
_LONGEST_WAIT_MS = 5_000
_LONGEST_FETCH_MS = 1_000
"""How long the broker holds a request while there is nothing; a consumer that gets other partitions waits it out."""
_PATIENT_FETCH_MS, _PATIENT_BYTES = 500, 256 * 1024
"""How long, and for how much, it holds a request for events that nobody waits for: each answer costs a commit."""
_STALE_S = 60.0
_LONGEST_PAUSE_S = 5.0
_MOST_FAILURES = 2


class Line(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka carries no types
    """What comes in on one topic: takes batches, and finishes the one in hand before its partitions go elsewhere."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self.dispatcher = dispatcher
        self.topic = dispatcher.topic
        self.stopped: str | None = None
        """Why the line was stopped, if it was."""
        self.stop: Callable[[], Awaitable[None]] | None = None
        self._commits: Commits | None = None
        self._batch: asyncio.Task[None] | None = None
        self._idle = asyncio.Event()
        self._idle.set()
        self._in_hand_since: float | None = None
        self._failures: list[str] = []
        self._unreadable: str | None = None
        self._stopping: asyncio.Task[None] | None = None

    async def take(self, message: KafkaMessage) -> None:
        """Bring a batch to its end, to be committed soon, or raise, which gives it back."""
        records = cast("Sequence[Taken]", message.raw_message)
        self._began()
        try:
            self._batch = asyncio.create_task(self.dispatcher.take(records))
            try:
                await self._batch
            except asyncio.CancelledError:
                if _cancelled_ourselves():
                    raise
                raise GivenBack from None
            await message.ack()
            if self._commits is not None:
                self._commits.note(records)
            self._failures.clear()
            self._count_lag(message.consumer, records)
        except LineStopped as reason:
            self.stopped = str(reason)
            metrics.line_stopped.labels(self.topic).set(1)
            log.critical("line_stopped", topic=self.topic, reason=self.stopped)
            if self.stop is not None:  # from another task: a handler that stops its own subscriber leaves a ghost
                self._stopping = asyncio.ensure_future(self.stop())
            raise
        except GivenBack:
            raise
        except Exception as error:
            self._failures = [*self._failures[-9:], f"{type(error).__name__}: {error}"]
            log.exception("batch_failed", topic=self.topic, in_a_row=len(self._failures))
            await asyncio.sleep(min(0.1 * 2 ** len(self._failures), _LONGEST_PAUSE_S))
            raise
        finally:
            self._ended()

    def wait_in(self, consumer: AIOKafkaConsumer) -> None:
        """Let the consumer wait until records come: FastStream would ask, sleep and ask again a hundred times a second.

        What makes asking fail is told by ``complaint``; FastStream only asks again.
        """
        getmany = consumer.getmany

        async def until_there_are_some(*, timeout_ms: int, max_records: int | None) -> dict[TopicPartition, list[Any]]:
            while True:
                try:
                    records: dict[TopicPartition, list[Any]] = await getmany(
                        timeout_ms=max(timeout_ms, _LONGEST_WAIT_MS), max_records=max_records
                    )
                except Exception as error:
                    self._unreadable = f"{type(error).__name__}: {error}"
                    raise
                self._unreadable = None
                if records:
                    return records

        consumer.getmany = until_there_are_some

    def commit_in(self, consumer: AIOKafkaConsumer) -> None:
        """Let batches be committed some times a second, and before the consumer stops: FastStream would do it for each.

        What FastStream means by a commit, the position of each partition, would tell of a batch that is in hand.
        """
        self._commits = commits = Commits(consumer)
        stop = consumer.stop

        async def after_the_last_commit() -> None:
            await commits.now()
            await stop()

        consumer.commit = _noted
        consumer.stop = after_the_last_commit

    def give_back(self) -> None:
        """End the batch in hand; whoever gets the partitions next starts it again."""
        if self._batch is not None:
            self._batch.cancel()

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Finish the batch, or give it back, before somebody else starts on the same partitions."""
        log.info("partitions_revoked", topic=self.topic, partitions=sorted(p.partition for p in revoked))
        try:
            async with asyncio.timeout(_FINISH_BEFORE_REVOCATION_S):
                await self._idle.wait()
        except TimeoutError:
            self.give_back()
            await self._idle.wait()
        if self._commits is not None:
            await self._commits.now()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Say how many partitions are ours."""
        log.info("partitions_assigned", topic=self.topic, partitions=sorted(p.partition for p in assigned))
        metrics.partitions.labels(self.topic).set(len(assigned))
        self.dispatcher.forget()

    def complaint(self) -> str | None:
        """What is wrong with this line, in words, or None."""
        if self.stopped is not None:
            return f"{self.topic}: stopped: {self.stopped}"
        if self._unreadable is not None:
            return f"{self.topic}: records cannot be fetched: {self._unreadable[:200]}"
        if len(self._failures) > _MOST_FAILURES:
            return f"{self.topic}: the same batch fails again and again: {self._failures[-1][:200]}"
        if self._in_hand_since is not None and (age := time.time() - self._in_hand_since) > _STALE_S:
            return f"{self.topic}: the same records have been in hand for {age:.0f} s"
        return None

    def _began(self) -> None:
        self._idle.clear()
        self._in_hand_since = time.time()
        metrics.in_hand_since.labels(self.topic).set(self._in_hand_since)

    def _ended(self) -> None:
        if self._in_hand_since is not None:
            metrics.batch_seconds.labels(self.topic).observe(time.time() - self._in_hand_since)
        metrics.in_hand_since.labels(self.topic).set(0)
        self._in_hand_since = self._batch = None
        self._idle.set()

    def _count_lag(self, consumer: Any, records: Sequence[Taken]) -> None:
        last = {TopicPartition(record.topic, record.partition): record.offset for record in records}
        behind = ((consumer.highwater(partition) or 0) - offset - 1 for partition, offset in last.items())
        metrics.lag.labels(self.topic).set(sum(max(0, records) for records in behind))


class Listening:
    """All lines of a service. Kafka may be away when it starts: it tries until Kafka is there."""

    def __init__(self, url: str, namespace: str, session_timeout_ms: int) -> None:
        self._url = url
        self._namespace = namespace
        self._session_timeout_ms = session_timeout_ms
        self._lines: list[Line] = []
        self._broker: KafkaBroker | None = None
        self._subscribers: list[Any] = []
        self._started = False

    def add(self, dispatcher: Dispatcher) -> None:
        """Listen to one more topic."""
        self._lines.append(Line(dispatcher))

    async def run(self) -> None:
        """Start listening, however long it takes until Kafka is there."""
        pause = 0.2
        while self._lines and not self._started:
            self._broker = self.broker()
            try:
                await self._broker.start()
            except Exception as away:  # noqa: BLE001 - whatever it is, listening must start in the end
                log.warning("listening_waits", reason=str(away), pause_s=round(pause, 1))
                await self._close()
                await asyncio.sleep(pause * random.uniform(0.9, 1.1))  # noqa: S311 - no secret
                pause = min(pause * 2, _LONGEST_PAUSE_S)
            else:
                for line, subscriber in zip(self._lines, self._subscribers, strict=True):
                    if subscriber.consumer is not None:  # its line may be stopped already
                        line.wait_in(subscriber.consumer)
                        line.commit_in(subscriber.consumer)
                self._started = True

    async def stop(self) -> None:
        """Fetch no more, finish the batches in hand or give them back, leave the groups."""
        if self._broker is None:
            return
        closing = asyncio.create_task(self._close())
        finished, _ = await asyncio.wait([closing], timeout=_FINISH_BEFORE_STOP_S)
        if not finished:
            for line in self._lines:
                line.give_back()
        await closing

    def complaint(self) -> str | None:
        """What is wrong with listening, in words, or None."""
        if self._lines and not self._started:
            return "not connected to Kafka yet"
        return "; ".join(filter(None, (line.complaint() for line in self._lines))) or None

    def broker(self) -> KafkaBroker:
        """A FastStream broker with a subscriber for each topic."""
        broker = KafkaBroker(
            self._url.split(","),
            consumer_only=True,
            allow_auto_create_topics=False,
            graceful_timeout=_FINISH_BEFORE_STOP_S + 2,
            metadata_max_age_ms=30_000,
            client_id="wegweiser",
            logger=None,
        )
        self._subscribers = []
        for line in self._lines:
            subscriber = broker.subscriber(
                self._namespace + line.topic,
                group_id=self._namespace + line.dispatcher.group,
                batch=True,
                max_records=MAX_RECORDS,
                batch_timeout_ms=BATCH_TIMEOUT_MS,
                ack_policy=AckPolicy.NACK_ON_ERROR,
                auto_offset_reset="earliest",
                fetch_max_wait_ms=_PATIENT_FETCH_MS if line.dispatcher.patient else _LONGEST_FETCH_MS,
                fetch_min_bytes=_PATIENT_BYTES if line.dispatcher.patient else 1,
                session_timeout_ms=self._session_timeout_ms,
                heartbeat_interval_ms=max(100, self._session_timeout_ms // 4),
                rebalance_timeout_ms=_REBALANCE_TIMEOUT_MS,
                max_poll_interval_ms=_NEVER_MS,
                listener=line,
                parser=_untouched,
                decoder=_undecoded,
            )
            subscriber(line.take)
            line.stop = subscriber.stop
            self._subscribers.append(subscriber)
        return broker

    async def _close(self) -> None:
        broker, self._broker = self._broker, None
        if broker is not None:
            with suppress(Exception):  # a group that cannot be left times out by itself
                async with asyncio.timeout(_FINISH_BEFORE_STOP_S + _CLOSE_S):
                    await broker.stop()


async def _noted() -> None:
    """In the place of a consumer's own commit."""


def _cancelled_ourselves() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _untouched(records: Any, parse: Callable[[Any], Awaitable[Any]]) -> Any:
    """A message around the records as they came: FastStream would decode each header, and spin on one it cannot."""
    message = await parse((replace(records[0], headers=(), value=b""),))
    message.raw_message = records
    return message


async def _undecoded(message: Any) -> Any:
    return message.body
