"""A light load: requests made beforehand, over a few connections that are kept open, each answer looked at.

It shares the machine's cores with whom it measures: nothing is built, encoded or parsed while the clock runs that could
be before.
"""

import asyncio
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from tests.bench.comparison import Wrong

CONNECTIONS = 32
_PATIENCE_S = 120.0
_IDLE_AT_MOST_S = 3.0
"""Servers close a connection that nobody uses for 5 s."""
_END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Load:
    """What became of each request, in their order; times in seconds of ``time.perf_counter``."""

    due: Sequence[float]
    """When it was sent; in an open loop, when it should have been."""
    answered: Sequence[float]
    """When its answer was complete."""
    cpu_s: float
    """Seconds of CPU that making the load took."""

    @property
    def waits(self) -> list[float]:
        """How long each answer took, in seconds."""
        return [answered - due for due, answered in zip(self.due, self.answered, strict=True)]

    @property
    def seconds(self) -> float:
        """From the first request until the last answer."""
        return max(self.answered) - min(self.due)


def post(url: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """The bytes of a request."""
    address = urlsplit(url)
    said = {"Host": address.netloc, "Content-Length": str(len(body)), **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in said.items())
    return f"POST {address.path} HTTP/1.1\r\n{lines}\r\n".encode("ascii") + body


async def closed_loop(url: str, requests: Sequence[bytes], connections: int = CONNECTIONS) -> Load:
    """As fast as they are answered: each connection sends its next request when it has the answer to its last.

    Raises ``Wrong`` unless every answer is a 202.
    """
    return await _measured(url, requests, connections, None)


async def open_loop(url: str, requests: Sequence[bytes], per_second: float) -> Load:
    """At this rate, whether or not they are answered; what finds no free connection waits, and the wait counts.

    Raises ``Wrong`` unless every answer is a 202.
    """
    connections = min(CONNECTIONS, max(1, int(per_second * _IDLE_AT_MOST_S)))
    return await _measured(url, requests, connections, per_second)


async def _measured(url: str, requests: Sequence[bytes], connections: int, per_second: float | None) -> Load:
    run = _Run(requests, per_second)
    loop, address = asyncio.get_running_loop(), urlsplit(url)
    pool = [
        cast("_Connection", (await loop.create_connection(lambda: _Connection(run), address.hostname, address.port))[1])
        for _ in range(connections)
    ]
    cpu_before = time.process_time()
    try:
        async with asyncio.timeout(_PATIENCE_S + (len(requests) / per_second if per_second else 0)):
            await run.through(pool)
    except TimeoutError:
        raise Wrong(f"{run.left} of {len(requests)} requests were not answered") from None
    finally:
        run.is_over = True
        for connection in pool:
            connection.transport.close()
    return Load(run.due, run.answered, time.process_time() - cpu_before)


class _Run:
    """Hands requests to whoever is free, in their order, none before it is due."""

    def __init__(self, requests: Sequence[bytes], per_second: float | None) -> None:
        self.left = len(requests)
        self.is_over = False
        self.due = [0.0] * len(requests)
        self.answered = [0.0] * len(requests)
        self._requests = requests
        self._per_second = per_second
        self._next = 0
        self._free: deque[_Connection] = deque()
        self._end = asyncio.get_running_loop().create_future()

    async def through(self, pool: Sequence["_Connection"]) -> None:
        """Until each request is answered."""
        began = time.perf_counter()
        if self._per_second is not None:
            self.due = [began + n / self._per_second for n in range(len(self._requests))]
        for connection in pool:
            self.free(connection)
        while self._per_second is not None and self._next < len(self._requests):
            await asyncio.sleep(max(0.0, self.due[self._next] - time.perf_counter()))
            while self._free and self._is_due():
                self._send(self._free.popleft())
            if not self._free:
                await asyncio.sleep(0.001)
        await self._end

    def free(self, connection: "_Connection") -> None:
        """Give the connection its next request, or keep it until there is one."""
        if self._is_due():
            self._send(connection)
        else:
            self._free.append(connection)

    def done(self, n: int) -> None:
        """Note that a request is answered."""
        self.answered[n] = time.perf_counter()
        self.left -= 1
        if not self.left and not self._end.done():
            self._end.set_result(None)

    def wrong(self, what: str) -> None:
        """Let the run end."""
        if not self._end.done() and not self.is_over:
            self._end.set_exception(Wrong(what))

    def _is_due(self) -> bool:
        if self._next == len(self._requests):
            return False
        return self._per_second is None or self.due[self._next] <= time.perf_counter()

    def _send(self, connection: "_Connection") -> None:
        n, self._next = self._next, self._next + 1
        if self._per_second is None:
            self.due[n] = time.perf_counter()
        connection.send(n, self._requests[n])


class _Connection(asyncio.Protocol):
    def __init__(self, run: _Run) -> None:
        self.transport: Any = None
        self._run = run
        self._n = -1
        self._said = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def send(self, n: int, request: bytes) -> None:
        self._n, self._said = n, b""
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._said += data
        head, ended, body = self._said.partition(_END_OF_HEAD)
        if not ended or len(body) < _length(head):
            return
        if not head.startswith(b"HTTP/1.1 202 "):
            self._run.wrong(f"answered with {self._said[:300]!r}")
        else:
            self._run.done(self._n)
            self._run.free(self)

    def connection_lost(self, _: Exception | None) -> None:
        self._run.wrong("a connection was closed")


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
