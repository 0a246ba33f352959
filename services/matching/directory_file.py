"""The directory as a YAML file that people write, read with every flaw named at once.

``version: 1``, ``receivers: [{id, kind, name, organisation, email, phone, language, chambers, lead, topics}]``;
receivers who left carry ``active: false``.
"""

import csv
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from email_validator import EmailNotValidError, validate_email

from services.matching.directory import Receiver
from services.matching.ruleset import SHOWCASES
from services.matching.yaml_document import BadDocument, Fields, Flaw, Reader, composed
from shared.topics import TOPICS

_VERSION = 1
_KINDS = ("advisor", "showcase")
_LANGUAGES = ("de", "en")
_FIELDS = ("id", "kind", "name", "organisation", "email", "phone", "language", "chambers", "lead", "topics", "active")
_LONGEST_ID = 100


def load(raw: bytes) -> tuple[Receiver, ...]:
    """The receivers in a directory file, in its order. Raises ``BadDocument`` with all flaws."""
    reader = _Reader()
    receivers = reader.directory(composed(raw, "a directory"))
    if reader.flaws:
        raise BadDocument(reader.flaws)
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


class _Reader(Reader):
    """Reads a directory, and remembers what may be there only once."""

    def __init__(self) -> None:
        super().__init__()
        self._ids: dict[str, int] = {}
        self._leads: dict[str, int] = {}

    def directory(self, root: yaml.Node | None) -> tuple[Receiver, ...]:
        if root is None:
            self.flaws.append(Flaw(1, "", "The file is empty. Start it with 'version: 1' and 'receivers:'."))
            return ()
        fields = self.fields(root, "", ("version", "receivers"))
        if fields is None:
            return ()
        version = fields.node("version")
        if version is None:
            fields.flaw("version", "This is missing. Write 'version: 1'.")
        elif version.value != str(_VERSION):
            fields.flaw("version", "Only version 1 is known. Write 'version: 1'.")
        entries = fields.node("receivers")
        if entries is None:
            fields.flaw("receivers", "This is missing. Write 'receivers:' and a list of them below it.")
        elif not isinstance(entries, yaml.SequenceNode):
            fields.flaw("receivers", "This must be a list: begin each receiver with '- id: ...'.")
        else:
            read = [self._receiver(entry, f"receivers[{index}]") for index, entry in enumerate(entries.value)]
            return tuple(receiver for receiver in read if receiver is not None)
        return ()

    def _receiver(self, node: yaml.Node, path: str) -> Receiver | None:
        before = len(self.flaws)
        entry = self.fields(node, path, _FIELDS)
        if entry is None:
            return None
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
            topics=entry.names("topics", TOPICS, "no topic; write one of the forty ids"),
            active=entry.one_of("active", ("true", "false"), "true") == "true",
        )
        self._role(receiver, entry)
        return receiver if len(self.flaws) == before else None

    def _id(self, entry: Fields) -> str:
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

    def _email(self, entry: Fields) -> str:
        email = entry.text("email", required=True)
        if email:
            try:
                return validate_email(email, check_deliverability=False, test_environment=True).normalized
            except EmailNotValidError as error:
                entry.flaw("email", f"'{email}' is no e-mail address: {error} Write it like office@example.org.")
        return email

    def _role(self, receiver: Receiver, entry: Fields) -> None:
        lead = receiver.lead
        if receiver.kind == "advisor":
            if entry.is_empty("chambers"):
                entry.flaw("chambers", "An advisor needs at least one chamber. Write 'chambers: [...]'.")
            if lead is not None:
                entry.flaw("lead", "An advisor leads no topics. Leave this out, or write 'kind: showcase'.")
        elif receiver.kind == "showcase":
            if lead is None:
                entry.flaw("lead", f"A showcase needs a lead. Write one of: {', '.join(SHOWCASES)}.")
            elif lead not in SHOWCASES:
                entry.flaw("lead", f"'{lead}' leads nothing. Write one of: {', '.join(SHOWCASES)}.")
            elif receiver.active and lead in self._leads:
                other = f"The showcase in line {self._leads[lead]} leads '{lead}' already"
                entry.flaw("lead", f"{other}. Write 'active: false' for one of the two.")
            elif receiver.active:
                self._leads[lead] = entry.line("lead")


def _readable(id_: str) -> bool:
    letters = id_.replace("-", "").replace("_", "").replace(".", "")
    return id_[0].isalnum() and letters.isalnum() and id_.isascii() and len(id_) <= _LONGEST_ID
