"""What Redis holds, asked in its own protocol: the product needs no Redis, so neither does its environment."""

import asyncio
from typing import Any
from urllib.parse import urlsplit


async def ask(url: str, *words: str) -> Any:
    """The answer to one command: a number, bytes, or a list of such."""
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        writer.write(f"{' '.join(words)}\r\n".encode())
        return await _answer(reader)
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> Any:
    line = (await reader.readline()).rstrip()
    kind, value = line[:1], line[1:]
    match kind:
        case b":":
            return int(value)
        case b"$":
            return (await reader.readexactly(int(value) + 2))[:-2]
        case b"*":
            return [await _answer(reader) for _ in range(int(value))]
        case _:
            raise ValueError(line.decode())
