"""The directory as a YAML file that people write, read with every flaw named at once.

``version: 1``, ``receivers: [{id, kind, name, organisation, email, phone, language, chambers, lead, topics}]``;
receivers who left carry ``active: false``. What else a receiver may say about where, when and how much is left out
where it says nothing: ``districts``, ``states``, ``languages``, ``most_open``, ``most_a_week``, ``working_days``,
``working_hours``, ``absences: [{first, last, deputy}]``, ``valid_from``, ``valid_until``.
"""

import re
from collections.abc import Iterable
from datetime import date, time
from typing import Any

import yaml
from email_validator import EmailNotValidError, validate_email

from services.matching.absences import Fault, faults
from services.matching.directory import Absence, Hours, Receiver
from services.matching.regions import SHOWCASE_OF, chambers, districts
from services.matching.ruleset import SHOWCASES
from services.matching.yaml_document import BadDocument, Fields, Flaw, Reader, composed, did_you_mean
from shared.topics import TOPICS

_VERSION = 1
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_KINDS = ("advisor", "showcase")
_LANGUAGES = ("de", "en")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ALWAYS = ("id", "kind", "name", "organisation", "email", "phone", "language", "chambers", "lead", "topics")
_LIMITS = ("most_open", "most_a_week")
_PLACES = ("districts", "states")
_VALIDITY = ("valid_from", "valid_until")
_WHEN = ("working_days", "working_hours", "absences")
_FIELDS = (*_ALWAYS, "active", *_PLACES, "languages", *_LIMITS, *_WHEN, *_VALIDITY)
_ABSENCE = ("first", "last", "deputy")
_SERVES = ("chambers", *_PLACES)
_LONGEST_ID = 100
_FROM_TO = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
_MIDNIGHT = "24:00"


def load(raw: bytes, since: date = date.min) -> tuple[Receiver, ...]:
    """The receivers in a directory file, in its order. Raises ``BadDocument`` with all flaws.

    ``since``: absences that ended before this day may have any deputy, also one who left.
    """
    reader = _Reader(since)
    receivers = reader.directory(composed(raw, "a directory"))
    if reader.flaws:
        raise BadDocument(reader.flaws)
    return receivers


def dump(receivers: Iterable[Receiver]) -> str:
    """A directory file that ``load`` reads as these receivers, by id."""
    ordered = sorted(receivers, key=lambda receiver: receiver.id)
    document = {"version": _VERSION, "receivers": [_written(receiver) for receiver in ordered]}
    return str(yaml.dump(document, Dumper=_DUMPER, allow_unicode=True, sort_keys=False, width=120))


def _written(receiver: Receiver) -> dict[str, Any]:
    entry = {field: getattr(receiver, field) for field in _ALWAYS}
    entry |= {"chambers": list(receiver.chambers), "topics": list(receiver.topics)}
    if not receiver.active:
        entry["active"] = False
    entry |= {field: list(getattr(receiver, field)) for field in (*_PLACES, "languages") if getattr(receiver, field)}
    entry |= {field: getattr(receiver, field) for field in (*_LIMITS, *_VALIDITY) if getattr(receiver, field)}
    hours, usual = receiver.hours, Hours()
    if hours.days != usual.days:
        entry["working_days"] = [_DAYS[day] for day in hours.days]
    if (hours.begin, hours.end) != (usual.begin, usual.end):
        entry["working_hours"] = f"{hours.begin:%H:%M}-{_MIDNIGHT if hours.end == time.max else f'{hours.end:%H:%M}'}"
    if receiver.absences:
        entry["absences"] = [_written_absence(absence) for absence in receiver.absences]
    return entry


def _written_absence(absence: Absence) -> dict[str, Any]:
    return {field: getattr(absence, field) for field in _ABSENCE if getattr(absence, field) is not None}


