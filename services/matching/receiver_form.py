"""What a coordinator changes of a receiver: the form as it was filled in, what is wrong with it, and what it makes."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, cast

from services.matching.absences import Fault, absence_on, faults
from services.matching.directory import Absence, Receiver
from services.matching.snapshot import Snapshot
from shared.topics import TOPICS

LONGEST = 200
"""Characters of one line."""
_MOST = 1_000_000

Code = Literal[
    "by_missing",
    "why_missing",
    "line_long",
    "line_characters",
    "number_wrong",
    "day_wrong",
    "day_missing",
    "language_wrong",
    "topic_wrong",
    "active_missing",
    "lead_taken",
    "needed_as_deputy",
    "until_before_from",
    "absence_backwards",
    "absence_overlap",
    "deputy_itself",
    "deputy_unknown",
    "deputy_inactive",
    "deputy_circle",
]


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a field; its code is also the name of the sentence in ``directory_words.py``."""

    field: str
    """``most_open``; of an absence with the number of its row, counted from 0: ``absence_first_0``."""
    code: Code
    named: str = ""
    """Receivers that the sentence names, by id."""


class Refused(Exception):
    """The form has flaws; nothing was changed."""

    def __init__(self, flaws: Iterable[Flaw]) -> None:
        self.flaws = tuple(flaws)
        super().__init__(", ".join(f"{flaw.field}: {flaw.code}" for flaw in self.flaws))


@dataclass(frozen=True, slots=True)
class Row:
    """One absence as it was filled in."""

    first: str = ""
    last: str = ""
    deputy: str = ""
    remove: bool = False


@dataclass(frozen=True, slots=True)
class ReceiverForm:
    """The form as it was filled in."""

    version: int
    """The directory's version that the form was made from; 0 where it does not say."""
    active: str
    """``yes`` or ``no``."""
    most_open: str
    most_a_week: str
    valid_until: str
    languages: tuple[str, ...]
    topics: tuple[str, ...]
    absences: tuple[Row, ...]
    """Without rows in which nothing was written."""
    by: str = ""
    why: str = ""


def form_of(receiver: Receiver, version: int) -> ReceiverForm:
    """The form as it is before anything is changed."""
    return ReceiverForm(
        version=version,
        active="yes" if receiver.active else "no",
        most_open=str(receiver.most_open or ""),
        most_a_week=str(receiver.most_a_week or ""),
        valid_until=str(receiver.valid_until or ""),
        languages=receiver.languages,
        topics=receiver.topics,
        absences=tuple(Row(str(each.first), str(each.last), each.deputy or "") for each in receiver.absences),
    )


def filled_in(posted: Mapping[str, Sequence[str]]) -> ReceiverForm:
    """The form that was posted; what is not in it is empty."""
    return ReceiverForm(
        version=_whole(_text(posted, "version")) or 0,
        active=_text(posted, "active"),
        most_open=_text(posted, "most_open"),
        most_a_week=_text(posted, "most_a_week"),
        valid_until=_text(posted, "valid_until"),
        languages=tuple(dict.fromkeys(posted.get("languages", ()))),
        topics=tuple(dict.fromkeys(posted.get("topics", ()))),
        absences=tuple(_rows(posted)),
        by=_text(posted, "by"),
        why=_text(posted, "why"),
    )


def changed(receiver: Receiver, form: ReceiverForm, directory: Snapshot, today: date) -> Receiver:
    """The receiver as the form makes it, in this directory. Raises ``Refused`` with all flaws.

    ``today``: absences that ended before it may have any deputy, also one who left.
    """
    reader = _Reader()
    rows = reader.absences(form.absences)
    made = replace(
        receiver,
        active=form.active == "yes",
        most_open=reader.number("most_open", form.most_open),
        most_a_week=reader.number("most_a_week", form.most_a_week),
        valid_until=reader.day("valid_until", form.valid_until),
        languages=cast("tuple[Literal['de', 'en'], ...]", reader.known("languages", form.languages, ("de", "en"))),
        topics=reader.known("topics", form.topics, TOPICS),
        absences=tuple(rows.values()),
    )
    for name in ("by", "why"):
        reader.line(name, getattr(form, name))
    if form.active not in {"yes", "no"}:
        reader.flaw("active", "active_missing")
    if made.valid_from and made.valid_until and made.valid_until < made.valid_from:
        reader.flaw("valid_until", "until_before_from")
    reader.flaws += _beside_others(receiver, made, directory, today, list(rows))
    if reader.flaws:
        raise Refused(reader.flaws)
    return made


