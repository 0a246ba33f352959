"""A real SMTP server for tests that does as it is told: takes, refuses, dawdles, hangs up, goes away and comes back."""

import asyncio
import email
import email.policy
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any, Literal

from aiosmtpd.smtp import SMTP

Phase = Literal["greeting", "MAIL", "RCPT", "DATA", "dot"]
"""Before which answer something happens: ``DATA`` is the answer 354, ``dot`` the one to the whole message."""


@dataclass(slots=True)
class Trick:
    """Something to do instead of answering as usual."""

    phase: Phase
    times: int | None = None
    """How often; None: until it is undone."""
    to: str | None = None
    """Only for mail to this address (from ``RCPT`` on)."""
    answer: str | None = None
    """Say this instead, ``550 no such user``."""
    seconds: float = 0.0
    """Wait so long before."""
    hang_up: bool = False
    until: threading.Event | None = None
    """Wait for this before."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that the server took: it keeps it even if it hung up before it said so."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    at: float
    """``time.monotonic()``."""
    message: EmailMessage = field(repr=False)


class MailServer:
    """Runs in a thread of its own; stopped and started again it has the same port and the mails it took."""

    def __init__(self, *, pipelining: bool = False) -> None:
        self.pipelining = pipelining
        """Whether it lets clients say several things before it answers."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"smtp://127.0.0.1:{self.port}"
        self.taken: list[Taken] = []
        self.tricks: list[Trick] = []
        self.answers: Counter[Phase] = Counter()
        """How many were given, ever, by what was asked."""
        self.connections = 0
        """How many were made, ever."""
        self.open_now = 0
        self.most_open = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._clients: set[_Session] = set()

    @property
    def mails(self) -> list[EmailMessage]:
        """The messages taken, parsed, in their order."""
        return [taken.message for taken in self.taken]

    def mails_to(self, address: str) -> list[EmailMessage]:
        """The messages that were taken for an address."""
        return [taken.message for taken in self.taken if address in taken.recipients]

    # --- what it is told ----------------------------------------------------------------------------------------------

    def refuse(self, phase: Phase, answer: str, *, times: int | None = None, to: str | None = None) -> Trick:
        """Answer like this, ``451 try later``; ``phase="greeting"`` refuses whole connections."""
        return self._play(Trick(phase, times, to, answer=answer))

    def dawdle(self, phase: Phase, seconds: float, *, times: int | None = None, to: str | None = None) -> Trick:
        """Answer late; at ``dot``, the message counts as taken from the beginning of the wait."""
        return self._play(Trick(phase, times, to, seconds=seconds))

    def hang_up(self, phase: Phase, *, times: int | None = None, to: str | None = None) -> Trick:
        """Cut the connection instead of answering; at ``dot``, the message is taken all the same."""
        return self._play(Trick(phase, times, to, hang_up=True))

    def hold(self, phase: Phase, *, times: int | None = None, to: str | None = None) -> Trick:
        """Do not answer until ``release``."""
        return self._play(Trick(phase, times, to, until=threading.Event()))

    def release(self, trick: Trick) -> None:
        """Answer what is being held, and hold nothing more."""
        self.undo(trick)
        if trick.until is not None:
            trick.until.set()

    def undo(self, trick: Trick) -> None:
        """Answer as usual again."""
        if trick in self.tricks:
            self.tricks.remove(trick)

    def _play(self, trick: Trick) -> Trick:
        self.tricks.append(trick)
        return trick

    # --- running ------------------------------------------------------------------------------------------------------

    def start(self) -> "MailServer":
        """Listen, and return when it does."""
        assert self._thread is None, "already running"
        listening = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, args=(self._loop, listening), daemon=True)
        self._thread.start()
        assert listening.wait(10), "the mail server did not start"
        return self

    def stop(self) -> None:
        """Cut all connections and refuse new ones. No harm if it does not run."""
        if self._thread is None or self._loop is None:
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._thread = self._loop = None

    def _run(self, loop: asyncio.AbstractEventLoop, listening: threading.Event) -> None:
        asyncio.set_event_loop(loop)
        server = loop.run_until_complete(
            loop.create_server(lambda: _Session(self, loop), "127.0.0.1", self.port, reuse_address=True)
        )
        listening.set()
        loop.run_forever()
        loop.run_until_complete(self._end(server))
        loop.close()

    async def _end(self, server: asyncio.Server) -> None:
        server.close()
        for client in tuple(self._clients):
            client.cut()
        await asyncio.sleep(0)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0.01)

    def opened(self, client: "_Session") -> None:
        """A client has connected."""
        self._clients.add(client)
        self.connections += 1
        self.open_now += 1
        self.most_open = max(self.most_open, self.open_now)

    def closed(self, client: "_Session") -> None:
        """A client is gone."""
        self._clients.discard(client)
        self.open_now -= 1

    def trick_at(self, phase: Phase, recipients: tuple[str, ...]) -> Trick | None:
        """What to do before this answer, if anything was told; counts both."""
        self.answers[phase] += 1
        for trick in self.tricks:
            if trick.phase == phase and (trick.to is None or trick.to in recipients):
                if trick.times is not None:
                    trick.times -= 1
                    if trick.times == 0:
                        self.tricks.remove(trick)
                return trick
        return None

    def take(self, envelope: Any) -> None:
        """Keep a message."""
        content = bytes(envelope.original_content)
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        recipients = tuple(envelope.rcpt_tos)
        self.taken.append(Taken(envelope.mail_from, recipients, content, time.monotonic(), message))


