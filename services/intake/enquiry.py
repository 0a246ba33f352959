"""An enquiry: its reference, its states, and what may happen to it."""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

State = Literal[
    "received", "offered", "accepted", "in_progress", "completed", "closed", "triage", "withdrawn", "erased"
]

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that it can be read out on the telephone."""
_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_BITS = 60
_GONE: frozenset[State] = frozenset({"withdrawn", "erased"})
_ENDED: frozenset[State] = frozenset({"completed", "closed"})
_NOBODY_YET: frozenset[State] = frozenset({"offered", "triage"})


class NothingToWithdraw(Exception):
    """The enquiry has come to its end already."""


@dataclass(frozen=True, slots=True)
class Business:
    """The craft business that asks."""

    name: str
    trade: str
    postal_code: str
    place: str | None = None
    employees: str | None = None
    member: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """Who asks, and how to reach them."""

    name: str
    email: str
    phone: str | None = None
    preferred: str | None = None
    time: str | None = None


@dataclass(frozen=True, slots=True)
class Because:
    """Why this receiver was asked."""

    code: str
    """As ``referral.accepted`` says it."""
    topics: tuple[str, ...] = ()
    """By id."""
    chamber: str | None = None


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who takes care of the enquiry."""

    id: str
    name: str
    full_name: str | None = None
    """The name with the organisation, for people."""
    because: Because | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One state the enquiry came into, and when."""

    at: datetime
    state: State


@dataclass(frozen=True, slots=True)
class Enquiry:
    """What a business asks, once, and what became of it."""

    reference: str
    received_at: datetime
    consent_version: str
    fingerprint: str
    """SHA-256 of what was sent: the same key with another content is another enquiry."""
    business: Business
    contact: Contact
    topics: tuple[str, ...]
    text: str
    language: Literal["de", "en"]
    state: State
    since: datetime
    history: tuple[Step, ...]
    receiver: Receiver | None = None
    heard: int = 0
    """The highest ``ce_sequence`` of the referral's events that is in here."""
    undeliverable: bool = False
    """Mail to the address that was given did not get there: it may be wrong."""
    emergency: bool = False
    """The business may be under attack, and nobody has called yet."""
    waits: bool = False
    """Everybody who could help has a full desk: it is offered to the first who has a free place."""

    @property
    def may_be_withdrawn(self) -> bool:
        """Whether there is still something to withdraw."""
        return self.state not in _GONE | _ENDED


def reference_of(key: str | None) -> str:
    """``WW-XXXX-XXXX-XXXX``: 60 bits, of the SHA-256 of an Idempotency-Key, or random without one."""
    number = secrets.randbits(_BITS) if key is None else _first_bits(hashlib.sha256(key.encode()).digest())
    a, b, c, d, e, f = [_PAIRS[number >> shift & 1023] for shift in (50, 40, 30, 20, 10, 0)]
    return f"WW-{a}{b}-{c}{d}-{e}{f}"


def withdrawn(enquiry: Enquiry, at: datetime) -> Enquiry:
    """The enquirer does not want help any more; asked again, nothing changes. Raises ``NothingToWithdraw``."""
    if enquiry.state in _GONE:
        return enquiry
    if enquiry.state in _ENDED:
        raise NothingToWithdraw
    return _in_state(enquiry, "withdrawn", at)


def followed(
    enquiry: Enquiry,
    sequence: int,
    state: State | None,
    at: datetime,
    receiver: Receiver | None,
    *,
    emergency: bool = False,
    waits: bool = False,
) -> Enquiry:
    """What happened to the referral, as far as it is news: old and repeated events change nothing.

    ``state``: what the enquirer sees from then on, None where they see no difference. A withdrawn enquiry stays so.
    ``emergency``: whether the business may be under attack; ``waits``: whether all that is missing is a free place.
    """
    if sequence <= enquiry.heard:
        return enquiry
    heard = replace(enquiry, heard=sequence)
    if state is None or enquiry.state in _GONE:
        return heard
    moved = heard if state == enquiry.state else _in_state(heard, state, at)
    return replace(moved, receiver=_shown(enquiry, state, receiver), emergency=emergency, waits=waits)


def unreachable(enquiry: Enquiry) -> Enquiry:
    """Mail does not get to the enquirer."""
    return replace(enquiry, undeliverable=True)


def _shown(enquiry: Enquiry, state: State, receiver: Receiver | None) -> Receiver | None:
    """Who is told to the enquirer: whoever accepted, and nobody before. A case can be closed without anybody."""
    if state in _NOBODY_YET:
        return None
    if state == "closed":
        return enquiry.receiver
    known = enquiry.receiver
    if receiver is not None and known is not None and receiver.id == known.id:
        return replace(receiver, because=receiver.because or known.because)
    return receiver or known


def _in_state(enquiry: Enquiry, state: State, at: datetime) -> Enquiry:
    return replace(enquiry, state=state, since=at, history=(*enquiry.history, Step(at, state)))


def _first_bits(digest: bytes) -> int:
    return int.from_bytes(digest[:8], "big") >> (64 - _BITS)