class _Reader(Reader):
    """Reads a directory, and remembers what may be there only once."""

    def __init__(self, since: date) -> None:
        super().__init__()
        self._since = since
        self._ids: dict[str, int] = {}
        self._leads: dict[str, int] = {}
        self._absences: dict[tuple[str, int], Fields] = {}
        """By the receiver's id and the number of the absence among its absences."""

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
            receivers = tuple(receiver for receiver in read if receiver is not None)
            for fault in faults(receivers, self._since):
                self._told(fault)
            return receivers
        return ()

    def _receiver(self, node: yaml.Node, path: str) -> Receiver | None:
        before = len(self.flaws)
        entry = self.fields(node, path, _FIELDS)
        if entry is None:
            return None
        id_ = self._id(entry)
        receiver = Receiver(
            id=id_,
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
            districts=entry.names("districts", districts(), "no Kreis; write its five-digit key as in data/kreise.csv"),
            states=entry.names("states", SHOWCASE_OF, "no federal state; write its German name"),
            languages=entry.names("languages", _LANGUAGES, "not spoken here; write de or en"),  # type: ignore[arg-type] # likewise
            most_open=entry.whole("most_open"),
            most_a_week=entry.whole("most_a_week"),
            hours=_hours(entry),
            absences=self._away(id_, entry),
            valid_from=entry.day("valid_from"),
            valid_until=entry.day("valid_until"),
        )
        self._role(receiver, entry)
        if receiver.valid_from and receiver.valid_until and receiver.valid_until < receiver.valid_from:
            entry.flaw("valid_until", f"This is before 'valid_from: {receiver.valid_from}'. Correct one of the two.")
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

    def _away(self, id_: str, entry: Fields) -> tuple[Absence, ...]:
        absences: list[Absence] = []
        for fields in entry.entries("absences", _ABSENCE):
            first, last = fields.day("first", required=True), fields.day("last", required=True)
            deputy = fields.text("deputy") or None
            if first and last:
                self._absences[id_, len(absences)] = fields
                absences.append(Absence(first, last, deputy))
        return tuple(absences)

    def _told(self, fault: Fault) -> None:
        """Note a fault where the absence stands."""
        fields = self._absences[fault.receiver, fault.absence]
        deputy = fields.text("deputy")
        match fault.what:
            case "backwards":
                fields.flaw("last", f"This is before 'first: {fields.text('first')}'. Correct one of the two.")
            case "overlap":
                fields.flaw("first", f"Another absence covers {fault.day} too. Make one of the two, or part them.")
            case "itself":
                fields.flaw("deputy", "This is the absent receiver itself. Name another one, or leave this out.")
            case "unknown" if deputy not in self._ids:
                meant = did_you_mean(deputy, self._ids)
                fields.flaw("deputy", f"'{deputy}' is no receiver in this file.{meant} Write the id of one.")
            case "inactive":
                fields.flaw("deputy", f"'{deputy}' is not active. Name another one, or leave this out.")
            case "circle":
                way = " -> ".join((*fault.circle, fault.receiver))
                stuck = f"On {fault.day} these are all absent and stand in for each other: {way}"
                fields.flaw("deputy", f"{stuck}. Give one of them another deputy.")
            case _:
                pass  # of a receiver that has flaws itself

    def _role(self, receiver: Receiver, entry: Fields) -> None:
        lead = receiver.lead
        if receiver.kind == "advisor":
            if all(entry.is_empty(field) for field in _SERVES):
                instead = "or 'districts: [...]' or 'states: [...]'"
                entry.flaw("chambers", f"An advisor needs at least one chamber. Write 'chambers: [...]', {instead}.")
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


def _hours(entry: Fields) -> Hours:
    usual = Hours()
    days = entry.names("working_days", _DAYS, f"no day of the week; write {', '.join(_DAYS)}")
    numbers = tuple(number for number, day in enumerate(_DAYS) if day in days) or usual.days
    written = entry.text("working_hours")
    if not written:
        return Hours(numbers)
    begin, end = _from_to(written)
    if begin is None or end is None or begin >= end:
        entry.flaw("working_hours", f"'{written}' are no hours of a day. Write them like \"08:00-16:30\".")
        return Hours(numbers)
    return Hours(numbers, begin, end)


def _from_to(written: str) -> tuple[time | None, time | None]:
    match = _FROM_TO.fullmatch(written.replace(" ", ""))
    if match is None:
        return None, None
    begin, end = (f"{match[1]}:{match[2]}", f"{match[3]}:{match[4]}")
    try:
        return time.fromisoformat(begin), time.max if end == _MIDNIGHT else time.fromisoformat(end)
    except ValueError:
        return None, None


def _readable(id_: str) -> bool:
    letters = id_.replace("-", "").replace("_", "").replace(".", "")
    return id_[0].isalnum() and letters.isalnum() and id_.isascii() and len(id_) <= _LONGEST_ID
