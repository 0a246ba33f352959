"""What coordinators see of the gaps: topics and regions where enquiries found nobody. Page, JSON and CSV."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import TypeAdapter

from services.matching.forms import Flaw, period_of
from services.matching.gap_counts import GapCounts
from services.matching.gaps import MEASURES, Cell, Number, Period, StateGaps, TopicGaps, gaps
from services.matching.gaps_file import as_csv
from services.matching.pages import base_of, described, invalid, language_in, templates
from services.matching.regions import chambers_by_state
from services.matching.roster import day_of
from services.matching.words import Language, spoken
from shared import mongo, web
from shared.coordinator import check_token
from shared.problems import Problem, wants_json
from shared.service import Service
from shared.topics import TOPICS


@dataclass(frozen=True, slots=True)
class ToldNumber:
    """A number as programs read it."""

    count: int | None
    """Null where it is hidden."""
    hidden: bool
    at_least: int
    at_most: int


@dataclass(frozen=True, slots=True)
class ToldCell:
    """The numbers of a topic in a region: all enquiries, those that found nobody, and those refused for capacity."""

    enquiries: ToldNumber
    unmatched: ToldNumber
    refused: ToldNumber


@dataclass(frozen=True, slots=True)
class ToldChamber:
    """A topic in a chamber's district."""

    chamber: str | None
    numbers: ToldCell


@dataclass(frozen=True, slots=True)
class ToldState:
    """A topic in a federal state; null: nobody could tell where the business is."""

    state: str | None
    numbers: ToldCell
    chambers: tuple[ToldChamber, ...]


@dataclass(frozen=True, slots=True)
class ToldTopic:
    """A topic everywhere."""

    topic: str
    """Its id."""
    label: str
    numbers: ToldCell
    states: tuple[ToldState, ...]


@dataclass(frozen=True, slots=True)
class ToldGaps:
    """Where help was missing in a period, as programs read it: only what has enquiries."""

    first: date
    last: date
    topics: tuple[ToldTopic, ...]
    """Those with the most unmatched enquiries first."""


_STATES = chambers_by_state()
_GAPS = TypeAdapter(ToldGaps)
_ANSWERS = {
    401: "The coordinators' token is missing.",
    404: "The token is wrong.",
    422: "The period is no period.",
    503: "Counting takes too long at the moment: name a shorter period, or ask later.",
}
_Date = Annotated[str, Query(description="A day, `2026-01-31`; without both, the last 90 days.")]
_From = Annotated[str, Query(alias="from", description="The first day, `2026-01-01`; else 89 days before the last.")]


