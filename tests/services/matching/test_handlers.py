"""What matching does with what it hears, on a real MongoDB."""

from datetime import timedelta
from itertools import permutations

import pytest

from services.matching.referral import accepted
from shared.events import (
    EnquiryWithdrawn,
    NoticeBounced,
    NoticeFailed,
    NoticeSent,
    ReferralClosed,
    ReferralExpired,
    ReferralOffered,
    ReferralTriaged,
)
from tests.services.matching.builders import AT, REFERENCE, an_enquiry, later
from tests.services.matching.conftest import SAID

OFFERED = f"{REFERENCE}/1"


def a_notice(kind, purpose="offer", *, cause=OFFERED, round_=1, **fields):
    about = {"notice": "n", "recipient_kind": "receiver", "message_id": "<n@example.org>", "attempt": 1, "at": AT}
    return kind(reference=REFERENCE, purpose=purpose, cause=cause, round=round_, **about, **fields)


def sent(purpose="offer", **fields):
    return a_notice(NoticeSent, purpose, **fields)


def failed(purpose="offer", **fields):
    return a_notice(NoticeFailed, purpose, reason="no such mailbox", **fields)


def a_withdrawal(reference=REFERENCE):
    return EnquiryWithdrawn(reference=reference, withdrawn_at=later())


async def accept(matching):
    await matching.referrals.change(REFERENCE, lambda it: accepted(it, 1, "advisor", at=later()))


# --- enquiries --------------------------------------------------------------------------------------------------------


async def test_an_enquiry_is_offered_to_the_first_candidate(matching):
    await matching.hear(an_enquiry())
    (offered,) = await matching.said(REFERENCE)
    assert isinstance(offered, ReferralOffered)
    assert (offered.receiver.id, offered.receiver.email, offered.round) == ("advisor", "advisor@example.org", 1)
    assert (offered.topics, offered.trade, offered.chamber) == (("e_rechnung",), "Tischler", "Handwerkskammer Dresden")
    assert offered.respond_by == matching.clock.now() + timedelta(days=2)


async def test_the_first_event_answers_the_enquiry(matching):
    await matching.hear(an_enquiry())
    assert (await matching.said(REFERENCE))[0].cause == f"{REFERENCE}/1"


async def test_an_enquiry_nobody_can_be_offered_goes_to_triage(matching):
    await matching.receivers.keep([], prune=True, **SAID)
    await matching.hear(an_enquiry())
    (triaged,) = await matching.said(REFERENCE)
    assert isinstance(triaged, ReferralTriaged)
    assert (triaged.reason, triaged.round, triaged.cause) == ("nobody_left", 0, f"{REFERENCE}/1")


async def test_an_enquiry_heard_again_changes_nothing(matching):
    await matching.hear(an_enquiry())
    before = await matching.documents.find_one({"_id": REFERENCE})
    matching.clock.forward(hours=1)
    await matching.hear(an_enquiry())
    assert await matching.documents.find_one({"_id": REFERENCE}) == before


async def test_what_is_stored_is_read_as_it_was(matching):
    await matching.hear(an_enquiry())
    referral = await matching.referrals.of(REFERENCE)
    assert (referral.enquiry.business, referral.enquiry.email) == ("Tischlerei Kornfeld", "info@example.org")
    assert (referral.decision.reasons, referral.decision.decided_at) == (
        ("led_by_chambers:e_rechnung",),
        matching.clock.now(),
    )


async def test_a_withdrawn_enquiry_is_closed_and_the_withdrawal_answered(matching):
    await matching.hear(an_enquiry())
    await matching.hear(a_withdrawal(), n=2)
    closed = (await matching.said(REFERENCE))[-1]
    assert isinstance(closed, ReferralClosed)
    assert (closed.reason, closed.receiver.id, closed.cause) == ("withdrawn", "advisor", f"{REFERENCE}/2")


