"""The directory as a YAML file that people write, read with every flaw named at once.

``version: 1``, ``receivers: [{id, kind, name, organisation, email, phone, language, chambers, lead, topics}]``;
receivers who left carry ``active: false``.
"""

import csv
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from email_validator import EmailNotValidError, validate_email

from services.matching.directory import Receiver
from services.matching.topics import LEADS

_VERSION = 1
_KINDS = ("advisor", "showcase")
_LANGUAGES = ("de", "en")
_SHOWCASES = tuple(dict.fromkeys(lead for lead in LEADS.values() if lead != "regional"))
_FIELDS = ("id", "kind", "name", "organisation", "email", "phone", "language", "chambers", "lead", "topics", "active")
_LONGEST = 200
_LONGEST_ID = 100


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong with a directory file, and what to do about it."""

    line: int
    field: str
    """``receivers[3].email``, counted from 0; empty for the file as a whole."""
    sentence: str

    def __str__(self) -> str:
        return (
            f"line {self.line}, {self.field}: {self.sentence}" if self.field else f"line {self.line}: {self.sentence}"
        )


class BadDirectory(Exception):
    """The directory file has flaws; nothing of it was taken."""

    def __init__(self, flaws: Iterable[Flaw]) -> None:
        self.flaws = tuple(sorted(flaws, key=lambda flaw: flaw.line))
        super().__init__("\n".join(map(str, self.flaws)))


def load(raw: bytes) -> tuple[Receiver, ...]:
    """The receivers in a directory file, in its order. Raises ``BadDirectory`` with all flaws."""
    root = _compose(raw)
    reader = _Reader()
    receivers = reader.directory(root)
    if reader.flaws:
        raise BadDirectory(reader.flaws)
    return receivers


def dump(receivers: Iterable[Receiver]) -> str:
    """A directory file that ``load`` reads as these receivers, by id."""
    ordered = sorted(receivers, key=lambda receiver: receiver.id)
    document = {"version": _VERSION, "receivers": [_written(receiver) for receiver in ordered]}
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=120)


@cache
def chambers() -> frozenset[str]:
    """The names of the 53 chambers, as they are written in ``data/kreise.csv``."""
    table = files("services.matching") / "data" / "kreise.csv"
    return frozenset(row["chamber"] for row in csv.DictReader(table.read_text(encoding="utf-8").splitlines()))


def _written(receiver: Receiver) -> dict[str, Any]:
    entry = {field: getattr(receiver, field) for field in _FIELDS}
    entry |= {"chambers": list(receiver.chambers), "topics": list(receiver.topics)}
    if receiver.active:
        del entry["active"]
    return entry


def _compose(raw: bytes) -> yaml.Node | None:
    try:
        return yaml.compose(raw.decode("utf-8-sig"), yaml.SafeLoader)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise BadDirectory([Flaw(line, "", "This is not UTF-8. Save the file with the encoding UTF-8.")]) from error
    except RecursionError as error:
        raise BadDirectory([Flaw(1, "", "This is nested too deeply to be a directory.")]) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        sentence = f"This is not YAML: {error.problem or error.context}. Correct the line, or the one above it."
        raise BadDirectory([Flaw(mark.line + 1 if mark else 1, "", sentence)]) from error
    except yaml.YAMLError as error:
        sentence = f"This is not YAML: {error}. Remove the character that YAML does not allow."
        raise BadDirectory([Flaw(1, "", " ".join(sentence.split()))]) from error


class _Reader:
    """Reads nodes, because values alone no longer know their lines; goes on after a flaw to find the others."""

    def __init__(self) -> None:
        self.flaws: list[Flaw] = []
        self._ids: dict[str, int] = {}
        self._leads: dict[str, int] = {}

    def directory(self, root: yaml.Node | None) -> tuple[Receiver, ...]:
        if root is None:
            self.flaws.append(Flaw(1, "", "The file is empty. Start it with 'version: 1' and 'receivers:'."))
            return ()
        fields = self._mapping(root, "", ("version", "receivers"))
        if fields is None:
            return ()
        version = fields.get("version")
        if version is None:
            self._flaw(root, "version", "This is missing. Write 'version: 1'.")
        elif version.value != str(_VERSION):
            self._flaw(version, "version", "Only version 1 is known. Write 'version: 1'.")
        entries = fields.get("receivers")
        if entries is None:
            self._flaw(root, "receivers", "This is missing. Write 'receivers:' and a list of them below it.")
        elif not isinstance(entries, yaml.SequenceNode):
            self._flaw(entries, "receivers", "This must be a list: begin each receiver with '- id: ...'.")
        else:
            read = [self._receiver(entry, f"receivers[{index}]") for index, entry in enumerate(entries.value)]
            return tuple(receiver for receiver in read if receiver is not None)
        return ()

    def _receiver(self, node: yaml.Node, path: str) -> Receiver | None:
        before = len(self.flaws)
        fields = self._mapping(node, path, _FIELDS)
        if fields is None:
            return None
        entry = _Entry(self, node, path, fields)
        receiver = Receiver(
            id=self._id(entry),
            kind=entry.one_of("kind", _KINDS),  # type: ignore[arg-type] # a flaw where it is none of them
            name=entry.text("name", required=True),
            organisation=entry.text("organisation", required=True),
            email=self._email(entry),
            phone=entry.text("phone"),
            language=entry.one_of("language", _LANGUAGES, "de"),  # type: ignore[arg-type] # likewise
            chambers=entry.names("chambers", chambers(), "no chamber of crafts; write its name as in data/kreise.csv"),
            lead=entry.text("lead") or None,
            topics=entry.names("topics", LEADS, "no topic; write one of the forty ids"),
            active=entry.one_of("active", ("true", "false"), "true") == "true",
        )
        self._role(receiver, entry)
        return receiver if len(self.flaws) == before else None

    def _id(self, entry: "_Entry") -> str:
        id_ = entry.text("id", required=True)
        if not id_:
            return id_
        if not _readable(id_):
            allowed = "letters without umlauts, digits, '-', '_' and '.', beginning with a letter or digit"
            entry.flaw("id", f"'{id_}' is no id. Use up to {_LONGEST_ID} {allowed}.")
        if id_ in self._ids:
            entry.flaw("id", f"'{id_}' is taken by the receiver in line {self._ids[id_]}. Give each an id of its own.")
        self._ids.setdefault(id_, entry.line("id"))
        return id_

    def _email(self, entry: "_Entry") -> str:
        email = entry.text("email", required=True)
        if email:
            try:
                return validate_email(email, check_deliverability=False, test_environment=True).normalized
            except EmailNotValidError as error:
                entry.flaw("email", f"'{email}' is no e-mail address: {error} Write it like office@example.org.")
        return email

    def _role(self, receiver: Receiver, entry: "_Entry") -> None:
        lead = receiver.lead
        if receiver.kind == "advisor":
            if entry.is_empty("chambers"):
                entry.flaw("chambers", "An advisor needs at least one chamber. Write 'chambers: [...]'.")
            if lead is not None:
                entry.flaw("lead", "An advisor leads no topics. Leave this out, or write 'kind: showcase'.")
        elif receiver.kind == "showcase":
            if lead is None:
                entry.flaw("lead", f"A showcase needs a lead. Write one of: {', '.join(_SHOWCASES)}.")
            elif lead not in _SHOWCASES:
                entry.flaw("lead", f"'{lead}' leads nothing. Write one of: {', '.join(_SHOWCASES)}.")
            elif receiver.active and lead in self._leads:
                other = f"The showcase in line {self._leads[lead]} leads '{lead}' already"
                entry.flaw("lead", f"{other}. Write 'active: false' for one of the two.")
            elif receiver.active:
                self._leads[lead] = entry.line("lead")

    def _mapping(self, node: yaml.Node, path: str, known: tuple[str, ...]) -> dict[str, yaml.Node] | None:
        if not isinstance(node, yaml.MappingNode):
            self._flaw(node, path, f"This must have the fields {', '.join(known)}, each as 'name: value'.")
            return None
        fields: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            where = f"{path}.{name}" if path else name
            if name not in known:
                self._flaw(key, where, f"This field is not known.{_did_you_mean(name, known)} Correct or remove it.")
            elif name in fields:
                self._flaw(key, where, "This field is here twice. Remove one of the two.")
            fields[name] = value
        return fields

    def _flaw(self, node: yaml.Node, field: str, sentence: str) -> None:
        self.flaws.append(Flaw(node.start_mark.line + 1, field, sentence))


class _Entry:
    """One receiver's fields while they are read."""

    def __init__(self, reader: _Reader, node: yaml.Node, path: str, fields: dict[str, yaml.Node]) -> None:
        self._reader, self._node, self._path, self._fields = reader, node, path, fields

    def is_empty(self, field: str) -> bool:
        """Whether nothing was written there, not even something wrong."""
        node = self._fields.get(field)
        return node is None or _empty(node)

    def line(self, field: str) -> int:
        return int(self._fields.get(field, self._node).start_mark.line) + 1

    def flaw(self, field: str, sentence: str) -> None:
        self._reader.flaws.append(Flaw(self.line(field), f"{self._path}.{field}", sentence))

    def _flaw(self, node: yaml.Node, field: str, sentence: str) -> None:
        self._reader.flaws.append(Flaw(node.start_mark.line + 1, f"{self._path}.{field}", sentence))

    def text(self, field: str, *, required: bool = False) -> str:
        """What was written, as it was written: ``0351`` stays a telephone code, ``no`` stays a word."""
        node = self._fields.get(field)
        if node is None or _empty(node):
            if required:
                self.flaw(field, f"This is missing. Write '{field}: ...'.")
            return ""
        return self._scalar(field, node) or ""

    def one_of(self, field: str, allowed: tuple[str, ...], otherwise: str | None = None) -> str:
        written = self.text(field, required=otherwise is None)
        if not written:
            return otherwise or ""
        value = written.lower() if field == "active" else written
        if value not in allowed:
            self.flaw(field, f"'{written}' is not possible here. Write one of: {', '.join(allowed)}.")
        return value

    def names(self, field: str, known: Iterable[str], otherwise: str) -> tuple[str, ...]:
        """A list of known names, each once."""
        node = self._fields.get(field)
        if node is None or _empty(node):
            return ()
        if not isinstance(node, yaml.SequenceNode):
            self.flaw(field, f"This must be a list. Write '{field}: [..., ...]'.")
            return ()
        known = tuple(known)
        return tuple(dict.fromkeys(self._names(field, node, known, otherwise)))

    def _names(self, field: str, node: yaml.SequenceNode, known: tuple[str, ...], otherwise: str) -> Iterator[str]:
        for item in node.value:
            name = self._scalar(field, item)
            if name is None:
                continue
            if name not in known:
                self._flaw(item, field, f"'{name}' is {otherwise}.{_did_you_mean(name, known)}")
            yield name

    def _scalar(self, field: str, node: yaml.Node) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            self._flaw(node, field, "This must be a single value, not a list or fields of its own.")
            return None
        value = unicodedata.normalize("NFC", str(node.value)).strip()
        if any(unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} for letter in value):
            self._flaw(node, field, "This holds a line break or another control character. Write it in one line.")
        if len(value) > _LONGEST:
            self._flaw(node, field, f"This is longer than {_LONGEST} characters. Shorten it.")
        return value


def _empty(node: yaml.Node) -> bool:
    if isinstance(node, yaml.ScalarNode):
        return node.tag == "tag:yaml.org,2002:null" or not str(node.value).strip()
    return not node.value


def _readable(id_: str) -> bool:
    letters = id_.replace("-", "").replace("_", "").replace(".", "")
    return id_[0].isalnum() and letters.isalnum() and id_.isascii() and len(id_) <= _LONGEST_ID


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1)
    return f" Did you mean '{close[0]}'?" if close else ""
