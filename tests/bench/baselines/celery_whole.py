"""The whole way in Celery, behind a FastAPI route: a task for each stage, acknowledged late, and one for each mail.

Not even safe: an enquiry is lost when the process dies, or Redis is away, between its insert and its tasks.
``celery -A tests.bench.baselines.celery_whole worker`` works; run as a program, it takes enquiries in.
"""

import os
import smtplib
from datetime import UTC, datetime
from functools import cache
from typing import Annotated
from urllib.parse import urlsplit

import uvicorn
from celery import Celery
from fastapi import FastAPI, Header, HTTPException
from pymongo import MongoClient
from pymongo.errors import DuplicateKeyError

from services.intake import consent
from services.intake.answers import Confirmation
from services.intake.document import EnquiryDocument
from services.intake.enquiry import reference_of
from shared.events import EnquiryReceived
from shared.links import Links
from tests.bench.baselines import mails
from tests.bench.baselines.decision import COLLECTION, DATABASE, DURABLE, MONGODB, NAMESPACE, decided

app = Celery("whole", broker=os.environ["WEGWEISER_REDIS_URL"])
app.conf.update(
    broker_transport_options={"global_keyprefix": NAMESPACE},
    task_acks_late=True,
    task_ignore_result=True,
    task_routes={"match": "matching", "confirm": "notify", "offer": "notify"},
    worker_prefetch_multiplier=100,
)
client: MongoClient = MongoClient(
    MONGODB, connect=False, tz_aware=True, **DURABLE
)  # connects in the process that works
notices = client[f"{NAMESPACE}notify"]["notices"]
links = Links(mails.settings.secret)


@cache
def mail_server() -> smtplib.SMTP:
    """The connection that a worker keeps."""
    where = urlsplit(mails.settings.smtp_url)
    return smtplib.SMTP(str(where.hostname), where.port or 25)


def tell(mail: mails.Mail) -> None:
    """Send it, and keep that it is sent."""
    mail_server().sendmail(mails.settings.mail_from, [mail.to], mail.message)
    notices.insert_one(mail.document)


@app.task(name="match")
def match(body: str) -> None:
    """Decide, keep, have it told."""
    each = decided(body.encode())
    client[DATABASE][COLLECTION].insert_one(each.document)
    offer.delay(each.value.decode(), body)


@app.task(name="confirm")
def confirm(body: str) -> None:
    """Tell the firm that its enquiry has arrived."""
    tell(mails.receipt(mails.case_of(body.encode())))


@app.task(name="offer")
def offer(said: str, body: str) -> None:
    """Tell the receiver of the offer, or the coordinators that there is nobody."""
    tell(mails.answer(said.encode(), mails.case_of(body.encode())))


web = FastAPI()


@web.post("/api/v1/enquiries", status_code=202)
def send(document: EnquiryDocument, idempotency_key: Annotated[str | None, Header()] = None) -> Confirmation:
    """Take an enquiry; the same key and content get the same answer."""
    enquiries = client[f"{NAMESPACE}intake"]["enquiries"]
    reference, now, fingerprint = reference_of(idempotency_key), datetime.now(UTC), document.fingerprint()
    facts = {**document.model_dump(), "received_at": now, "consent_version": consent.VERSION}
    try:
        enquiries.insert_one({"_id": reference, **facts, "fingerprint": fingerprint, "state": "received"})
    except DuplicateKeyError:
        there = enquiries.find_one({"_id": reference})
        if there is None or there["fingerprint"] != fingerprint:
            raise HTTPException(409, "This key belongs to another enquiry") from None
        now = there["received_at"]
    else:
        event = EnquiryReceived.model_validate({"reference": reference, **facts}).model_dump_json(exclude_none=True)
        match.delay(event)
        confirm.delay(event)
    status_url = f"/status/{links.status_token(reference)}"
    return Confirmation(reference=reference, status_url=status_url, received_at=now)


if __name__ == "__main__":
    uvicorn.run(
        web,
        port=int(os.environ["WEGWEISER_PORT"]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
