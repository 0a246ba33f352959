"""What the server's answers mean, on both drivers and a real MongoDB."""

import asyncio

import pytest

from shared import mongo
from shared.mongo import AlreadyThere, Conflict, Unavailable, Unstorable, Writes


def a_document(id_: str = "a", **fields):
    return {"_id": id_, "created_at": 0, **fields}


async def test_every_write_waits_for_the_journal(collection, commands):
    writes = Writes(collection)
    await writes.create(a_document())
    await writes.change("a", 1, {}, {})
    database = collection.database.name
    concerns = [said["writeConcern"] for name in ("insert", "update") for said in commands.of(database, name)]
    assert concerns == [{"w": "majority", "j": True}] * 2


async def test_writers_at_the_same_time_share_a_bulk(collection, commands):
    writes = Writes(collection)
    await asyncio.gather(*(writes.insert(a_document(str(n))) for n in range(100)))
    assert len(commands.of(collection.database.name, "insert")) <= 3
    assert await collection.count_documents({}) == 100


async def test_of_two_writers_of_one_version_one_wins(collection):
    writes = Writes(collection)
    await writes.create(a_document())
    ends = await asyncio.gather(*(writes.change("a", 1, {"by": n}, {}) for n in range(2)), return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["Conflict", "NoneType"]


async def test_a_change_filters_by_the_id_alone(collection, commands):
    writes = Writes(collection)
    await writes.create(a_document())
    await writes.change("a", 1, {"x": 1}, {})
    (said,) = commands.of(collection.database.name, "update")
    assert said["updates"][0]["q"] == {"_id": "a"}, "MongoDB plans any other filter anew each time"
    assert await collection.find_one() == a_document(version=2, guard=2, x=1)


async def test_each_writer_of_a_bulk_gets_its_own_answer(collection):
    writes = Writes(collection)
    await writes.create(a_document("there"))
    ends = await asyncio.gather(
        writes.create(a_document("there")),
        writes.create(a_document("new")),
        writes.change("there", 7, {}, {}),
        writes.change("nowhere", 1, {}, {}),
        return_exceptions=True,
    )
    assert [type(end) for end in ends] == [AlreadyThere, type(None), Conflict, Conflict]


async def test_a_change_of_what_is_not_there_leaves_no_ghost(collection):
    with pytest.raises(Conflict):
        await Writes(collection).change("nowhere", 1, {"x": 1}, {})
    assert await collection.count_documents({}) == 0


@pytest.mark.parametrize("value", [2**64, "\ud800", object()], ids=["huge number", "lone surrogate", "foreign type"])
async def test_what_bson_cannot_take_fails_its_own_writer_alone(collection, value):
    writes = Writes(collection)
    ends = await asyncio.gather(
        writes.insert(a_document("good")), writes.insert(a_document("bad", x=value)), return_exceptions=True
    )
    assert [type(end) for end in ends] == [type(None), Unstorable]


async def test_another_unique_key_is_no_conflict(collection):
    await collection.create_index("key", unique=True)
    writes = Writes(collection)
    await writes.create(a_document("a", key="k"))
    await writes.create(a_document("b", key="other"))
    with pytest.raises(Unstorable, match="key"):
        await writes.change("b", 1, {"key": "k"}, {})


async def test_a_writer_who_gives_up_does_not_take_the_write_with_him(collection):
    writes = Writes(collection)
    asking = asyncio.create_task(writes.insert(a_document()))
    await asyncio.sleep(0)
    asking.cancel()
    await writes.drain()
    assert await collection.count_documents({}) == 1


async def test_readers_at_the_same_time_share_a_find(collection, commands):
    await Writes(collection).insert(a_document())
    reads = mongo.Reads(collection)
    found = await asyncio.gather(*(reads.of(id_) for id_ in ["a", "b"] * 50))
    assert [document is not None for document in found] == [True, False] * 50
    assert len(commands.of(collection.database.name, "find")) <= 3


async def test_a_server_that_is_away_gives_no_verdict():
    client = mongo.connect("mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=200&timeoutMS=300", "motor")
    with pytest.raises(Unavailable):
        await Writes(client.nowhere.cases).insert(a_document())
    await mongo.close(client)


async def test_declaring_twice_is_safe(database):
    for _ in range(2):
        await mongo.declare(database, "again", [([("x", 1)], {})], aggregates=True)
    with pytest.raises(Conflict):
        await Writes(database["again"]).change("a", 1, {"x": 1}, {})
