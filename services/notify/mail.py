"""How a message leaves: a few reused connections to one mail server, and what its answers mean.

The final dot divides: before it, whatever goes wrong means later, or never; after it, without an answer, nobody knows.
"""

import asyncio
import random
import socket
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib
import structlog
from aiosmtplib import SMTPException, SMTPServerDisconnected

from services.notify import metrics
from services.notify.smtp import CLOSING, Answer, Line, NoAnswer

log = structlog.get_logger()

_OK = range(200, 300)
_LATER = range(400, 500)
_GO_ON = 354
_AGREED = (_OK, _OK, (_GO_ON,))
"""What MAIL, RCPT and DATA are answered with where nothing is against it."""
_DATA = b"DATA"
_NOT_OURS = "not sent: another process may have it by now"
_CANNOT_ADDRESS = 553
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
_ASK_AGAIN_AFTER_S = 10.0
_SOON_S = 0.25
_MOST_SOON = 120
_PACE_OVER = 8
"""Of so many messages."""


class Away(Exception):
    """There is no connection to the mail server now; nothing was handed over."""


class BadMailUrl(ValueError):
    """This does not name a mail server."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The server took the message."""

    answer: str


@dataclass(frozen=True, slots=True)
class Later:
    """Not now, and certainly not taken."""

    answer: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Never."""

    code: int | None
    answer: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The message was handed over whole, and no answer came."""

    why: str


Outcome = Sent | Later | Refused | Unknown


