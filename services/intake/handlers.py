"""What intake hears: what became of its enquiries, for the status page."""

from services.intake.enquiry import Receiver, State, followed, with_failed_receipt
from services.intake.store import Enquiries
from shared.dispatch import Hears
from shared.envelope import Envelope
from shared.events import (
    NoticeBounced,
    NoticeFailed,
    NoticeSent,
    ReferralAccepted,
    ReferralClosed,
    ReferralCompleted,
    ReferralContacted,
    ReferralDeclined,
    ReferralEvent,
    ReferralExpired,
    ReferralOffered,
    ReferralReminded,
    ReferralTriaged,
)

referrals = Hears("referrals")
notifications = Hears("notifications", ignores=[NoticeSent])

_STATE_AFTER: dict[type[ReferralEvent], State] = {
    ReferralOffered: "offered",
    ReferralReminded: "offered",
    ReferralAccepted: "accepted",
    ReferralDeclined: "offered",
    ReferralExpired: "offered",
    ReferralTriaged: "triage",
    ReferralContacted: "in_progress",
    ReferralCompleted: "completed",
    ReferralClosed: "closed",
}
"""Who declined is not shown: the next offer, or triage, follows in the same breath."""


@referrals.on(*_STATE_AFTER)
async def follow(event: ReferralEvent, envelope: Envelope, enquiries: Enquiries) -> None:
    """Show what happened to the referral; whatever it is, the enquiry has been heard."""
    state = _STATE_AFTER[type(event)]
    receiver = Receiver(event.receiver.id, event.receiver.name) if event.receiver else None
    received = f"{event.reference}/1"
    await enquiries.change(
        event.reference,
        lambda enquiry: followed(enquiry, envelope.sequence, state, event.at, receiver),
        answered=[received, event.cause],
    )


@notifications.on(NoticeFailed, NoticeBounced)
async def note_a_wrong_address(event: NoticeFailed | NoticeBounced, enquiries: Enquiries) -> None:
    """Tell on the status page that mail does not reach the enquirer."""
    if event.recipient_kind == "enquirer":
        await enquiries.change(event.reference, with_failed_receipt)
