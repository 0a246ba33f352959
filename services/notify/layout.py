"""A letter as plain text and as HTML: one column, plain words, one thing to do."""

import re
import textwrap
from dataclasses import dataclass
from functools import cache, lru_cache
from html import escape

_WIDTH = 74
_MOST_KEPT = 256


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Facts, each with its name."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """What somebody wrote, in their own lines."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Action:
    """The one thing to do next."""

    label: str
    url: str


Block = Paragraph | Table | Quote | Action


@dataclass(frozen=True, slots=True)
class Letter:
    """What a message says, before it looks like anything."""

    language: str
    subject: str
    greeting: str
    blocks: tuple[Block, ...]
    closing: tuple[str, ...]
    """Lines of the sign-off."""
    footer: tuple[str, ...]
    """Small print, one line each."""


class Fixed(str):
    """Lines that stand alike in many letters and name nobody: whoever encodes them may keep what they become."""

    __slots__ = ()


def as_text(letter: Letter) -> list[str]:
    """The letter in plain text, lines of at most 74 characters except for links and what people typed.

    In pieces that end with a line, some of them ``Fixed``.
    """
    footer = "\n".join([_wrapped(line) for line in letter.footer])
    blocks = [_text_of(block) for block in letter.blocks]
    return [f"{letter.greeting}\n", *blocks, _closing_text(letter.closing), f"\n-- \n{footer}\n"]


def as_html(letter: Letter) -> list[str]:
    """The letter in HTML that needs no picture, no script and no style sheet from elsewhere. In pieces, as the text."""
    return [
        _head(letter.language),
        f"<title>{_escaped(letter.subject)}</title>\n",
        _BEGINNING,
        f"<p>{_escaped(letter.greeting)}</p>\n",
        *[piece for block in letter.blocks for piece in _html_of(block)],
        _closing_html(letter.closing),
        ">" + "<br>\n".join([_linked(line) for line in letter.footer]) + "\n",
        _END,
    ]


def _text_of(block: Block) -> str:
    match block:
        case Paragraph(text):
            return _paragraph_text(text)
        case Table(rows):
            width = max([len(name) for name, _ in rows]) + 2
            return "\n" + "".join([f"{_row(name, value, width)}\n" for name, value in rows])
        case Quote(title, text):
            return f"\n{title}:\n\n" + "".join([f"{_quoted(line)}\n" for line in text.splitlines()])
        case Action(label, url):
            return f"\n{label}:\n{url}\n"


@lru_cache(_MOST_KEPT)
def _paragraph_text(text: str) -> Fixed:
    return Fixed(f"\n{_wrapped(text)}\n")


@lru_cache(_MOST_KEPT)
def _closing_text(lines: tuple[str, ...]) -> Fixed:
    return Fixed("".join(f"{line}\n" for line in ("", *lines)))


def _wrapped(text: str, first: str = "", others: str = "") -> str:
    """The text in lines that begin like this; only a word that is longer makes a line longer.

    Does what ``textwrap.fill`` does, which needs ten times as long.
    """
    if _RARE.search(text):
        return textwrap.fill(
            text,
            _WIDTH,
            initial_indent=first,
            subsequent_indent=others,
            break_long_words=False,
            break_on_hyphens=False,
        )
    lines = _lines_of(_WIDTH - len(first)).findall(text)
    return first + ("\n" + others).join(lines) if lines else ""


_RARE = re.compile(r"^ |[\t\n\v\f\r]")


@cache
def _lines_of(width: int) -> re.Pattern[str]:
    return re.compile(rf"[^ ](?:.{{0,{width - 2}}}[^ ])?(?![^ ])|[^ ]+")


def _row(name: str, value: str, width: int) -> str:
    return _wrapped(value, f"{name + ':':{width}}", " " * width)


def _quoted(line: str) -> str:
    return _wrapped(line, "| ", "| ") or "|"


def _html_of(block: Block) -> list[str]:
    match block:
        case Paragraph(text):
            return [_paragraph_html(text)]
        case Table(rows):
            cells = [piece for name, value in rows for piece in (_name(name), f">{_escaped(value)}</td></tr>\n")]
            return [_TABLE, *cells, _END_OF_TABLE]
        case Quote(title, text):
            lines = "<br>\n".join([_escaped(line) for line in text.splitlines()])
            return [_TITLE, f">{_escaped(title)}</p>\n", _QUOTE, f">{lines}</blockquote>\n"]
        case Action(label, url):
            to = _escaped(url)
            return [_BUTTON, f'href="{to}">{_escaped(label)}</a></p>\n', _SMALL, f">{to}</p>\n"]


@lru_cache(_MOST_KEPT)
def _paragraph_html(text: str) -> Fixed:
    return Fixed(f"<p>{_escaped(text)}</p>\n")


@lru_cache(_MOST_KEPT)
def _name(name: str) -> Fixed:
    return Fixed(f'<tr><th scope="row" style="{_NAME}">{_escaped(name)}</th><td style="{_VALUE}"\n')


@lru_cache(_MOST_KEPT)
def _closing_html(lines: tuple[str, ...]) -> Fixed:
    closing = "<br>\n".join(_escaped(line) for line in lines)
    return Fixed(f'<p style="margin-top:1.5em">{closing}</p>\n{_FOOTER}')


@lru_cache(_MOST_KEPT)
def _head(language: str) -> Fixed:
    return Fixed(_HEAD.format(language=_escaped(language)))


def _linked(line: str) -> str:
    """Small print, in which an address at the end of the line can be followed."""
    head, _, last = line.rpartition(" ")
    if not last.startswith(("https://", "http://")):
        return _escaped(line)
    return f'{_escaped(head)} <a href="{_escaped(last)}" style="color:#4a5568">{_escaped(last)}</a>'


def _escaped(text: str) -> str:
    return escape(text) if _SPECIAL.search(text) else text


_SPECIAL = re.compile("[&<>\"']")
_NAME = "text-align:left;vertical-align:top;padding:3px 16px 3px 0;color:#4a5568;font-weight:normal"
_VALUE = "vertical-align:top;padding:3px 0"
# A tag that is left open goes on in the next line.
_TABLE = Fixed('<table style="border-collapse:collapse;margin:1em 0">\n')
_END_OF_TABLE = Fixed("</table>\n")
_TITLE = Fixed('<p style="margin:1.25em 0 0.4em;font-weight:bold"\n')
_QUOTE = Fixed(
    '<blockquote style="margin:0 0 1em;padding:10px 14px;border-left:4px solid #cbd5e0;background:#f7fafc;'
    'overflow-wrap:anywhere"\n'
)
_BUTTON = Fixed(
    '<p style="margin:1.75em 0 0.5em"><a style="display:inline-block;background:#0b4a8f;color:#ffffff;'
    'text-decoration:none;font-weight:bold;padding:12px 22px;border-radius:4px"\n'
)
_SMALL = Fixed('<p style="margin:0 0 1.5em;font-size:13px;color:#4a5568;overflow-wrap:anywhere"\n')
_HEAD = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
"""
_BEGINNING = Fixed("""</head>
<body style="margin:0;padding:24px 16px;background:#ffffff;color:#1a202c;font:16px/1.5 Arial,Helvetica,sans-serif">
<div style="max-width:600px;margin:0 auto">
""")
_FOOTER = """<hr style="border:0;border-top:1px solid #e2e8f0;margin:1.5em 0 0.75em">
<p style="font-size:13px;color:#4a5568;overflow-wrap:anywhere"
"""
_END = Fixed("""</p>
</div>
</body>
</html>
""")
