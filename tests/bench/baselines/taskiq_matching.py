"""taskiq on Kafka: many tasks at once in one event loop.

Not even safe: ``taskiq-aio-kafka`` commits in the background, so a process that dies may lose what it had in hand.
``taskiq worker tests.bench.baselines.taskiq_matching:broker`` works; run as a program, it lays work out.
"""

import asyncio
import sys
from itertools import islice

from aiokafka import AIOKafkaProducer
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.partitioner import DefaultPartitioner
from pymongo import AsyncMongoClient
from taskiq import TaskiqEvents, TaskiqState
from taskiq_aio_kafka import AioKafkaBroker

from tests.bench import enquiries
from tests.bench.baselines.decision import (
    COLLECTION,
    DATABASE,
    DURABLE,
    ENQUIRIES,
    GROUP,
    KAFKA,
    MONGODB,
    NAMESPACE,
    REFERRALS,
    decided,
)

broker = AioKafkaBroker(KAFKA, ENQUIRIES)
broker.configure_producer(enable_idempotence=True, acks="all", partitioner=DefaultPartitioner())
broker.configure_consumer(
    group_id=GROUP, auto_offset_reset="earliest", partition_assignment_strategy=(RoundRobinPartitionAssignor,)
)
client = AsyncMongoClient(MONGODB, **DURABLE)


@broker.on_event(TaskiqEvents.WORKER_STARTUP)
async def connect(state: TaskiqState) -> None:
    """Have a producer for what is said."""
    state.producer = AIOKafkaProducer(bootstrap_servers=KAFKA, enable_idempotence=True)
    await state.producer.start()


@broker.task("take")
async def take(body: str) -> None:
    """Decide, keep, say."""
    each = decided(body.encode())
    await client[DATABASE][COLLECTION].insert_one(each.document)
    await broker.state.producer.send_and_wait(REFERRALS, each.value, key=each.key)


async def lay_out(first: int, after_last: int) -> None:
    """Queue the enquiries of these numbers."""
    await broker.startup()
    records = islice(enquiries.records(after_last, NAMESPACE), first, after_last)
    await asyncio.gather(*[take.kiq(record.value.decode()) for record in records])
    await broker.shutdown()


if __name__ == "__main__":
    asyncio.run(lay_out(*map(int, sys.argv[1:])))
