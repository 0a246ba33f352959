"""MongoDB: the only file that names the driver. Group commit, grouped reads, and what the server's answers mean.

Every write waits for the journal (``w=majority, j=true``): a standalone server says OK before its journal has the
write, and forgets it when it is killed.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping, Sequence
from typing import Any, TypeVar, cast

import bson
import pymongo
from bson.raw_bson import RawBSONDocument
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient, InsertOne, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError, PyMongoError

from shared import metrics

Document = dict[str, Any]
Collection = Any
"""A collection of either driver; only calls that both have alike are used."""

T = TypeVar("T")

_TIMEOUT_S = 5.0
_GRACE_S = 1.0
_INDEX_S = 3600.0
"""An index on many documents takes its time, and MongoDB gives up building it when nobody waits for it any more."""
_LARGEST_BULK = 200
_LARGEST_DOCUMENT = 15 * 2**20
_MOST_AGGREGATED = 10_000

_DUPLICATE_KEY = 11000
_VALIDATION_FAILED = 121
_SAYS_NO_TO_THIS_DOCUMENT = frozenset({2, 9, 14, 28, 40, 52, 54, 56, 57, 66, 10334, 17280, 17419})
"""Codes that will come again however often this write is tried; any other is no verdict on the document."""


_GUARD = {"$expr": {"$and": [{"$ne": [{"$type": "$created_at"}, "missing"]}, {"$eq": ["$version", "$guard"]}]}}
"""Checked at each write of an aggregate: half the work for MongoDB of a filter that names the version, which would be
no plain ``_id`` any more and planned anew each time."""


class Unavailable(Exception):
    """MongoDB gave no verdict: not confirmed, and the same may safely be tried again."""


class AlreadyThere(Exception):
    """A document with this id exists."""


class Missing(Exception):
    """There is no document with this id."""


class Conflict(Exception):
    """The document is not at this version any more, or not there at all."""


class Unstorable(Exception):
    """MongoDB will never take this document."""


class _NotAsMeant(Exception):
    """The document would not be at the version that the writer meant."""


def connect(url: str, driver: str) -> Any:
    """A client of the driver ``motor`` or ``pymongo``. Connects when first used; nothing waits longer than 5 s."""
    options: dict[str, Any] = {
        "w": "majority",
        "journal": True,
        "timeoutMS": int(_TIMEOUT_S * 1000),
        "serverSelectionTimeoutMS": int(_TIMEOUT_S * 1000),
        "tz_aware": True,
        "appname": "wegweiser",
    }
    return AsyncIOMotorClient(url, **options) if driver == "motor" else AsyncMongoClient(url, **options)


async def close(client: Any) -> None:
    """Close the client's connections."""
    closing = client.close()
    if closing is not None:
        await closing


async def ping(client: Any) -> None:
    """Ask the server whether it is there. Raises ``Unavailable``."""
    await answered(client.admin.command("ping"), within_s=2.0)


async def answered(asked: Awaitable[T], within_s: float = _TIMEOUT_S + _GRACE_S) -> T:
    """What the server answers. Raises ``Unavailable`` when it does not, and never waits for ever; ``AlreadyThere``."""
    try:
        async with asyncio.timeout(within_s):
            return await asked
    except BulkWriteError:
        raise
    except DuplicateKeyError as error:
        raise AlreadyThere(str(error.details)[:300]) from error
    except (PyMongoError, TimeoutError, OSError) as error:
        raise Unavailable(str(error)[:300] or type(error).__name__) from error


async def declare(database: Any, name: str, indexes: Sequence[tuple[Any, dict[str, Any]]], *, aggregates: bool) -> None:
    """Make a collection with its indexes, or bring it up to date; safe to repeat.

    A collection of aggregates refuses what a guarded update must not make: a document whose ``version`` is not the one
    that the writer meant (``guard``), and one without ``created_at``, which only first writes set: a ghost.
    """
    validator = _GUARD if aggregates else {}
    try:
        await answered(database.create_collection(name, validator=validator), within_s=30)
    except Unavailable as error:
        if "exists" not in str(error):
            raise
        await answered(database.command("collMod", name, validator=validator), within_s=30)
    for keys, options in indexes:
        with pymongo.timeout(_INDEX_S):
            await answered(database[name].create_index(keys, **options), within_s=_INDEX_S)


