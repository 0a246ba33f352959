"""The floor of intake: a Starlette route, the document validated from its bytes, one journalled insert a request."""

import os
from datetime import UTC, datetime

import uvicorn
from pymongo import AsyncMongoClient
from pymongo.errors import DuplicateKeyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from services.intake import consent
from services.intake.document import EnquiryDocument, Invalid, Unreadable, read
from services.intake.enquiry import reference_of
from shared.links import Links

client = AsyncMongoClient(os.environ["WEGWEISER_MONGODB_URL"], w="majority", journal=True, tz_aware=True)
enquiries = client[f"{os.environ['WEGWEISER_NAMESPACE']}intake"]["enquiries"]
links = Links((os.environ["WEGWEISER_SECRET"],))


def stored(document: EnquiryDocument, key: str | None, now: datetime) -> dict[str, object]:
    """An enquiry as it is kept."""
    return {
        "_id": reference_of(key),
        "received_at": now,
        "consent_version": consent.VERSION,
        "fingerprint": document.fingerprint(),
        "state": "received",
        **document.model_dump(),
    }


async def send(request: Request) -> JSONResponse:
    """Take an enquiry; the same key and content get the same answer."""
    try:
        document = read(await request.body())
    except Unreadable:
        return JSONResponse({"title": "No readable JSON"}, 400)
    except Invalid as invalid:
        return JSONResponse({"title": "Invalid", "errors": [flaw.pointer for flaw in invalid.flaws]}, 422)
    enquiry = stored(document, request.headers.get("idempotency-key"), datetime.now(UTC))
    try:
        await enquiries.insert_one(enquiry)
    except DuplicateKeyError:
        there = await enquiries.find_one({"_id": enquiry["_id"]})
        if there is None or there["fingerprint"] != enquiry["fingerprint"]:
            return JSONResponse({"title": "This key belongs to another enquiry"}, 409)
        enquiry = there
    reference, at = str(enquiry["_id"]), enquiry["received_at"].isoformat(timespec="milliseconds")
    told = {"reference": reference, "status_url": f"/status/{links.status_token(reference)}", "received_at": at}
    return JSONResponse(told, 202)


if __name__ == "__main__":
    uvicorn.run(
        Starlette(routes=[Route("/api/v1/enquiries", send, methods=["POST"])]),
        port=int(os.environ["WEGWEISER_PORT"]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
