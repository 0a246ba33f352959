"""What coordinators see of the rules: the book of those in force or of an earlier version, and all versions."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from markdown_it import MarkdownIt
from pydantic import TypeAdapter

from services.matching.pages import base_of, described, language_in, templates
from services.matching.rule_book import book, changes
from services.matching.ruleset import Ruleset
from services.matching.rulesets import WHY_PACKAGED, Activation, Kept, Rulesets
from services.matching.words import Language, spoken
from services.matching.yaml_document import BadDocument
from shared import web
from shared.coordinator import check_token
from shared.problems import Problem, wants_json
from shared.service import Service

_MARKDOWN = MarkdownIt("commonmark", {"html": False})
"""What looks like HTML in a text is escaped."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the rules, as it was proposed and put into force."""

    version: str
    name: str
    proposed_at: datetime
    proposed_by: str
    why: str
    activations: tuple[Activation, ...]
    """When it was put into force, by whom and after which rehearsal, the last time last; empty for what was only
    proposed."""


@dataclass(frozen=True, slots=True)
class Versions:
    """All versions of the rules, as programs read them."""

    active: str
    """The version in force."""
    versions: tuple[Version, ...]
    """The newest proposal first."""


@dataclass(frozen=True, slots=True)
class Book:
    """One version of the rules, as programs read it."""

    version: Version
    active: bool
    """Whether it is in force."""
    text: str
    """The YAML document as it was proposed."""
    book: str | None
    """What it says in plain sentences (Markdown); null where this program cannot read the document any more."""


_VERSIONS, _BOOK = TypeAdapter(Versions), TypeAdapter(Book)
_TOKENS = {401: "The coordinators' token is missing.", 404: "The token is wrong, or there is no such version."}


class RulesPage:
    """The routes of the rules."""

    def __init__(self, service: Service, rulesets: Rulesets) -> None:
        self._rulesets = rulesets
        self._base = base_of(service.settings)
        self._token = service.settings.coordinator_token
        self.router = APIRouter(prefix="/rules", tags=["rules"])
        self.router.get("", responses=described(_TOKENS, Versions))(self.in_force)
        self.router.get("/{version}", responses=described(_TOKENS, Book))(self.of_version)

    async def in_force(self, request: Request, token: str = "") -> Response:
        """The rules in force in plain sentences, and all versions with who proposed them, why, and since when."""
        check_token(request, self._token, token)
        active, versions = await self._all()
        if wants_json(request):
            listed = Versions(active, tuple(_version(kept) for kept in versions))
            return JSONResponse(_VERSIONS.dump_python(listed, mode="json"))
        return await self._page(language_in(request), token, active, active, versions)

    async def of_version(self, request: Request, version: str, token: str = "") -> Response:
        """Any version that was ever proposed, in plain sentences, and what would change if it were put into force."""
        check_token(request, self._token, token)
        active, versions = await self._all()
        shown = next((kept for kept in versions if kept.version == version), None)
        if shown is None:
            raise _UNKNOWN
        language = language_in(request)
        if not wants_json(request):
            return await self._page(language, token, version, active, versions)
        rules = await _read(shown)
        told = Book(_version(shown), version == active, shown.text, book(rules, language) if rules else None)
        return JSONResponse(_BOOK.dump_python(told, mode="json"))

    async def _all(self) -> tuple[str, list[Kept]]:
        """Which version is in force, and all of them, the newest proposal first."""
        active = await self._rulesets.active_version()
        return active, [*reversed(await self._rulesets.listed())]

    async def _page(
        self, language: Language, token: str, version: str, active: str, versions: Sequence[Kept]
    ) -> Response:
        by_version = {kept.version: kept for kept in versions}
        shown = by_version[version]
        rules = await _read(shown)
        words = spoken(language)
        return web.page(
            templates,
            "rules.html",
            language=language,
            say=words.say,
            base=self._base,
            token=token,
            shown=shown,
            why_packaged=WHY_PACKAGED,
            active=active,
            book=_MARKDOWN.render(book(rules, language)) if rules else None,
            changes=await _changes(by_version[active], rules, language) if rules and version != active else None,
            history=[
                {"kept": kept, "link": self._link(kept, token), "activation": activation}
                for kept, activation in _history(versions)
            ],
            versions=[{"kept": kept, "link": self._link(kept, token)} for kept in versions],
        )

    def _link(self, kept: Kept, token: str) -> str:
        return f"{self._base}/rules/{quote(kept.version)}?{urlencode({'token': token})}"


def _history(versions: Iterable[Kept]) -> list[tuple[Kept, Activation]]:
    """What was put into force, the last time first."""
    activated = [(kept, activation) for kept in versions for activation in kept.activations]
    return sorted(activated, key=lambda each: each[1].at, reverse=True)


async def _read(kept: Kept) -> Ruleset | None:
    """What a version says, or None where this program cannot read it any more."""
    try:
        return await asyncio.to_thread(kept.ruleset)
    except BadDocument:
        return None


async def _changes(active: Kept, rules: Ruleset, language: Language) -> list[str] | None:
    """What would change if these rules were put into force; None where nobody can tell."""
    before = await _read(active)
    if before is None:
        return None
    return [_MARKDOWN.renderInline(sentence) for sentence in changes(before, rules, language)]


def _version(kept: Kept) -> Version:
    told: dict[str, Any] = {field: getattr(kept, field) for field in Version.__dataclass_fields__}
    return Version(**told)


_UNKNOWN = Problem(
    404,
    "version_unknown",
    {"de": "Diese Version der Regeln gibt es nicht", "en": "There is no such version of the rules"},
    {
        "de": "Unter „Regeln“ stehen alle Versionen, die jemals vorgeschlagen wurden.",
        "en": "The page of the rules lists all versions that were ever proposed.",
    },
)
