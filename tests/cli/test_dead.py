import asyncio
import json

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.cli.setup import make_topics, wanted
from shared.kafka import Producer, Record


def headers(reason: str, group: str, origin: str = "enquiries") -> list[tuple[str, bytes]]:
    said = {"ce_id": "WW-A/1", "ce_type": "wegweiser.enquiry.received.v1", "ce_subject": "WW-A"}
    why = {
        "reason": reason,
        "error": "[bold]it broke",
        "group": group,
        "topic": origin,
        "partition": "0",
        "offset": "7",
    }
    both = {**said, **{f"wegweiser-{name}": value for name, value in why.items()}}
    return [(name, value.encode()) for name, value in both.items()]


async def letters(kafka, namespace) -> None:
    """Two dead letters of enquiries and one of referrals."""
    await make_topics(kafka.url, wanted(namespace, 2))
    producer = Producer(kafka.url, namespace)
    await producer.send(
        Record("enquiries.dead", b"WW-A", b'{"text": "\xc3\xa4"}', headers("bug", "matching.enquiries"))
    )
    await producer.send(Record("enquiries.dead", b"WW-A", b"\xff no json", headers("undecodable", "notify.enquiries")))
    await producer.send(Record("referrals.dead", None, b"", headers("refused", "notify.referrals", "referrals")))
    await producer.close()


async def records(kafka, topic) -> list:
    """All that a topic holds."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka.url, auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for number in range(2)]
        consumer.assign(partitions)
        number = sum((await consumer.end_offsets(partitions)).values())
        found: list = []
        while len(found) < number:
            batches = await consumer.getmany(timeout_ms=500)
            found += [record for batch in batches.values() for record in batch]
        return found
    finally:
        await consumer.stop()


@pytest.fixture
def dead(wegweiser, kafka, namespace):
    asyncio.run(letters(kafka, namespace))
    return lambda *arguments: wegweiser("dead", *arguments, kafka_url=kafka.url, namespace=namespace)


def listed(dead, *options) -> list[dict]:
    ended = dead("list", "--json", *options)
    assert ended.code == 0, ended.said
    return [json.loads(line) for line in ended.out.splitlines()]


def test_dead_letters_are_listed_with_what_went_wrong(dead):
    first, *others = listed(dead)
    assert len(others) == 2
    assert first["name"].startswith("enquiries:")
    assert (first["reason"], first["group"], first["error"]) == ("bug", "matching.enquiries", "[bold]it broke")
    assert (first["type"], first["reference"]) == ("wegweiser.enquiry.received.v1", "WW-A")


@pytest.mark.parametrize(
    ("options", "number"),
    [
        (["--topic", "referrals"], 1),
        (["--topic", "notifications"], 0),
        (["--reason", "bug"], 1),
        (["--group", "notify.enquiries"], 1),
        (["--topic", "referrals", "--reason", "bug"], 0),
    ],
)
def test_dead_letters_are_chosen_by_where_they_come_from_and_why(dead, options, number):
    assert len(listed(dead, *options)) == number


def test_the_list_for_people_shows_errors_as_they_are(dead):
    assert "[bold]it" in dead("list").out


def test_one_is_shown_whole(dead):
    shown = json.loads(dead("show", listed(dead)[0]["name"]).out)
    assert shown["value"] == {"text": "ä"}
    assert shown["headers"]["ce_id"] == "WW-A/1"
    assert shown["key"] == "WW-A"


def test_one_that_is_no_json_is_shown_all_the_same(dead):
    (name,) = (letter["name"] for letter in listed(dead, "--reason", "undecodable"))
    assert json.loads(dead("show", name).out)["value"] == "\\xff no json"


def test_one_that_is_not_there_is_exit_code_1_and_a_topic_that_is_not_exit_code_2(dead):
    assert dead("show", "enquiries:0:4711").code == 1
    assert dead("show", "nowhere:0:1").code == 2


def test_a_replayed_record_is_the_same_and_meant_for_the_group_that_failed(dead, kafka, namespace):
    ended = dead("replay", "--reason", "bug")
    assert ended.code == 0, ended.said
    (record,) = asyncio.run(records(kafka, f"{namespace}enquiries"))
    assert (record.key, record.value) == (b"WW-A", b'{"text": "\xc3\xa4"}')
    assert dict(record.headers) == {
        "ce_id": b"WW-A/1",
        "ce_type": b"wegweiser.enquiry.received.v1",
        "ce_subject": b"WW-A",
        "wegweiser-target-group": b"matching.enquiries",
    }


def test_all_are_replayed_only_when_told_so(dead, kafka, namespace):
    assert dead("replay").code == 2
    assert dead("replay", "--all").code == 0
    assert len(asyncio.run(records(kafka, f"{namespace}enquiries"))) == 2
    assert len(asyncio.run(records(kafka, f"{namespace}referrals"))) == 1


def test_what_cannot_be_found_is_named_and_the_others_replayed(dead):
    name = listed(dead)[0]["name"]
    ended = dead("replay", name, "enquiries:0:4711")
    assert ended.code == 1
    assert "There is no dead letter enquiries:0:4711." in ended.said
    assert name in ended.out


def test_no_topics_are_no_dead_letters(wegweiser, kafka, namespace):
    ended = wegweiser("dead", "list", kafka_url=kafka.url, namespace=namespace)
    assert ended.code == 0
    assert "There are no dead letters." in ended.said


def test_a_kafka_that_is_away_is_a_sentence_and_exit_code_3(wegweiser):
    assert wegweiser("dead", "list", kafka_url="127.0.0.1:9").code == 3