async def test_a_withdrawal_heard_again_changes_nothing(matching):
    await matching.hear(an_enquiry())
    await matching.hear(a_withdrawal(), n=2)
    await matching.hear(a_withdrawal(), n=2)
    assert len(await matching.said(REFERENCE)) == 2


async def test_a_closed_case_is_not_opened_by_an_enquiry_heard_again(matching):
    await matching.hear(an_enquiry())
    await matching.hear(a_withdrawal(), n=2)
    await matching.hear(an_enquiry())
    assert (await matching.referrals.of(REFERENCE)).state == "closed"


# --- notices ----------------------------------------------------------------------------------------------------------


async def test_an_offer_is_said_again_until_its_mail_left(matching):
    await matching.hear(an_enquiry())
    assert await matching.unanswered(REFERENCE) == [OFFERED]
    await matching.hear(sent())
    assert await matching.unanswered(REFERENCE) == []


async def test_a_receipt_answers_nothing_of_ours_though_its_cause_has_the_same_number(matching):
    await matching.hear(an_enquiry())
    await matching.hear(sent("receipt", cause=f"{REFERENCE}/1"))
    assert await matching.unanswered(REFERENCE) == [OFFERED]


@pytest.mark.parametrize("notice", [failed(), a_notice(NoticeBounced)])
async def test_an_offer_whose_mail_does_not_arrive_goes_to_the_next(matching, notice):
    await matching.hear(an_enquiry())
    await matching.hear(notice)
    _, expired, offered = await matching.said(REFERENCE)
    assert isinstance(expired, ReferralExpired)
    assert (expired.receiver.id, expired.reason, offered.receiver.id) == ("advisor", "undeliverable", "ost")
    assert await matching.unanswered(REFERENCE) == [f"{REFERENCE}/3"]


async def test_what_a_failed_notice_brought_about_claims_to_answer_no_enquiry(matching):
    await matching.hear(an_enquiry())
    await matching.hear(failed())
    assert [event.cause for event in (await matching.said(REFERENCE))[1:]] == [None, None]


async def test_a_failed_offer_heard_again_changes_nothing(matching):
    await matching.hear(an_enquiry())
    await matching.hear(failed())
    await matching.hear(failed())
    assert (await matching.referrals.of(REFERENCE)).round == 2


async def test_an_acceptance_counts_more_than_a_mail_that_failed(matching):
    await matching.hear(an_enquiry())
    await accept(matching)
    await matching.hear(failed())
    assert (await matching.referrals.of(REFERENCE)).state == "accepted"


@pytest.mark.parametrize("purpose", ["disclosure", "introduction"])
async def test_other_mails_that_fail_change_nothing(matching, purpose):
    await matching.hear(an_enquiry())
    await accept(matching)
    await matching.hear(failed(purpose, cause=f"{REFERENCE}/2"))
    assert (await matching.referrals.of(REFERENCE)).state == "accepted"
    assert await matching.unanswered(REFERENCE) == [OFFERED]


async def test_a_failed_offer_of_no_round_is_refused_and_not_swallowed(matching):
    await matching.hear(an_enquiry())
    await matching.hear(failed(round_=None))
    ((topic, _, _, headers),) = matching.dead.sent
    assert (topic, headers["wegweiser-reason"]) == ("notifications.dead", "refused")


@pytest.mark.parametrize("order", [*permutations(["sent", "failed", "withdrawn"])])
async def test_in_whatever_order_topics_are_heard_a_withdrawn_case_ends_closed(matching, order):
    events = {"sent": (sent(), 1), "failed": (failed(), 1), "withdrawn": (a_withdrawal(), 2)}
    await matching.hear(an_enquiry())
    for name in (*order, *order):
        await matching.hear(*events[name])
    referral = await matching.referrals.of(REFERENCE)
    assert (referral.state, [offer.state for offer in referral.offers].count("open")) == ("closed", 0)
