"""Who is told what: from what was heard to the notices that follow from it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.notify.case import Case
from services.notify.notice import (
    ENQUIRER,
    NO_FACTS,
    Facts,
    Language,
    Notice,
    Party,
    Purpose,
    RecipientKind,
    Undelivered,
    message_id,
    notice_id,
)

LINK_VALID_FOR = timedelta(days=90)
"""How long the link in an offer's mail opens the offer, counted from the offer."""
_MISSED: frozenset[Purpose] = frozenset({"receipt", "introduction", "disclosure", "emergency"})
"""Messages that nothing else makes up for: when they do not arrive, a person has to step in."""


@dataclass(frozen=True, slots=True)
class Network:
    """Whose notices these are."""

    domain: str
    """The right-hand side of ``Message-ID``."""
    coordinators: tuple[str, ...]
    """Addresses."""
    coordinators_language: Language = "de"


@dataclass(frozen=True, slots=True)
class Occasion:
    """What gives rise to notices: an event, and what is known of its case by now."""

    network: Network
    case: Case
    event: str
    """The event's ``ce_id``."""
    now: datetime


@dataclass(frozen=True, slots=True)
class _Recipient:
    kind: RecipientKind
    id: str
    email: str | None
    language: Language
    thread: str | None
    """The notice with which their thread about this case begins, if it is known."""


def receipt(occasion: Occasion) -> Notice:
    """To the firm: the enquiry has arrived."""
    return _notice(occasion, "receipt", _enquirer(occasion))


def offer(occasion: Occasion, round_: int, to: Party, at: datetime, facts: Facts) -> Notice:
    """To the receiver: a case without the name of who asks. ``at``: when it was offered."""
    told = replace(facts, receiver=to, link_expires_at=at + LINK_VALID_FOR)
    return _notice(occasion, "offer", _receiver(occasion, to), round_, told)


def disclosure(occasion: Occasion, round_: int, to: Party, at: datetime) -> Notice:
    """To the receiver who has accepted: who asks, and how to reach them. ``at``: when they did."""
    heard = occasion.case.offer_of(round_)
    facts = Facts(receiver=to, link_expires_at=(heard.at if heard else at) + LINK_VALID_FOR)
    return _notice(occasion, "disclosure", _receiver(occasion, to), round_, facts)


def introduction(occasion: Occasion, round_: int, receiver: Party) -> Notice:
    """To the firm: who will call."""
    return _notice(occasion, "introduction", _enquirer(occasion), round_, Facts(receiver=receiver))


def triage_alarms(occasion: Occasion, round_: int, reason: str) -> list[Notice]:
    """To each coordinator: a person must decide."""
    facts = Facts(reason=reason)
    return [_notice(occasion, "triage_alarm", to, round_, facts) for to in _coordinators(occasion)]


def emergency(occasion: Occasion, round_: int) -> Notice:
    """To the firm: what to do now, while an attack may be going on."""
    return _notice(occasion, "emergency", _enquirer(occasion), round_)


def withdrawal(occasion: Occasion, round_: int) -> Notice:
    """To the firm: the enquiry is withdrawn, and nobody will call."""
    return _notice(occasion, "withdrawal", _enquirer(occasion), round_)


def offer_withdrawn(occasion: Occasion, round_: int, receiver: Party, *, passed_on: bool = False) -> Notice:
    """To the receiver who had the case: it is not theirs any more, but nobody's or, ``passed_on``, somebody else's."""
    heard = occasion.case.offer_of(round_)
    facts = Facts(
        receiver=receiver,
        offer=notice_id(heard.event, "offer", receiver.id) if heard else None,
        had_accepted=heard is not None and heard.state == "accepted",
        passed_on=passed_on,
    )
    return _notice(occasion, "offer_withdrawn", _receiver(occasion, receiver), round_, facts)


def undelivered(occasion: Occasion, failed: Notice, answer: str) -> list[Notice]:
    """To each coordinator: a message that nothing else makes up for did not arrive."""
    if failed.purpose not in _MISSED:
        return []
    told = Undelivered(failed.purpose, failed.to or "", failed.recipient_kind, failed.facts.receiver, answer)
    facts = Facts(undelivered=told)
    return [
        _notice(occasion, "undelivered", replace(to, id=f"{to.id} {failed.id}"), failed.round, facts)
        for to in _coordinators(occasion)
    ]


def _enquirer(occasion: Occasion) -> _Recipient:
    case = occasion.case
    root = notice_id(f"{case.reference}/1", "receipt", ENQUIRER)
    if case.enquiry is None:
        return _Recipient("enquirer", ENQUIRER, None, "de", root)
    return _Recipient("enquirer", ENQUIRER, case.enquiry.email, case.enquiry.language, root)


def _receiver(occasion: Occasion, to: Party) -> _Recipient:
    first = occasion.case.first_offer_to(to.id)
    root = notice_id(first.event, "offer", to.id) if first else None
    return _Recipient("receiver", to.id, to.email, to.language, root)


def _coordinators(occasion: Occasion) -> list[_Recipient]:
    network, alarm = occasion.network, occasion.case.alarm
    return [
        _Recipient(
            "coordinator",
            to,
            to,
            network.coordinators_language,
            notice_id(alarm, "triage_alarm", to) if alarm else None,
        )
        for to in network.coordinators
    ]


def _notice(
    occasion: Occasion, purpose: Purpose, to: _Recipient, round_: int | None = None, facts: Facts = NO_FACTS
) -> Notice:
    id_, domain = notice_id(occasion.event, purpose, to.id), occasion.network.domain
    return Notice(
        id=id_,
        reference=occasion.case.reference,
        purpose=purpose,
        recipient_kind=to.kind,
        to=to.email,
        language=to.language,
        cause=occasion.event,
        at=occasion.now,
        message_id=message_id(id_, domain),
        not_before=occasion.now,
        round=round_,
        thread=message_id(to.thread, domain) if to.thread and to.thread != id_ else None,
        facts=facts,
    )