class GapsPage:
    """The routes of the gaps."""

    def __init__(self, service: Service, counts: GapCounts) -> None:
        self._clock, self._counts = service.clock, counts
        self._base = base_of(service.settings)
        self._token = service.settings.coordinator_token
        self.router = APIRouter(tags=["gaps"])
        self.router.get("/gaps", responses=described(_ANSWERS, ToldGaps))(self.see)
        self.router.get("/gaps.csv", responses=described(_ANSWERS))(self.download)

    async def see(
        self, request: Request, token: str = "", from_: _From = "", to: _Date = "", state: str = ""
    ) -> Response:
        """Topics by federal state: how many enquiries, how many found nobody. ``state``: with its chambers."""
        check_token(request, self._token, token)
        language = language_in(request)
        period, flaw = period_of(from_, to, day_of(self._clock.now()))
        if flaw is not None and wants_json(request):
            raise invalid(flaw, language)
        rows = () if flaw else await self._gaps(period)
        if wants_json(request):
            return JSONResponse(_GAPS.dump_python(_told(period, rows, language), mode="json"))
        asked = {"from": from_ or period.first.isoformat(), "to": to or period.last.isoformat()}
        return self._page(language, token, asked, rows, state if state in _STATES else "", flaw)

    async def download(self, request: Request, token: str = "", from_: _From = "", to: _Date = "") -> Response:
        """The same as a table for Excel: UTF-8 with a mark, semicolons; one line for each topic and region."""
        check_token(request, self._token, token)
        language = language_in(request)
        period, flaw = period_of(from_, to, day_of(self._clock.now()))
        if flaw is not None:
            raise invalid(flaw, language)
        name = f"wegweiser-gaps-{period.first}-{period.last}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(as_csv(await self._gaps(period), language), 200, headers, "text/csv; charset=utf-8")

    async def _gaps(self, period: Period) -> tuple[TopicGaps, ...]:
        try:
            return gaps(await self._counts.of(period))
        except mongo.Unavailable as error:
            raise _NOT_COUNTED from error

    def _page(
        self,
        language: Language,
        token: str,
        asked: dict[str, str],
        rows: tuple[TopicGaps, ...],
        opened: str,
        flaw: Flaw | None,
    ) -> Response:
        say = spoken(language).say
        asked_again = {"token": token, **asked}
        columns = _columns(rows, opened)
        return web.page(
            templates,
            "gaps.html",
            status=422 if flaw else 200,
            language=language,
            say=say,
            base=self._base,
            token=token,
            asked=asked,
            opened=opened,
            flaw=flaw,
            csv=f"{self._base}/gaps.csv?{urlencode(asked_again)}",
            columns=[
                {"state": state, "chamber": chamber, "link": self._link(asked_again, state, opened)}
                for state, chamber in columns
            ],
            rows=[
                {"label": _label(row.topic, language), "whole": row.cell, "cells": [_cell(row, *of) for of in columns]}
                for row in rows
            ],
        )

    def _link(self, asked: dict[str, str], state: str | None, opened: str) -> str | None:
        """Opens a state, or closes the one that is open."""
        if state is None:
            return None
        return f"{self._base}/gaps?{urlencode(asked if state == opened else {**asked, 'state': state})}#matrix"


def _columns(rows: tuple[TopicGaps, ...], opened: str) -> list[tuple[str | None, str | None]]:
    """All states, each as (state, None), the opened one followed by its chambers; and what nobody could place."""
    columns: list[tuple[str | None, str | None]] = []
    for state, chambers in _STATES.items():
        columns.append((state, None))
        if state == opened:
            columns += [(state, chamber) for chamber in chambers]
    return [*columns, (None, None)] if any(None in row.states for row in rows) else columns


def _cell(row: TopicGaps, state: str | None, chamber: str | None) -> Cell | None:
    """None where there were no enquiries."""
    there = row.states.get(state)
    if there is None:
        return None
    return there.cell if chamber is None else there.chambers.get(chamber)


def _told(period: Period, rows: tuple[TopicGaps, ...], language: Language) -> ToldGaps:
    topics = (
        ToldTopic(
            row.topic,
            _label(row.topic, language),
            _cell_told(row.cell),
            tuple(_state_told(state, of_state) for state, of_state in row.states.items()),
        )
        for row in rows
    )
    return ToldGaps(period.first, period.last, tuple(topics))


def _state_told(state: str | None, of_state: StateGaps) -> ToldState:
    chambers = (ToldChamber(chamber, _cell_told(cell)) for chamber, cell in of_state.chambers.items())
    return ToldState(state, _cell_told(of_state.cell), tuple(chambers))


def _cell_told(cell: Cell) -> ToldCell:
    return ToldCell(*(_number_told(getattr(cell, measure)) for measure in MEASURES))


def _number_told(number: Number) -> ToldNumber:
    return ToldNumber(number.told, number.hidden, number.low, number.high)


def _label(topic: str, language: Language) -> str:
    return TOPICS[topic].label(language) if topic in TOPICS else topic


_NOT_COUNTED = Problem(
    503,
    "not_counted",
    {"de": "Das Zählen dauert gerade zu lange", "en": "Counting takes too long at the moment"},
    {
        "de": "Bitte wählen Sie einen kürzeren Zeitraum, oder versuchen Sie es später noch einmal.",
        "en": "Please choose a shorter period, or try again later.",
    },
    headers={"Retry-After": "60"},
)
