"""Listening on a real Kafka: batches, groups, poison, stops and revocations."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared import mongo, outbox
from shared.dispatch import Hears, Refused
from shared.envelope import Envelope
from shared.events import TOPICS, EnquiryWithdrawn
from shared.kafka import Record
from shared.service import Service
from shared.settings import Settings
from tests.shared.toy import NOON


async def make_topics(kafka, namespace, partitions=4):
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.url)
    await admin.start()
    names = [f"{namespace}{topic}{end}" for topic in TOPICS for end in ("", ".dead")]
    await admin.create_topics([NewTopic(name, num_partitions=partitions, replication_factor=1) for name in names])
    await admin.close()


@asynccontextmanager
async def a_producer(kafka):
    producer = AIOKafkaProducer(bootstrap_servers=kafka.url)
    await producer.start()
    yield producer
    await producer.stop()


def a_record(reference, n=1):
    event = EnquiryWithdrawn(reference=reference, withdrawn_at=NOON)
    return outbox.record(outbox.entry(event, aggregate=reference, n=n, source="/x", at=NOON, traceparent=""))


async def say(producer, namespace, *records):
    for record in records:
        await producer.send_and_wait(
            namespace + record.topic, record.value, key=record.key, headers=list(record.headers)
        )


async def read_all(kafka, topic, at_least, timeout=15):
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka.url, auto_offset_reset="earliest")
    await consumer.start()
    found = []
    try:
        async with asyncio.timeout(timeout):
            while len(found) < at_least:
                batch = await consumer.getmany(timeout_ms=200)
                found += [record for records in batch.values() for record in records]
    finally:
        await consumer.stop()
    return found


async def until(condition, timeout=20):
    async with asyncio.timeout(timeout):
        while not condition():
            await asyncio.sleep(0.02)


class Seen:
    """What the handlers saw, and what they are told to do."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.work = None


@asynccontextmanager
async def listening(kafka, mongodb, namespace, seen):
    hears = Hears("enquiries")

    @hears.on(EnquiryWithdrawn)
    async def note(event: EnquiryWithdrawn, envelope: Envelope, seen: Seen) -> None:
        if seen.work is not None:
            await seen.work(event)
        seen.ids.append(envelope.id)

    settings = Settings(
        kafka_url=kafka.url,
        mongodb_url=mongodb.url,
        namespace=namespace,
        secret=("s",),
        coordinator_token="t",
        port=0,
        session_timeout_ms=6000,
    )
    service = Service("test", settings)
    service.hear(hears, seen)
    await service.start()
    try:
        yield service
    finally:
        await service.stop()


async def committed(kafka, namespace, group="test.enquiries"):
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.url)
    await admin.start()
    offsets = await admin.list_consumer_group_offsets(namespace + group)
    await admin.close()
    return sum(meta.offset for meta in offsets.values() if meta.offset > 0)


@pytest.fixture
async def topics(kafka, namespace):
    await make_topics(kafka, namespace)


@pytest.fixture
async def producer(kafka):
    async with a_producer(kafka) as producer:
        yield producer


async def test_what_was_said_before_anybody_listened_is_heard(kafka, mongodb, namespace, topics, producer):
    await say(producer, namespace, *(a_record(f"r{n}") for n in range(50)))
    async with listening(kafka, mongodb, namespace, seen := Seen()):
        await until(lambda: len(seen.ids) == 50)
    assert await committed(kafka, namespace) == 50


async def test_poison_of_every_kind_does_not_stop_the_line(kafka, mongodb, namespace, topics, producer):
    good = a_record("good")
    send = producer.send_and_wait
    await send(f"{namespace}enquiries", b"{", key=b"a", headers=list(good.headers))
    await send(f"{namespace}enquiries", b"x", key=b"b", headers=[])
    await send(f"{namespace}enquiries", None, key=b"c", headers=list(good.headers))
    await send(f"{namespace}enquiries", b"x", key=None, headers=[("ce_id", b"\xff")])
    await send(f"{namespace}enquiries", b"", key=None, headers=[])
    await send(
        f"{namespace}enquiries", b"x", key=b"\xff\xfe", headers=[("reply_to", b"\xfe"), ("content-type", b"\xff")]
    )
    await say(producer, namespace, good)
    async with listening(kafka, mongodb, namespace, seen := Seen()):
        dead = await read_all(kafka, f"{namespace}enquiries.dead", 5)
        await until(lambda: seen.ids == ["good/1"])
    assert {dict(record.headers)["wegweiser-reason"] for record in dead} == {b"undecodable"}


async def test_even_a_record_without_key_and_value_can_be_set_aside(kafka, mongodb, namespace, topics):
    async with listening(kafka, mongodb, namespace, Seen()) as service:
        await service.producer.send(Record("enquiries.dead", None, None, [("wegweiser-reason", b"undecodable")]))
    (record,) = await read_all(kafka, f"{namespace}enquiries.dead", 1)
    assert not record.value


async def test_a_line_that_can_handle_nothing_stops_and_keeps_the_rest(kafka, mongodb, namespace, topics, producer):
    await say(producer, namespace, *(a_record(f"r{n}") for n in range(60)))
    seen = Seen()

    async def refuse(event) -> None:
        raise Refused("never")

    seen.work = refuse
    async with listening(kafka, mongodb, namespace, seen) as service:
        async with asyncio.timeout(20):
            while "stopped" not in str((await service.checks())["consumer"]):
                await asyncio.sleep(0.1)
        assert len(await read_all(kafka, f"{namespace}enquiries.dead", 10)) == 10
        assert await service.ready() is None
    seen.work = None
    async with listening(kafka, mongodb, namespace, seen):
        await until(lambda: len(set(seen.ids)) == 60)
    assert await committed(kafka, namespace) == 60


async def test_a_second_process_joins_without_anything_being_handled_twice(kafka, mongodb, namespace, topics, producer):
    one, two = Seen(), Seen()

    async def slow(event) -> None:
        await asyncio.sleep(0.3)

    one.work = two.work = slow
    async with listening(kafka, mongodb, namespace, one):
        await say(producer, namespace, *(a_record(f"r{n}") for n in range(100)))
        await until(lambda: one.ids)
        async with listening(kafka, mongodb, namespace, two):
            for n in range(100, 200):
                await say(producer, namespace, a_record(f"r{n}"))
            await until(lambda: len(set(one.ids + two.ids)) == 200)
    assert len(one.ids + two.ids) == 200


async def test_a_batch_that_waits_for_mongodb_is_given_back_on_stop(kafka, mongodb, namespace, topics, producer):
    seen = Seen()

    async def away(event) -> None:
        raise mongo.Unavailable("away")

    seen.work = away
    await say(producer, namespace, a_record("r"))
    async with listening(kafka, mongodb, namespace, seen) as service:
        await until(lambda: service._listening._lines[0]._in_hand_since)
        started = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - started < 12
    seen.work = None
    async with listening(kafka, mongodb, namespace, seen):
        await until(lambda: seen.ids == ["r/1"])


async def test_a_service_starts_without_kafka_and_listens_when_it_comes(own_kafka, mongodb, namespace):
    kafka = own_kafka()
    await make_topics(kafka, namespace)
    async with a_producer(kafka) as producer:
        await say(producer, namespace, a_record("r"))
    kafka.stop()
    async with listening(kafka, mongodb, namespace, seen := Seen()) as service:
        await asyncio.sleep(2)
        assert await service.ready() is None
        assert (await service.checks())["kafka"]
        await asyncio.to_thread(kafka.start)
        await until(lambda: seen.ids == ["r/1"], timeout=40)
