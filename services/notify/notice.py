"""A notice: one message to one party, its attempts, and what may happen to it.

Each transition is a plain function from a notice to the notice after it. A transition that is asked for again, because
nobody heard whether it was kept, recognises what it did and changes nothing.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

State = Literal["queued", "sending", "sent", "failed", "bounced"]
Purpose = Literal[
    "receipt",
    "offer",
    "disclosure",
    "introduction",
    "triage_alarm",
    "emergency",
    "withdrawal",
    "offer_withdrawn",
    "undelivered",
]
RecipientKind = Literal["enquirer", "receiver", "coordinator"]
Language = Literal["de", "en"]
Outcome = Literal["open", "sent", "later", "refused", "unknown", "withheld"]

ENQUIRER = "enquirer"
"""Whom a notice to the enquirer is for; their address stands in the case alone until the notice is sent."""

_FIRST_PAUSE = timedelta(seconds=5)
_LONGEST_PAUSE = timedelta(minutes=5)
_LONGEST_PAUSE_OF_UNKNOWN = timedelta(days=1)
_MOST_DOUBLINGS = 10
_MOST_ATTEMPTS_KEPT = 50
_LONGEST_ANSWER = 500
_ADDRESS = re.compile(r"([^\s<>@:;,\"'()])[^\s<>@:;,\"'()]*@([^\s<>@:;,\"'()]+)")


class NotQueued(Exception):
    """Somebody else sends this notice, or it is done."""


class NoSuchAttempt(Exception):
    """This process made no such attempt."""


@dataclass(frozen=True, slots=True)
class Party:
    """A receiver as it was when the event was said."""

    id: str
    name: str
    kind: Literal["advisor", "showcase"]
    email: str
    language: Language


@dataclass(frozen=True, slots=True)
class Undelivered:
    """The message that did not arrive, in a notice that tells coordinators so."""

    purpose: Purpose
    to: str
    recipient_kind: RecipientKind
    receiver: Party | None
    answer: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the event said, as far as the message tells it. What the enquirer said stands in the case."""

    receiver: Party | None = None
    respond_by: datetime | None = None
    topics: tuple[str, ...] = ()
    trade: str | None = None
    chamber: str | None = None
    reason: str | None = None
    link_expires_at: datetime | None = None
    offer: str | None = None
    """The notice that offered what this one takes back."""
    had_accepted: bool = False
    """Whether the receiver had taken the case that was withdrawn."""
    passed_on: bool = False
    """Whether somebody else gets the case that was offered, though the firm still wants help."""
    undelivered: Undelivered | None = None


NO_FACTS = Facts()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to hand the message to the mail server."""

    n: int
    """Counts from 1."""
    at: datetime
    by: str
    """The process that tried."""
    outcome: Outcome = "open"
    answer: str | None = None
    """What the server said, with addresses masked, or why nobody knows."""
    code: int | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one party about one event."""

    id: str
    reference: str
    purpose: Purpose
    recipient_kind: RecipientKind
    to: str | None
    """The address; None for an enquirer whose enquiry was not heard yet."""
    language: Language
    cause: str
    """``ce_id`` of the event that it is about."""
    at: datetime
    """When it was made; the message's ``Date``."""
    message_id: str
    not_before: datetime
    round: int | None = None
    thread: str | None = None
    """``Message-ID`` of the first message of the thread; None if that is this one."""
    facts: Facts = NO_FACTS
    state: State = "queued"
    attempts: tuple[Attempt, ...] = ()
    claimed_by: str | None = None
    """The process that is sending it."""
    waits: int = 0
    """How often it was put off because the enquiry was not heard yet."""
    asked: int = 0
    """How often somebody asked again what became of it."""


def notice_id(event: str, purpose: Purpose, recipient: str) -> str:
    """The id that follows from event (its ``ce_id``), purpose and recipient, and names nobody."""
    digest = sha256(f"{event}\n{purpose}\n{recipient}".encode()).hexdigest()[:12]
    return f"{event.replace('/', '-')}-{purpose.replace('_', '-')}-{digest}"


def message_id(notice: str, domain: str) -> str:
    """The ``Message-ID`` of a notice; the same for every attempt."""
    return f"<{notice}@{domain}>"


def masked(text: str) -> str:
    """The text with each address in it as ``a…@example.org``."""
    return _ADDRESS.sub(r"\1…@\2", text)


def is_final(notice: Notice) -> bool:
    """Whether nothing more is going to be sent."""
    return notice.state in {"sent", "failed", "bounced"}


def may_have_arrived(notice: Notice) -> bool:
    """Whether the recipient may have got the message, or may be getting it now."""
    return any(attempt.outcome in {"sent", "unknown", "open"} for attempt in notice.attempts)


def pause_after(attempts: int) -> timedelta:
    """How long to wait before the next attempt: 5 seconds, doubling to 5 minutes."""
    doublings = min(max(attempts - 1, 0), _MOST_DOUBLINGS)
    return min(_FIRST_PAUSE * (1 << doublings), _LONGEST_PAUSE)


