"""Enquiries as firms send them: the sample, again and again, each time as somebody new."""

import hashlib
import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from services.intake.enquiry import reference_of
from services.matching.directory import Receiver
from services.matching.directory_file import load
from shared import outbox
from shared.events import EnquiryReceived
from shared.outbox import Record
from tests.bench.environment import ROOT

_SAMPLE = ROOT / "deploy" / "sample"
_AT = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)


def documents(number: int, prefix: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """So many enquiries, each with a key of its own: what a program sends, and its Idempotency-Key."""
    lines = (_SAMPLE / "enquiries.jsonl").read_text(encoding="utf-8").splitlines()
    sample: list[dict[str, Any]] = [json.loads(line) for line in lines]
    for n, document in zip(range(number), itertools.cycle(sample)):
        business = {**document["business"], "name": f"{document['business']['name']} {n}"}
        yield f"{prefix}{n}", {**document, "business": business}


def records(number: int, prefix: str) -> Iterator[Record]:
    """So many enquiries as intake says them."""
    for key, document in documents(number, prefix):
        reference = reference_of(key)
        event = EnquiryReceived.model_validate({
            **document, "reference": reference, "received_at": _AT, "consent_version": "1",
        })  # fmt: skip
        yield outbox.record(
            outbox.entry(
                event, aggregate=reference, n=1, source="/wegweiser/intake", at=_AT, traceparent=_traceparent(key)
            )
        )


def directory() -> tuple[Receiver, ...]:
    """The sample directory of receivers."""
    return load((_SAMPLE / "directory.yaml").read_bytes())


def _traceparent(key: str) -> str:
    digest = hashlib.sha256(key.encode()).hexdigest()
    return f"00-{digest[:32]}-{digest[32:48]}-01"
