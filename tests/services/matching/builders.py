"""Valid by default: receivers, enquiries and referrals for the tests of matching."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.matching.decide import Decision, decide, decision_for
from services.matching.directory import Receiver
from services.matching.handlers import enquiry_of, facts_of
from services.matching.referral import Choice, Referral, Refusal, declined, onward, opened, taken_away
from services.matching.ruleset_file import packaged
from services.matching.snapshot import Snapshot
from shared.events import Business, Contact, EnquiryReceived

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
REFERENCE = "WW-0000-0000-0001"
DRESDEN = "Handwerkskammer Dresden"


def later(hours: float = 1) -> datetime:
    return AT + timedelta(hours=hours)


def an_advisor(id_: str, *, chamber: str = DRESDEN, language: str = "de", active: bool = True) -> Receiver:
    return Receiver(
        id_, "advisor", f"Beratung {id_}", chamber, f"{id_}@example.org", "", language, (chamber,), None, (), active
    )


def a_showcase(lead: str) -> Receiver:
    return Receiver(
        lead, "showcase", f"Schaufenster {lead}", f"Träger {lead}", f"{lead}@example.org", "", "de", (), lead, ()
    )


def a_directory(*receivers: Receiver) -> Snapshot:
    return Snapshot(receivers)


ADVISOR, OST, WEST = an_advisor("advisor"), a_showcase("ost"), a_showcase("west")
EVERYBODY = a_directory(ADVISOR, OST, WEST)
"""An enquiry from Dresden about e-invoicing is offered to ``advisor``, then to ``ost``, and never to ``west``."""
NOBODY = a_directory()


def without(*ids: str, of: Snapshot = EVERYBODY) -> Snapshot:
    """The same directory after these left."""
    return Snapshot(tuple(replace(who, active=who.active and who.id not in ids) for who in of.receivers))


def an_enquiry(reference: str = REFERENCE, **changes: Any) -> EnquiryReceived:
    business = Business(name="Tischlerei Kornfeld", trade="Tischler", postal_code="01067", place="Dresden")
    contact = Contact(name="Büro Kornfeld", email="info@example.org", phone="+49 351 1234567", time="vormittags")
    return EnquiryReceived(
        **{
            "reference": reference,
            "received_at": AT,
            "consent_version": "1",
            "business": business,
            "contact": contact,
            "topics": ("e_rechnung",),
            "text": "Wir von Kornfeld wollen E-Rechnungen schreiben. Rufen Sie an: 0351 1234567.",
            "consent": True,
        }
        | changes
    )


def a_referral(directory: Snapshot = EVERYBODY, **changes: Any) -> Referral:
    enquiry = an_enquiry(**changes)
    decision = decision_for(facts_of(enquiry), directory, packaged(), AT)
    return opened(enquiry_of(enquiry), chosen(decision, directory), at=AT)


def chosen(decision: Decision, directory: Snapshot = EVERYBODY) -> Choice:
    """Whom the decision names first."""
    return Choice(decision, directory.get(decision.candidates[0].receiver) if decision.candidates else None, 2)


def gone_on(referral: Referral, ended: Referral, choice: Choice | None = None) -> Referral:
    """The referral after its offer ended: offered to this choice, or to whom the rules choose."""
    if ended == referral:
        return referral
    return onward(ended, choice or next_choice(ended), after_round=referral.round, at=later())


def declining(referral: Referral, round_: int, receiver: str, refusal: Refusal, directory: Snapshot) -> Referral:
    """The receiver declines, and the case goes on."""
    ended = declined(referral, round_, receiver, refusal, at=later())
    return gone_on(referral, ended, next_choice(ended, directory))


def assigning(referral: Referral, receiver: str, note: str | None = None, directory: Snapshot = EVERYBODY) -> Referral:
    """A coordinator gives the case to a receiver."""
    ended = taken_away(referral, receiver, at=later())
    if ended.current is not None:
        return referral
    choice = Choice(referral.decision, directory.get(receiver), 2, remark=note)
    return onward(ended, choice, after_round=referral.round, at=later())


def next_choice(referral: Referral, directory: Snapshot = EVERYBODY) -> Choice:
    """Whom the rules choose next."""
    return chosen(decide(referral.question, directory, packaged(), AT), directory)
