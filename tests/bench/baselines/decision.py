"""What every baseline of the matching stage does with an enquiry: the same decision, document and event as ours."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from services.matching.decide import decision_for
from services.matching.directory_file import load
from services.matching.handlers import enquiry_of, facts_of
from services.matching.referral import Choice, Referral, opened
from services.matching.ruleset_file import packaged
from services.matching.snapshot import Snapshot
from services.matching.store import announce
from shared.events import EnquiryReceived

KAFKA, MONGODB = os.environ["WEGWEISER_KAFKA_URL"], os.environ["WEGWEISER_MONGODB_URL"]
NAMESPACE = os.environ["WEGWEISER_NAMESPACE"]
ENQUIRIES, REFERRALS, GROUP = f"{NAMESPACE}enquiries", f"{NAMESPACE}referrals", f"{NAMESPACE}baseline"
DATABASE, COLLECTION = f"{NAMESPACE}matching", "referrals"
DURABLE: Mapping[str, Any] = {"w": "majority", "journal": True}

_SAMPLE = Path(__file__).resolve().parents[3] / "deploy" / "sample" / "directory.yaml"
_directory = Snapshot(load(_SAMPLE.read_bytes()))
_form = TypeAdapter(Referral)


@dataclass(frozen=True, slots=True)
class Decided:
    """What is stored and said."""

    document: dict[str, Any]
    key: bytes
    value: bytes


def decided(body: bytes) -> Decided:
    """From the bytes of an enquiry's event to the referral's document and the bytes of its event."""
    event = EnquiryReceived.model_validate_json(body)
    now = datetime.now(UTC)
    decision = decision_for(facts_of(event), _directory, packaged(), now)
    receiver = _directory.get(decision.candidates[0].receiver) if decision.candidates else None
    referral = opened(enquiry_of(event), Choice(decision, receiver, 2), at=now)
    (said,) = announce(None, referral)
    document = {"_id": referral.reference, **_form.dump_python(referral)}
    return Decided(document, referral.reference.encode(), said.model_dump_json(exclude_none=True).encode())
