"""The floor of notify: aiokafka's batches, mails over a pool of connections, ``insert_many``, one commit a batch.

No claim and no attempt is noted before a mail leaves: what was in hand when the process dies is sent again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

import aiosmtplib
import uvloop
from aiokafka import AIOKafkaConsumer
from pymongo import AsyncMongoClient

from tests.bench.baselines import mails
from tests.bench.baselines.decision import DURABLE, ENQUIRIES, GROUP, KAFKA, MONGODB, NAMESPACE, REFERRALS

CONNECTIONS = 8
database = AsyncMongoClient(MONGODB, tz_aware=True, **DURABLE)[f"{NAMESPACE}notify"]
pool: asyncio.Queue[aiosmtplib.SMTP] = asyncio.Queue()

Bodies = Sequence[bytes]


async def tell(batch: Sequence[mails.Mail]) -> None:
    """Send them, and keep that they are sent."""
    await asyncio.gather(*[deliver(mail) for mail in batch])
    await database["notices"].insert_many([mail.document for mail in batch], ordered=False)


async def deliver(mail: mails.Mail) -> None:
    """Send it over a connection that is free."""
    connection = await pool.get()
    await connection.sendmail(mails.settings.mail_from, [mail.to], mail.message)
    pool.put_nowait(connection)


async def confirm(bodies: Bodies) -> None:
    """Tell firms that their enquiries have arrived."""
    cases = [mails.case_of(body) for body in bodies]
    await database["cases"].insert_many([mails.kept(case) for case in cases], ordered=False)
    await tell([mails.receipt(case) for case in cases])


async def offer(bodies: Bodies) -> None:
    """Tell receivers of their offers, or the coordinators that there is nobody."""
    wanted = {mails.about(body): body for body in bodies}
    while len(cases := await database["cases"].find({"_id": {"$in": list(wanted)}}).to_list()) < len(wanted):
        await asyncio.sleep(0.001)  # there is no order between topics
    await tell([mails.answer(wanted[case["_id"]], mails.known(case)) for case in cases])


async def hear(topic: str, group: str, handle: Callable[[Bodies], Awaitable[None]]) -> None:
    """Handle batches for ever."""
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=KAFKA, group_id=group, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    while True:
        taken = await consumer.getmany(timeout_ms=1000, max_records=500)
        bodies = [record.value for records in taken.values() for record in records]
        if bodies:
            await handle(bodies)
            await consumer.commit()


async def main() -> None:
    """Hear both topics."""
    where = urlsplit(mails.settings.smtp_url)
    for _ in range(CONNECTIONS):
        connection = aiosmtplib.SMTP(hostname=where.hostname, port=where.port)
        await connection.connect()
        pool.put_nowait(connection)
    await asyncio.gather(
        hear(ENQUIRIES, f"{GROUP}.notify.enquiries", confirm), hear(REFERRALS, f"{GROUP}.notify.referrals", offer)
    )


if __name__ == "__main__":
    uvloop.run(main())