def pause_after_unknown(unknown_attempts: int) -> timedelta:
    """How long to wait after the n-th unknown outcome: each may be a copy, so 5 seconds, then fourfold, up to a day."""
    fourfolds = min(max(unknown_attempts - 1, 0), _MOST_DOUBLINGS)
    return min(_FIRST_PAUSE * (1 << 2 * fourfolds), _LONGEST_PAUSE_OF_UNKNOWN)


# --- transitions ------------------------------------------------------------------------------------------------------


def claimed(notice: Notice, by: str, to: str, at: datetime) -> Notice:
    """A process is about to send it to this address. Raises ``NotQueued``."""
    if notice.state != "queued":
        raise NotQueued(notice.id)
    attempt = Attempt(_next_number(notice), at, by)
    return replace(notice, state="sending", to=to, attempts=_kept((*notice.attempts, attempt)), claimed_by=by)


def sent(notice: Notice, n: int, by: str, at: datetime, answer: str) -> Notice:
    """The mail server took attempt ``n``. Raises ``NoSuchAttempt``."""
    return _ended(notice, n, by, at, "sent", answer, state="sent")


def refused(notice: Notice, n: int, by: str, at: datetime, code: int | None, answer: str) -> Notice:
    """The mail server will never take it. Raises ``NoSuchAttempt``."""
    return _ended(notice, n, by, at, "refused", answer, code=code, state="failed")


def later(notice: Notice, n: int, by: str, at: datetime, answer: str, not_before: datetime) -> Notice:
    """Attempt ``n`` came to nothing, for certain; another one may succeed. Raises ``NoSuchAttempt``."""
    return _ended(notice, n, by, at, "later", answer, state="queued", not_before=not_before)


def unknown(notice: Notice, n: int, by: str, at: datetime, why: str, not_before: datetime) -> Notice:
    """The message was handed over, and nobody heard the answer: it goes again. Raises ``NoSuchAttempt``."""
    return _ended(notice, n, by, at, "unknown", f"unknown: {why}", state="queued", not_before=not_before)


def taken_over(notice: Notice, from_: str, why: str, now: datetime) -> Notice:
    """The process that was sending it is gone, or does not know of it: what it did last is unknown."""
    if notice.state != "sending" or notice.claimed_by != from_:
        return notice
    return unknown(notice, notice.attempts[-1].n, from_, now, why, now)


def released(notice: Notice, by: str, why: str, now: datetime) -> Notice:
    """A claim is given back: the message was not handed over, for certain."""
    if notice.state != "sending" or notice.claimed_by != by:
        return notice
    return later(notice, notice.attempts[-1].n, by, now, f"not sent: {why}", now)


def withheld(notice: Notice, why: str, by: str, at: datetime) -> Notice:
    """What happened meanwhile makes it pointless, or wrong, to send it; or it cannot be written at all."""
    if notice.state != "queued":
        return notice
    attempt = Attempt(_next_number(notice), at, by, "withheld", f"not sent: {why}", ended_at=at)
    return replace(notice, state="failed", attempts=_kept((*notice.attempts, attempt)))


def put_off(notice: Notice, until: datetime) -> Notice:
    """What rendering needs is not known yet."""
    return replace(notice, not_before=until, waits=notice.waits + 1) if notice.state == "queued" else notice


def asked_again(notice: Notice) -> Notice:
    """The event that it is about was said again: whoever said it has not heard what became of it."""
    return replace(notice, asked=notice.asked + 1) if is_final(notice) else notice


def _ended(
    notice: Notice,
    n: int,
    by: str,
    at: datetime,
    outcome: Outcome,
    answer: str,
    *,
    state: State,
    code: int | None = None,
    not_before: datetime | None = None,
) -> Notice:
    """Attempt ``n`` has this end. An answer that comes after the claim was taken over is recorded all the same."""
    attempt = next((attempt for attempt in notice.attempts if (attempt.n, attempt.by) == (n, by)), None)
    if attempt is None:
        raise NoSuchAttempt(notice.id, n)
    told = replace(attempt, outcome=outcome, answer=masked(answer)[:_LONGEST_ANSWER], code=code, ended_at=at)
    if attempt.outcome == outcome or (attempt.outcome == "unknown" and outcome != "sent"):
        return notice
    attempts = tuple(told if each.n == n else each for each in notice.attempts)
    if is_final(notice) or any(each.outcome == "open" for each in attempts):
        return replace(notice, attempts=attempts)
    if any(each.outcome == "sent" for each in attempts):
        state = "sent"
    return replace(
        notice,
        attempts=attempts,
        state=state,
        claimed_by=None,
        not_before=not_before or notice.not_before,
    )


def _next_number(notice: Notice) -> int:
    return notice.attempts[-1].n + 1 if notice.attempts else 1


def _kept(attempts: tuple[Attempt, ...]) -> tuple[Attempt, ...]:
    """The first and the latest: a mailbox that is full for weeks must not fill the document."""
    return attempts if len(attempts) <= _MOST_ATTEMPTS_KEPT else (attempts[0], *attempts[2:])
