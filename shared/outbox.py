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


def record(waiting: Document) -> Record:
    """The record that says a waiting entry, as CloudEvents 1.0 in binary mode; always the same in every byte."""
    headers = {
        "ce_specversion": "1.0",
        "ce_id": waiting["id"],
        "ce_type": waiting["type"],
        "ce_source": waiting["source"],
        "ce_subject": waiting["subject"],
        "ce_sequence": str(waiting["n"]),
        "ce_time": waiting["at"].isoformat().replace("+00:00", "Z"),
        "content-type": "application/json",
        "traceparent": waiting["trace"],
    }
    return Record(
        topic=waiting["topic"],
        key=waiting["subject"].encode(),
        value=bytes(waiting["value"]),
        headers=tuple((name, value.encode()) for name, value in headers.items()),
    )


def to_be_answered(entries: Iterable[Document], now: datetime, first_pause: timedelta) -> list[Document]:
    """The entries whose events need an answer, each with the time at which it is said again."""
    return [
        {"again_at": now + jittered(first_pause), "times": 0, "entry": waiting}
        for waiting in entries
        if EVENTS[waiting["type"]].needs_answer
    ]


def said_again(
    unanswered: Sequence[Document], now: datetime, first_pause: timedelta
) -> tuple[list[Document], list[Document]]:
    """The entries to say now, and the unanswered after that: each pause is double the last, up to 6 hours."""
    due = [waiting["entry"] for waiting in unanswered if waiting["again_at"] <= now]
    after = [
        waiting
        if waiting["again_at"] > now
        else {
            **waiting,
            "times": waiting["times"] + 1,
            "again_at": now + jittered(min(first_pause * 2 ** (waiting["times"] + 1), _LONGEST_PAUSE)),
        }
        for waiting in unanswered
    ]
    return due, after


def earliest(unanswered: Sequence[Document]) -> datetime | None:
    """When the first of the unanswered events is due to be said again."""
    return min((waiting["again_at"] for waiting in unanswered), default=None)


def jittered(pause: timedelta) -> timedelta:
    """The pause, a tenth longer or shorter, so that many do not come back at once."""
    return pause * random.uniform(0.9, 1.1)  # noqa: S311 - no secret
