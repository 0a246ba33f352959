"""An enquiry's way to a receiver: its states, and what may happen to it.

Each command is a plain function from a referral to the referral after it. What an answer cannot do any more is an
error that names the state it met; the same answer again changes nothing. ``history`` only grows: each new entry is one
fact that the others are told.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.matching import worktime
from services.matching.decide import ATTACK, Decision
from services.matching.directory import Receiver, Snapshot

State = Literal["offered", "accepted", "triage", "closed"]
OfferState = Literal["open", "accepted", "declined", "expired", "void"]
Kind = Literal["offered", "accepted", "declined", "expired", "triaged", "closed"]

REASONS = (
    "no_capacity",
    "wrong_topic",
    "wrong_region",
    "conflict_of_interest",
    "absent",
    "duplicate",
    "not_eligible",
    "other",
)
"""Why a receiver may decline. ``other`` needs a note."""

NOBODY_LEFT = "nobody_left"
"""Everybody who could be offered the case was."""
REASSIGNED = "reassigned"
"""A coordinator gave the case to somebody else while the offer was open."""
UNDELIVERABLE = "undeliverable"
"""The offer's mail was refused for good, or came back."""
WITHDRAWN = "withdrawn"
"""The enquirer does not want help any more."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a receiver declines."""

    reason: str
    """One of ``REASONS``."""
    note: str | None = None


class NoSuchOffer(Exception):
    """There is no such offer."""


class OfferNotOpen(Exception):
    """This offer was answered differently already, or ended without an answer."""

    def __init__(self, state: OfferState) -> None:
        super().__init__(state)
        self.state = state


class NotAssignable(Exception):
    """Somebody has this case already, or it is closed."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.state = state


class NotReachable(Exception):
    """This receiver is not in the directory, or gets no new cases."""


@dataclass(frozen=True, slots=True)
class Enquiry:
    """What was asked and by whom: shown to a receiver in part before acceptance, and whole after it."""

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
    """What was ticked; none means "don't know"."""
    text: str
    language: Literal["de", "en"]


@dataclass(frozen=True, slots=True)
class Party:
    """A receiver as it was when it was offered the case."""

    id: str
    name: str
    organisation: str
    kind: Literal["advisor", "showcase"]
    email: str
    language: Literal["de", "en"]


@dataclass(frozen=True, slots=True)
class Offer:
    """One referral offered to one receiver."""

    round: int
    """Counts the offers of a referral from 1."""
    receiver: Party
    at: datetime
    respond_by: datetime
    state: OfferState = "open"
    answered_at: datetime | None = None
    """When it stopped being open, by an answer or without one."""
    reason: str | None = None
    note: str | None = None
    remark: str | None = None
    """What the coordinator who assigned the case wants the receiver to know."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact about a referral."""

    at: datetime
    kind: Kind
    round: int
    """Of the offer it is about; 0 while nothing was offered yet."""
    receiver: Party | None = None
    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Referral:
    """All of one enquiry's way to a receiver."""

    reference: str
    enquiry: Enquiry
    decision: Decision
    state: State
    since: datetime
    """Since when it is in this state."""
    candidates: tuple[str, ...]
    """Who is offered the case next, and after that, by id."""
    reason: str | None = None
    """Why it is in triage or closed."""
    offers: tuple[Offer, ...] = ()
    history: tuple[Entry, ...] = ()
    """Every fact so far; the n-th is the n-th event."""
    urgent: bool = False
    """The business may be under attack at this moment: coordinators see it before all others."""

    @property
    def round(self) -> int:
        """How many offers were made."""
        return len(self.offers)

    @property
    def current(self) -> Offer | None:
        """The offer on which the case depends: the open one, or the accepted one."""
        last = self.offers[-1] if self.offers else None
        return last if last is not None and last.state in {"open", "accepted"} else None

    def offer_of(self, round_: int, receiver: str) -> Offer:
        """The offer of a round to a receiver, by id. Raises ``NoSuchOffer``."""
        if not 1 <= round_ <= self.round or self.offers[round_ - 1].receiver.id != receiver:
            raise NoSuchOffer(self.reference)
        return self.offers[round_ - 1]


# --- commands ---------------------------------------------------------------------------------------------------------


def opened(enquiry: Enquiry, decision: Decision, *, directory: Snapshot, at: datetime) -> Referral:
    """A referral begins: offered to the first candidate, or in triage where there is none."""
    candidates = tuple(candidate.receiver for candidate in decision.candidates)
    urgent = decision.reason == ATTACK
    new = Referral(decision.reference, enquiry, decision, "triage", at, candidates, urgent=urgent)
    return _onward(new, directory, at, if_nobody=NOBODY_LEFT if candidates else decision.reason)


