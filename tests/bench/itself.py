"""Matching beside itself: with a second process, with more behind it, without telemetry."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from pydantic import TypeAdapter

from services.intake.enquiry import reference_of
from services.matching.decide import decision_for
from services.matching.handlers import enquiry_of, facts_of
from services.matching.referral import Choice, Referral, accepted, opened
from services.matching.ruleset_file import packaged
from services.matching.snapshot import Snapshot
from shared.events import EnquiryReceived
from tests.bench import enquiries, matching
from tests.bench.comparison import OURS, Aim, Comparison, Contender
from tests.bench.figures import Figures
from tests.bench.ground import Ground, Plot

_SAMPLE = 1_000
_AT_ONCE = 20_000
_LONG_AGO = timedelta(days=90)

SCALING = Comparison(
    "scaling",
    "matching, one process and two",
    8_000,
    [Contender("one process", matching.ours), Contender("two processes", partial(matching.ours, processes=2))],
    [
        Aim("one process", figure="CPU us", at_most=1.10, of="two processes"),
        Aim("one process", at_least=1.0, of="two processes"),
    ],
)

TELEMETRY = Comparison(
    "telemetry",
    "matching with its telemetry and without",
    5_000,
    [Contender(OURS, matching.ours), Contender("silent", partial(matching.ours, module="tests.bench.silent"))],
    [Aim("silent", at_least=0.85)],
)


async def _with_stored(ground: Ground, number: int, stored: int) -> Figures:
    return await matching.ours(ground, number, fill=partial(_fill, stored=stored))


def _stored(stored: int) -> Contender:
    return Contender(f"{stored:,} stored", partial(_with_stored, stored=stored))


STORED = Comparison(
    "stored",
    "matching with so many referrals stored",
    3_000,
    [_stored(1_000), _stored(100_000), _stored(1_000_000)],
    [
        Aim("1,000 stored", figure=figure, of=f"{stored} stored", **bound)
        for stored in ("100,000", "1,000,000")
        for figure, bound in (("per second", {"at_least": 0.95}), ("MB", {"at_most": 1.10}))
    ],
)


async def _fill(plot: Plot, stored: int) -> None:
    """Store so many referrals that were accepted long ago, all of whose events were heard.

    The indexes are what the service makes of them when it starts.
    """
    referrals = plot.database("matching")["referrals"]
    sample = [_document(body) for body in _bodies(plot)]
    for first in range(0, stored, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, stored))
        copies = [{**sample[n % _SAMPLE], "_id": reference_of(f"{plot.namespace}old {n}")} for n in numbers]
        await referrals.insert_many(copies, ordered=False)


def _bodies(plot: Plot) -> list[bytes]:
    return [record.value or b"" for record in enquiries.records(_SAMPLE, plot.namespace)]


def _document(body: bytes) -> dict[str, Any]:
    event, directory, then = EnquiryReceived.model_validate_json(body), Snapshot(enquiries.directory()), _then()
    decision = decision_for(facts_of(event), directory, packaged(), then)
    referral = opened(enquiry_of(event), Choice(decision, directory.get(decision.candidates[0].receiver), 2), at=then)
    if referral.current is not None:
        referral = accepted(referral, 1, referral.current.receiver.id, at=then)
    plumbing = {"version": 3, "guard": 3, "sequence": 2, "created_at": then, "outbox": [], "events": []}
    return {**_FORM.dump_python(referral), **plumbing}


def _then() -> datetime:
    return datetime.now(UTC) - _LONG_AGO


_FORM = TypeAdapter(Referral)
