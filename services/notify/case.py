"""What notify must know of each enquiry: what was asked, whether it was withdrawn, and who was offered the case.

There is no order between topics: an offer may be heard before the enquiry, or after its withdrawal. So the case is
looked at before each message leaves.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.notify.notice import Language, Notice, is_final, may_have_arrived

OfferState = Literal["open", "accepted", "over"]

ATTACK = "attack"
"""Why matching sends a case to triage when the business may be under attack."""
WITHDRAWN = "withdrawn"
"""The enquirer does not want help any more."""
NOT_OPEN = "this offer is not open any more"
ASSIGNED = "the case was offered to somebody meanwhile"
NEVER_TOLD = "the offer itself was never sent"


@dataclass(frozen=True, slots=True)
class Enquiry:
    """What was asked, and by whom."""

    received_at: datetime
    business: str
    trade: str
    postal_code: str
    place: str | None
    employees: str | None
    member: str | None
    name: str
    email: str
    phone: str | None
    preferred: str | None
    time: str | None
    topics: tuple[str, ...]
    text: str
    language: Language


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer of this case, as heard."""

    round: int
    receiver: str
    event: str
    """``ce_id`` of the event that offered it."""
    at: datetime
    state: OfferState = "open"


@dataclass(frozen=True, slots=True)
class Case:
    """What was heard of one enquiry so far."""

    reference: str
    enquiry: Enquiry | None = None
    withdrawn_at: datetime | None = None
    offers: tuple[Offer, ...] = ()
    alarm: str | None = None
    """``ce_id`` of the event that first put the case into triage."""

    def offer_of(self, round_: int | None) -> Offer | None:
        """The offer of a round, if it was heard."""
        return next((offer for offer in self.offers if offer.round == round_), None)

    def first_offer_to(self, receiver: str) -> Offer | None:
        """The first offer to a receiver (by id), with which their thread begins."""
        return next((offer for offer in self.offers if offer.receiver == receiver), None)


@dataclass(frozen=True, slots=True)
class Send:
    """The message may leave."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Something that decides it is not known yet."""


@dataclass(frozen=True, slots=True)
class Withhold:
    """The message must not leave any more."""

    reason: str


# --- what is heard ----------------------------------------------------------------------------------------------------


def received(case: Case, enquiry: Enquiry) -> Case:
    """The enquiry itself."""
    return replace(case, enquiry=case.enquiry or enquiry)


def withdrawn(case: Case, at: datetime) -> Case:
    """The enquirer does not want help any more."""
    return replace(case, withdrawn_at=case.withdrawn_at or at)


def offered(case: Case, offer: Offer) -> Case:
    """The case was offered to somebody."""
    if case.offer_of(offer.round) is not None:
        return case
    return replace(case, offers=tuple(sorted((*case.offers, offer), key=lambda each: each.round)))


def settled(case: Case, round_: int, state: OfferState) -> Case:
    """The offer of a round was answered, or ended without an answer."""
    offers = tuple(replace(offer, state=state) if offer.round == round_ else offer for offer in case.offers)
    return replace(case, offers=offers)


def triaged(case: Case, event: str) -> Case:
    """A person must decide."""
    return replace(case, alarm=case.alarm or event)


# --- what follows for a message ---------------------------------------------------------------------------------------


def verdict(notice: Notice, case: Case | None, offer: Notice | None = None) -> Send | Wait | Withhold:
    """Whether the message may leave now. ``offer``: for ``offer_withdrawn``, the notice that offered the case."""
    if notice.purpose == "offer_withdrawn":
        return _of_taking_back(notice, offer)
    if case is None or case.enquiry is None:
        return Wait()
    if case.withdrawn_at is not None and notice.purpose not in {"withdrawal", "undelivered"}:
        return Withhold(WITHDRAWN)
    match notice.purpose:
        case "offer":
            heard = case.offer_of(notice.round)
            superseded = any(other.round > (notice.round or 0) for other in case.offers)
            return Withhold(NOT_OPEN) if superseded or (heard and heard.state != "open") else Send()
        case "triage_alarm":
            later = any(offer.round > (notice.round or 0) for offer in case.offers)
            return Withhold(ASSIGNED) if later else Send()
        case _:
            return Send()


def _of_taking_back(notice: Notice, offer: Notice | None) -> Send | Wait | Withhold:
    if notice.facts.had_accepted:
        return Send()
    if offer is None:
        return Withhold(NEVER_TOLD)
    if not is_final(offer):
        return Wait()
    return Send() if may_have_arrived(offer) else Withhold(NEVER_TOLD)
