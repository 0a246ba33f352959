"""What coordinators see and change of the directory: everybody, and one receiver with all it ever was."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Literal
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import TypeAdapter

from services.matching.absences import absence_on
from services.matching.directory import Receiver
from services.matching.directory_words import FIELDS, SAY, day_in_words, told
from services.matching.loads import week_of
from services.matching.offering import Offering
from services.matching.pages import base_of, described, form_described, language_in, templates
from services.matching.receiver_form import (
    LONGEST,
    Flaw,
    ReceiverForm,
    Refused,
    Row,
    changed,
    filled_in,
    form_of,
)
from services.matching.receivers import ChangedMeanwhile, Entry, Receivers
from services.matching.regions import chamber_of, districts
from services.matching.snapshot import Snapshot
from services.matching.words import Language
from shared import web
from shared.coordinator import check_token
from shared.problems import Problem, wants_json
from shared.service import Service
from shared.times import BERLIN
from shared.topics import TOPICS

MOST_SHOWN = 500
"""Receivers in one list; a search finds the others."""
_MOST_SUGGESTED = 100
_FORM_ORDER = ("active", "absence", "most", "valid", "languages", "topics", "by", "why")
"""How the fields' names begin, in the order of the page."""
State = Literal["active", "inactive", "absent", "not_yet", "over"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a receiver gets cases on a day."""

    state: State
    """``not_yet`` and ``over``: it is not valid yet, or any more."""
    day: date | None = None
    """The last day of the absence or the validity; the first one of a validity to come."""
    deputy: str | None = None
    """The id of who gets its cases meanwhile."""


@dataclass(frozen=True, slots=True)
class ReceiverListed:
    """A receiver in the list."""

    id: str
    kind: str
    name: str
    organisation: str
    home: str | None
    """The chamber under which it is listed; of an advisor of whole states, the first state."""
    lead: str | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class DirectoryShown:
    """The directory, as programs read it."""

    version: int
    items: tuple[ReceiverListed, ...]
    """Showcases first, then by chamber; at most ``MOST_SHOWN``."""
    number: int
    """How many there are in all."""


@dataclass(frozen=True, slots=True)
class ReceiverChange:
    """One change of a receiver."""

    version: int
    """Of the directory."""
    at: datetime
    by: str
    why: str
    fields: tuple[str, ...]
    """What is different from before; nothing for the first entry."""


@dataclass(frozen=True, slots=True)
class ReceiverLoad:
    """What a receiver has to do."""

    open: int
    """Cases it has now, offered ones included."""
    in_week: int
    """Cases of this calendar week, without those that it did not take."""


@dataclass(frozen=True, slots=True)
class ReceiverShown:
    """A receiver, as programs read it."""

    version: int
    """The directory's version; a change made from here names it."""
    receiver: Receiver
    standing: Standing
    load: ReceiverLoad | None
    """None for who states no limit: its cases are not counted."""
    history: tuple[ReceiverChange, ...]
    """The newest first."""


@dataclass(frozen=True, slots=True)
class _Again:
    """A form that was not taken, to be shown again."""

    form: ReceiverForm
    flaws: tuple[Flaw, ...] = ()
    """None where somebody else changed the receiver meanwhile."""


_DIRECTORY, _SHOWN = TypeAdapter(DirectoryShown), TypeAdapter(ReceiverShown)
_TOKENS = {401: "The coordinators' token is missing.", 404: "The token is wrong, or there is no such receiver."}
_ANSWERS = {
    303: "Done: back to the receiver.",
    409: "Somebody else changed the receiver after the version that the form was made from.",
    422: "The form has flaws, each with its field and what to do.",
}
_LINE = {"type": "string", "maxLength": LONGEST}
_DAYS = {"type": "array", "items": {"type": "string", "format": "date"}}
_FORM = form_described(
    version={"type": "integer", "description": "The directory's version that the change is made from."},
    by=_LINE | {"description": "Who changes it."},
    why=_LINE,
    active={"type": "string", "enum": ["yes", "no"]},
    most_open={"type": "string", "description": "A whole number; empty for no limit. So is whatever is not sent."},
    most_a_week={"type": "string"},
    valid_until={"type": "string"},
    languages={"type": "array", "items": {"type": "string", "enum": ["de", "en"]}},
    topics={"type": "array", "items": {"type": "string"}},
    absence_first=_DAYS | {"description": "Of all absences, in their order."},
    absence_last=_DAYS,
    absence_deputy={"type": "array", "items": {"type": "string", "description": "An id, or empty."}},
    absence_remove={"type": "array", "items": {"type": "integer", "description": "Counted from 0."}},
    token={"type": "string", "description": "The coordinators' token, unless it comes as Authorization: Bearer."},
)


class DirectoryDesk:
    """The routes of the directory's pages."""

    def __init__(self, service: Service, receivers: Receivers, offering: Offering) -> None:
        self._clock, self._receivers, self._offering = service.clock, receivers, offering
        self._base = base_of(service.settings)
        self._here = f"{self._base}/directory"
        self._token = service.settings.coordinator_token
        self.router = APIRouter(prefix="/directory", tags=["directory"])
        self.router.get("", responses=described(_TOKENS, DirectoryShown))(self.see_all)
        self.router.get("/{receiver}", responses=described(_TOKENS, ReceiverShown))(self.see)
        answers = described(_TOKENS | _ANSWERS, ReceiverShown)
        self.router.post("/{receiver}", responses=answers, openapi_extra=_FORM)(self.change)

    async def see_all(self, request: Request, token: str = "", q: str = "") -> Response:
        """Everybody in the directory, or those in whose entries all words of ``q`` occur."""
        check_token(request, self._token, token)
        directory = await self._receivers.newest()
        found = await asyncio.to_thread(_found, directory, q)  # of 100,000 it takes half a second
        items = tuple(_listed(receiver, self._today()) for receiver in found[:MOST_SHOWN])
        if wants_json(request):
            listing = DirectoryShown(directory.version, items, len(found))
            return JSONResponse(_DIRECTORY.dump_python(listing, mode="json"))
        language = language_in(request)
        return self._page(
            "directory.html", language, token, q=q, number=len(found), shown=len(items), groups=_groups(items, language)
        )

    async def see(self, request: Request, receiver: str, token: str = "", saved: str = "") -> Response:
        """One receiver: all fields, its history with who, when and why, and what can be changed of it."""
        check_token(request, self._token, token)
        return await self._shown(request, receiver, token, saved=bool(saved))

    async def change(self, request: Request, receiver: str, token: str = "") -> Response:
        """Change what changes often: the whole form; what it does not send is emptied."""
        posted = await web.form_of(request)
        token = posted.get("token", [token])[0]
        check_token(request, self._token, token)
        form = filled_in(posted)
        try:
            await self._receivers.change(
                receiver,
                lambda directory: changed(_known(directory, receiver), form, directory, self._today()),
                since=form.version,
                by=form.by,
                why=form.why,
            )
        except Refused as refused:
            if wants_json(request):
                raise _invalid(refused.flaws) from refused
            return await self._shown(request, receiver, token, again=_Again(form, refused.flaws))
        except ChangedMeanwhile as late:
            if wants_json(request):
                raise _CHANGED from late
            return await self._shown(request, receiver, token, again=_Again(form))
        if wants_json(request):
            return await self._shown(request, receiver, token)
        return RedirectResponse(f"{self._here}/{quote(receiver)}?{urlencode({'token': token, 'saved': 'yes'})}", 303)

    async def _shown(
        self, request: Request, id_: str, token: str, *, saved: bool = False, again: _Again | None = None
    ) -> Response:
        directory = await self._receivers.newest()
        receiver = _known(directory, id_)
        history = await self._receivers.history_of(id_)
        standing, load = _standing(receiver, self._today()), self._load(receiver)
        if wants_json(request):
            shown = ReceiverShown(directory.version, receiver, standing, load, tuple(_changes(history)))
            return JSONResponse(_SHOWN.dump_python(shown, mode="json"))
        language = language_in(request)
        form = again.form if again else form_of(receiver, directory.version)
        flaws = _flaws_in_words(again.flaws if again else (), language)
        return self._page(
            "receiver.html",
            language,
            token,
            status=200 if again is None else 422 if again.flaws else 409,
            receiver=receiver,
            standing=_in_words(standing, language),
            load=load,
            details=told(receiver, language),
            labels=FIELDS[language],
            history=_history_in_words(history, language),
            form=form,
            rows=(*form.absences, Row()),
            version=directory.version,
            flaws=flaws,
            flawed={field: _label(field, language) for field in flaws},
            conflict=again is not None and not again.flaws,
            saved=saved,
            topics=[(topic.id, topic.label(language)) for topic in TOPICS.values()],
            colleagues=_colleagues(receiver, directory),
            longest=LONGEST,
        )

    def _load(self, receiver: Receiver) -> ReceiverLoad | None:
        load = self._offering.load_of(receiver)
        return None if load is None else ReceiverLoad(len(load.places), load.taken_in(week_of(self._clock.now())))

    def _page(self, template: str, language: Language, token: str, *, status: int = 200, **values: Any) -> Response:
        common = {"language": language, "say": SAY[language], "base": self._base, "here": self._here, "token": token}
        return web.page(templates, template, status=status, **common, **values)

    def _today(self) -> date:
        return self._clock.now().astimezone(BERLIN).date()


# --- the list ---------------------------------------------------------------------------------------------------------


def _found(directory: Snapshot, q: str) -> list[Receiver]:
    """Those in whose entries all words occur, in the order of the list."""
    words = q.casefold().split()
    found = [receiver for receiver in directory.receivers if not words or _mentions(receiver, words)]
    return sorted(
        found, key=lambda who: (who.kind == "advisor", who.lead or _home(who) or "~", who.organisation, who.id)
    )


def _mentions(receiver: Receiver, words: Iterable[str]) -> bool:
    kreise = (districts().get(key, "") for key in receiver.districts)
    topics = (f"{TOPICS[topic].de} {TOPICS[topic].en}" for topic in receiver.topics if topic in TOPICS)
    who = (receiver.id, receiver.name, receiver.organisation, receiver.email)
    text = " ".join((*who, *receiver.chambers, *receiver.states, *kreise, *topics)).casefold()
    return all(word in text for word in words)


def _listed(receiver: Receiver, today: date) -> ReceiverListed:
    standing = _standing(receiver, today)
    return ReceiverListed(
        receiver.id, receiver.kind, receiver.name, receiver.organisation, _home(receiver), receiver.lead, standing
    )


def _home(receiver: Receiver) -> str | None:
    if receiver.kind == "showcase":
        return None
    of_district = next(filter(None, map(chamber_of, receiver.districts)), None)
    return next(iter(receiver.chambers), None) or of_district or next(iter(receiver.states), None)


def _standing(receiver: Receiver, today: date) -> Standing:
    absence = absence_on(today, receiver)
    if not receiver.active:
        return Standing("inactive")
    if receiver.valid_until and receiver.valid_until < today:
        return Standing("over", receiver.valid_until)
    if receiver.valid_from and receiver.valid_from > today:
        return Standing("not_yet", receiver.valid_from)
    return Standing("absent", absence.last, absence.deputy) if absence else Standing("active")


def _groups(items: Iterable[ReceiverListed], language: Language) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """The list in words: by kind, and within it by chamber; showcases are one group."""
    say = SAY[language]
    groups: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for item in items:
        kind = say["showcases" if item.kind == "showcase" else "advisors"]
        home = "" if item.kind == "showcase" else item.home or say["elsewhere"]
        entry = {"item": item, "standing": _in_words(item.standing, language)}
        groups.setdefault(kind, {}).setdefault(home, []).append(entry)
    return groups


def _in_words(standing: Standing, language: Language) -> str:
    sentence = "state_absent_deputy" if standing.deputy else f"state_{standing.state}"
    day = day_in_words(standing.day, language) if standing.day else ""
    return SAY[language][sentence].format(day=day, deputy=standing.deputy)


# --- one receiver -----------------------------------------------------------------------------------------------------


def _known(directory: Snapshot, id_: str) -> Receiver:
    receiver = directory.get(id_)
    if receiver is None:
        raise _UNKNOWN
    return receiver


def _changes(history: tuple[Entry, ...]) -> Iterable[ReceiverChange]:
    for number, entry in enumerate(history):
        version = entry.version
        before = history[number + 1].receiver if number + 1 < len(history) else entry.receiver
        names = (field.name for field in fields(Receiver))
        different = tuple(name for name in names if getattr(before, name) != getattr(entry.receiver, name))
        yield ReceiverChange(version.number, version.at, version.by, version.why, different)


def _history_in_words(history: tuple[Entry, ...], language: Language) -> list[dict[str, Any]]:
    """Each entry with its version, and what changed: the field's label, what it was, and what it became.

    None changed where the receiver was new.
    """
    receivers = [entry.receiver for entry in history]
    return [
        {"version": entry.version, "changes": list(_different(before, entry.receiver, language)) if before else None}
        for entry, before in zip(history, (*receivers[1:], None), strict=True)
    ]


def _different(before: Receiver, after: Receiver, language: Language) -> Iterable[tuple[str, str, str]]:
    none = SAY[language]["none"]
    then, now = told(before, language), told(after, language)
    for field, label in FIELDS[language].items():
        if then[field] != now[field]:
            yield label, "; ".join(then[field]) or none, "; ".join(now[field]) or none


def _flaws_in_words(flaws: Iterable[Flaw], language: Language) -> dict[str, str]:
    """The first sentence about each field, in the form's order."""
    sentences: dict[str, str] = {}
    for flaw in sorted(flaws, key=lambda flaw: _FORM_ORDER.index(flaw.field.split("_")[0])):
        sentences.setdefault(flaw.field, _sentence(flaw, language))
    return sentences


def _label(field: str, language: Language) -> str:
    """``Absence 1, Last day`` for ``absence_last_0``."""
    say = SAY[language]
    if field.startswith("absence_"):
        name, row = field.rsplit("_", 1)
        return f"{say['absence'].format(number=int(row) + 1)}, {say[name]}"
    return {"by": say["by"], "why": say["why_label"]}.get(field) or FIELDS[language][field]


def _sentence(flaw: Flaw, language: Language) -> str:
    return SAY[language][flaw.code].format(named=flaw.named)


def _colleagues(receiver: Receiver, directory: Snapshot) -> list[Receiver]:
    """Who may be its deputy, as suggestions: showcases for a showcase, advisors of its chambers for an advisor."""
    if receiver.kind == "showcase":
        near = [other for other in directory.receivers if other.kind == "showcase" and other.active]
    else:
        near = [other for chamber in receiver.chambers for other in directory.advisors_of(chamber)]
    others = {other.id: other for other in near if other.id != receiver.id}
    return list(others.values())[:_MOST_SUGGESTED]


def _invalid(flaws: Iterable[Flaw]) -> Problem:
    return Problem(
        422,
        "invalid",
        {"de": "Ungültige Angaben", "en": "Invalid request"},
        {"de": "Bitte prüfen Sie die genannten Angaben.", "en": "Please check what is named."},
        errors=[
            {"pointer": f"/{flaw.field}", "code": flaw.code, "detail": {in_: _sentence(flaw, in_) for in_ in SAY}}
            for flaw in flaws
        ],
    )


_UNKNOWN = Problem(
    404,
    "receiver_unknown",
    {"de": "Diese Stelle steht nicht im Verzeichnis", "en": "This receiver is not in the directory"},
    {"de": "Prüfen Sie bitte die Kennung.", "en": "Please check the id."},
)
_CHANGED = Problem(
    409,
    "changed_meanwhile",
    {in_: SAY[in_]["changed_meanwhile_title"] for in_ in SAY},
    {
        "de": "Nichts wurde gespeichert. Lesen Sie den Eintrag neu, und ändern Sie ihn von da aus.",
        "en": "Nothing was saved. Read the entry again, and change it from there.",
    },
)
