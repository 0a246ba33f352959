"""What people type into the desk's forms, and what can be wrong with it."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from services.matching.gaps import LAST_DAYS, Period, last_days
from services.matching.referral import REASONS

LONGEST_NOTE = 2_000
"""Characters."""
_FIRST_YEAR, _LAST_YEAR = 2000, 2999

Field = Literal["reason", "note", "receiver", "from", "to"]
Code = Literal[
    "reason_missing",
    "reason_unknown",
    "note_missing",
    "note_long",
    "note_characters",
    "receiver_missing",
    "receiver_unknown",
    "receiver_away",
    "receiver_full",
    "date_unknown",
    "period_backwards",
]
Posted = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a field; its code is also the name of the sentence in ``words.py``."""

    field: Field
    code: Code


@dataclass(frozen=True, slots=True)
class DeclineForm:
    """What a receiver filled in to decline."""

    reason: str
    note: str


@dataclass(frozen=True, slots=True)
class AssignForm:
    """What a coordinator filled in: to whom a case goes, by id."""

    receiver: str
    note: str


def decline_form(posted: Posted) -> tuple[DeclineForm, Flaw | None]:
    """What was filled in to decline, and what is wrong with it."""
    form = DeclineForm(_field(posted, "reason"), _field(posted, "note"))
    if not form.reason:
        return form, Flaw("reason", "reason_missing")
    if form.reason not in REASONS:
        return form, Flaw("reason", "reason_unknown")
    if form.reason == "other" and not form.note:
        return form, Flaw("note", "note_missing")
    return form, _flaw_in(form.note)


def assign_form(posted: Posted) -> tuple[AssignForm, Flaw | None]:
    """What was filled in to assign a case, and what is wrong with it."""
    form = AssignForm(_field(posted, "receiver"), _field(posted, "note"))
    if not form.receiver:
        return form, Flaw("receiver", "receiver_missing")
    return form, _flaw_in(form.note)


def period_of(first: str, last: str, today: date) -> tuple[Period, Flaw | None]:
    """The days that were filled in, and what is wrong with them; where none are, the last 90 days.

    Where only the first day is named, the period ends today; where only the last is, it has 90 days.
    """
    begin, end = _day(first), _day(last)
    if first and begin is None:
        return last_days(today), Flaw("from", "date_unknown")
    if last and end is None:
        return last_days(today), Flaw("to", "date_unknown")
    end = end or today
    begin = begin or end - timedelta(days=LAST_DAYS - 1)
    return Period(begin, end), Flaw("from", "period_backwards") if begin > end else None


def _day(written: str) -> date | None:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return day if _FIRST_YEAR <= day.year <= _LAST_YEAR else None


def _flaw_in(note: str) -> Flaw | None:
    if len(note) > LONGEST_NOTE:
        return Flaw("note", "note_long")
    if any(unicodedata.category(letter) in {"Cc", "Cs"} and letter not in "\n\t" for letter in note):
        return Flaw("note", "note_characters")
    return None


def _field(posted: Posted, name: str) -> str:
    return posted.get(name, [""])[0].replace("\r\n", "\n").strip()