class _Reader:
    """Reads what was filled in; goes on after a flaw to find the others."""

    def __init__(self) -> None:
        self.flaws: list[Flaw] = []

    def flaw(self, field: str, code: Code) -> None:
        self.flaws.append(Flaw(field, code))

    def line(self, field: str, written: str) -> None:
        if not written:
            self.flaw(field, "by_missing" if field == "by" else "why_missing")
        elif len(written) > LONGEST:
            self.flaw(field, "line_long")
        elif any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in written):
            self.flaw(field, "line_characters")

    def number(self, field: str, written: str) -> int | None:
        number = _whole(written)
        if written and number is None:
            self.flaw(field, "number_wrong")
        return number

    def day(self, field: str, written: str, *, required: bool = False) -> date | None:
        """``2026-12-21``, as browsers send it, or ``21.12.2026``."""
        if not written:
            if required:
                self.flaw(field, "day_missing")
            return None
        for form in ("%Y-%m-%d", "%d.%m.%Y"):
            with suppress(ValueError):
                return datetime.strptime(written, form).date()  # noqa: DTZ007 - a day has no time zone
        self.flaw(field, "day_wrong")
        return None

    def known(self, field: str, written: tuple[str, ...], known: Iterable[str]) -> tuple[str, ...]:
        if set(written) - set(known):
            self.flaw(field, "language_wrong" if field == "languages" else "topic_wrong")
        return written

    def absences(self, rows: tuple[Row, ...]) -> dict[int, Absence]:
        """Those that stay, by the number of their row."""
        absences = {}
        for number, row in enumerate(rows):
            if not row.remove:
                first = self.day(f"absence_first_{number}", row.first, required=True)
                last = self.day(f"absence_last_{number}", row.last, required=True)
                if first and last:
                    absences[number] = Absence(first, last, row.deputy or None)
        return absences


def _beside_others(
    before: Receiver, after: Receiver, directory: Snapshot, today: date, rows: list[int]
) -> Iterator[Flaw]:
    """What does not go together with the rest of the directory. ``rows``: the row of each absence."""
    others = [receiver for receiver in directory.receivers if receiver.id != after.id]
    needing = []
    for fault in faults((*others, after), since=today):
        if fault.receiver == after.id or after.id in fault.circle:
            yield _worded(fault, after, rows)
        elif fault.what == "inactive" and _deputy(directory, fault) == after.id:
            needing.append(fault.receiver)
    if needing and before.active and not after.active:
        yield Flaw("active", "needed_as_deputy", ", ".join(needing))
    rivals = [other.id for other in others if other.active and after.lead and other.lead == after.lead]
    if rivals and after.active and not before.active:
        yield Flaw("active", "lead_taken", ", ".join(rivals))


def _deputy(directory: Snapshot, fault: Fault) -> str | None:
    receiver = directory.get(fault.receiver)
    return receiver.absences[fault.absence].deputy if receiver else None


def _worded(fault: Fault, receiver: Receiver, rows: list[int]) -> Flaw:
    if fault.circle and fault.day:
        own = absence_on(fault.day, receiver)
        row = rows[receiver.absences.index(own)] if own else 0
        return Flaw(f"absence_deputy_{row}", "deputy_circle", ", ".join(fault.circle))
    row = rows[fault.absence]
    match fault.what:
        case "backwards":
            return Flaw(f"absence_last_{row}", "absence_backwards")
        case "overlap":
            return Flaw(f"absence_first_{row}", "absence_overlap")
        case "itself":
            return Flaw(f"absence_deputy_{row}", "deputy_itself")
        case "inactive":
            return Flaw(f"absence_deputy_{row}", "deputy_inactive")
        case _:
            return Flaw(f"absence_deputy_{row}", "deputy_unknown")


def _rows(posted: Mapping[str, Sequence[str]]) -> Iterator[Row]:
    columns = [posted.get(f"absence_{name}", ()) for name in ("first", "last", "deputy")]
    removed = set(posted.get("absence_remove", ()))
    for number in range(max(map(len, columns))):
        cells = [column[number].strip() if number < len(column) else "" for column in columns]
        if any(cells):
            first, last, deputy = cells
            yield Row(first, last, deputy, remove=str(number) in removed)


def _whole(written: str) -> int | None:
    """A whole number from 1 to 1,000,000; None for anything else."""
    number = int(written) if written.isdecimal() and len(written) <= len(str(_MOST)) else 0
    return number if 1 <= number <= _MOST else None


def _text(posted: Mapping[str, Sequence[str]], name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", "".join(posted.get(name, [""])[:1])).split())
