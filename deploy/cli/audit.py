"""``wegweiser audit``: reads the three services' databases, and says whether every enquiry is accounted for."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from deploy.cli.balance import PLACES, Balance, Enquiry, Referral, balance
from deploy.cli.ends import SomeFailed, said
from deploy.cli.settings import OperatorSettings
from shared import mongo
from shared.times import SystemClock

_PAGE = 5000
_LOOK_AGAIN_S = 2.0
_MOST_NAMED = 50
_WAITING = {"outbox.id": 1, "outbox.at": 1, "unanswered.id": 1}


@dataclass(frozen=True, slots=True)
class Outbox:
    """Events of one kind of aggregate that Kafka does not have yet."""

    waiting: int = 0
    oldest: datetime | None = None

    def with_those_of(self, document: mongo.Document) -> "Outbox":
        """This, and what waits in a document."""
        times = [entry["at"] for entry in document.get("outbox", ())]
        if not times:
            return self
        oldest = min(times) if self.oldest is None else min(self.oldest, *times)
        return Outbox(self.waiting + len(times), oldest)


@dataclass(slots=True)
class Books:
    """What one look at the databases found."""

    balance: Balance
    outboxes: dict[str, Outbox]


def audit(*, as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False) -> None:
    """Check that every enquiry accepted is in exactly one place, and every offer has its notice.

    Received = open + closed + triage + withdrawn. What does not balance is named, and the exit code is 1. While the
    services work, what is just on its way may look missing: so it counts only if it is seen twice.
    """
    books = asyncio.run(_audited(OperatorSettings()))
    now = SystemClock().now()
    if as_json:
        print(json.dumps(_for_programs(books, now)))
    else:
        _for_people(books, now)
    if not books.balance.balances:
        raise SomeFailed


async def _audited(settings: OperatorSettings) -> Books:
    client = mongo.connect(settings.mongodb_url, settings.mongodb_driver)
    try:
        books = await _look(client, settings.namespace)
        if books.balance.problems:
            await asyncio.sleep(_LOOK_AGAIN_S)
            before = books.balance.problems
            books = await _look(client, settings.namespace)
            books.balance = replace(books.balance, problems=books.balance.problems & before)
        return books
    finally:
        await mongo.close(client)


async def _look(client: Any, namespace: str) -> Books:
    outboxes = {name: Outbox() for name in ("intake", "matching", "notify")}
    # In this order: what is told was offered before, and what is referred was received before.
    told = set()
    async for document in _all(client[f"{namespace}notify"]["notices"], {"purpose": 1, "cause": 1, **_WAITING}):
        outboxes["notify"] = outboxes["notify"].with_those_of(document)
        if document.get("purpose") == "offer":
            told.add(str(document.get("cause")))
    referrals = []
    shown = {"state": 1, "reason": 1, "history.kind": 1, **_WAITING}
    async for document in _all(client[f"{namespace}matching"]["referrals"], shown):
        outboxes["matching"] = outboxes["matching"].with_those_of(document)
        referrals.append(_referral(document))
    enquiries = []
    async for document in _all(client[f"{namespace}intake"]["enquiries"], {"state": 1, **_WAITING}):
        outboxes["intake"] = outboxes["intake"].with_those_of(document)
        enquiries.append(_enquiry(document))
    return Books(balance(enquiries, referrals, frozenset(told)), outboxes)


async def _all(collection: Any, shown: dict[str, int]) -> AsyncIterator[mongo.Document]:
    last = ""
    while True:
        page = await mongo.found(collection.find({"_id": {"$gt": last}}, shown).sort("_id", 1).limit(_PAGE))
        for document in page:
            yield document
        if len(page) < _PAGE:
            return
        last = page[-1]["_id"]


def _enquiry(document: mongo.Document) -> Enquiry:
    return Enquiry(document["_id"], bool(_on_their_way(document)), document.get("state") == "withdrawn")


def _referral(document: mongo.Document) -> Referral:
    # Each fact of the history is one event, in order: the n-th has the id <reference>/<n>.
    offers = [n for n, entry in enumerate(document["history"], start=1) if entry["kind"] == "offered"]
    return Referral(
        reference=document["_id"],
        state=document["state"],
        reason=document.get("reason"),
        offers=tuple(f"{document['_id']}/{n}" for n in offers),
        on_their_way=_on_their_way(document),
    )


def _on_their_way(document: mongo.Document) -> frozenset[str]:
    unanswered = (waiting["id"] for waiting in document.get("unanswered", ()))
    return frozenset((*(entry["id"] for entry in document.get("outbox", ())), *unanswered))


def _for_programs(books: Books, now: datetime) -> dict[str, Any]:
    found = books.balance
    return {
        "balances": found.balances,
        "received": found.received,
        **{str(place): number for place, number in found.places.items()},
        "states": found.states,
        "notices_on_their_way": found.notices_on_their_way,
        "problems": [{"reference": problem.reference, "what": problem.what} for problem in sorted(found.problems)],
        "outboxes": {
            name: {"waiting": outbox.waiting, "oldest_s": _age_s(outbox, now)}
            for name, outbox in books.outboxes.items()
        },
    }


def _for_people(books: Books, now: datetime) -> None:
    found = books.balance
    table = Table("place", "enquiries", title="Where all enquiries are")
    for place in PLACES:
        table.add_row(place, str(found.places[place]))
    table.add_section()
    table.add_row("received", str(found.received))
    Console().print(table)
    print("In detail: " + (", ".join(f"{number} {state}" for state, number in found.states.items()) or "nothing"))
    if found.notices_on_their_way:
        print(f"{found.notices_on_their_way} offers have no notice yet: notify has not heard of them.")
    for name, outbox in books.outboxes.items():
        if outbox.waiting:
            print(f"{name}: {outbox.waiting} events wait for Kafka, the oldest for {_age_s(outbox, now):.0f} s")
    for problem in sorted(found.problems)[:_MOST_NAMED]:
        said(f"{problem.reference} {problem.what}.")
    if len(found.problems) > _MOST_NAMED:
        said(f"... and {len(found.problems) - _MOST_NAMED} more: see --json.")
    print("It balances." if found.balances else "It does not balance.")


def _age_s(outbox: Outbox, now: datetime) -> float:
    return 0.0 if outbox.oldest is None else (now - outbox.oldest).total_seconds()