class _Session(SMTP):
    """One connection."""

    def __init__(self, server: MailServer, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(self, enable_SMTPUTF8=True, hostname="mail.example.org", loop=loop)
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._server.opened(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._server.closed(self)
        super().connection_lost(error)

    def cut(self) -> None:
        """Close the connection without a word."""
        if self.transport is not None:
            self.transport.abort()

    async def _handle_client(self) -> None:
        if not await self._tricked("greeting", ()):
            await super()._handle_client()
        elif self.transport is not None:
            self.transport.close()

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802 - named by aiosmtpd
        await self._unless_tricked("MAIL", (), super().smtp_MAIL, arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802 - named by aiosmtpd
        to = (arg or "").partition("<")[2].partition(">")[0]
        await self._unless_tricked("RCPT", (to,), super().smtp_RCPT, arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - named by aiosmtpd
        await self._unless_tricked("DATA", tuple(self.envelope.rcpt_tos), super().smtp_DATA, arg)

    async def handle_EHLO(  # noqa: N802 - named by aiosmtpd
        self, _: Any, session: Any, __: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [responses[0], *(["250-PIPELINING"] if self._server.pipelining else []), *responses[1:]]

    async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:  # noqa: N802 - named by aiosmtpd
        trick = self._server.trick_at("dot", tuple(envelope.rcpt_tos))
        if trick is None or trick.answer is None or trick.answer.startswith("2"):
            self._server.take(envelope)
        if trick is not None:
            await self._pause(trick)
            if trick.hang_up:
                self.cut()
            if trick.answer is not None:
                return trick.answer
        return f"250 2.0.0 taken as number {len(self._server.taken)}"

    async def _unless_tricked(
        self, phase: Phase, recipients: tuple[str, ...], usual: Callable[..., Any], arg: Any
    ) -> None:
        if not await self._tricked(phase, recipients):
            await usual(arg)

    async def _tricked(self, phase: Phase, recipients: tuple[str, ...]) -> bool:
        """Whether the answer was given, or will never be."""
        trick = self._server.trick_at(phase, recipients)
        if trick is None:
            return False
        await self._pause(trick)
        if trick.hang_up:
            self.cut()
            return True
        if trick.answer is not None:
            await self.push(trick.answer)
        return trick.answer is not None

    async def _pause(self, trick: Trick) -> None:
        if trick.seconds:
            await asyncio.sleep(trick.seconds)
        while trick.until is not None and not trick.until.is_set():
            await asyncio.sleep(0.01)
