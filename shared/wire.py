"""How answers leave: in one piece, though uvicorn writes their head and their body one after the other."""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Protocol(HttpToolsProtocol):
    """uvicorn's, with half the calls of the system and half the awakenings of who waits for the answer."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to speak through a transport that joins what is written."""
        super().connection_made(cast("asyncio.Transport", _Joining(transport)))


class _Joining:
    """Writes, once a turn of the event loop, what was written in it."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._waiting: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._waiting:
            waiting, self._waiting = b"".join(self._waiting), []
            self._transport.write(waiting)
