"""What notify hears: each event is noted in its case, and told to those whom it concerns."""

from services.notify import telling
from services.notify.case import WITHDRAWN, Enquiry, Offer, offered, received, settled, triaged, withdrawn
from services.notify.notice import Facts, Party
from services.notify.store import Cases, Notices
from services.notify.telling import Network
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


@enquiries.on(EnquiryReceived)
async def confirm_receipt(
    event: EnquiryReceived, envelope: Envelope, cases: Cases, notices: Notices, network: Network, clock: Clock
) -> None:
    """Tell the firm that its enquiry has arrived, and where to see what becomes of it."""
    enquiry = enquiry_of(event)
    case = await cases.note(event.reference, lambda case: received(case, enquiry), probably_new=True)
    await notices.tell(telling.receipt(network, case, envelope.id, clock.now()))


@enquiries.on(EnquiryWithdrawn)
async def stop_telling(event: EnquiryWithdrawn, cases: Cases) -> None:
    """From here on nobody is offered this case; who hears of the withdrawal follows when matching has closed it."""
    await cases.note(event.reference, lambda case: withdrawn(case, event.withdrawn_at))


@referrals.on(ReferralOffered)
async def offer_the_case(
    event: ReferralOffered, envelope: Envelope, cases: Cases, notices: Notices, network: Network, clock: Clock
) -> None:
    """Ask the receiver whether they take the case, without saying who asks."""
    to = _party(event.receiver)
    heard = Offer(event.round, to.id, envelope.id, event.at)
    facts = Facts(respond_by=event.respond_by, topics=event.topics, trade=event.trade, chamber=event.chamber)
    case = await cases.note(event.reference, lambda case: offered(case, heard))
    await notices.tell(
        telling.offer(network, case, envelope.id, clock.now(), round_=event.round, at=event.at, facts=facts, to=to)
    )


@referrals.on(ReferralAccepted)
async def introduce_them(
    event: ReferralAccepted, envelope: Envelope, cases: Cases, notices: Notices, network: Network, clock: Clock
) -> None:
    """Tell the receiver who asks, and the firm who will call."""
    to, now = _party(event.receiver), clock.now()
    case = await cases.note(event.reference, lambda case: settled(case, event.round, "accepted"))
    await notices.tell(
        telling.disclosure(network, case, envelope.id, now, round_=event.round, at=event.at, to=to),
        telling.introduction(network, case, envelope.id, now, round_=event.round, receiver=to),
    )


@referrals.on(ReferralDeclined, ReferralExpired)
async def note_the_end(event: ReferralDeclined | ReferralExpired, cases: Cases) -> None:
    """This offer needs no mail any more; who gets the case next is told by the event that follows."""
    await cases.note(event.reference, lambda case: settled(case, event.round, "over"))


@referrals.on(ReferralTriaged)
async def alarm_the_coordinators(
    event: ReferralTriaged, envelope: Envelope, cases: Cases, notices: Notices, network: Network, clock: Clock
) -> None:
    """Tell the coordinators at once that a person must decide."""
    case = await cases.note(event.reference, lambda case: triaged(case, envelope.id))
    await notices.tell(
        *telling.triage_alarms(network, case, envelope.id, clock.now(), round_=event.round, reason=event.reason)
    )


@referrals.on(ReferralClosed)
async def confirm_the_withdrawal(
    event: ReferralClosed, envelope: Envelope, cases: Cases, notices: Notices, network: Network, clock: Clock
) -> None:
    """Tell the firm that nobody will call, and the receiver that the case is not theirs any more."""
    if event.reason != WITHDRAWN:
        return
    now = clock.now()
    case = await cases.note(event.reference, lambda case: withdrawn(case, event.at))
    told = [telling.withdrawal(network, case, envelope.id, now, round_=event.round)]
    if event.receiver is not None:
        receiver = _party(event.receiver)
        told.append(telling.offer_withdrawn(network, case, envelope.id, now, round_=event.round, receiver=receiver))
    await notices.tell(*told)


def enquiry_of(event: EnquiryReceived) -> Enquiry:
    """What was asked, and by whom."""
    return Enquiry(
        received_at=event.received_at,
        topics=event.topics,
        text=event.text,
        language=event.language,
        business=event.business.name,
        **event.business.model_dump(exclude={"name"}),
        **event.contact.model_dump(),
    )


def _party(ref: ReceiverRef) -> Party:
    return Party(ref.id, ref.name, ref.kind, ref.email, ref.language)
