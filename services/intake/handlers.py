"""What intake hears: what became of its enquiries, for the status page."""

from services.intake.enquiry import Because, Receiver, State, followed, unreachable
from services.intake.store import Enquiries, received_id, withdrawn_id
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
notifications = Hears("notifications", ignores=[NoticeSent], patient=True)

_ATTACK = "attack"
"""Why matching sends a case to triage when the business may be under attack,"""
_NOBODY_FREE = "nobody_free"
"""and when everybody who could help has a full desk."""

_SEEN_AS: dict[type[ReferralEvent], State | None] = {
    ReferralOffered: "offered",
    ReferralReminded: None,
    ReferralAccepted: "accepted",
    ReferralDeclined: "offered",
    ReferralExpired: "offered",
    ReferralTriaged: "triage",
    ReferralContacted: "in_progress",
    ReferralCompleted: "completed",
    ReferralClosed: "closed",
}
"""What the enquirer sees. Who declined is not shown: the next offer, or triage, follows in the same breath."""


@referrals.on(*_SEEN_AS)
async def follow(event: ReferralEvent, envelope: Envelope, enquiries: Enquiries) -> None:
    """Show what happened to the referral; whatever it is, the enquiry has been heard."""
    await enquiries.change(
        event.reference,
        lambda enquiry: followed(
            enquiry,
            envelope.sequence,
            _SEEN_AS[type(event)],
            event.at,
            _receiver(event),
            emergency=isinstance(event, ReferralTriaged) and event.reason == _ATTACK,
            waits=isinstance(event, ReferralTriaged) and event.reason == _NOBODY_FREE,
        ),
        answered=_answered_by(event),
    )


@notifications.on(NoticeFailed, NoticeBounced)
async def note_a_wrong_address(event: NoticeFailed | NoticeBounced, enquiries: Enquiries) -> None:
    """Tell on the status page that mail does not reach the enquirer."""
    if event.recipient_kind == "enquirer":
        await enquiries.change(event.reference, unreachable)


def _receiver(event: ReferralEvent) -> Receiver | None:
    who = event.receiver
    if who is None:
        return None
    why = event.because if isinstance(event, ReferralAccepted) else None
    because = Because(why.code, why.topics, why.chamber) if why else None
    return Receiver(who.id, who.name, who.full_name, because)


def _answered_by(event: ReferralEvent) -> list[str | None]:
    """Own events to which this is a reaction: that it was received, the one it names, and, at the end, a withdrawal."""
    ended = isinstance(event, ReferralClosed | ReferralCompleted)
    return [received_id(event.reference), event.cause, withdrawn_id(event.reference) if ended else None]
