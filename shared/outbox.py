"""Events waiting inside a document until Kafka has them, and until somebody has reacted.

An entry holds the bytes that will be sent, so that an event said again is the same in every byte.
"""

import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from shared.events import EVENTS, Event
from shared.kafka import Record
from shared.mongo import Document

_LONGEST_PAUSE = timedelta(hours=6)


def entry(event: Event, *, aggregate: str, n: int, source: str, at: datetime, traceparent: str) -> Document:
    """The event as it waits in its aggregate's document. ``n`` counts the events of this aggregate from 1."""
    return {
        "id": f"{aggregate}/{n}",
        "n": n,
        "type": event.type,
        "topic": event.topic,
        "source": source,
        "subject": event.reference,
        "at": at,
        "trace": traceparent,
        "value": event.model_dump_json(exclude_none=True).encode(),
    }


def record(entry: Document) -> Record:
    """The record that says an entry, as CloudEvents 1.0 in binary mode; always the same in every byte."""
    headers = {
        "ce_specversion": "1.0",
        "ce_id": entry["id"],
        "ce_type": entry["type"],
        "ce_source": entry["source"],
        "ce_subject": entry["subject"],
        "ce_sequence": str(entry["n"]),
        "ce_time": entry["at"].isoformat().replace("+00:00", "Z"),
        "content-type": "application/json",
        "traceparent": entry["trace"],
    }
    return Record(
        topic=entry["topic"],
        key=entry["subject"].encode(),
        value=bytes(entry["value"]),
        headers=tuple((name, value.encode()) for name, value in headers.items()),
    )


def waiting(entries: Iterable[Document], at: datetime | None = None) -> list[Document]:
    """What stands in the outbox while Kafka does not have these; ``at``: since when, if not since they were made."""
    return [{"id": entry["id"], "n": entry["n"], "at": at or entry["at"]} for entry in entries]


def in_outbox(document: Document) -> list[Document]:
    """The entries of a document that Kafka does not have yet, in their order."""
    ids = {item["id"] for item in document.get("outbox", ())}
    return [entry for entry in document.get("events", ()) if entry["id"] in ids]


def to_be_answered(entries: Iterable[Document], now: datetime, first_pause: timedelta) -> list[Document]:
    """For each entry whose event needs an answer, when it is said again."""
    return [
        {"id": entry["id"], "again_at": now + jittered(first_pause), "times": 0}
        for entry in entries
        if EVENTS[entry["type"]].needs_answer
    ]


def said_again(
    unanswered: Sequence[Document], now: datetime, first_pause: timedelta
) -> tuple[frozenset[str], list[Document]]:
    """The ids to say now, and the unanswered after that: each pause is double the last, up to 6 hours."""
    due = frozenset(each["id"] for each in unanswered if each["again_at"] <= now)
    after = [
        each
        if each["again_at"] > now
        else {
            **each,
            "times": each["times"] + 1,
            "again_at": now + jittered(min(first_pause * 2 ** (each["times"] + 1), _LONGEST_PAUSE)),
        }
        for each in unanswered
    ]
    return due, after


def earliest(unanswered: Sequence[Document]) -> datetime | None:
    """When the first of the unanswered events is due to be said again."""
    return min((each["again_at"] for each in unanswered), default=None)


def jittered(pause: timedelta) -> timedelta:
    """The pause, a tenth longer or shorter, so that many do not come back at once."""
    return pause * random.uniform(0.9, 1.1)  # noqa: S311 - no secret