@dataclass(frozen=True, slots=True)
class MailUrl:
    """Where the mail server is: ``smtp://user:password@host:port?starttls``, or ``smtps://``."""

    host: str
    port: int
    tls: bool
    """From the first byte."""
    starttls: bool
    """Before anything else is said; refused where the server cannot."""
    user: str | None
    password: str | None

    @classmethod
    def parsed(cls, url: str) -> "MailUrl":
        """Raises ``BadMailUrl`` with a sentence."""
        parts = urlsplit(url)
        query = parse_qs(parts.query, keep_blank_values=True)
        tls, starttls = parts.scheme == "smtps", "starttls" in query
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise BadMailUrl("a mail server is written smtp://host:port or smtps://host:port")
        if set(query) - {"starttls"} or (tls and starttls):
            raise BadMailUrl("only smtp:// may be followed by ?starttls, and nothing else")
        try:
            port = parts.port
        except ValueError as error:
            raise BadMailUrl("the mail server's port is a number from 1 to 65535") from error
        return cls(
            host=parts.hostname,
            port=port or (465 if tls else 587 if starttls else 25),
            tls=tls,
            starttls=starttls,
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds; those of RFC 5321, section 4.5.3.2, except for ``connect`` and ``idle``."""

    connect: float = 30.0
    """From the first packet to the answer to EHLO or AUTH."""
    command: float = 300.0
    data: float = 120.0
    dot: float = 600.0
    idle: float = 10.0
    """Longer unused, a connection is closed instead of used again."""


PATIENT: Final = Patience()


class Post:
    """At most so many connections to the mail server; while it is away, one process knocks once in a while."""

    def __init__(
        self, url: MailUrl, *, at_most: int = 8, mails_a_connection: int = 100, patience: Patience = PATIENT
    ) -> None:
        self.at_most = at_most
        self._url = url
        self._mails_a_connection = mails_a_connection
        self._patience = patience
        self._free = asyncio.Semaphore(at_most)
        self._idle: list[_Connection] = []
        self._in_use = 0
        self._pace_s = _SOON_S * at_most
        """How long a connection was needed for a message, lately."""
        self._knocking = asyncio.Lock()
        self._failures = 0
        self._closed_until = 0.0
        self._trouble: str | None = None
        self._refuses_us = False
        self._asked_at = -_ASK_AGAIN_AFTER_S

    @property
    def is_suspect(self) -> bool:
        """Whether the last thing heard of the server was trouble: then one mail is tried, not many."""
        return self._failures > 0

    @property
    def opens_in_s(self) -> float:
        """Seconds until it makes sense to try; 0 if it does now."""
        return max(0.0, self._closed_until - time.monotonic())

    @property
    def soon(self) -> int:
        """How many more messages than there are connections can be handed over within a moment, as it goes now."""
        if self.is_suspect or not (self._in_use or self._idle):
            return 0
        return min(_MOST_SOON, int(self.at_most * _SOON_S / self._pace_s))

    @asynccontextmanager
    async def connection(self, within_s: float | None = None) -> "AsyncIterator[_Connection]":
        """A connection to hand one message over. ``within_s``: how long to wait for a free one. Raises ``Away``."""
        if self._free.locked():
            await self._wait_for_a_free_one(within_s)
        else:
            await self._free.acquire()
        try:
            connection = await self._take()
            self._in_use += 1
            began = time.monotonic()
            try:
                yield connection
            finally:
                self._in_use -= 1
                self._pace_s += (time.monotonic() - began - self._pace_s) / _PACE_OVER
                self._put_back(connection)
        finally:
            self._free.release()

    async def _wait_for_a_free_one(self, within_s: float | None) -> None:
        try:
            async with asyncio.timeout(within_s):
                await self._free.acquire()
        except TimeoutError:
            self._pace_s = max(self._pace_s, within_s or 0)
            raise Away("all connections to the mail server are busy") from None

    async def check(self) -> str | None:
        """For ``/healthz``: None if the mail server answers, else what is wrong."""
        if time.monotonic() - self._asked_at > _ASK_AGAIN_AFTER_S and not self._free.locked() and not self.opens_in_s:
            with suppress(Away, TimeoutError):
                async with asyncio.timeout(3), self.connection() as connection:
                    await connection.ask()
        return self._trouble

    async def close(self) -> None:
        """Say goodbye to the server."""
        idle, self._idle = self._idle, []
        await asyncio.gather(*(connection.quit() for connection in idle))

    async def _take(self) -> "_Connection":
        if self.is_suspect:
            async with self._knocking:
                return await self._idle_or_new()
        return await self._idle_or_new()

    async def _idle_or_new(self) -> "_Connection":
        if self.opens_in_s:
            raise Away(self._trouble or "the mail server is away")
        while self._idle:
            connection = self._idle.pop()
            if connection.is_usable(self._patience.idle, self._mails_a_connection):
                return connection
            connection.close()
        return await self._new()

    async def _new(self) -> "_Connection":
        url = self._url
        client = aiosmtplib.SMTP(
            hostname=url.host,
            port=url.port,
            username=url.user,
            password=url.password,
            use_tls=url.tls,
            start_tls=url.starttls,
            local_hostname=_our_name(),
            timeout=self._patience.connect,
        )
        try:
            async with asyncio.timeout(self._patience.connect):
                await client.connect()
                await client.ehlo()
        except (SMTPException, OSError, TimeoutError, ValueError) as error:
            client.close()
            self._note_trouble(f"no connection: {_told(error)}")
            raise Away(self._trouble) from error
        except asyncio.CancelledError:
            client.close()
            raise
        if not self._refuses_us:
            self.note_well()
        return _Connection(Line(client.transport), self._patience, self.note_well, client.esmtp_extensions)

    def _put_back(self, connection: "_Connection") -> None:
        if connection.trouble is not None:
            self._note_trouble(connection.trouble, refuses_us=True)
        if connection.is_usable(self._patience.idle, self._mails_a_connection):
            self._idle.append(connection)
        else:
            connection.close()

    def _note_trouble(self, reason: str, *, refuses_us: bool = False) -> None:
        """Knock again after a pause that grows to 30 s. Several failures at the same time count once."""
        if not self.opens_in_s:
            pause = min(_FIRST_PAUSE_S * 2 ** min(self._failures, 10), _LONGEST_PAUSE_S)
            self._closed_until = time.monotonic() + pause * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
            self._failures += 1
            log.warning("mail_server_away", reason=reason, pause_s=round(self.opens_in_s, 1))
        self._trouble = f"the mail server {self._url.host}:{self._url.port}: {reason}"
        self._refuses_us, self._asked_at = refuses_us, time.monotonic()
        metrics.smtp_up.set(0)

    def note_well(self) -> None:
        """The server takes mail from us."""
        self._failures, self._closed_until, self._trouble = 0, 0.0, None
        self._refuses_us, self._asked_at = False, time.monotonic()
        metrics.smtp_up.set(1)


class _Connection:
    """One connection, in the hands of one sender at a time."""

    def __init__(
        self, line: Line, patience: Patience, note_well: Callable[[], None], extensions: Collection[str]
    ) -> None:
        self._line = line
        self._note_well = note_well
        self._patience = patience
        self._together = "pipelining" in extensions
        self._utf8 = "smtputf8" in extensions
        self._used_at = time.monotonic()
        self._mails = 0
        self._in_the_middle = False
        self.trouble: str | None = None
        """What the server said about us, not about a message."""

    def is_usable(self, idle_s: float, mails: int) -> bool:
        """Whether another message may go through it."""
        return (
            self._line.is_open
            and not self._in_the_middle
            and self.trouble is None
            and self._mails < mails
            and time.monotonic() - self._used_at < idle_s
        )

    async def ask(self) -> None:
        """Ask the server for a sign of life."""
        try:
            await self._ask(b"NOOP", within_s=self._patience.connect)
        except NoAnswer as failure:
            self.trouble = str(failure)

    async def deliver(
        self, sender: str, to: str, message: bytes, may_go_on: Callable[[], bool] = lambda: True
    ) -> Outcome:
        """Hand a message over; cancelled, the connection is never used again. ``may_go_on`` is asked before the dot."""
        self._in_the_middle = True
        self._mails += 1
        began = time.monotonic()
        try:
            outcome = await self._hand_over(sender, to, message, may_go_on)
        except NoAnswer as failure:  # before the dot: nothing was taken
            outcome = Later(str(failure))
        self._used_at = time.monotonic()
        metrics.smtp_seconds.observe(self._used_at - began)
        return outcome

    async def _hand_over(self, sender: str, to: str, message: bytes, may_go_on: Callable[[], bool]) -> Outcome:
        try:
            commands = self._commands(sender, to)
        except UnicodeError:
            self._in_the_middle = False
            return Refused(_CANNOT_ADDRESS, "this mail server cannot take such an address")
        if self._together:
            self._line.say(*commands)
        for n, command in enumerate(commands):
            if not self._together:
                if command == _DATA and not may_go_on():
                    return await self._reset(Later(_NOT_OURS))
                self._line.say(command)
            answer = await self._heard(command)
            if answer.code not in _AGREED[n]:
                return await self._not_agreed(command, answer, commands[n + 1 :] if self._together else ())
            if n == 0:
                self._note_well()
        if not may_go_on():
            self.close()  # without the dot nothing is taken
            return Later(_NOT_OURS)
        return await self._hand_over_data(message)

    def _commands(self, sender: str, to: str) -> tuple[bytes, bytes, bytes]:
        """MAIL, RCPT and DATA. Raises ``UnicodeError`` where the server cannot take the address."""
        plain = to.partition("@")[0].isascii()
        if not plain and not self._utf8:
            raise UnicodeError
        options = b"" if plain else b" SMTPUTF8"
        return (
            b"MAIL FROM:<" + _path(sender).encode() + b">" + options,
            b"RCPT TO:<" + _path(to).encode() + b">",
            _DATA,
        )

    async def _not_agreed(self, command: bytes, answer: Answer, said_already: Sequence[bytes]) -> Outcome:
        if command.startswith(b"MAIL"):  # this is about us: no recipient was named yet
            self.trouble = f"it does not take mail from us: {answer.line}"
            return Later(answer.line)
        with suppress(NoAnswer):
            for other in said_already:
                if (await self._heard(other)).code == _GO_ON:
                    self.close()  # it waits for a message to nobody: without the dot nothing is taken
        return await self._reset(_verdict(answer))

    async def _hand_over_data(self, message: bytes) -> Outcome:
        self._line.say_message(message)
        try:
            answer = await self._heard(b".", within_s=self._patience.dot)
        except NoAnswer as failure:
            return Unknown(str(failure))
        self._in_the_middle = False
        return Sent(answer.line) if answer.code in _OK else _verdict(answer)

    async def _reset(self, outcome: Outcome) -> Outcome:
        """Forget the message that was begun; a connection on which that fails is not used again."""
        if self._line.is_open and self.trouble is None:
            with suppress(NoAnswer):
                answer = await self._ask(b"RSET", within_s=self._patience.connect)
                self._in_the_middle = answer.code not in _OK
        return outcome

    async def _ask(self, command: bytes, within_s: float) -> Answer:
        self._line.say(command)
        return await self._heard(command, within_s)

    async def _heard(self, command: bytes, within_s: float | None = None) -> Answer:
        """The answer to this command. Raises ``NoAnswer``, after which the connection is closed."""
        usual_s = self._patience.data if command == _DATA else self._patience.command
        try:
            answer = await self._line.answer(within_s or usual_s)
        except NoAnswer as failure:
            what = "the end of the message" if command == b"." else command.partition(b" ")[0].decode()
            raise NoAnswer(f"no answer to {what}: {failure}") from failure
        if answer.code == CLOSING:
            self.trouble = f"it closes the connection: {answer.line}"
        return answer

    async def quit(self) -> None:
        """Close it as the protocol wants it, or just so."""
        with suppress(NoAnswer):
            await self._ask(b"QUIT", within_s=2)
        self.close()

    def close(self) -> None:
        """Close it at once."""
        self._line.close()


def _verdict(answer: Answer) -> Later | Refused:
    return Later(answer.line) if answer.code in _LATER or answer.code in _OK else Refused(answer.code, answer.line)


def _told(error: BaseException) -> str:
    if isinstance(error, SMTPServerDisconnected):
        return "the connection broke"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return " ".join(str(error).split()) or type(error).__name__


def _path(address: str) -> str:
    """The address as the envelope has it: a domain with umlauts as DNS has it. Raises ``UnicodeError``."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode()}"


def _our_name() -> str:
    name = socket.gethostname()
    return name if "." in name else "[127.0.0.1]"
