"""What matching hears."""

from services.matching.decide import Facts, question_of
from services.matching.offering import Offering
from services.matching.referral import Enquiry, undeliverable, withdrawn
from services.matching.store import Referrals
from shared.dispatch import Hears, Refused
from shared.envelope import Envelope
from shared.events import EnquiryReceived, EnquiryWithdrawn, NoticeBounced, NoticeFailed, NoticeSent, Purpose
from shared.times import Clock

enquiries = Hears("enquiries")
notifications = Hears("notifications", patient=True)

_ABOUT_REFERRALS: frozenset[Purpose] = frozenset(
    {"offer", "offer_withdrawn", "disclosure", "introduction", "triage_alarm", "emergency", "withdrawal"}
)
"""Notices that answer what matching said. A receipt answers intake, whose events are numbered like ours."""


@enquiries.on(EnquiryReceived)
async def find_a_receiver(event: EnquiryReceived, envelope: Envelope, offering: Offering) -> None:
    """Decide who should help, and offer them the case."""
    question = question_of(facts_of(event), await offering.rules())
    await offering.begin(question, enquiry_of(event), answers=envelope.id)


@enquiries.on(EnquiryWithdrawn)
async def close(
    event: EnquiryWithdrawn, envelope: Envelope, referrals: Referrals, offering: Offering, clock: Clock
) -> None:
    """Nobody needs to help any more."""
    now = clock.now()
    closed = await referrals.change(event.reference, lambda referral: withdrawn(referral, at=now), answers=envelope.id)
    if closed.since != now:
        await referrals.repeat(event.reference)
    await offering.free(closed)


@notifications.on(NoticeSent)
async def note_that_somebody_reacted(event: NoticeSent, referrals: Referrals) -> None:
    """What was said has been heard: it need not be said again."""
    if event.purpose in _ABOUT_REFERRALS:
        await referrals.answered(event.reference, event.cause)


@notifications.on(NoticeFailed, NoticeBounced)
async def ask_the_next(
    event: NoticeFailed | NoticeBounced, referrals: Referrals, offering: Offering, clock: Clock
) -> None:
    """A receiver who cannot be told of an offer cannot answer it: the next candidate gets the case."""
    if event.purpose != "offer":
        if event.purpose in _ABOUT_REFERRALS:
            await referrals.answered(event.reference, event.cause)
        return
    if event.round is None:
        raise Refused("the notice of an offer names no round")
    now, round_ = clock.now(), event.round
    await offering.after(
        event.reference, lambda referral: undeliverable(referral, round_, at=now), answered=[event.cause]
    )


def facts_of(event: EnquiryReceived) -> Facts:
    """What matters for who should help."""
    return Facts(
        reference=event.reference,
        postal_code=event.business.postal_code,
        place=event.business.place,
        trade=event.business.trade,
        language=event.language,
        ticked=event.topics,
        text=event.text,
    )


def enquiry_of(event: EnquiryReceived) -> Enquiry:
    """What was asked and by whom."""
    return Enquiry(
        received_at=event.received_at,
        topics=event.topics,
        text=event.text,
        language=event.language,
        **event.business.model_dump(exclude={"name"}),
        business=event.business.name,
        **event.contact.model_dump(),
    )
