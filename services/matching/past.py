"""What was decided in the past, as MongoDB keeps it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from services.matching.decide import Decision, Facts, Question
from shared import mongo
from shared.mongo import Collection, Document

_DECISION = TypeAdapter(Decision)
_QUESTION = TypeAdapter(Question)
_PORTION = 1_000


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What is kept where a decision should be, and is none."""

    reference: str
    flaw: str


@dataclass(frozen=True, slots=True)
class Step:
    """One offer of the past, or a case that went to a person: what was decided, and what came of it."""

    question: Question | None
    """None: a coordinator chose the receiver."""
    reference: str
    at: datetime
    directory: int
    ruleset: str
    """By which the case's text was understood."""
    target: str
    receiver: str | None
    """To whom it was offered."""
    credited: float | None
    """From where the receiver's share counted on; None where it was compared with nobody."""
    until: datetime | None
    """When the receiver's place was free again; None: it is not yet."""
    had_it: bool
    """Whether the receiver took the case."""
    case_until: datetime | None
    """When the case needed nobody any more; None: it does still."""
    seen: bytes
    """What everybody who was looked at had to do."""
    told: tuple[str, ...]
    """The candidates, by id."""
    facts: Facts
    """What was asked, to be read anew."""


async def number(referrals: Collection) -> int:
    """How many referrals there are. Raises ``Unavailable``."""
    return int(await mongo.answered(referrals.estimated_document_count()))


async def directories(referrals: Collection) -> set[int]:
    """Which versions of the directory decisions name. Raises ``Unavailable``."""
    named: set[Any] = set()
    for field in ("decision.directory", "earlier.directory"):
        named.update(await mongo.answered(referrals.distinct(field)))
    return {version for version in named if isinstance(version, int)}


async def decisions(
    referrals: Collection, begin: datetime, end: datetime
) -> AsyncIterator[tuple[int, list[Decision | Unreadable]]]:
    """The decisions of that time by portions, each in order, with how many referrals it is from.

    Raises ``Unavailable``.
    """
    wanted = {"decision.decided_at": {"$not": {"$lt": begin}}}  # of what is damaged, too
    async for portion in mongo.portions(referrals.find(wanted, {"decision": 1, "earlier": 1}), _PORTION):
        found = [
            _decision(document["_id"], kept)
            for document in portion
            for kept in (*document.get("earlier", ()), document.get("decision"))
            if _within(begin, end, kept)
        ]
        # Those of one day and one directory one after the other: what is worked out for them is worked out once.
        found.sort(key=_order)
        yield len(portion), found


async def steps(referrals: Collection) -> AsyncIterator[tuple[int, list[Step]]]:
    """All steps by portions, those of a referral in order, with how many referrals it is from. Raises ``Unavailable``.

    A case whose decisions cannot be read is left out.
    """
    async for portion in mongo.portions(referrals.find({}, _SHOWN), _PORTION):
        found: list[Step] = []
        for document in portion:
            try:
                found += _steps(document)
            except (KeyError, TypeError, ValidationError):  # what is damaged is named by a replay
                continue
        yield len(portion), found


_OF_A_DECISION = (
    *("question", "decided_at", "ruleset", "directory", "target", "seen"),
    *("candidates.receiver", "candidates.credited"),
)
_OF_THE_REST = (
    *("offers.at", "offers.receiver.id", "offers.state", "offers.answered_at", "state", "since"),
    *(f"enquiry.{name}" for name in ("postal_code", "place", "trade", "language", "topics", "text")),
)
_SHOWN = dict.fromkeys(
    (*_OF_THE_REST, *(f"{when}.{name}" for when in ("decision", "earlier") for name in _OF_A_DECISION)), 1
)


def _within(begin: datetime, end: datetime, kept: Any) -> bool:
    """Whether a decision is of that time, or cannot be told to be of another."""
    at = kept.get("decided_at") if isinstance(kept, dict) else None
    return begin <= at <= end if isinstance(at, datetime) else True


def _decision(reference: str, kept: Any) -> Decision | Unreadable:
    try:
        return _DECISION.validate_python(kept)
    except ValidationError as flaws:
        first = flaws.errors()[0]
        return Unreadable(reference, f"{'.'.join(map(str, first['loc'])) or 'decision'}: {first['msg']}")


def _order(decision: Decision | Unreadable) -> tuple[Any, ...]:
    if isinstance(decision, Unreadable):
        return (1,)
    return 0, decision.directory, decision.decided_at, decision.reference


def _steps(document: Document) -> list[Step]:
    facts, over = _facts(document), document["since"] if document["state"] == "closed" else None
    decided = (*document.get("earlier", ()), document["decision"])
    before, offers, found = decided[0], iter(document["offers"]), []
    for decision in decided:
        offer = None
        if decision["candidates"]:
            # Offers in between that no decision made: a coordinator chose.
            while (offer := next(offers, None)) is not None and not _made(decision, offer):
                found.append(_step(document, before, offer, facts, over, decided=False))
        found.append(_step(document, decision, offer, facts, over, decided=True))
        before = decision
    found += [_step(document, before, offer, facts, over, decided=False) for offer in offers]
    return sorted(found, key=lambda step: step.at)


def _made(decision: Document, offer: Document) -> bool:
    first = decision["candidates"][0]["receiver"]
    return bool(offer["at"] == decision["decided_at"] and offer["receiver"]["id"] == first)


def _step(
    document: Document,
    decision: Document,
    offer: Document | None,
    facts: Facts,
    over: datetime | None,
    *,
    decided: bool,
) -> Step:
    """``decision``: the one of this step, or where a coordinator chose (not ``decided``), the last before it."""
    taken = offer is not None and offer["state"] == "accepted"
    candidates = decision["candidates"] if decided else ()
    first = (*document.get("earlier", ()), decision)[0]
    return Step(
        question=_QUESTION.validate_python(decision["question"]) if decided else None,
        reference=document["_id"],
        at=offer["at"] if offer else decision["decided_at"],
        directory=decision["directory"],
        ruleset=first["ruleset"],
        target=decision["target"],
        receiver=offer["receiver"]["id"] if offer else None,
        credited=candidates[0]["credited"] if candidates else None,
        until=None if offer is None else over if taken else offer["answered_at"],
        had_it=taken,
        case_until=over,
        seen=decision["seen"] if decided else b"",
        told=tuple([candidate["receiver"] for candidate in candidates]),
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
