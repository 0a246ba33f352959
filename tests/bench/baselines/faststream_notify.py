"""Notify with FastStream as its documentation shows: one event at a time, acknowledged after its mail."""

import asyncio
from urllib.parse import urlsplit

import aiosmtplib
import uvloop
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage
from pymongo import AsyncMongoClient

from tests.bench.baselines import mails
from tests.bench.baselines.decision import DURABLE, ENQUIRIES, GROUP, KAFKA, MONGODB, NAMESPACE, REFERRALS

broker = KafkaBroker(KAFKA)
app = FastStream(broker)
database = AsyncMongoClient(MONGODB, tz_aware=True, **DURABLE)[f"{NAMESPACE}notify"]
_where = urlsplit(mails.settings.smtp_url)
smtp = aiosmtplib.SMTP(hostname=_where.hostname, port=_where.port)  # sends one mail at a time, whoever asks


@app.on_startup
async def connect() -> None:
    """Keep one connection to the mail server."""
    await smtp.connect()


async def raw(message: KafkaMessage) -> bytes:
    """The body as it came."""
    return message.body


async def tell(mail: mails.Mail) -> None:
    """Send it, and keep that it is sent."""
    await smtp.sendmail(mails.settings.mail_from, [mail.to], mail.message)
    await database["notices"].insert_one(mail.document)


@broker.subscriber(
    ENQUIRIES,
    group_id=f"{GROUP}.notify.enquiries",
    ack_policy=AckPolicy.NACK_ON_ERROR,
    auto_offset_reset="earliest",
    decoder=raw,
)
async def confirm(body: bytes) -> None:
    """Tell the firm that its enquiry has arrived."""
    case = mails.case_of(body)
    await database["cases"].insert_one(mails.kept(case))
    await tell(mails.receipt(case))


@broker.subscriber(
    REFERRALS,
    group_id=f"{GROUP}.notify.referrals",
    ack_policy=AckPolicy.NACK_ON_ERROR,
    auto_offset_reset="earliest",
    decoder=raw,
)
async def offer(body: bytes) -> None:
    """Tell the receiver of the offer, or the coordinators that there is nobody."""
    while (case := await database["cases"].find_one({"_id": mails.about(body)})) is None:
        await asyncio.sleep(0.01)  # there is no order between topics
    await tell(mails.answer(body, mails.known(case)))


if __name__ == "__main__":
    uvloop.run(app.run())
