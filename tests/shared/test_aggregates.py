"""One write for the state and the events that announce it."""

import asyncio

import pytest

from shared import outbox
from shared.mongo import AlreadyThere, Missing
from tests.shared.toy import Case, SetClock, cases_in, step


async def document_of(collection, id_="a"):
    return await collection.find_one({"_id": id_})


async def test_state_and_events_are_one_write(collection, commands):
    cases = cases_in(collection)
    await cases.create("a", Case("a", ("r1",)))
    await cases.change("a", step("r2"))
    document = await document_of(collection)
    assert [entry["id"] for entry in document["outbox"]] == ["a/1", "a/2"]
    assert (document["version"], document["sequence"], document["steps"]) == (2, 2, ["r1", "r2"])
    assert len(commands.of(collection.database.name, "update")) == 1


async def test_what_is_there_is_not_created_again(collection):
    cases = cases_in(collection)
    await cases.create("a", Case("a"))
    with pytest.raises(AlreadyThere):
        await cases.create("a", Case("a", ("r1",)))


async def test_what_is_not_there_cannot_change(collection):
    with pytest.raises(Missing):
        await cases_in(collection).change("nowhere", step("r1"))


async def test_a_change_that_changes_nothing_writes_nothing(collection):
    cases = cases_in(collection)
    await cases.create("a", Case("a", ("r1",)))
    await cases.change("a", step("r1"))
    assert (await document_of(collection))["version"] == 1


async def test_many_writers_lose_no_step_and_no_event(collection):
    one, other = cases_in(collection), cases_in(collection)
    await one.create("a", Case("a"))
    await asyncio.gather(*((one, other)[n % 2].change("a", step(f"r{n}")) for n in range(20)))
    document = await document_of(collection)
    assert sorted(document["steps"]) == sorted(f"r{n}" for n in range(20))
    assert [entry["n"] for entry in document["outbox"]] == list(range(1, 21))


async def test_whoever_was_slower_decides_again(collection):
    cases = cases_in(collection)
    await cases.create("a", Case("a"))

    def only_first(case):
        return case if case.steps else step("r1")(case)

    await asyncio.gather(*(cases.change("a", only_first) for _ in range(5)))
    assert (await document_of(collection))["sequence"] == 1


async def test_a_refusal_passes_through_and_writes_nothing(collection):
    cases = cases_in(collection)
    await cases.create("a", Case("a"))

    def refuse(case):
        raise LookupError(case.reference)

    with pytest.raises(LookupError):
        await cases.change("a", refuse)
    assert (await document_of(collection))["version"] == 1


async def test_an_unanswered_event_is_said_again_in_the_same_bytes(collection):
    clock = SetClock()
    cases = cases_in(collection, clock)
    await cases.create("a", Case("a", ("ask",)))
    said = (await document_of(collection))["events"]
    await collection.update_one({"_id": "a"}, {"$set": {"outbox": []}})
    clock.forward(minutes=12)
    await cases.say_again("a")
    assert outbox.in_outbox(await document_of(collection)) == said


async def test_an_answered_event_is_not_said_again(collection):
    clock = SetClock()
    cases = cases_in(collection, clock)
    await cases.create("a", Case("a", ("ask",)))
    await cases.change("a", lambda case: case, answered=["a/1"])
    document = await document_of(collection)
    assert "due" not in document
    assert "unanswered" not in document


async def test_the_pauses_between_repetitions_grow(collection):
    clock = SetClock()
    cases = cases_in(collection, clock)
    await cases.create("a", Case("a", ("ask",)))
    pauses = []
    for _ in range(10):
        clock.at = (await document_of(collection))["due"]
        await cases.say_again("a")
        pauses.append(((await document_of(collection))["due"] - clock.at).total_seconds() / 600)
    assert pauses == pytest.approx([2, 4, 8, 16, 32, 36, 36, 36, 36, 36], rel=0.11)


async def test_what_still_waits_in_the_outbox_is_not_doubled(collection):
    clock = SetClock()
    cases = cases_in(collection, clock)
    await cases.create("a", Case("a", ("ask",)))
    clock.forward(minutes=12)
    await cases.say_again("a")
    assert len((await document_of(collection))["outbox"]) == 1


async def test_the_last_word_is_said_again_to_whoever_missed_it(collection):
    clock = SetClock()
    cases = cases_in(collection, clock)
    await cases.create("a", Case("a", ("r1", "r2")))
    last = (await document_of(collection))["events"][-1]
    await collection.update_one({"_id": "a"}, {"$set": {"outbox": []}})
    await cases.repeat_last("a")
    assert (await document_of(collection))["outbox"] == [], "it was only just said"
    clock.forward(minutes=2)
    await cases.repeat_last("a")
    assert outbox.in_outbox(await document_of(collection)) == [last]


async def test_the_event_names_what_it_answers(collection):
    cases = cases_in(collection)
    await cases.create("a", Case("a", ("r1",)), cause="b/3")
    (entry,) = (await document_of(collection))["events"]
    assert b'"cause":"b/3"' in entry["value"]


async def test_the_bytes_of_an_event_are_kept_as_long_as_somebody_may_need_them(collection):
    cases = cases_in(collection)
    await cases.create("a", Case("a", ("ask", "r2", "r3")))
    assert await kept(collection) == ["a/1", "a/2", "a/3"], "Kafka has none of them"
    await collection.update_one({"_id": "a"}, {"$set": {"outbox": []}})
    await cases.change("a", step("r4"))
    assert await kept(collection) == ["a/1", "a/4"], "one is unanswered, one is new"
    await cases.change("a", step("r5"), answered=["a/1"])
    assert await kept(collection) == ["a/4", "a/5"], "Kafka does not have the last two"


async def kept(collection):
    return [entry["id"] for entry in (await document_of(collection))["events"]]
