"""What a receiver sees of an enquiry: what it is about before acceptance, and who asks right after it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.matching.because import why_you
from services.matching.referral import Enquiry, Offer, OfferState, Referral
from shared.blind import blinded

ShownState = Literal["offered", "accepted", "declined", "expired", "withdrawn"]

_SHOWN: dict[OfferState, ShownState] = {
    "open": "offered",
    "accepted": "accepted",
    "declined": "declined",
    "expired": "expired",
    "void": "withdrawn",
}


@dataclass(frozen=True, slots=True)
class Enquirer:
    """Who asks."""

    name: str
    email: str
    phone: str | None
    preferred: str | None
    time: str | None
    business: str
    postal_code: str
    place: str | None
    employees: str | None
    member: str | None
    language: Literal["de", "en"]


@dataclass(frozen=True, slots=True)
class Shown:
    """An offer as its receiver sees it."""

    reference: str
    state: ShownState
    round: int
    respond_by: datetime
    topics: tuple[str, ...]
    trade: str
    chamber: str | None
    place: str | None
    text: str
    why: str
    """Why this receiver, in its language."""
    enquirer: Enquirer | None
    """None before acceptance, and again after the enquirer withdrew."""


def shown(referral: Referral, offer: Offer) -> Shown:
    """What this offer's receiver may see of the case now."""
    state = state_shown(referral, offer)
    disclosed = state == "accepted"
    enquiry = referral.enquiry
    return Shown(
        reference=referral.reference,
        state=state,
        round=offer.round,
        respond_by=offer.respond_by,
        topics=tuple(guess.id for guess in referral.decision.topics),
        trade=enquiry.trade,
        chamber=referral.decision.region.chamber,
        place=enquiry.place,
        text=enquiry.text if disclosed else blinded(enquiry, offer.receiver.language),
        why=why_you(referral, offer),
        enquirer=enquirer_of(enquiry) if disclosed else None,
    )


def state_shown(referral: Referral, offer: Offer) -> ShownState:
    """An offer's state in the words that its receiver reads."""
    if referral.state == "closed" and offer.state == "accepted":
        return "withdrawn"
    return _SHOWN[offer.state]


def enquirer_of(enquiry: Enquiry) -> Enquirer:
    """Who asks, for those who may know."""
    return Enquirer(**{name: getattr(enquiry, name) for name in Enquirer.__dataclass_fields__})
