"""A message as bytes: put together by hand from headers and two texts; the library needs fifty times as long.

Headers follow RFC 5322 and RFC 2047; the body is ``multipart/alternative`` in quoted-printable. Nothing that a person
typed can begin a header of its own: control characters in a header are refused.
"""

import base64
import re
from binascii import b2a_qp
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256

from services.notify.layout import Fixed

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NOT_IN_AN_ADDRESS = re.compile("[ <>,;]")
_PLAIN = re.compile(r"[\x20-\x7e]*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_LONGEST_LINE = 76
_OCTETS_A_WORD = 42
"""56 characters of base 64; with ``=?utf-8?B?`` and ``?=`` an encoded word has 68, and may have 75 (RFC 2047)."""
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
_MOST_KEPT = 256


class Unwritable(Exception):
    """A header's value cannot stand in a header."""


@dataclass(frozen=True, slots=True)
class Message:
    """Everything that a message says."""

    sender: str
    """Address."""
    sender_name: str
    to: str
    """Address."""
    subject: str
    date: datetime
    message_id: str
    text: Sequence[str]
    """In pieces that end with a line; those that are ``Fixed`` are encoded once."""
    html: Sequence[str]
    """As the text."""
    language: str
    reply_to: str | None = None
    thread: str | None = None
    """``Message-ID`` of the thread's first message, if that is another one."""


def composed(message: Message) -> bytes:
    """The bytes of the message, lines ending in CR LF. The same message gives the same bytes. Raises ``Unwritable``."""
    # "=_" never stands in quoted-printable.
    boundary = "=_" + sha256(_one_line(message.message_id).encode()).hexdigest()[:24]
    headers = [
        ("From", _from(message.sender_name, message.sender)),
        ("To", _address(message.to)),
        *([("Reply-To", _address(message.reply_to))] if message.reply_to else []),
        ("Subject", _words("Subject", message.subject)),
        ("Date", _date(message.date)),
        ("Message-ID", message.message_id),
        *([("In-Reply-To", _one_line(message.thread)), ("References", message.thread)] if message.thread else []),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
        ("Content-Language", message.language),
        ("MIME-Version", "1.0"),
        ("Content-Type", f'multipart/alternative; boundary="{boundary}"'),
    ]
    head = "".join([f"{name}: {value}\r\n" for name, value in headers]).encode()
    opening = f"--{boundary}\r\n".encode()
    return b"".join(
        (
            head,
            b"\r\n",
            opening,
            _PART_HEAD % b"plain",
            *map(_piece, message.text),
            b"\r\n",  # belongs to the boundary that follows
            opening,
            _PART_HEAD % b"html",
            *map(_piece, message.html),
            b"\r\n",
            f"--{boundary}--\r\n".encode(),
        )
    )


_PART_HEAD = (
    b"Content-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
    b"Content-Disposition: inline\r\n\r\n"
)


def _piece(text: str) -> bytes:
    return _fixed_piece(text) if type(text) is Fixed else _quoted_printable(text)


def _quoted_printable(text: str) -> bytes:
    """The text in lines of at most 76 characters."""
    lines = _encoded(text).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    encoded = b2a_qp(lines, quotetabs=False, istext=True, header=False)
    return encoded.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


_fixed_piece = lru_cache(_MOST_KEPT)(_quoted_printable)


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _LONE_SURROGATE.sub("\ufffd", text).encode()


def _one_line(value: str) -> str:
    if _CONTROL.search(value):
        raise Unwritable("a header holds a control character")
    return value


def _address(value: str) -> str:
    if not value or _NOT_IN_AN_ADDRESS.search(value):
        raise Unwritable("not an address")
    return _one_line(value)


@lru_cache(_MOST_KEPT)
def _from(name: str, address: str) -> str:
    phrase = _one_line(name) if _ATOMS.fullmatch(name) else _words("From", name, always=True)
    return f"{phrase} <{_address(address)}>"


@lru_cache(_MOST_KEPT)
def _date(at: datetime) -> str:
    return format_datetime(at)


def _words(header: str, value: str, *, always: bool = False) -> str:
    """A header's free text, folded; in encoded words where ASCII does not do."""
    plain = _PLAIN.fullmatch(_one_line(value)) is not None and "=?" not in value
    if plain and not always:
        return _folded(header, value.split(" "))
    return "\r\n ".join(f"=?utf-8?B?{base64.b64encode(part).decode()}?=" for part in _parts(value))


def _parts(value: str) -> Iterable[bytes]:
    """The text in pieces that do not cut a character in two."""
    piece = b""
    for character in value:
        octets = character.encode()
        if len(piece) + len(octets) > _OCTETS_A_WORD:
            yield piece
            piece = b""
        piece += octets
    yield piece


def _folded(header: str, words: list[str]) -> str:
    lines, length = [words[0]], len(header) + 2 + len(words[0])
    for word in words[1:]:
        if word and length + 1 + len(word) > _LONGEST_LINE:
            lines.append("\r\n " + word)
            length = 1 + len(word)
        else:
            lines.append(" " + word)
            length += 1 + len(word)
    return "".join(lines)
