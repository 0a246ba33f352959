"""The floor of intake where somebody listens: a Starlette route, one journalled insert and one send a request."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import uvicorn
from aiokafka import AIOKafkaProducer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from services.intake.document import read
from shared.events import EnquiryReceived
from tests.bench.baselines.bare_intake import enquiries, links, stored

TOPIC = f"{os.environ['WEGWEISER_NAMESPACE']}enquiries"


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Be connected to Kafka."""
    app.state.producer = AIOKafkaProducer(bootstrap_servers=os.environ["WEGWEISER_KAFKA_URL"], enable_idempotence=True)
    await app.state.producer.start()
    yield
    await app.state.producer.stop()


async def send(request: Request) -> JSONResponse:
    """Take an enquiry."""
    enquiry = stored(read(await request.body()), request.headers.get("idempotency-key"), datetime.now(UTC))
    await enquiries.insert_one(enquiry)
    reference = str(enquiry["_id"])
    event = EnquiryReceived.model_validate({**enquiry, "reference": reference})
    value = event.model_dump_json(exclude_none=True).encode()
    await request.app.state.producer.send_and_wait(TOPIC, value, key=reference.encode())
    told = {"reference": reference, "status_url": f"/status/{links.status_token(reference)}"}
    return JSONResponse({**told, "received_at": event.received_at.isoformat(timespec="milliseconds")}, 202)


async def ready(_: Request) -> JSONResponse:
    """Whether it is."""
    return JSONResponse({})


if __name__ == "__main__":
    uvicorn.run(
        Starlette(
            routes=[Route("/api/v1/enquiries", send, methods=["POST"]), Route("/readyz", ready)], lifespan=lifespan
        ),
        port=int(os.environ["WEGWEISER_PORT"]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
