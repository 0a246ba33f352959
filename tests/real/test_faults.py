"""What the services do while a server they need is away, and after."""

import asyncio
import json
import time

import httpx
import pytest

from tests.real.stack import Stack, an_enquiry, until
from tests.real.test_whole_way import check_nothing_was_lost, everything_arrived

SOME = 60


@pytest.fixture
def stack_on(namespace, tmp_path, smtp):
    """Call it with Kafka and MongoDB for a running stack."""
    stacks: list[Stack] = []

    def start(kafka, mongodb, *services):
        stack = Stack(tmp_path, namespace, kafka=kafka.url, mongodb=mongodb.url, smtp=smtp.url)
        stacks.append(stack)
        stack.setup()
        return stack.start(*services)

    yield start
    for stack in stacks:
        stack.end()


async def arrived(stack, references):
    async def all_of_them():
        return await everything_arrived(stack, references)

    await until(all_of_them, timeout=100, every=0.5)


async def healthy(stack, service):
    async with httpx.AsyncClient(timeout=10) as client:

        async def fine():
            return (await client.get(f"{stack.urls[service]}/healthz")).status_code == httpx.codes.OK

        await until(fine, timeout=60)


async def test_kafka_stopped_and_back(stack_on, own_kafka, mongodb, smtp):
    kafka = own_kafka()
    stack = stack_on(kafka, mongodb)
    first = await stack.post_many(range(SOME))
    await asyncio.to_thread(kafka.stop)
    meanwhile = await stack.post_many(range(SOME, 2 * SOME))
    async with httpx.AsyncClient(timeout=10) as client:
        assert (await client.get(f"{stack.urls['intake']}/readyz")).status_code == 200
        assert (await client.get(f"{stack.urls['intake']}/healthz")).json()["checks"]["kafka"] != "ok"
    await asyncio.to_thread(kafka.start)
    await arrived(stack, first + meanwhile)
    await check_nothing_was_lost(stack, smtp, first + meanwhile)
    await healthy(stack, "intake")


async def test_mongodb_killed_has_everything_that_was_acknowledged(stack_on, kafka, own_mongodb, smtp):
    mongodb = own_mongodb()
    stack = stack_on(kafka, mongodb)
    confirmed: list[str] = []

    async def post(n, client):
        answer = await stack.post(n, client)
        confirmed.append(answer.json()["reference"])

    async with httpx.AsyncClient(timeout=30) as client:
        posting = [asyncio.create_task(post(n, client)) for n in range(3 * SOME)]
        await until(lambda: len(confirmed) > SOME)
        mongodb.kill()
        before = set(confirmed)
        await asyncio.to_thread(mongodb.start)
        there = await stack.documents("intake", "enquiries")
        assert before <= there.keys()
        await asyncio.gather(*posting)
    await arrived(stack, confirmed)
    await check_nothing_was_lost(stack, smtp, confirmed)


async def test_mongodb_frozen_is_told_within_seconds_and_recovers(stack_on, kafka, own_mongodb, smtp):
    mongodb = own_mongodb()
    stack = stack_on(kafka, mongodb)
    (first,) = await stack.post_many(range(1))
    mongodb.freeze()
    headers = {"Idempotency-Key": f"{stack.namespace}frozen", "Content-Type": "application/json"}
    async with httpx.AsyncClient(timeout=30) as client:
        url, body = f"{stack.urls['intake']}/api/v1/enquiries", json.dumps(an_enquiry(7))
        started = time.monotonic()
        refused = await client.post(url, content=body, headers=headers)
        assert (refused.status_code, time.monotonic() - started < 10) == (503, True)
        assert int(refused.headers["Retry-After"]) > 0
        assert (await client.get(f"{stack.urls['intake']}/livez")).status_code == 200
        mongodb.thaw()

        async def confirmed():
            return (answer := await client.post(url, content=body, headers=headers)).status_code == 202 and answer

        second = (await until(confirmed)).json()["reference"]
    await arrived(stack, [first, second])
    assert await check_nothing_was_lost(stack, smtp, [first, second]) == 0


async def test_smtp_away_and_back(stack_on, kafka, mongodb, smtp):
    stack = stack_on(kafka, mongodb)
    smtp.stop()
    references = await stack.post_many(range(SOME))
    await asyncio.sleep(2)
    smtp.start()
    await arrived(stack, references)
    assert await check_nothing_was_lost(stack, smtp, references) == 0


async def test_smtp_that_hangs_up_before_its_answer_doubles_no_mail_without_saying_so(stack_on, kafka, mongodb, smtp):
    stack = stack_on(kafka, mongodb)
    smtp.hang_up("dot", times=3)
    references = await stack.post_many(range(10))
    await arrived(stack, references)
    assert await check_nothing_was_lost(stack, smtp, references) == 3
