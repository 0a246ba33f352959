"""An enquiry's way to a receiver: its states, and what may happen to it.

Each command is a plain function from a referral to the referral after it. What an answer cannot do any more is an
error that names the state it met; the same answer again changes nothing. ``history`` only grows: each new entry is one
fact that the others are told.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.matching import worktime
from services.matching.decide import ATTACK, NOBODY_FREE, Decision, Question
from services.matching.directory import Receiver

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

REASSIGNED = "reassigned"
NOT_THERE = "not_there"
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


class Overtaken(Exception):
    """Since the next receiver was chosen, something else happened to the case: choose again."""


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
    place: str | None = None
    """The token of the place that was taken for it; None for who states no limit."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is offered a case next, as a decision says or a coordinator: chosen before the offer is written."""

    decision: Decision
    receiver: Receiver | None
    """None: a person must decide."""
    answer_within: int
    """Working days in which the receiver has to answer."""
    place: str | None = None
    """The token of the place that was taken for it."""
    remark: str | None = None


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
    """The last one: a new one is taken for each offer."""
    state: State
    since: datetime
    """Since when it is in this state."""
    reason: str | None = None
    """Why it is in triage or closed."""
    offers: tuple[Offer, ...] = ()
    history: tuple[Entry, ...] = ()
    """Every fact so far; the n-th is the n-th event."""
    urgent: bool = False
    """The business may be under attack at this moment: coordinators see it before all others."""
    earlier: tuple[Decision, ...] = ()
    """The decisions before the last one, the oldest first."""
    void: tuple[str, ...] = ()
    """Places that were taken for an offer that nobody has made: it must not be made any more."""

    @property
    def round(self) -> int:
        """How many offers were made."""
        return len(self.offers)

    @property
    def current(self) -> Offer | None:
        """The offer on which the case depends: the open one, or the accepted one."""
        last = self.offers[-1] if self.offers else None
        return last if last is not None and last.state in {"open", "accepted"} else None

    @property
    def question(self) -> Question:
        """What the next decision is to be taken about: who was asked is not asked again."""
        asked = tuple(dict.fromkeys(offer.receiver.id for offer in self.offers))
        return replace(self.decision.question, asked=asked)

    @property
    def waits(self) -> bool:
        """Whether all that is missing is a free place."""
        return self.state == "triage" and self.reason == NOBODY_FREE

    def needs(self, offer: Offer) -> bool:
        """Whether the receiver has something to do for this offer, and needs its place."""
        return offer.state == "open" or (offer.state == "accepted" and self.state != "closed")

    def place_of(self, offer: Offer) -> str:
        """The token of an offer's place; where none was taken for it, the one by which it is counted later."""
        return offer.place or f"{self.reference}/{offer.round}/before"

    def offer_of(self, round_: int, receiver: str) -> Offer:
        """The offer of a round to a receiver, by id. Raises ``NoSuchOffer``."""
        if not 1 <= round_ <= self.round or self.offers[round_ - 1].receiver.id != receiver:
            raise NoSuchOffer(self.reference)
        return self.offers[round_ - 1]


# --- commands ---------------------------------------------------------------------------------------------------------


def opened(enquiry: Enquiry, choice: Choice, *, at: datetime) -> Referral:
    """A referral begins: offered to whom was chosen, or in triage where that is nobody."""
    decision = choice.decision
    new = Referral(decision.reference, enquiry, decision, "triage", at, urgent=decision.reason == ATTACK)
    return _onward(new, choice, at)


def accepted(referral: Referral, round_: int, receiver: str, *, at: datetime) -> Referral:
    """The receiver takes the case. Raises ``NoSuchOffer``, ``OfferNotOpen``."""
    offer = referral.offer_of(round_, receiver)
    if offer.state == "accepted":
        return referral
    answered = _answered(referral, offer, "accepted", at=at)
    return replace(answered, state="accepted", since=at)


