"""How a line waits for records, and says what keeps it from them."""

import asyncio
from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from shared.broker import Line
from shared.commits import Commits


class Consumer:
    """Answers as it is told to; an exception is raised."""

    def __init__(self, *answers) -> None:
        self.answers = list(answers)

    async def getmany(self, **_):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def a_line(consumer) -> Line:
    line = Line(SimpleNamespace(topic="enquiries"))
    line.wait_in(consumer)
    return line


async def test_it_waits_until_there_are_records():
    consumer = Consumer({}, {}, {"partition": ["record"]})
    a_line(consumer)
    assert await consumer.getmany(timeout_ms=10, max_records=500) == {"partition": ["record"]}


async def test_what_cannot_be_fetched_is_a_complaint_until_it_can():
    consumer = Consumer(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "a header's name"), {"partition": ["record"]})
    line = a_line(consumer)
    with pytest.raises(UnicodeDecodeError):
        await consumer.getmany(timeout_ms=10, max_records=500)
    assert "cannot be fetched: UnicodeDecodeError" in (line.complaint() or "")
    await consumer.getmany(timeout_ms=10, max_records=500)
    assert line.complaint() is None


class Committing(Consumer):
    """Notes what is committed, and when it stops; refuses as often as it is told to."""

    def __init__(self, refusals: int = 0) -> None:
        super().__init__()
        self.did: list[object] = []
        self.refusals = refusals

    def assignment(self):
        return {TopicPartition("enquiries", 1)}

    async def commit(self, offsets) -> None:
        if self.refusals:
            self.refusals -= 1
            raise KafkaError
        self.did.append(offsets)

    async def stop(self) -> None:
        self.did.append("stopped")


def handled(*offsets, partition=1):
    return [SimpleNamespace(topic="enquiries", partition=partition, offset=offset) for offset in offsets]


async def test_what_is_handled_is_committed_together_and_before_the_end():
    consumer = Committing()
    commits = Commits(consumer)
    commits.note(handled(4, 5))
    await asyncio.sleep(0.05)
    commits.note(handled(6))
    commits.note(handled(7, 8))
    await asyncio.sleep(0.05)
    assert consumer.did == [{TopicPartition("enquiries", 1): 6}]
    await commits.now()
    assert consumer.did[1:] == [{TopicPartition("enquiries", 1): 9}]


async def test_what_cannot_be_committed_is_committed_later():
    consumer = Committing(refusals=1)
    commits = Commits(consumer)
    commits.note(handled(4))
    await asyncio.sleep(0.4)
    assert consumer.did == [{TopicPartition("enquiries", 1): 5}]


async def test_a_commit_on_its_way_is_waited_for_before_partitions_go():
    consumer = Committing()
    arrives, commit = asyncio.Event(), consumer.commit

    async def slow(offsets) -> None:
        await arrives.wait()
        await commit(offsets)

    consumer.commit = slow
    commits = Commits(consumer)
    commits.note(handled(4))
    await asyncio.sleep(0.05)
    end = asyncio.create_task(commits.now())
    await asyncio.sleep(0.05)
    assert not end.done()
    arrives.set()
    await end
    assert consumer.did == [{TopicPartition("enquiries", 1): 5}]


async def test_what_belongs_to_somebody_else_by_now_is_not_committed():
    consumer = Committing()
    commits = Commits(consumer)
    commits.note(handled(4, partition=2))
    await commits.now()
    assert consumer.did == []


async def test_a_consumer_commits_before_it_stops():
    consumer = Committing()
    line = Line(SimpleNamespace(topic="enquiries", take=_taken, patient=False))
    line.commit_in(consumer)
    await consumer.commit()
    message = SimpleNamespace(
        raw_message=handled(4), ack=consumer.commit, consumer=SimpleNamespace(highwater=lambda _: 5)
    )
    await line.take(message)
    await consumer.stop()
    assert consumer.did == [{TopicPartition("enquiries", 1): 5}, "stopped"]


async def _taken(_) -> None:
    pass
