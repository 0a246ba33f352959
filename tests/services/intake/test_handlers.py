"""What intake does with what it hears, on a real MongoDB."""

from datetime import UTC, datetime

import pytest

from services.intake.enquiry import Because, withdrawn
from services.intake.handlers import follow, note_a_wrong_address, notifications, referrals
from services.intake.settings import IntakeSettings
from services.intake.store import enquiries_of
from shared import events, mongo
from shared.envelope import Envelope
from shared.events import (
    EVENTS,
    NoticeFailed,
    ReceiverRef,
    ReferralAccepted,
    ReferralClosed,
    ReferralCompleted,
    ReferralContacted,
    ReferralOffered,
    ReferralTriaged,
)
from shared.service import Service
from tests.services.intake.test_enquiry import an_enquiry

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
REFERENCE = an_enquiry().reference
DRESDEN = ReceiverRef(id="hwk-dresden-1", name="Beratung Dresden", kind="advisor", email="b@example.org")
ABOUT = {"reference": REFERENCE, "round": 1, "receiver": DRESDEN, "at": NOON}


def said(sequence):
    return Envelope(f"{REFERENCE}/{sequence}", "/wegweiser/matching", "", REFERENCE, sequence, NOON, None)


@pytest.fixture
async def enquiries(mongodb, namespace):
    settings = IntakeSettings(mongodb_url=mongodb.url, namespace=namespace, secret=("s",), coordinator_token="t")
    service = Service("intake", settings)
    enquiries = enquiries_of(service)
    await service.setup()
    await enquiries.keep(an_enquiry())
    yield enquiries
    await service.stop()


OFFERED = ReferralOffered(**ABOUT, respond_by=NOON, trade="Tischler", cause=f"{REFERENCE}/1")
STORY = [
    OFFERED,
    ReferralAccepted(**ABOUT),
    ReferralClosed(**ABOUT, reason="withdrawn", cause=f"{REFERENCE}/2"),
]

FAILED = NoticeFailed(
    reference=REFERENCE,
    notice="n",
    purpose="receipt",
    recipient_kind="enquirer",
    message_id="<n@example.org>",
    attempt=1,
    at=NOON,
    reason="550",
)


async def state(enquiries):
    return (await enquiries.of(REFERENCE)).state


async def unanswered(enquiries):
    document = await enquiries._kept.collection.find_one({"_id": REFERENCE})
    return [waiting["id"] for waiting in document.get("unanswered", [])]


async def test_an_enquiry_waits_for_its_answer_until_the_referral_begins(enquiries):
    assert await unanswered(enquiries) == [f"{REFERENCE}/1"]
    await follow(OFFERED, said(1), enquiries)
    assert await unanswered(enquiries) == []


async def test_a_withdrawal_waits_for_its_answer_until_the_referral_is_closed(enquiries):
    await follow(OFFERED, said(1), enquiries)
    await enquiries.change(REFERENCE, lambda enquiry: withdrawn(enquiry, NOON))
    assert await unanswered(enquiries) == [f"{REFERENCE}/2"]
    await follow(STORY[2], said(2), enquiries)
    assert (await state(enquiries), await unanswered(enquiries)) == ("withdrawn", [])


async def test_a_withdrawal_that_came_too_late_is_not_said_for_ever(enquiries):
    await enquiries.change(REFERENCE, lambda enquiry: withdrawn(enquiry, NOON))
    await follow(ReferralCompleted(**ABOUT), said(3), enquiries)
    assert await unanswered(enquiries) == []


WHY = events.Because(code="advises_in", chamber="Handwerkskammer Dresden")


async def test_why_somebody_was_asked_is_kept_with_them(enquiries):
    await follow(ReferralAccepted(**ABOUT, because=WHY), said(1), enquiries)
    await follow(ReferralContacted(**ABOUT), said(2), enquiries)
    assert (await enquiries.of(REFERENCE)).receiver.because == Because("advises_in", (), "Handwerkskammer Dresden")


async def test_an_acceptance_from_before_there_were_reasons_is_taken_too(enquiries):
    await follow(ReferralAccepted(**ABOUT), said(1), enquiries)
    assert (await enquiries.of(REFERENCE)).receiver.because is None


async def test_an_enquiry_that_is_not_there_is_missing(enquiries):
    with pytest.raises(mongo.Missing):
        await follow(OFFERED.model_copy(update={"reference": "WW-0000-0000-0000"}), said(1), enquiries)


def test_every_event_about_referrals_and_notices_is_handled_or_passed_by_on_purpose():
    for hears in (referrals, notifications):
        said_there = {event.type for event in EVENTS.values() if event.topic == hears.topic}
        assert hears.handlers.keys() | hears.ignores == said_there


async def test_triage_is_an_answer_too(enquiries):
    await follow(ReferralTriaged(reference=REFERENCE, round=0, at=NOON, reason="nobody_left"), said(1), enquiries)
    assert (await state(enquiries), await unanswered(enquiries)) == ("triage", [])


async def test_a_case_for_which_nobody_is_free_waits_until_somebody_is_asked(enquiries):
    await follow(ReferralTriaged(reference=REFERENCE, round=0, at=NOON, reason="nobody_free"), said(1), enquiries)
    assert (await enquiries.of(REFERENCE)).waits
    await follow(OFFERED, said(2), enquiries)
    assert not (await enquiries.of(REFERENCE)).waits


async def test_a_business_under_attack_is_an_emergency_until_somebody_is_asked(enquiries):
    await follow(ReferralTriaged(reference=REFERENCE, round=0, at=NOON, reason="attack"), said(1), enquiries)
    assert (await enquiries.of(REFERENCE)).emergency
    await follow(OFFERED, said(2), enquiries)
    assert not (await enquiries.of(REFERENCE)).emergency


@pytest.mark.parametrize("order", [[1, 2, 3], [1, 1, 2, 1, 2, 3, 3], [3, 1, 2]])
async def test_the_same_events_in_any_order_and_number_end_in_the_same_state(enquiries, order):
    for sequence in order:
        await follow(STORY[sequence - 1], said(sequence), enquiries)
    assert await state(enquiries) == "closed"


async def test_a_receivers_wrong_address_is_none_of_the_enquirers_business(enquiries):
    await note_a_wrong_address(FAILED.model_copy(update={"recipient_kind": "receiver"}), enquiries)
    assert not (await enquiries.of(REFERENCE)).undeliverable


async def test_a_receipt_that_cannot_be_delivered_shows_on_the_status_page(enquiries):
    await note_a_wrong_address(FAILED, enquiries)
    assert (await enquiries.of(REFERENCE)).undeliverable