def accepted(referral: Referral, round_: int, receiver: str, *, at: datetime) -> Referral:
    """The receiver takes the case. Raises ``NoSuchOffer``, ``OfferNotOpen``."""
    offer = referral.offer_of(round_, receiver)
    if offer.state == "accepted":
        return referral
    answered = _answered(referral, offer, "accepted", at=at)
    return replace(answered, state="accepted", since=at)


def declined(
    referral: Referral, round_: int, receiver: str, refusal: Refusal, *, directory: Snapshot, at: datetime
) -> Referral:
    """The receiver does not take the case: the next candidate gets it. Raises ``NoSuchOffer``, ``OfferNotOpen``."""
    offer = referral.offer_of(round_, receiver)
    if offer.state == "declined":
        return referral
    answered = _answered(referral, offer, "declined", at=at, reason=refusal.reason, note=refusal.note)
    return _onward(answered, directory, at)


def undeliverable(referral: Referral, round_: int, *, directory: Snapshot, at: datetime) -> Referral:
    """The mail of this round's offer will never arrive: the next candidate gets the case, if it is still waiting."""
    offer = referral.current
    if offer is None or offer.round != round_ or offer.state != "open":
        return referral
    return _onward(_answered(referral, offer, "expired", at=at, reason=UNDELIVERABLE), directory, at)


def assigned(referral: Referral, receiver: str, note: str | None, *, directory: Snapshot, at: datetime) -> Referral:
    """A coordinator offers the case to this receiver, by id. Raises ``NotAssignable``, ``NotReachable``."""
    if referral.state not in {"triage", "offered"}:
        raise NotAssignable(referral.state)
    chosen = directory.get(receiver)
    if chosen is None or not chosen.active:
        raise NotReachable(receiver)
    open_offer = referral.current
    if open_offer is not None:
        if open_offer.receiver.id == receiver:
            return referral
        void = replace(open_offer, state="void", answered_at=at, reason=REASSIGNED)
        referral = _ended(referral, void, "expired", at)
    return _offered(referral, chosen, at, note)


def withdrawn(referral: Referral, *, at: datetime) -> Referral:
    """The enquirer does not want help any more: nothing more is going to happen."""
    if referral.state == "closed":
        return referral
    current = referral.current
    entry = Entry(at, "closed", referral.round, current.receiver if current else None, WITHDRAWN)
    if current is not None and current.state == "open":
        referral = _with(referral, replace(current, state="void", answered_at=at, reason=WITHDRAWN))
    return replace(
        referral,
        state="closed",
        since=at,
        reason=WITHDRAWN,
        candidates=(),
        history=(*referral.history, entry),
    )


# --- steps of commands ------------------------------------------------------------------------------------------------


def _onward(referral: Referral, directory: Snapshot, at: datetime, if_nobody: str = NOBODY_LEFT) -> Referral:
    """Offer the case to the next candidate who still gets cases; nobody left: a person must decide."""
    for id_ in referral.candidates:
        receiver = directory.get(id_)
        if receiver is not None and receiver.active:
            return _offered(referral, receiver, at)
    entry = Entry(at, "triaged", referral.round, reason=if_nobody)
    return replace(
        referral, state="triage", since=at, reason=if_nobody, candidates=(), history=(*referral.history, entry)
    )


def _offered(referral: Referral, receiver: Receiver, at: datetime, remark: str | None = None) -> Referral:
    party = Party(receiver.id, receiver.name, receiver.organisation, receiver.kind, receiver.email, receiver.language)
    respond_by = worktime.respond_by(at, receiver)
    offer = Offer(referral.round + 1, party, at, respond_by, remark=remark)
    return replace(
        referral,
        state="offered",
        since=at,
        reason=None,
        candidates=tuple(id_ for id_ in referral.candidates if id_ != receiver.id),
        offers=(*referral.offers, offer),
        history=(*referral.history, Entry(at, "offered", offer.round, party, note=remark)),
    )


def _answered(
    referral: Referral,
    offer: Offer,
    state: Literal["accepted", "declined", "expired"],
    *,
    at: datetime,
    reason: str | None = None,
    note: str | None = None,
) -> Referral:
    if offer.state != "open":
        raise OfferNotOpen(offer.state)
    return _ended(referral, replace(offer, state=state, answered_at=at, reason=reason, note=note), state, at)


def _ended(referral: Referral, over: Offer, kind: Kind, at: datetime) -> Referral:
    entry = Entry(at, kind, over.round, over.receiver, over.reason, over.note)
    return replace(_with(referral, over), history=(*referral.history, entry))


def _with(referral: Referral, offer: Offer) -> Referral:
    offers = (*referral.offers[: offer.round - 1], offer, *referral.offers[offer.round :])
    return replace(referral, offers=offers)
