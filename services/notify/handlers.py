"""What notify hears: each event is noted in its case, and told to those whom it concerns."""

from services.notify import telling
from services.notify.case import ATTACK, WITHDRAWN, Enquiry, Offer, offered, received, settled, triaged, withdrawn
from services.notify.notice import Facts, Party
from services.notify.store import Cases, Notices
from services.notify.telling import Network, Occasion
from shared.dispatch import Hears
from shared.envelope import Envelope
from shared.events import (
    EnquiryReceived,
    EnquiryWithdrawn,
    ReceiverRef,
    ReferralAccepted,
    ReferralClosed,
    ReferralDeclined,
    ReferralExpired,
    ReferralOffered,
    ReferralTriaged,
)
from shared.times import Clock

enquiries = Hears("enquiries")
referrals = Hears("referrals")

_PASSED_ON = frozenset({"reassigned", "not_there"})
"""Why an offer ended that its receiver knows of, and may still want to answer."""


@enquiries.on(EnquiryReceived)
async def confirm_receipt(
    event: EnquiryReceived, envelope: Envelope, cases: Cases, notices: Notices, network: Network, clock: Clock
) -> None:
    """Tell the firm that its enquiry has arrived, and where to see what becomes of it."""
    enquiry = enquiry_of(event)
    case = await cases.note(event.reference, lambda case: received(case, enquiry), probably_new=True)
    await notices.tell(telling.receipt(Occasion(network, case, envelope.id, clock.now())))


@enquiries.on(EnquiryWithdrawn)
async def stop_telling(event: EnquiryWithdrawn, cases: Cases) -> None:
    """From here on nobody is offered this case; who hears of the withdrawal follows when matching has closed it."""
    await cases.note(event.reference, lambda case: withdrawn(case, event.withdrawn_at))


@referrals.on(ReferralOffered)
async def offer_the_case(
    event: ReferralOffered, envelope: Envelope, cases: Cases, notices: Notices, network: Network, clock: Clock
) -> None:
    """Ask the receiver whether they take the case, without saying who asks."""
    to = party_of(event.receiver)
    heard = Offer(event.round, to.id, envelope.id, event.at)
    case = await cases.note(event.reference, lambda case: offered(case, heard))
    occasion = Occasion(network, case, envelope.id, clock.now())
    await notices.tell(telling.offer(occasion, event.round, to, event.at, facts_of(event)))


@referrals.on(ReferralAccepted)
async def introduce_them(
    event: ReferralAccepted, envelope: Envelope, cases: Cases, notices: Notices, network: Network, clock: Clock
) -> None:
    """Tell the receiver who asks, and the firm who will call."""
    receiver = party_of(event.receiver)
    case = await cases.note(event.reference, lambda case: settled(case, event.round, "accepted"))
    occasion = Occasion(network, case, envelope.id, clock.now())
    await notices.tell(
        telling.disclosure(occasion, event.round, receiver, event.at),
        telling.introduction(occasion, event.round, receiver),
    )


@referrals.on(ReferralDeclined)
async def note_the_end(event: ReferralDeclined, cases: Cases) -> None:
    """This offer needs no mail any more; who gets the case next is told by the event that follows."""
    await cases.note(event.reference, lambda case: settled(case, event.round, "over"))


@referrals.on(ReferralExpired)
async def tell_who_is_not_waited_for(
    event: ReferralExpired, envelope: Envelope, cases: Cases, notices: Notices, network: Network, clock: Clock
) -> None:
    """The same; and where somebody else got the case before the receiver answered, tell the receiver."""
    case = await cases.note(event.reference, lambda case: settled(case, event.round, "over"))
    if event.reason in _PASSED_ON:
        occasion = Occasion(network, case, envelope.id, clock.now())
        await notices.tell(telling.offer_withdrawn(occasion, event.round, party_of(event.receiver), passed_on=True))


@referrals.on(ReferralTriaged)
async def alarm_the_coordinators(
    event: ReferralTriaged, envelope: Envelope, cases: Cases, notices: Notices, network: Network, clock: Clock
) -> None:
    """Tell the coordinators at once that a person must decide; and the firm what to do if it is under attack."""
    case = await cases.note(event.reference, lambda case: triaged(case, envelope.id))
    occasion = Occasion(network, case, envelope.id, clock.now())
    to_the_firm = [telling.emergency(occasion, event.round)] if event.reason == ATTACK else []
    await notices.tell(*telling.triage_alarms(occasion, event.round, event.reason), *to_the_firm)


@referrals.on(ReferralClosed)
async def confirm_the_withdrawal(
    event: ReferralClosed, envelope: Envelope, cases: Cases, notices: Notices, network: Network, clock: Clock
) -> None:
    """Tell the firm that nobody will call, and the receiver that the case is not theirs any more."""
    if event.reason != WITHDRAWN:
        return
    case = await cases.note(event.reference, lambda case: withdrawn(case, event.at))
    occasion = Occasion(network, case, envelope.id, clock.now())
    told = [telling.withdrawal(occasion, event.round)]
    if event.receiver is not None:
        told.append(telling.offer_withdrawn(occasion, event.round, party_of(event.receiver)))
    await notices.tell(*told)


def enquiry_of(event: EnquiryReceived) -> Enquiry:
    """What was asked, and by whom."""
    business, contact = event.business, event.contact
    return Enquiry(
        received_at=event.received_at,
        business=business.name,
        trade=business.trade,
        postal_code=business.postal_code,
        place=business.place,
        employees=business.employees,
        member=business.member,
        name=contact.name,
        email=contact.email,
        phone=contact.phone,
        preferred=contact.preferred,
        time=contact.time,
        topics=event.topics,
        text=event.text,
        language=event.language,
    )


def facts_of(event: ReferralOffered) -> Facts:
    """What the receiver is told of the case at once."""
    return Facts(respond_by=event.respond_by, topics=event.topics, trade=event.trade, chamber=event.chamber)


def party_of(ref: ReceiverRef) -> Party:
    """The receiver as it was when the event was said."""
    return Party(ref.id, ref.full_name, ref.kind, ref.email, ref.language)