class Writes:
    """Group commit: callers write as if each wrote alone; underneath, one unordered bulk at a time is on its way.

    What is asked for meanwhile forms the next bulk (at most 200). Each caller gets its own answer.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._waiting: list[tuple[InsertOne[Any] | UpdateOne, asyncio.Future[None]]] = []
        self._flushing: asyncio.Task[None] | None = None

    async def insert(self, document: Document) -> None:
        """Write a new document. Raises ``AlreadyThere``, ``Unstorable``, ``Unavailable``."""
        await self._ask(InsertOne(_encoded(document)))

    async def create(self, document: Document) -> None:
        """Write a new aggregate, at version 1. Raises ``AlreadyThere``, ``Unstorable``, ``Unavailable``."""
        await self.insert({**document, "version": 1, "guard": 1})

    async def change(self, id_: str, version: int, changes: Document, others: Document) -> None:
        """Change the aggregate that is at this version. Raises ``Conflict``, ``Unstorable``, ``Unavailable``.

        ``changes``: fields and their new values; ``others``: further operators of the update. Where the document is not
        at this version, or not there at all, the validator refuses this operation alone; a filter that names the
        version could not say so in a bulk.
        """
        update = {**others, "$set": {**changes, "guard": version + 1}, "$inc": {"version": 1}}
        try:
            await self._ask(UpdateOne({"_id": id_}, _encoded(update), upsert=True))
        except _NotAsMeant as error:
            raise Conflict(id_) from error

    async def update(self, id_: str, update: Document) -> None:
        """Update a document that is no aggregate. Raises ``Unavailable``."""
        await self._ask(UpdateOne({"_id": id_}, update))

    async def drain(self) -> None:
        """Wait until nothing is on its way."""
        while self._flushing is not None and not self._flushing.done():
            await asyncio.wait([self._flushing])

    async def _ask(self, operation: InsertOne[Any] | UpdateOne) -> None:
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((operation, answer))
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush())
        await answer

    async def _flush(self) -> None:
        while self._waiting:
            bulk, self._waiting = self._waiting[:_LARGEST_BULK], self._waiting[_LARGEST_BULK:]
            metrics.bulk_size.observe(len(bulk))
            try:
                await answered(self._collection.bulk_write([operation for operation, _ in bulk], ordered=False))
            except BulkWriteError as error:
                _settle(bulk, _verdicts(error, len(bulk)))
            except Exception as error:  # noqa: BLE001 - whatever it is, each caller has to hear of it
                # Who waits behind would only wait as long again: they may try anew.
                bulk, self._waiting = bulk + self._waiting, []
                _settle(bulk, dict.fromkeys(range(len(bulk)), error))
            else:
                _settle(bulk, {})


class Reads:
    """Grouped reads: while one ``find`` is on its way, the ids asked for meanwhile form the next."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._waiting: dict[str, list[asyncio.Future[Document | None]]] = {}
        self._finding: asyncio.Task[None] | None = None

    async def of(self, id_: str) -> Document | None:
        """The document with this id, as it is after this call began, or None. Raises ``Unavailable``."""
        answer: asyncio.Future[Document | None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(id_, []).append(answer)
        if self._finding is None or self._finding.done():
            self._finding = asyncio.create_task(self._find())
        return await answer

    async def _find(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting, {}
            try:
                found = await answered(self._all(list(asked)))
            except Exception as error:  # noqa: BLE001 - whatever it is, each caller has to hear of it
                later, self._waiting = self._waiting, {}
                for answer in itertools.chain(*asked.values(), *later.values()):
                    _fail(answer, error)
            else:
                for id_, answers in asked.items():
                    for answer in answers:
                        if not answer.done():
                            answer.set_result(found.get(id_))

    async def _all(self, ids: list[str]) -> dict[str, Document]:
        return {document["_id"]: document async for document in self._collection.find({"_id": {"$in": ids}})}


async def found(cursor: Any) -> list[Document]:
    """All documents of a cursor. Raises ``Unavailable``."""

    async def all_of_it() -> list[Document]:
        return [document async for document in cursor]

    return await answered(all_of_it())


async def portions(cursor: Any, size: int) -> AsyncIterator[list[Document]]:
    """All documents of a cursor, so many at a time, however long all of them take. Raises ``Unavailable``."""
    while portion := await answered(cursor.to_list(size)):
        yield portion


async def aggregated(collection: Collection, pipeline: Sequence[Document], within_s: float) -> list[Document]:
    """What a pipeline makes of a collection, at most 10,000 documents; MongoDB stops it after ``within_s`` seconds.

    Raises ``Unavailable``, also when it was stopped.
    """
    cursor = {"batchSize": _MOST_AGGREGATED}
    with pymongo.timeout(within_s):
        asked = collection.database.command("aggregate", collection.name, pipeline=[*pipeline], cursor=cursor)
        answer = await answered(asked, within_s=within_s + _GRACE_S)
    return cast("list[Document]", answer["cursor"]["firstBatch"])


def _encoded(document: Document) -> Document:
    """Encode in the caller's own try: one value that BSON cannot take would fail everybody's bulk."""
    try:
        encoded = bson.encode(document)
    except (bson.errors.InvalidDocument, OverflowError, UnicodeError, ValueError, TypeError) as error:
        raise Unstorable(type(error).__name__) from error
    if len(encoded) > _LARGEST_DOCUMENT:
        raise Unstorable("document too large")
    return cast("Document", RawBSONDocument(encoded))


def _verdicts(error: BulkWriteError, operations: int) -> dict[int, Exception]:
    """What became of each operation of a bulk that did not wholly succeed, by its index."""
    details = cast("dict[str, Any]", error.details)
    refused = {failure["index"]: _verdict(failure) for failure in details.get("writeErrors", ())}
    if details.get("writeConcernErrors"):  # written, perhaps, but not known to be in the journal
        undecided = Unavailable(str(details["writeConcernErrors"])[:300])
        return {index: refused.get(index, undecided) for index in range(operations)}
    return refused


def _verdict(failure: Mapping[str, Any]) -> Exception:
    code, message = failure["code"], str(failure.get("errmsg", ""))[:200]
    if code == _DUPLICATE_KEY:
        if failure.get("keyPattern") == {"_id": 1}:
            return AlreadyThere(failure.get("keyValue", {}).get("_id"))
        return Unstorable(f"another document has the same {', '.join(failure.get('keyPattern') or ['key'])}")
    if code == _VALIDATION_FAILED:
        return _NotAsMeant()
    if code in _SAYS_NO_TO_THIS_DOCUMENT:
        return Unstorable(f"{code}: {message}")
    return Unavailable(f"{code}: {message}")


def _settle(bulk: Iterable[tuple[Any, asyncio.Future[None]]], failures: Mapping[int, Exception]) -> None:
    for index, (_, answer) in enumerate(bulk):
        if index in failures:
            _fail(answer, failures[index])
        elif not answer.done():
            answer.set_result(None)


def _fail(answer: asyncio.Future[Any], error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)
        answer.exception()  # the caller may be gone: nobody else has to hear of it
