"""FastStream as its documentation shows: one message at a time, acknowledged after its insert and its publish."""

import uvloop
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage
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

broker = KafkaBroker(KAFKA, enable_idempotence=True)
client = AsyncMongoClient(MONGODB, **DURABLE)


async def raw(message: KafkaMessage) -> bytes:
    """The body as it came: the decision reads it itself."""
    return message.body


@broker.subscriber(
    ENQUIRIES, group_id=GROUP, ack_policy=AckPolicy.NACK_ON_ERROR, auto_offset_reset="earliest", decoder=raw
)
async def take(body: bytes) -> None:
    """Decide, keep, say."""
    each = decided(body)
    await client[DATABASE][COLLECTION].insert_one(each.document)
    await broker.publish(each.value, REFERRALS, key=each.key)


if __name__ == "__main__":
    uvloop.run(FastStream(broker).run())
