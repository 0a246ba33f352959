"""A mail server that takes everything, in a process of its own: as little work as the protocol allows, and a list.

The one that all contenders send to. It speaks ESMTP with PIPELINING (RFC 2920): answers in the order of the commands,
those of one packet in one packet. ``XCOUNT`` and ``XMAILS`` ask what came so far.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import uvloop

from deploy.local.answers import smtp_answers
from deploy.local.ports import free_ports
from tests.bench.worker import Worker


class Mail(NamedTuple):
    """A message that was taken."""

    at: float
    """``time.perf_counter()``, which is the same for all processes of a machine."""
    to: str
    message_id: str


class Sink(Worker):
    """The process; ``url`` says where it takes mail."""

    def __init__(self, folder: Path) -> None:
        (port,) = free_ports(1)
        super().__init__(folder, (sys.executable, "-m", "tests.bench.sink", str(port)), {}, lambda: smtp_answers(port))
        self.url = f"smtp://127.0.0.1:{port}"
        self._port = port
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def count(self) -> int:
        """How many messages were taken so far."""
        return int((await self._ask(b"XCOUNT")).split()[1])

    async def mails(self) -> list[Mail]:
        """All messages that were taken so far, in their order."""
        told = (await self._ask(b"XMAILS")).partition(b" ")[2]
        return [Mail(*each) for each in json.loads(told)]

    async def _ask(self, question: bytes) -> bytes:
        if self._line is None:
            self._line = await asyncio.open_connection("127.0.0.1", self._port, limit=2**30)
            await self._line[0].readline()
        reader, writer = self._line
        writer.write(question + _END)
        return await reader.readline()


_END, _DOT = b"\r\n", b"\r\n.\r\n"
_MESSAGE_ID = b"\r\nmessage-id:"
_OK = b"250 2.0.0 OK\r\n"
_ANSWERS = {
    **dict.fromkeys((b"HELO", b"MAIL", b"RCPT", b"RSET", b"NOOP"), _OK),
    b"EHLO": b"250-sink.example.org\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
    b"DATA": b"503 5.5.1 to whom?\r\n",
    b"QUIT": b"221 2.0.0 bye\r\n",
}


@dataclass(slots=True)
class _Box:
    mails: list[Mail]


class _Session(asyncio.Protocol):
    """One connection."""

    def __init__(self, box: _Box) -> None:
        self._mails = box.mails
        self._unread = b""
        self._in_message = False
        self._to = b""
        self._say: Callable[[bytes], None] = lambda _: None
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._say = transport, transport.write
        self._say(b"220 sink.example.org ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        unread = self._unread + data if self._unread else data
        answers = []
        while True:
            end = unread.find(_DOT) if self._in_message else unread.find(_END)
            if end < 0:
                break
            if self._in_message:
                answers.append(self._taken(unread[:end]))
                unread = unread[end + len(_DOT) :]
            else:
                answers.append(self._answer(unread[:end]))
                unread = unread[end + len(_END) :]
        self._unread = unread
        if answers:
            self._say(b"".join(answers))

    def _answer(self, line: bytes) -> bytes:
        match line[:4].upper():
            case b"RCPT":
                self._to = line.partition(b"<")[2].partition(b">")[0]
            case b"MAIL" | b"RSET":
                self._to = b""
            case b"DATA" if self._to:
                self._in_message = True
                return b"354 go on\r\n"
            case b"QUIT" if self._transport is not None:
                asyncio.get_running_loop().call_soon(self._transport.close)
            case b"XCOU":
                return b"250 %d\r\n" % len(self._mails)
            case b"XMAI":
                return b"250 " + json.dumps(self._mails).encode() + _END
        return _ANSWERS.get(line[:4].upper(), b"500 5.5.2 what?\r\n")

    def _taken(self, message: bytes) -> bytes:
        head = _END + message[: message.find(b"\r\n\r\n") + 2]
        where = head.lower().find(_MESSAGE_ID) + len(_MESSAGE_ID)
        id_ = head[where : head.find(_END, where)].strip()
        self._mails.append(Mail(time.perf_counter(), self._to.decode(), id_.decode()))
        self._in_message, self._to = False, b""
        return _OK


async def _serve(port: int) -> None:
    box = _Box([])
    server = await asyncio.get_running_loop().create_server(lambda: _Session(box), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