def declined(referral: Referral, round_: int, receiver: str, refusal: Refusal, *, at: datetime) -> Referral:
    """The receiver does not take the case, which goes ``onward``. Raises ``NoSuchOffer``, ``OfferNotOpen``."""
    offer = referral.offer_of(round_, receiver)
    if offer.state == "declined":
        return referral
    return _answered(referral, offer, "declined", at=at, reason=refusal.reason, note=refusal.note)


def undeliverable(referral: Referral, round_: int, *, at: datetime) -> Referral:
    """The mail of this round's offer will never arrive: the case goes ``onward``, if it is still waiting."""
    offer = referral.current
    if offer is None or offer.round != round_ or offer.state != "open":
        return referral
    return _answered(referral, offer, "expired", at=at, reason=UNDELIVERABLE)


def taken_away(referral: Referral, receiver: str, *, at: datetime) -> Referral:
    """A coordinator gives the case to this receiver, by id, who has the open offer already or gets the next.

    Raises ``NotAssignable``.
    """
    if referral.state not in {"triage", "offered"}:
        raise NotAssignable(referral.state)
    offer = referral.current
    if offer is None or offer.receiver.id == receiver:
        return referral
    void = replace(offer, state="void", answered_at=at, reason=REASSIGNED)
    return _ended(referral, void, "expired", at)


def left_alone(referral: Referral, receiver: str, *, at: datetime) -> Referral:
    """Who was offered the case is not there any more, and has not answered: the case goes ``onward``."""
    offer = referral.current
    if offer is None or offer.state != "open" or offer.receiver.id != receiver:
        return referral
    return _ended(referral, replace(offer, state="void", answered_at=at, reason=NOT_THERE), "expired", at)


def onward(referral: Referral, choice: Choice, *, after_round: int, at: datetime) -> Referral:
    """The case is offered to whom was chosen after this round; nobody: a person must decide. Raises ``Overtaken``."""
    if referral.round != after_round or referral.current is not None or choice.place in referral.void:
        raise Overtaken(referral.reference)
    if referral.state not in {"triage", "offered"}:
        raise Overtaken(referral.reference)
    if choice.decision != referral.decision:
        referral = replace(referral, earlier=(*referral.earlier, referral.decision))
    return _onward(referral, choice, at)


def voided(referral: Referral, place: str) -> Referral:
    """No offer will be made for this place any more."""
    return referral if place in referral.void else replace(referral, void=(*referral.void, place))


def withdrawn(referral: Referral, *, at: datetime) -> Referral:
    """The enquirer does not want help any more: nothing more is going to happen."""
    if referral.state == "closed":
        return referral
    current = referral.current
    entry = Entry(at, "closed", referral.round, current.receiver if current else None, WITHDRAWN)
    if current is not None and current.state == "open":
        referral = _with(referral, replace(current, state="void", answered_at=at, reason=WITHDRAWN))
    return replace(referral, state="closed", since=at, reason=WITHDRAWN, history=(*referral.history, entry))


# --- steps of commands ------------------------------------------------------------------------------------------------


def _onward(referral: Referral, choice: Choice, at: datetime) -> Referral:
    referral = replace(referral, decision=choice.decision)
    if choice.receiver is not None:
        return _offered(referral, choice.receiver, choice, at)
    reason = choice.decision.reason
    entry = Entry(at, "triaged", referral.round, reason=reason)
    return replace(referral, state="triage", since=at, reason=reason, history=(*referral.history, entry))


def _offered(referral: Referral, receiver: Receiver, choice: Choice, at: datetime) -> Referral:
    party = Party(receiver.id, receiver.name, receiver.organisation, receiver.kind, receiver.email, receiver.language)
    respond_by = worktime.respond_by(at, receiver, choice.answer_within)
    offer = Offer(referral.round + 1, party, at, respond_by, remark=choice.remark, place=choice.place)
    return replace(
        referral,
        state="offered",
        since=at,
        reason=None,
        offers=(*referral.offers, offer),
        history=(*referral.history, Entry(at, "offered", offer.round, party, note=choice.remark)),
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
