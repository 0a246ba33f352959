"""YAML that people write, read with every flaw named at once: its line, its field, and what to do about it."""

import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

import yaml

_LARGE = 1_000_000
"""Bytes, from which on a file is read by the YAML library's part in C: seconds for a directory of 100,000 receivers and
not minutes, but it says less well what is no YAML."""
_LONGEST = 200
_HIGHEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong with a file, and what to do about it."""

    line: int
    field: str
    """``receivers[3].email``, counted from 0; empty for the file as a whole."""
    sentence: str

    def __str__(self) -> str:
        return (
            f"line {self.line}, {self.field}: {self.sentence}" if self.field else f"line {self.line}: {self.sentence}"
        )


class BadDocument(Exception):
    """The file has flaws; nothing of it was taken."""

    def __init__(self, flaws: Iterable[Flaw]) -> None:
        self.flaws = tuple(sorted(flaws, key=lambda flaw: flaw.line))
        super().__init__("\n".join(map(str, self.flaws)))


def composed(raw: bytes, to_be: str) -> yaml.Node | None:
    """The file's nodes, which know their lines; None if it is empty. Raises ``BadDocument``.

    ``to_be``: what the file should be, in words: ``a directory``.
    """
    in_c = len(raw) >= _LARGE and yaml.__with_libyaml__
    try:
        return yaml.compose(raw.decode("utf-8-sig"), yaml.CSafeLoader if in_c else yaml.SafeLoader)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise BadDocument([Flaw(line, "", "This is not UTF-8. Save the file with the encoding UTF-8.")]) from error
    except RecursionError as error:
        raise BadDocument([Flaw(1, "", f"This is nested too deeply to be {to_be}.")]) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        sentence = f"This is not YAML: {error.problem or error.context}. Correct the line, or the one above it."
        raise BadDocument([Flaw(mark.line + 1 if mark else 1, "", sentence)]) from error
    except yaml.YAMLError as error:
        sentence = f"This is not YAML: {error}. Remove the character that YAML does not allow."
        raise BadDocument([Flaw(1, "", " ".join(sentence.split()))]) from error


class Reader:
    """Reads nodes, because values alone no longer know their lines; goes on after a flaw to find the others."""

    def __init__(self) -> None:
        self.flaws: list[Flaw] = []

    def fields(self, node: yaml.Node, path: str, known: Iterable[str], kind: str = "field") -> "Fields | None":
        """The fields of a mapping, of which only these are known; None for anything else.

        ``kind``: what people call such a field.
        """
        known = tuple(known)
        if not isinstance(node, yaml.MappingNode):
            self.flaw(node, path, f"This must have the {kind}s {', '.join(known)}, each as 'name: value'.")
            return None
        fields: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            where = _inside(path, name)
            if name not in known:
                meant = did_you_mean(name, known)
                self.flaw(key, where, f"This {kind} is not known.{meant} Correct or remove it.")
            elif name in fields:
                self.flaw(key, where, f"This {kind} is here twice. Remove one of the two.")
            fields[name] = value
        return Fields(self, node, path, fields)

    def flaw(self, node: yaml.Node, field: str, sentence: str) -> None:
        """Note a flaw in the line where the node begins."""
        self.flaws.append(Flaw(line_of(node), field, sentence))


class Fields:
    """The fields of one mapping while they are read."""

    def __init__(self, reader: Reader, node: yaml.Node, path: str, fields: dict[str, yaml.Node]) -> None:
        self._reader, self._node, self._fields = reader, node, fields
        self.path = path

    def node(self, field: str) -> yaml.Node | None:
        """What was written there, even if it is nothing; None if the field is not there."""
        return self._fields.get(field)

    def is_empty(self, field: str) -> bool:
        """Whether nothing was written there, not even something wrong."""
        node = self._fields.get(field)
        return node is None or _empty(node)

    def line(self, field: str) -> int:
        """Where the field's value begins, else where the mapping does."""
        return line_of(self._fields.get(field, self._node))

    def flaw(self, field: str, sentence: str, node: yaml.Node | None = None) -> None:
        """Note a flaw of this field, in the line of its value or of this node within it."""
        self._reader.flaw(node or self._fields.get(field, self._node), _inside(self.path, field), sentence)

    def fields(self, field: str, known: Iterable[str], kind: str = "field") -> "Fields | None":
        """The fields within this field, which must be there."""
        node = self._fields.get(field)
        if node is None:
            self.flaw(field, f"This is missing. Write '{field}:' and its {kind}s below it.")
            return None
        return self._reader.fields(node, _inside(self.path, field), known, kind)

    def text(self, field: str, *, required: bool = False) -> str:
        """What was written, as it was written: ``0351`` stays a telephone code, ``no`` stays a word."""
        node = self._fields.get(field)
        if node is None or _empty(node):
            if required:
                self.flaw(field, f"This is missing. Write '{field}: ...'.")
            return ""
        return self._scalar(field, node) or ""

    def one_of(self, field: str, allowed: tuple[str, ...], otherwise: str | None = None) -> str:
        """One of these words; without ``otherwise`` the field must be there."""
        written = self.text(field, required=otherwise is None)
        if not written:
            return otherwise or ""
        value = written.lower() if field == "active" else written
        if value not in allowed:
            self.flaw(field, f"'{written}' is not possible here. Write one of: {', '.join(allowed)}.")
        return value

    def number(self, field: str, at_least: float, at_most: float) -> float:
        """A number between these two, which must be there."""
        written = self.text(field, required=True)
        if written:
            with suppress(ValueError):
                value = float(_as_people_write(written))
                if at_least <= value <= at_most:
                    return value
            self.flaw(field, f"'{written}' is no number from {at_least:g} to {at_most:g}. Write it like 0.25.")
        return at_least

    def whole(self, field: str) -> int | None:
        """A whole number from 1 to 1,000,000; None if the field is empty or not there."""
        written = self.text(field)
        if not written:
            return None
        short = written.isdecimal() and len(written) <= len(str(_HIGHEST))
        if short and 1 <= int(written) <= _HIGHEST:
            return int(written)
        self.flaw(field, f"'{written}' is no whole number from 1 to {_HIGHEST}. Write it like 6.")
        return None

    def day(self, field: str, *, required: bool = False) -> date | None:
        """A calendar day; None if the field is empty or not there."""
        written = self.text(field, required=required)
        if not written:
            return None
        with suppress(ValueError):
            if date.fromisoformat(written).isoformat() == written:
                return date.fromisoformat(written)
        self.flaw(field, f"'{written}' is no day. Write it as year-month-day, like 2026-12-21.")
        return None

    def names(self, field: str, known: Iterable[str], otherwise: str) -> tuple[str, ...]:
        """A list of known names, each once."""
        known = tuple(known)
        named: list[str] = []
        for node, name in self.items(field):
            if name not in known:
                self.flaw(field, f"'{name}' is {otherwise}.{did_you_mean(name, known)}", node)
            named.append(name)
        return tuple(dict.fromkeys(named))

    def items(self, field: str) -> Iterator[tuple[yaml.Node, str]]:
        """What is written in a list, each with its node; nothing if the field is empty or not there."""
        for item in self._listed(field, "[..., ...]"):
            value = self._scalar(field, item)
            if value is not None:
                yield item, value

    def entries(self, field: str, known: Iterable[str]) -> "Iterator[Fields]":
        """The fields of each entry of a list; nothing if the field is empty or not there."""
        known = tuple(known)
        example = f"[{{{', '.join(f'{name}: ...' for name in known)}}}]"
        for number, item in enumerate(self._listed(field, example)):
            fields = self._reader.fields(item, f"{_inside(self.path, field)}[{number}]", known)
            if fields is not None:
                yield fields

    def _listed(self, field: str, example: str) -> list[yaml.Node]:
        node = self._fields.get(field)
        if node is None or _empty(node):
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.flaw(field, f"This must be a list. Write '{field}: {example}'.")
            return []
        return list(node.value)

    def _scalar(self, field: str, node: yaml.Node) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            self.flaw(field, "This must be a single value, not a list or fields of its own.", node)
            return None
        value = unicodedata.normalize("NFC", str(node.value)).strip()
        if any(unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} for letter in value):
            self.flaw(field, "This holds a line break or another control character. Write it in one line.", node)
        if len(value) > _LONGEST:
            self.flaw(field, f"This is longer than {_LONGEST} characters. Shorten it.", node)
        return value


def line_of(node: yaml.Node) -> int:
    """The line in which a node begins, counted from 1."""
    return int(node.start_mark.line) + 1


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A question that names the likeliest of these, after a blank; empty if none is near."""
    close = get_close_matches(name, list(known), n=1)
    return f" Did you mean '{close[0]}'?" if close else ""


def _as_people_write(number: str) -> str:
    """Python takes ``1_0`` for ten, and digits of other scripts; who reads the file does not. Raises ``ValueError``."""
    if "_" in number or not number.isascii():
        raise ValueError(number)
    return number


def _inside(path: str, field: str) -> str:
    return ".".join(filter(None, (path, field)))


def _empty(node: yaml.Node) -> bool:
    if isinstance(node, yaml.ScalarNode):
        return node.tag == "tag:yaml.org,2002:null" or not str(node.value).strip()
    return not node.value
