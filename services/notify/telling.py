"""Who is told what: from what was heard to the notices that follow from it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.notify.case import Case
from services.notify.notice import (
    ENQUIRER,
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
_MISSED: frozenset[Purpose] = frozenset({"receipt", "introduction", "disclosure"})
"""Messages that nothing else makes up for: when they do not arrive, a person has to step in."""


@dataclass(frozen=True, slots=True)
class Network:
    """Whose notices these are."""

    domain: str
    """The right-hand side of ``Message-ID``."""
    coordinators: tuple[str, ...]
    """Addresses."""
    coordinators_language: Language = "de"


def receipt(network: Network, case: Case, event: str, now: datetime) -> Notice:
    """To the firm: the enquiry has arrived."""
    return _to_the_enquirer(network, "receipt", case, event, now)


def offer(
    network: Network, case: Case, event: str, now: datetime, *, round_: int, at: datetime, facts: Facts, to: Party
) -> Notice:
    """To the receiver: a case without the name of who asks. ``at``: when it was offered."""
    told = _with_link(facts, to, at)
    return _to_the_receiver(network, "offer", case, event, now, round_, told)


def disclosure(
    network: Network, case: Case, event: str, now: datetime, *, round_: int, at: datetime, to: Party
) -> Notice:
    """To the receiver who has accepted: who asks, and how to reach them."""
    heard = case.offer_of(round_)
    facts = _with_link(Facts(), to, heard.at if heard else at)
    return _to_the_receiver(network, "disclosure", case, event, now, round_, facts)


def introduction(
    network: Network, case: Case, event: str, now: datetime, *, round_: int, receiver: Party
) -> Notice:
    """To the firm: who will call."""
    return _to_the_enquirer(network, "introduction", case, event, now, round_, Facts(receiver=receiver))


def triage_alarms(
    network: Network, case: Case, event: str, now: datetime, *, round_: int, reason: str
) -> list[Notice]:
    """To each coordinator: a person must decide."""
    facts = Facts(reason=reason)
    return [_to_a_coordinator(network, "triage_alarm", case, event, now, to, facts, round_) for to in network.coordinators]


def withdrawal(network: Network, case: Case, event: str, now: datetime, *, round_: int) -> Notice:
    """To the firm: the enquiry is withdrawn, and nobody will call."""
    return _to_the_enquirer(network, "withdrawal", case, event, now, round_)


def offer_withdrawn(
    network: Network, case: Case, event: str, now: datetime, *, round_: int, receiver: Party
) -> Notice:
    """To the receiver who had the case: it is not theirs any more."""
    heard = case.offer_of(round_)
    facts = Facts(
        receiver=receiver,
        offer=notice_id(heard.event, "offer", receiver.id) if heard else None,
        had_accepted=heard is not None and heard.state == "accepted",
    )
    return _to_the_receiver(network, "offer_withdrawn", case, event, now, round_, facts)


def undelivered(network: Network, case: Case, failed: Notice, answer: str, now: datetime) -> list[Notice]:
    """To each coordinator: a message that nothing else makes up for did not arrive."""
    if failed.purpose not in _MISSED:
        return []
    told = Undelivered(failed.purpose, failed.to or "", failed.recipient_kind, failed.facts.receiver, answer)
    facts = Facts(undelivered=told)
    return [
        _to_a_coordinator(network, "undelivered", case, failed.cause, now, to, facts, failed.round, about=failed.id)
        for to in network.coordinators
    ]


def _with_link(facts: Facts, to: Party, offered_at: datetime) -> Facts:
    return Facts(
        receiver=to,
        respond_by=facts.respond_by,
        topics=facts.topics,
        trade=facts.trade,
        chamber=facts.chamber,
        link_expires_at=offered_at + LINK_VALID_FOR,
    )


def _to_the_enquirer(
    network: Network,
    purpose: Purpose,
    case: Case,
    event: str,
    now: datetime,
    round_: int | None = None,
    facts: Facts = Facts(),
) -> Notice:
    root = notice_id(f"{case.reference}/1", "receipt", ENQUIRER)
    email = case.enquiry.email if case.enquiry else None
    language = case.enquiry.language if case.enquiry else "de"
    return _notice(network, purpose, "enquirer", case, event, now, ENQUIRER, email, language, round_, facts, root)


def _to_the_receiver(
    network: Network, purpose: Purpose, case: Case, event: str, now: datetime, round_: int, facts: Facts
) -> Notice:
    to = facts.receiver
    assert to is not None  # noqa: S101 - every notice to a receiver has one
    first = case.first_offer_to(to.id)
    root = notice_id(first.event, "offer", to.id) if first else None
    return _notice(network, purpose, "receiver", case, event, now, to.id, to.email, to.language, round_, facts, root)


def _to_a_coordinator(
    network: Network,
    purpose: Purpose,
    case: Case,
    event: str,
    now: datetime,
    to: str,
    facts: Facts,
    round_: int | None,
    about: str = "",
) -> Notice:
    root = notice_id(case.alarm, "triage_alarm", to) if case.alarm else None
    language = network.coordinators_language
    return _notice(
        network, purpose, "coordinator", case, event, now, f"{to}{about}", to, language, round_, facts, root
    )


def _notice(
    network: Network,
    purpose: Purpose,
    kind: RecipientKind,
    case: Case,
    event: str,
    now: datetime,
    recipient: str,
    to: str | None,
    language: Language,
    round_: int | None,
    facts: Facts,
    root: str | None,
) -> Notice:
    id_ = notice_id(event, purpose, recipient)
    return Notice(
        id=id_,
        reference=case.reference,
        purpose=purpose,
        recipient_kind=kind,
        to=to,
        language=language,
        cause=event,
        at=now,
        message_id=message_id(id_, network.domain),
        not_before=now,
        round=round_,
        thread=message_id(root, network.domain) if root and root != id_ else None,
        facts=facts,
    )
