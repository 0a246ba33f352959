"""Events leave in order, nothing is forgotten, and only what Kafka has is cleared."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.kafka import KafkaAway
from shared.relay import Relay
from tests.shared.toy import Case, Recorder, SetClock, cases_in, step


def relay_of(collection, sender, clock=None):
    relay = Relay(sender, clock or SetClock())
    cases = cases_in(collection, clock, relay.waker("cases"))
    relay.add("cases", cases)
    return relay, cases


def ids(sender):
    return [headers["ce_id"] for *_, headers in sender.sent]


async def test_what_kafka_has_is_cleared(collection):
    relay, cases = relay_of(collection, sender := Recorder())
    await cases.create("a", Case("a", ("r1", "r2")))
    await relay.drain()
    assert ids(sender) == ["a/1", "a/2"]
    assert (await collection.find_one({"_id": "a"}))["outbox"] == []


async def test_a_failure_stops_the_document_and_keeps_the_rest(collection):
    relay, cases = relay_of(collection, sender := Recorder(away=[False, True]))
    await cases.create("a", Case("a", ("r1", "r2", "r3")))
    with pytest.raises(KafkaAway):
        await relay.drain()
    left = (await collection.find_one({"_id": "a"}))["outbox"]
    assert (ids(sender), [entry["id"] for entry in left]) == (["a/1"], ["a/2", "a/3"])


async def test_a_failure_of_one_document_is_tried_again_with_all_that_wait(collection):
    relay, cases = relay_of(collection, sender := Recorder(away=[True]))
    await asyncio.gather(*(cases.create(id_, Case(id_, ("r1",))) for id_ in "abc"))
    with pytest.raises(KafkaAway):
        await relay.drain()
    await relay.drain()
    assert sorted(ids(sender)) == ["a/1", "b/1", "c/1"]


async def test_the_sweep_finds_what_nobody_handed_over(collection):
    _, dead_process = relay_of(collection, Recorder())
    await dead_process.create("a", Case("a", ("r1",)))
    relay, _ = relay_of(collection, sender := Recorder())
    await relay.sweep()
    await relay.drain()
    assert ids(sender) == ["a/1"]


async def test_the_sweep_says_again_what_nobody_answered(collection):
    clock = SetClock()
    relay, cases = relay_of(collection, sender := Recorder(), clock)
    await cases.create("a", Case("a", ("ask",)))
    await relay.drain()
    clock.forward(minutes=12)
    await relay.sweep()
    await relay.drain()
    assert sender.sent[0] == sender.sent[1]


async def test_what_was_just_written_is_not_read_again_and_many_documents_share_the_clearing(collection, commands):
    relay, cases = relay_of(collection, Recorder())
    await asyncio.gather(*(cases.create(str(n), Case(str(n), ("r1",))) for n in range(100)))
    commands.said.clear()
    await relay.drain()
    database = collection.database.name
    assert (len(commands.of(database, "find")), len(commands.of(database, "update"))) == (0, 1)


async def test_many_documents_that_the_sweep_found_share_the_reading(collection, commands):
    _, dead_process = relay_of(collection, Recorder())
    await asyncio.gather(*(dead_process.create(str(n), Case(str(n), ("r1",))) for n in range(100)))
    relay, _ = relay_of(collection, sender := Recorder())
    await relay.sweep()
    commands.said.clear()
    await relay.drain()
    database = collection.database.name
    assert (len(commands.of(database, "find")), len(commands.of(database, "update"))) == (1, 1)
    assert len(sender.sent) == 100


async def test_what_still_waits_is_said_before_what_is_new(collection):
    """The new event alone was handed over in memory, and the one before it never was."""
    _, other_process = relay_of(collection, Recorder())
    await other_process.create("a", Case("a", ("r1",)))
    relay, cases = relay_of(collection, sender := Recorder())
    await cases.change("a", step("r2"))
    await relay.drain()
    assert ids(sender) == ["a/1", "a/2"]


async def test_an_event_that_this_version_cannot_say_stops_its_own_document_alone(collection):
    relay, cases = relay_of(collection, sender := Recorder())
    await asyncio.gather(*(cases.create(id_, Case(id_, ("r1",))) for id_ in "abc"))
    await collection.update_one({"_id": "b"}, {"$unset": {"events.0.subject": ""}})
    for _ in range(3):
        await relay.sweep()
        await relay.drain()
    assert sorted(ids(sender)) == ["a/1", "c/1"]


class OnePartitionAway(Recorder):
    """Some documents' partition has no leader."""

    async def send(self, record) -> None:
        if record.key.startswith(b"bad"):
            raise KafkaAway("leader not available")
        await super().send(record)


async def test_many_documents_of_a_partition_without_leader_do_not_keep_the_others_waiting(collection):
    relay, cases = relay_of(collection, sender := OnePartitionAway())
    await asyncio.gather(*(cases.create(f"bad{n}", Case(f"bad{n}", ("r1",))) for n in range(500)))
    await asyncio.gather(*(cases.create(f"good{n}", Case(f"good{n}", ("r1",))) for n in range(20)))
    for _ in range(2):
        with pytest.raises(KafkaAway):
            await relay.drain()
    assert len(sender.sent) == 20


async def test_an_idle_sweep_reads_no_documents_but_those_that_wait(collection):
    relay, cases = relay_of(collection, Recorder())
    await cases.create("quiet", Case("quiet"))
    await relay.sweep()
    assert not relay._sources["cases"].waiting


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_nothing_is_said_for_the_first_time_after_its_successor(collection, data):
    """Two processes relay the same documents, Kafka fails at random, new events come in between."""
    away = data.draw(st.lists(st.booleans(), max_size=12))
    order = data.draw(st.lists(st.sampled_from("ab+"), min_size=4, max_size=12))
    await collection.delete_many({})
    sender = Recorder(away)
    relays = dict(zip("ab", (relay_of(collection, sender)[0] for _ in "ab"), strict=True))
    cases = cases_in(collection)
    await cases.create("x", Case("x"))
    for n, who in enumerate([*order, "+", "a", "a"]):
        if who == "+":
            await cases.change("x", step(f"r{n}"))
            continue
        for relay in relays.values():
            await relay.sweep()
        await asyncio.gather(*(relay.drain() for relay in relays.values()), return_exceptions=True)
    sender._away.clear()
    await relays["a"].sweep()
    await relays["a"].drain()
    firsts = list(dict.fromkeys(int(id_.split("/")[1]) for id_ in ids(sender)))
    assert firsts == list(range(1, len(firsts) + 1))
    assert (await collection.find_one({"_id": "x"}))["outbox"] == []
