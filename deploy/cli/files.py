"""Files of enquiries: JSON Lines, or CSV as spreadsheets write it, read one after the other with their line numbers."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from deploy.cli.flaws import BadLine, Flaw, half_characters

Document = dict[str, Any]

COLUMNS = (
    "business.name",
    "business.trade",
    "business.postal_code",
    "business.place",
    "business.employees",
    "business.member",
    "contact.name",
    "contact.email",
    "contact.phone",
    "contact.preferred",
    "contact.time",
    "topics",
    "text",
    "language",
    "consent",
)
"""What the columns of a CSV file are called."""

_DELIMITERS = (";", ",", "\t")
_YES = frozenset({"true", "yes", "ja", "wahr", "1", "x"})
_NO = frozenset({"false", "no", "nein", "falsch", "0"})
_OTHER_ENCODINGS = (b"\xff\xfe", b"\xfe\xff")


class BadFile(Exception):
    """The file as a whole cannot be read; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One enquiry of a file."""

    line: int
    """Where it begins, counted from 1."""
    text: str
    """As it stands in the file."""
    document: Document | BadLine
    """The enquiry as the API takes it, or why it cannot be read."""


def read(path: Path) -> Iterator[tuple[int, Document | BadLine]]:
    """The line number and the document of each enquiry, or why it cannot be read. Raises ``BadFile``."""
    return ((entry.line, entry.document) for entry in entries(path))


def entries(path: Path) -> Iterator[Entry]:
    """Each enquiry of a JSON Lines or CSV file; blank lines are passed over. Raises ``BadFile``."""
    return _csv_entries(path) if _is_csv(path) else _json_entries(path)


def count(path: Path) -> int:
    """How many enquiries the file holds, readable or not. Raises ``BadFile``."""
    return sum(1 for _ in entries(path))


def _is_csv(path: Path) -> bool:
    suffix = path.suffix.lower()
    if suffix in {".csv", ".tsv"}:
        return True
    if suffix in {".jsonl", ".ndjson", ".json"}:
        return False
    first = next((line for line in _lines(path) if line.strip()), "{")
    return not first.lstrip().startswith("{")


def _lines(path: Path) -> Iterator[str]:
    """The lines of the file; bytes that are no UTF-8 become lone surrogates, so that only their own line is bad."""
    try:
        with path.open("rb") as file:
            if file.read(2) in _OTHER_ENCODINGS:
                raise BadFile(f"{path} is not UTF-8. Save it with the encoding UTF-8.")
            file.seek(0)
            for number, raw in enumerate(file):
                line = raw.decode("utf-8", errors="surrogateescape")
                yield line.removeprefix("\ufeff") if number == 0 else line
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror}.") from error


def _json_entries(path: Path) -> Iterator[Entry]:
    for number, line in enumerate(_lines(path), start=1):
        text = line.strip()
        if text:
            yield Entry(number, text, _from_json(text))


def _from_json(text: str) -> Document | BadLine:
    if not _is_utf8(text):
        return BadLine(Flaw("", "not_utf8"))
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
        halves = tuple(half_characters(document))
    except json.JSONDecodeError as error:
        return BadLine(Flaw("", "not_json", {"at": error.colno}))
    except (ValueError, RecursionError):
        return BadLine(Flaw("", "not_json_at_all"))
    if not isinstance(document, dict):
        return BadLine(Flaw("", "not_an_object"))
    return BadLine(*halves) if halves else document


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _csv_entries(path: Path) -> Iterator[Entry]:
    taken: list[str] = []

    def remembered() -> Iterator[str]:
        for line in _lines(path):
            taken.append(line)
            yield line

    lines = remembered()
    delimiter, columns = _header(path, next(lines, ""))
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    line = 1
    while True:
        line += len(taken)
        taken.clear()
        row: list[str] | BadLine
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            row = BadLine(Flaw("", "not_csv"))
        text = "".join(taken)
        if isinstance(row, BadLine):
            yield Entry(line, text, row)
        elif any(cell.strip() for cell in row):
            yield Entry(line, text, _from_row(columns, row))


def _header(path: Path, line: str) -> tuple[str, list[str]]:
    named = {
        delimiter: [name.strip() for name in next(csv.reader([line], delimiter=delimiter), [])]
        for delimiter in _DELIMITERS
    }
    delimiter, columns = max(named.items(), key=lambda candidate: len(set(candidate[1]) & set(COLUMNS)))
    unknown = [name for name in columns if name not in COLUMNS]
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if not set(columns) & set(COLUMNS):
        raise BadFile(
            f"{path} is neither JSON Lines nor CSV with a header. Its first line must name the columns, separated by "
            f"';' or ',': {', '.join(COLUMNS)}."
        )
    flaws = []
    if unknown:
        names = ", ".join(map(repr, unknown))
        flaws.append(f"{path} has columns that are not known: {names}. Known are: {', '.join(COLUMNS)}.")
    if twice:
        flaws.append(f"{path} has a column twice: {', '.join(twice)}. Remove one of the two.")
    if flaws:
        raise BadFile("\n".join(flaws))
    return delimiter, columns


def _from_row(columns: list[str], row: list[str]) -> Document | BadLine:
    if not all(map(_is_utf8, row)):
        return BadLine(Flaw("", "not_utf8"))
    if len(row) != len(columns):
        return BadLine(Flaw("", "cells", {"has": len(row), "wanted": len(columns)}))
    document: Document = {}
    for column, cell in zip(columns, row, strict=True):
        value = cell.strip()
        if not value:
            continue
        part, _, field = column.rpartition(".")
        (document.setdefault(part, {}) if part else document)[field] = _cell(column, value)
    return document


def _cell(column: str, value: str) -> object:
    if column == "topics":
        for separator in "|,;":
            value = value.replace(separator, " ")
        return value.split()
    if column == "consent":
        word = value.lower()
        return True if word in _YES else False if word in _NO else value
    return value


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
