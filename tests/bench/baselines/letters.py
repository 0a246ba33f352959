"""What every contender of notify tells of an event: the same notice and the same letter as ours."""

from datetime import datetime

from services.notify import telling
from services.notify.case import Case, Offer, offered, received
from services.notify.handlers import enquiry_of, facts_of, party_of
from services.notify.notice import Notice
from services.notify.telling import Network, Occasion
from shared.events import EnquiryReceived, ReferralOffered


def receipt(event: EnquiryReceived, network: Network, now: datetime) -> tuple[Case, Notice]:
    """The case as it begins, and what the firm is told."""
    case = received(Case(event.reference), enquiry_of(event))
    return case, telling.receipt(Occasion(network, case, f"{event.reference}/1", now))


def offer(event: ReferralOffered, case: Case, network: Network, now: datetime) -> tuple[Case, Notice]:
    """The case with its offer, and what the receiver is told."""
    cause, to = f"{event.reference}/1", party_of(event.receiver)
    case = offered(case, Offer(event.round, to.id, cause, event.at))
    return case, telling.offer(Occasion(network, case, cause, now), event.round, to, event.at, facts_of(event))
