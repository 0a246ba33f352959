"""One connection to a mail server, once it is made: commands out, and their answers in their order.

Where the server allows it (PIPELINING, RFC 2920), several commands leave together: a round trip less for each.
"""

import asyncio
import re
from collections import deque
from dataclasses import dataclass
from typing import Any

CLOSING = 421
_LONGEST_ANSWER = 32_768
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_LINE = re.compile(rb"(\d{3})(?:([ -])(.*))?")


class NoAnswer(Exception):
    """The server did not answer in time, or not as a mail server does, or hung up; the connection is closed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server says to one command."""

    code: int
    said: tuple[bytes, ...]
    """What follows the code, line by line."""

    @property
    def line(self) -> str:
        """All of it in one line, the code first."""
        return " ".join((str(self.code), *b" ".join(self.said).decode(errors="replace").split()))


class Line(asyncio.Protocol):
    """Takes a transport over whose server has answered all that was said so far."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._unread = b""
        self._lines: list[bytes] = []
        self._expected = 0
        self._answers: deque[Answer] = deque()
        self._waiting: asyncio.Future[None] | None = None
        self._broken: str | None = None
        transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        """Whether something can be said."""
        return self._broken is None and not self._transport.is_closing()

    def say(self, *commands: bytes) -> None:
        """Send these together; each gets an answer. Raises ``NoAnswer``, and ``ValueError`` for what is no command."""
        if any(_CONTROL.search(command) for command in commands):
            raise ValueError("a command holds a control character")
        self._send(b"\r\n".join((*commands, b"")), len(commands))

    def say_message(self, message: bytes) -> None:
        """Send a message, lines ending in CR LF, and the final dot. Raises ``NoAnswer``: then nothing was sent."""
        stuffed = message.replace(b"\r\n.", b"\r\n..")
        self._send((b"." if stuffed.startswith(b".") else b"") + stuffed + b".\r\n", 1)

    async def answer(self, within_s: float) -> Answer:
        """The next answer that has not been read yet. Raises ``NoAnswer``."""
        if not self._answers:
            if self._broken is not None:
                raise NoAnswer(self._broken)
            loop = asyncio.get_running_loop()
            self._waiting = loop.create_future()
            patience = loop.call_later(within_s, self._break, "no answer in time")
            try:
                await self._waiting
            finally:
                patience.cancel()
                self._waiting = None
        return self._answers.popleft()

    def close(self) -> None:
        """Close it at once."""
        self._break("the connection is closed")

    def data_received(self, data: bytes) -> None:
        """Called by the event loop."""
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            self._read(line.rstrip(b"\r"))
        if len(self._unread) + sum(map(len, self._lines)) > _LONGEST_ANSWER:
            self._break("its answer is too long")
        if self._answers and self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def connection_lost(self, _: Exception | None) -> None:
        """Called by the event loop."""
        self._break("the connection broke")

    def _send(self, said: bytes, answers: int) -> None:
        if not self.is_open:
            raise NoAnswer(self._broken or "the connection broke")
        self._expected += answers
        self._transport.write(said)

    def _read(self, line: bytes) -> None:
        match = _LINE.fullmatch(line)
        if match is None or not self._expected:
            return self._break("it said what is no answer")
        code, more, text = match.groups()
        self._lines.append(text or b"")
        if more != b"-":
            self._expected -= 1
            self._answers.append(Answer(int(code), tuple(self._lines)))
            self._lines.clear()
        return None

    def _break(self, why: str) -> None:
        self._broken = self._broken or why
        if not self._transport.is_closing():
            self._transport.close()
        if self._waiting is not None and not self._waiting.done():
            if self._answers:  # what was answered before counts
                self._waiting.set_result(None)
            else:
                self._waiting.set_exception(NoAnswer(self._broken))
