"""A letter as plain text and as HTML: one column, plain words, one thing to do."""

import re
import textwrap
from dataclasses import dataclass
from functools import cache
from html import escape

_WIDTH = 74


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


def as_text(letter: Letter) -> str:
    """The letter in plain text, lines of at most 74 characters except for links and what people typed."""
    parts = [letter.greeting, *(_text_of(block) for block in letter.blocks)]
    parts += ["\n".join(letter.closing), "-- \n" + "\n".join(_wrapped(line) for line in letter.footer)]
    return "\n\n".join(parts) + "\n"


def as_html(letter: Letter) -> str:
    """The letter in HTML that needs no picture, no script and no style sheet from elsewhere."""
    body = "".join(_html_of(block) for block in letter.blocks)
    closing = "<br>\n".join(escape(line) for line in letter.closing)
    footer = "<br>\n".join(_linked(line) for line in letter.footer)
    return _HTML.format(
        language=escape(letter.language),
        subject=escape(letter.subject),
        greeting=escape(letter.greeting),
        body=body,
        closing=closing,
        footer=footer,
    )


def _text_of(block: Block) -> str:
    match block:
        case Paragraph(text):
            return _wrapped(text)
        case Table(rows):
            width = max(len(name) for name, _ in rows) + 2
            return "\n".join(_row(name, value, width) for name, value in rows)
        case Quote(title, text):
            return f"{title}:\n\n" + "\n".join(_quoted(line) for line in text.splitlines())
        case Action(label, url):
            return f"{label}:\n{url}"


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


def _html_of(block: Block) -> str:
    match block:
        case Paragraph(text):
            return f"<p>{escape(text)}</p>\n"
        case Table(rows):
            inner = "".join(
                f'<tr><th scope="row" style="{_NAME}">{escape(name)}</th>'
                f'<td style="{_VALUE}">{escape(value)}</td></tr>\n'
                for name, value in rows
            )
            return f'<table style="{_TABLE}">\n{inner}</table>\n'
        case Quote(title, text):
            lines = "<br>\n".join(escape(line) for line in text.splitlines())
            return f'<p style="{_TITLE}">{escape(title)}</p>\n<blockquote style="{_QUOTE}">{lines}</blockquote>\n'
        case Action(label, url):
            return (
                f'<p style="margin:1.75em 0 0.5em"><a href="{escape(url)}" style="{_BUTTON}">{escape(label)}</a></p>\n'
                f'<p style="{_SMALL}">{escape(url)}</p>\n'
            )


def _linked(line: str) -> str:
    """Small print, in which an address at the end of the line can be followed."""
    head, _, last = line.rpartition(" ")
    if not last.startswith(("https://", "http://")):
        return escape(line)
    return f'{escape(head)} <a href="{escape(last)}" style="color:#4a5568">{escape(last)}</a>'


_TABLE = "border-collapse:collapse;margin:1em 0"
_NAME = "text-align:left;vertical-align:top;padding:3px 16px 3px 0;color:#4a5568;font-weight:normal"
_VALUE = "vertical-align:top;padding:3px 0"
_TITLE = "margin:1.25em 0 0.4em;font-weight:bold"
_QUOTE = "margin:0 0 1em;padding:10px 14px;border-left:4px solid #cbd5e0;background:#f7fafc;overflow-wrap:anywhere"
_BUTTON = (
    "display:inline-block;background:#0b4a8f;color:#ffffff;text-decoration:none;font-weight:bold;"
    "padding:12px 22px;border-radius:4px"
)
_SMALL = "margin:0 0 1.5em;font-size:13px;color:#4a5568;overflow-wrap:anywhere"
_HTML = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{subject}</title>
</head>
<body style="margin:0;padding:24px 16px;background:#ffffff;color:#1a202c;font:16px/1.5 Arial,Helvetica,sans-serif">
<div style="max-width:600px;margin:0 auto">
<p>{greeting}</p>
{body}<p style="margin-top:1.5em">{closing}</p>
<hr style="border:0;border-top:1px solid #e2e8f0;margin:1.5em 0 0.75em">
<p style="font-size:13px;color:#4a5568;overflow-wrap:anywhere">{footer}</p>
</div>
</body>
</html>
"""
