"""What became of an enquiry, behind its private link: a page and JSON; and how it is withdrawn. GET changes nothing."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from services.intake.addresses import Addresses
from services.intake.answers import Status, status_of
from services.intake.enquiry import Enquiry, NothingToWithdraw, withdrawn
from services.intake.settings import IntakeSettings
from services.intake.store import Enquiries
from services.intake.words import STATUS, next_step, standing, state_name, why
from shared.emergency import STEPS, TITLE
from shared.links import ForgedLink
from shared.problems import Problem, documented, wants_json
from shared.times import Clock, for_people
from shared.web import page, templates

_TEMPLATES = templates(Path(__file__).parent / "templates")
_TEMPLATES.filters["for_people"] = for_people
_TEMPLATES.filters["state_name"] = state_name

_UNKNOWN = Problem(
    404,
    "unknown_link",
    {"de": "Diesen Link kennen wir nicht", "en": "We do not know this link"},
    {
        "de": "Vielleicht ist er unvollständig. Bitte kopieren Sie den ganzen Link aus der E-Mail.",
        "en": "Perhaps it is incomplete. Please copy the whole link from the e-mail.",
    },
)
_ENDED = Problem(
    409,
    "nothing_to_withdraw",
    {"de": "Es gibt nichts mehr zurückzuziehen", "en": "There is nothing left to withdraw"},
    {"de": "Diese Anfrage ist schon abgeschlossen.", "en": "This enquiry has come to its end already."},
)


class StatusPage:
    """The routes behind an enquiry's private link."""

    def __init__(self, enquiries: Enquiries, clock: Clock, addresses: Addresses, settings: IntakeSettings) -> None:
        self._enquiries, self._clock, self._addresses, self._settings = enquiries, clock, addresses, settings
        self.router = APIRouter(prefix="/status/{token}", tags=["status"])
        self.router.get("", response_model=Status, responses=documented(404, 503))(self.show)
        self.router.get("/withdraw", include_in_schema=False)(self.ask)
        self.router.post("/withdraw", response_model=Status, responses=documented(404, 409, 503))(self.withdraw)

    async def show(self, token: str, request: Request) -> Response:
        """What became of the enquiry: a page, and JSON for who accepts ``application/json``."""
        enquiry = await self._enquiry(token)
        return _json(enquiry) if wants_json(request) else self._page("status.html", enquiry)

    async def ask(self, token: str) -> Response:
        """Ask whether the enquiry shall really be withdrawn."""
        enquiry = await self._enquiry(token)
        return self._page("withdraw.html", enquiry) if enquiry.may_be_withdrawn else self._to_status(enquiry)

    async def withdraw(self, token: str, request: Request) -> Response:
        """The enquirer does not want help any more. Safe to repeat; 409 when the enquiry has come to its end."""
        enquiry, now = await self._enquiry(token), self._clock.now()
        try:
            gone = await self._enquiries.change(enquiry.reference, lambda enquiry: withdrawn(enquiry, now))
        except NothingToWithdraw:
            raise _ENDED from None
        return _json(gone) if wants_json(request) else self._to_status(gone)

    async def _enquiry(self, token: str) -> Enquiry:
        try:
            enquiry = await self._enquiries.of(self._addresses.reference_of(token))
        except ForgedLink:
            raise _UNKNOWN from None
        if enquiry is None:
            raise _UNKNOWN
        return enquiry

    def _to_status(self, enquiry: Enquiry) -> Response:
        return RedirectResponse(self._addresses.status_path(enquiry.reference), 303)

    def _page(self, template: str, enquiry: Enquiry) -> Response:
        values: dict[str, Any] = {
            "language": enquiry.language,
            "say": STATUS[enquiry.language],
            "base": self._addresses.base,
            "here": self._addresses.status_path(enquiry.reference),
            "form_path": self._addresses.form_path(enquiry.language),
            "enquiry": enquiry,
            "standing": standing(enquiry),
            "next_step": next_step(enquiry),
            "why": why(enquiry),
            "emergency_title": TITLE[enquiry.language],
            "emergency_steps": STEPS[enquiry.language],
            "privacy_url": self._settings.privacy_url,
            "imprint_url": self._settings.imprint_url,
        }
        return page(_TEMPLATES, template, **values)


def _json(enquiry: Enquiry) -> Response:
    return JSONResponse(status_of(enquiry).model_dump())
