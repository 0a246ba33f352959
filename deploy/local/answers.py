"""Does a server answer? Each is asked in its own protocol: a port that can be connected to proves little."""

import socket
import struct
import urllib.error
import urllib.request


def _ask(port: int, question: bytes, timeout: float) -> bytes:
    """The first bytes of the answer, or none."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout) as connection:
            connection.settimeout(timeout)
            connection.sendall(question)
            return connection.recv(512)
    except OSError:
        return b""


def kafka_answers(port: int, timeout: float = 1.0) -> bool:
    """Does a broker tell its API versions? ``timeout`` in seconds."""
    api_versions = struct.pack(">hhih", 18, 0, 1, -1)
    answer = _ask(port, struct.pack(">i", len(api_versions)) + api_versions, timeout)
    return answer[4:10] == struct.pack(">ih", 1, 0)


def mongodb_answers(port: int, timeout: float = 1.0) -> bool:
    """Does a mongod answer a ping? ``timeout`` in seconds."""
    elements = b"\x10ping\x00" + struct.pack("<i", 1) + b"\x02$db\x00" + struct.pack("<i", 6) + b"admin\x00"
    ping = struct.pack("<i", 4 + len(elements) + 1) + elements + b"\x00"
    message = struct.pack("<iB", 0, 0) + ping
    answer = _ask(port, struct.pack("<iiii", 16 + len(message), 1, 0, 2013) + message, timeout)
    return b"\x01ok\x00" + struct.pack("<d", 1.0) in answer


def smtp_answers(port: int, timeout: float = 1.0) -> bool:
    """Does a mail server greet? ``timeout`` in seconds."""
    return _ask(port, b"", timeout).startswith(b"220")


def http_answers(url: str, timeout: float = 1.0) -> bool:
    """Does this address answer with success? ``timeout`` in seconds."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:  # noqa: S310 - the address is ours
            return bool(answer.status < 400)  # noqa: PLR2004
    except (urllib.error.URLError, OSError, ValueError):
        return False
