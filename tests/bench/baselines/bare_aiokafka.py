"""The floor: aiokafka's batches, ``insert_many``, idempotent sends, one commit a batch; no guard, outbox, telemetry."""

import asyncio

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pymongo import AsyncMongoClient

from tests.bench.baselines.decision import (
    COLLECTION,
    DATABASE,
    DURABLE,
    ENQUIRIES,
    GROUP,
    KAFKA,
    MONGODB,
    REFERRALS,
    decided,
)


async def main() -> None:
    """Handle batches for ever."""
    referrals = AsyncMongoClient(MONGODB, **DURABLE)[DATABASE][COLLECTION]
    consumer = AIOKafkaConsumer(
        ENQUIRIES, bootstrap_servers=KAFKA, group_id=GROUP, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    producer = AIOKafkaProducer(bootstrap_servers=KAFKA, enable_idempotence=True, max_batch_size=262_144)
    await consumer.start()
    await producer.start()
    while True:
        taken = await consumer.getmany(timeout_ms=1000, max_records=500)
        batch = [decided(record.value) for records in taken.values() for record in records]
        if batch:
            await referrals.insert_many([each.document for each in batch], ordered=False)
            await asyncio.gather(*[await producer.send(REFERRALS, each.value, key=each.key) for each in batch])
            await consumer.commit()


if __name__ == "__main__":
    uvloop.run(main())
