"""What most would write: one event, one ``EmailMessage``, one document, one connection for one mail.

Not even safe: offsets are committed in the background, so a process that dies may lose the mail that it had in hand.
"""

import asyncio
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from urllib.parse import urlsplit

import aiosmtplib
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pydantic import TypeAdapter
from pymongo import AsyncMongoClient

from services.notify.case import Case
from services.notify.layout import as_html, as_text
from services.notify.letters import letter_for
from services.notify.notice import Notice, claimed, sent
from services.notify.settings import NotifySettings
from services.notify.store import announce
from services.notify.telling import Network
from services.notify.writing import places_of
from shared.events import EnquiryReceived, ReferralOffered
from shared.links import Links
from tests.bench.baselines import letters

settings = NotifySettings()
network = Network(settings.domain, settings.coordinators)
places = places_of(settings, Links(settings.secret))
smtp = urlsplit(settings.smtp_url)
database = AsyncMongoClient(settings.mongodb_url, w="majority", journal=True, tz_aware=True)[
    f"{settings.namespace}notify"
]
cases, notices = TypeAdapter(Case), TypeAdapter(Notice)


def built(notice: Notice, case: Case, to: str) -> EmailMessage:
    """The message, as the library makes it."""
    letter, message = letter_for(notice, case, places), EmailMessage()
    message["From"], message["To"] = formataddr((settings.mail_from_name, settings.mail_from)), to
    message["Subject"], message["Message-ID"] = letter.subject, notice.message_id
    message["Date"] = format_datetime(notice.at)
    message.set_content("".join(as_text(letter)))
    message.add_alternative("".join(as_html(letter)), subtype="html")
    return message


async def tell(notice: Notice, case: Case, producer: AIOKafkaProducer) -> None:
    """Keep the notice, send it, keep that it is sent, say so."""
    to, now = str(notice.to), datetime.now(UTC)
    await database["notices"].insert_one({"_id": notice.id, **notices.dump_python(notice)})
    _, answer = await aiosmtplib.send(built(notice, case, to), hostname=smtp.hostname, port=smtp.port)
    after = sent(claimed(notice, "this", to, now), 1, "this", datetime.now(UTC), answer)
    await database["notices"].update_one({"_id": notice.id}, {"$set": {"state": "sent", "answer": answer}})
    (said,) = announce(notice, after)
    value, key = said.model_dump_json(exclude_none=True).encode(), notice.reference.encode()
    await producer.send_and_wait(f"{settings.namespace}notifications", value, key=key)


async def receipts(producer: AIOKafkaProducer, enquiries: AIOKafkaConsumer) -> None:
    """Tell firms that their enquiries have arrived."""
    async for record in enquiries:
        event = EnquiryReceived.model_validate_json(record.value)
        case, notice = letters.receipt(event, network, datetime.now(UTC))
        await database["cases"].insert_one({"_id": case.reference, **cases.dump_python(case)})
        await tell(notice, case, producer)


async def offers(producer: AIOKafkaProducer, referrals: AIOKafkaConsumer) -> None:
    """Tell receivers of their offers."""
    async for record in referrals:
        event = ReferralOffered.model_validate_json(record.value)
        while (document := await database["cases"].find_one({"_id": event.reference})) is None:
            await asyncio.sleep(0.01)
        _, notice = letters.offer(event, cases.validate_python(document), network, datetime.now(UTC))
        await tell(notice, cases.validate_python(document), producer)


async def main() -> None:
    """Hear both topics, for ever."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_url)
    await producer.start()
    async with asyncio.TaskGroup() as both:
        for topic, hear in (("enquiries", receipts), ("referrals", offers)):
            consumer = AIOKafkaConsumer(
                f"{settings.namespace}{topic}",
                bootstrap_servers=settings.kafka_url,
                group_id=f"{settings.namespace}naive.{topic}",
                auto_offset_reset="earliest",
            )
            await consumer.start()
            both.create_task(hear(producer, consumer))


if __name__ == "__main__":
    uvloop.run(main())
