"""A service that does nothing yet: FastAPI, a database, and FastStream on one topic, as their documentation shows."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from pymongo import AsyncMongoClient

NAMESPACE, PORT = os.environ["WEGWEISER_NAMESPACE"], int(os.environ["WEGWEISER_PORT"])
client = AsyncMongoClient(os.environ["WEGWEISER_MONGODB_URL"], w="majority", journal=True)
broker = KafkaBroker(os.environ["WEGWEISER_KAFKA_URL"], enable_idempotence=True, logger=None)


@broker.subscriber(f"{NAMESPACE}referrals", group_id=f"{NAMESPACE}{PORT}", ack_policy=AckPolicy.NACK_ON_ERROR)
async def take(_: bytes) -> None:
    """Take a message."""


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Be connected to Kafka."""
    await broker.start()
    yield
    await broker.stop()


app = FastAPI(lifespan=lifespan)


@app.get("/readyz")
async def ready() -> dict[str, str]:
    """Whether the database answers."""
    await client.admin.command("ping")
    return {"status": "ok"}


if __name__ == "__main__":
    uvicorn.run(app, port=PORT, loop="uvloop", http="httptools", access_log=False, log_level="warning")
