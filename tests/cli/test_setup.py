import asyncio
import json

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from deploy.cli.setup import TopicsRefused, make_topics, wanted

DAY_MS = 24 * 60 * 60 * 1000


@pytest.fixture
async def admin(kafka):
    client = AIOKafkaAdminClient(bootstrap_servers=kafka.url)
    await client.start()
    yield client
    await client.close()


async def partitions(admin, namespace) -> dict[str, int]:
    names = [name for name in await admin.list_topics() if name.startswith(namespace)]
    described = await admin.describe_topics(names) if names else []
    return {topic["topic"].removeprefix(namespace): len(topic["partitions"]) for topic in described}


async def retention_ms(admin, topic) -> int:
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": None})])
    return int(answer.resources[0][4][0][1])


async def test_each_topic_and_its_dead_letters_have_twelve_partitions(kafka, admin, namespace):
    made = await make_topics(kafka.url, wanted(namespace))
    assert len(made) == 6
    names = ("enquiries", "referrals", "notifications")
    assert await partitions(admin, namespace) == dict.fromkeys((*names, *(f"{name}.dead" for name in names)), 12)


async def test_events_are_kept_for_30_days_and_dead_letters_longer(kafka, admin, namespace):
    await make_topics(kafka.url, wanted(namespace, 1))
    assert await retention_ms(admin, f"{namespace}enquiries") == 30 * DAY_MS
    assert await retention_ms(admin, f"{namespace}enquiries.dead") == 90 * DAY_MS


async def test_what_is_there_is_left_as_it_is(kafka, namespace):
    await make_topics(kafka.url, wanted(namespace, 2))
    assert await make_topics(kafka.url, wanted(namespace, 2)) == ()


async def test_two_setups_at_once_do_no_harm(kafka, admin, namespace):
    await asyncio.gather(*(make_topics(kafka.url, wanted(namespace, 2)) for _ in range(2)))
    assert set((await partitions(admin, namespace)).values()) == {2}


async def test_another_number_of_partitions_is_refused_before_anything_is_made(kafka, admin, namespace):
    await make_topics(kafka.url, wanted(namespace, 2)[2:3])
    with pytest.raises(TopicsRefused, match="referrals has 2 partitions, not 3"):
        await make_topics(kafka.url, wanted(namespace, 3))
    assert await partitions(admin, namespace) == {"referrals": 2}


async def test_more_copies_than_servers_are_refused_in_words(kafka, namespace):
    with pytest.raises(TopicsRefused, match="was not made"):
        await make_topics(kafka.url, wanted(namespace), replication_factor=3)


def test_setup_can_be_repeated_and_says_what_it_made(wegweiser, kafka, mongodb, namespace):
    run = lambda *options: wegweiser(  # noqa: E731
        "setup", "--json", *options, kafka_url=kafka.url, mongodb_url=mongodb.url, namespace=namespace
    )
    first = run()
    assert first.code == 0, first.said
    assert len(json.loads(first.out)["made"]) == 6
    assert json.loads(run().out)["made"] == []
    refused = run("--partitions", "6")
    assert refused.code == 1
    assert "wegweiser setup --partitions 12" in refused.said


def test_a_kafka_that_is_away_is_a_sentence_and_exit_code_3(wegweiser):
    ended = wegweiser("setup", kafka_url="127.0.0.1:9")
    assert ended.code == 3
    assert ended.said.startswith("Kafka does not answer")
