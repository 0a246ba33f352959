"""Faust: an agent of ten that take turns at the topic; offsets are committed in the background, up to what is done."""

import faust
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

app = faust.App(
    GROUP,
    broker=f"kafka://{KAFKA}",
    value_serializer="raw",
    topic_disable_leader=True,
)
enquiries = app.topic(ENQUIRIES, value_type=bytes, value_serializer="raw")
referrals = app.topic(REFERRALS, value_type=bytes, value_serializer="raw", key_serializer="raw")
client = AsyncMongoClient(MONGODB, **DURABLE)


@app.agent(enquiries, concurrency=10)
async def take(stream: faust.StreamT[bytes]) -> None:
    """Decide, keep, say."""
    async for body in stream:
        each = decided(body)
        await client[DATABASE][COLLECTION].insert_one(each.document)
        delivered = await referrals.send(key=each.key, value=each.value)
        await delivered


if __name__ == "__main__":
    app.main()
