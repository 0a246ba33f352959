"""What was decided in the past, as MongoDB keeps it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from services.matching.decide import Decision, Facts, Question
from shared import mongo
from shared.mongo import Collection, Document

_DECISION = TypeAdapter(Decision)
_QUESTION = TypeAdapter(Question)
_PORTION = 1_000


@dataclass(frozen=True, slots=True)
class Step:
    """One offer of the past, or a case that went to a person: what was decided, and what came of it."""

    question: Question | None
    """None: a coordinator chose the receiver."""
    reference: str
    at: datetime
    directory: int
    target: str
    receiver: str | None
    """To whom it was offered."""
    credited: float
    """From where the receiver's share counted on."""
    until: datetime | None
    """When the receiver's place was free again; None: it is not yet."""
    had_it: bool
    """Whether the receiver took the case."""
    case_until: datetime | None
    """When the case needed nobody any more; None: it does still."""
    facts: Facts
    """What was asked, to be read anew."""


async def number(referrals: Collection) -> int:
    """How many referrals there are. Raises ``Unavailable``."""
    return int(await mongo.answered(referrals.estimated_document_count()))


async def decisions(referrals: Collection) -> AsyncIterator[list[Decision]]:
    """Of each referral all decisions, the oldest first. Raises ``Unavailable``."""
    cursor = referrals.find({}, {"decision": 1, "earlier": 1}).sort("_id", 1)
    async for portion in mongo.portions(cursor, _PORTION):
        for document in portion:
            yield [_DECISION.validate_python(each) for each in (*document["earlier"], document["decision"])]


async def steps(referrals: Collection) -> AsyncIterator[list[Step]]:
    """Of each referral all steps, the oldest first. Raises ``Unavailable``."""
    shown = {"decision": 1, "earlier": 1, "offers": 1, "state": 1, "since": 1, "enquiry": 1}
    async for portion in mongo.portions(referrals.find({}, shown).sort("_id", 1), _PORTION):
        for document in portion:
            yield _steps(document)


def _steps(document: Document) -> list[Step]:
    facts, over = _facts(document), document["since"] if document["state"] == "closed" else None
    decided = (*document["earlier"], document["decision"])
    offers = {offer["at"]: offer for offer in document["offers"]}
    found = [_step(document, decision, offers.pop(decision["decided_at"], None), facts, over) for decision in decided]
    found += [_step(document, None, offer, facts, over) for offer in offers.values()]
    return sorted(found, key=lambda step: step.at)


def _step(
    document: Document,
    decision: dict[str, Any] | None,
    offer: dict[str, Any] | None,
    facts: Facts,
    over: datetime | None,
) -> Step:
    taken = offer is not None and offer["state"] == "accepted"
    last = decision or document["decision"]
    first = decision["candidates"][0] if decision and decision["candidates"] else {}
    return Step(
        question=_QUESTION.validate_python(decision["question"]) if decision else None,
        reference=document["_id"],
        at=decision["decided_at"] if decision else offer["at"] if offer else last["decided_at"],
        directory=last["directory"],
        target=last["target"],
        receiver=offer["receiver"]["id"] if offer else None,
        credited=first.get("credited", 0.0),
        until=None if offer is None else over if taken else offer["answered_at"],
        had_it=taken,
        case_until=over,
        facts=facts,
    )


def _facts(document: Document) -> Facts:
    enquiry = document["enquiry"]
    return Facts(
        reference=document["_id"],
        postal_code=enquiry["postal_code"],
        place=enquiry["place"],
        trade=enquiry["trade"],
        language=enquiry["language"],
        ticked=tuple(enquiry["topics"]),
        text=enquiry["text"],
    )
