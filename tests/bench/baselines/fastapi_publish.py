"""What most would write: FastAPI takes the document, inserts it, and publishes the event before it answers.

Not even durable: an event is lost when the process dies, or Kafka is away, between the insert and the publish.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated

import uvicorn
from fastapi import FastAPI, Header, HTTPException
from faststream.kafka import KafkaBroker
from pymongo import AsyncMongoClient
from pymongo.errors import DuplicateKeyError

from services.intake import consent
from services.intake.answers import Confirmation
from services.intake.document import EnquiryDocument
from services.intake.enquiry import reference_of
from shared.events import EnquiryReceived
from shared.links import Links

NAMESPACE = os.environ["WEGWEISER_NAMESPACE"]
client = AsyncMongoClient(os.environ["WEGWEISER_MONGODB_URL"], w="majority", journal=True, tz_aware=True)
enquiries = client[f"{NAMESPACE}intake"]["enquiries"]
broker = KafkaBroker(os.environ["WEGWEISER_KAFKA_URL"], enable_idempotence=True)
links = Links((os.environ["WEGWEISER_SECRET"],))


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Be connected to Kafka."""
    await broker.start()
    yield
    await broker.stop()


app = FastAPI(lifespan=lifespan)


@app.post("/api/v1/enquiries", status_code=202)
async def send(document: EnquiryDocument, idempotency_key: Annotated[str | None, Header()] = None) -> Confirmation:
    """Take an enquiry; the same key and content get the same answer."""
    reference, now, fingerprint = reference_of(idempotency_key), datetime.now(UTC), document.fingerprint()
    facts = {**document.model_dump(), "received_at": now, "consent_version": consent.VERSION}
    try:
        await enquiries.insert_one({"_id": reference, **facts, "fingerprint": fingerprint, "state": "received"})
    except DuplicateKeyError:
        there = await enquiries.find_one({"_id": reference})
        if there is None or there["fingerprint"] != fingerprint:
            raise HTTPException(409, "This key belongs to another enquiry") from None
        now = there["received_at"]
    else:
        event = EnquiryReceived.model_validate({"reference": reference, **facts})
        await broker.publish(event, f"{NAMESPACE}enquiries", key=reference.encode())
    status_url = f"/status/{links.status_token(reference)}"
    return Confirmation(reference=reference, status_url=status_url, received_at=now)


if __name__ == "__main__":
    uvicorn.run(
        app,
        port=int(os.environ["WEGWEISER_PORT"]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
