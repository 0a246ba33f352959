"""Every event that crosses a boundary, grouped by who says it.

An event is a fact in the past tense. Its topic and its type are the contract with readers in any language; optional
fields may be added freely, anything else is a new type (``.v2``). Readers ignore fields they do not know.
"""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

Language = Literal["de", "en"]
Purpose = Literal[
    "receipt",
    "offer",
    "disclosure",
    "introduction",
    "triage_alarm",
    "emergency",
    "withdrawal",
    "offer_withdrawn",
    "undelivered",
]
RecipientKind = Literal["enquirer", "receiver", "coordinator"]


class Part(BaseModel):
    """A part of an event: frozen, and deaf to fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Event(Part):
    """A fact that one service tells the others."""

    topic: ClassVar[str]
    type: ClassVar[str]
    needs_answer: ClassVar[bool] = False
    """Said again until an event comes back whose ``cause`` is this event's ``ce_id``."""

    reference: str
    """The enquiry's id, ``WW-XXXX-XXXX-XXXX``; also the Kafka key and ``ce_subject``."""
    cause: str | None = None
    """``ce_id`` of the event that this one answers, where it answers one."""


# --- what intake says -------------------------------------------------------------------------------------------------


class Business(Part):
    """The craft business that asks."""

    name: str
    trade: str
    postal_code: str
    place: str | None = None
    employees: Literal["1", "2-4", "5-9", "10-19", "20-49", "50+"] | None = None
    member: Literal["yes", "no", "unclear"] | None = None


class Contact(Part):
    """Who asks, and how to reach them. Personal data: stands in ``enquiry.received`` alone."""

    name: str
    email: str
    phone: str | None = None
    preferred: Literal["email", "phone"] | None = None
    time: str | None = None


class EnquiryReceived(Event):
    """An enquiry is stored: from here on it has to be answered."""

    topic = "enquiries"
    type = "wegweiser.enquiry.received.v1"
    needs_answer = True

    received_at: datetime
    consent_version: str
    business: Business
    contact: Contact
    topics: tuple[str, ...] = ()
    text: str
    language: Language = "de"
    consent: Literal[True] = True


class EnquiryWithdrawn(Event):
    """The enquirer does not want help any more."""

    topic = "enquiries"
    type = "wegweiser.enquiry.withdrawn.v1"
    needs_answer = True

    withdrawn_at: datetime


class EnquiryErased(Event):
    """The enquirer's data is gone; a tombstone is left."""

    topic = "enquiries"
    type = "wegweiser.enquiry.erased.v1"


# --- what matching says -----------------------------------------------------------------------------------------------


class ReceiverRef(Part):
    """Whoever was offered the case."""

    id: str
    name: str
    kind: Literal["advisor", "showcase"]
    email: str
    language: Language = "de"
    organisation: str | None = None
    """Whom they belong to, where their name does not say it."""

    @property
    def full_name(self) -> str:
        """The name with the organisation, for people."""
        if self.organisation is None or self.organisation in self.name:
            return self.name
        return f"{self.name}, {self.organisation}"


class ReferralEvent(Event):
    """Something happened to an enquiry's way to a receiver."""

    topic = "referrals"

    round: int
    """Counts the offers of this referral from 1; 0 while nothing was offered yet."""
    receiver: ReceiverRef | None = None
    at: datetime
    """When it happened."""


class ReferralOffered(ReferralEvent):
    """The case is offered to a receiver, who has until ``respond_by``."""

    type = "wegweiser.referral.offered.v1"
    needs_answer = True

    receiver: ReceiverRef
    respond_by: datetime
    topics: tuple[str, ...] = ()
    trade: str
    chamber: str | None = None


class ReferralReminded(ReferralEvent):
    """A receiver was reminded of an open offer."""

    type = "wegweiser.referral.reminded.v1"


class Because(Part):
    """Why a receiver was asked: a code, and what it is about. Readers pass over codes that they do not know."""

    code: str
    """``leads`` the topics, or ``helps_with`` them; ``advises_on`` the topics in the firm's chamber; ``advises_in``
    that chamber; ``near``: in one beside it; ``serves`` the federal state; ``stands_in`` for somebody absent;
    ``chosen`` by a coordinator."""
    topics: tuple[str, ...] = ()
    """By id."""
    chamber: str | None = None
    """The firm's."""


class ReferralAccepted(ReferralEvent):
    """A receiver takes the case."""

    type = "wegweiser.referral.accepted.v1"
    needs_answer = True

    receiver: ReceiverRef
    because: Because | None = None
    """Why this receiver, for the enquirer."""


class ReferralDeclined(ReferralEvent):
    """A receiver does not take the case."""

    type = "wegweiser.referral.declined.v1"

    receiver: ReceiverRef
    reason: str
    note: str | None = None


class ReferralExpired(ReferralEvent):
    """An offer ended without an answer: its time ran out, or its mail could not be delivered."""

    type = "wegweiser.referral.expired.v1"

    receiver: ReceiverRef
    reason: str | None = None


class ReferralTriaged(ReferralEvent):
    """A person must decide."""

    type = "wegweiser.referral.triaged.v1"
    needs_answer = True

    reason: str


class ReferralContacted(ReferralEvent):
    """The receiver has been in touch with the enquirer."""

    type = "wegweiser.referral.contacted.v1"


class ReferralCompleted(ReferralEvent):
    """The receiver recorded what came of it."""

    type = "wegweiser.referral.completed.v1"


class ReferralClosed(ReferralEvent):
    """Nothing more is going to happen to this referral."""

    type = "wegweiser.referral.closed.v1"
    needs_answer = True

    reason: str
    """``withdrawn`` so far."""


# --- what notify says -------------------------------------------------------------------------------------------------


class NoticeEvent(Event):
    """How one message to one party went."""

    topic = "notifications"

    notice: str
    """The notice's id."""
    purpose: Purpose
    recipient_kind: RecipientKind
    message_id: str
    attempt: int
    round: int | None = None
    """The offer's round, for notices about an offer."""
    at: datetime


class NoticeSent(NoticeEvent):
    """The mail server took the message."""

    type = "wegweiser.notice.sent.v1"


class NoticeFailed(NoticeEvent):
    """The message will never be delivered."""

    type = "wegweiser.notice.failed.v1"

    code: int | None = None
    """The SMTP reply code, where there was one."""
    reason: str


class NoticeBounced(NoticeEvent):
    """The message came back."""

    type = "wegweiser.notice.bounced.v1"

    code: int | None = None
    reason: str = Field(default="")


TOPICS = ("enquiries", "referrals", "notifications")

EVENTS: dict[str, type[Event]] = {
    event.type: event
    for event in (
        EnquiryReceived,
        EnquiryWithdrawn,
        EnquiryErased,
        ReferralOffered,
        ReferralReminded,
        ReferralAccepted,
        ReferralDeclined,
        ReferralExpired,
        ReferralTriaged,
        ReferralContacted,
        ReferralCompleted,
        ReferralClosed,
        NoticeSent,
        NoticeFailed,
        NoticeBounced,
    )
}
"""Every type that exists, by its name on the wire."""
