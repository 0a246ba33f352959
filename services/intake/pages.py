"""What people see: the form, and the status page. Both work without JavaScript and without cookies."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import ValidationError

from services.intake import words
from services.intake.api import status, status_url
from services.intake.document import EnquiryDocument, errors_of
from services.intake.enquiry import Enquiry, reference_of, withdrawn
from services.intake.receive import CONSENT_VERSION, receive
from services.intake.settings import IntakeSettings
from services.intake.store import Enquiries, KeyReused
from shared import mongo
from shared.links import ForgedLink, Links
from shared.problems import Problem, wants_json
from shared.times import Clock, for_people
from shared.topics import TOPICS
from shared.web import form_of, page, templates

_TEMPLATES = templates(Path(__file__).parent / "templates")
_UNKNOWN = Problem(
    404,
    "unknown_token",
    {"de": "Diese Seite gibt es nicht", "en": "There is no such page"},
    {
        "de": "Der Link ist unvollständig oder falsch. Bitte öffnen Sie ihn noch einmal aus der Mail.",
        "en": "The link is incomplete or wrong. Please open it from the mail again.",
    },
)
_FIELDS = (
    "business.name",
    "business.trade",
    "business.postal_code",
    "business.place",
    "business.employees",
    "business.member",
    "contact.name",
    "contact.email",
    "contact.phone",
    "contact.preferred",
    "contact.time",
    "text",
)


def router(  # noqa: C901 - as long as its routes
    enquiries: Enquiries, links: Links, clock: Clock, settings: IntakeSettings
) -> APIRouter:
    """The pages' routes."""
    routes = APIRouter(include_in_schema=False)
    base = urlsplit(settings.public_url).path.rstrip("/")

    def form(language: str, filled: Mapping[str, list[str]], key: str, *, http: int = 200, **more: Any) -> Response:
        values: dict[str, Any] = {"errors": [], "trouble": None, "earlier": None} | more
        return page(
            _TEMPLATES,
            "form.html",
            status=http,
            language=language,
            base=base,
            t=words.FORM[language],
            filled={name: filled.get(name, [""])[0] for name in _FIELDS},
            ticked=set(filled.get("topics", [])),
            consent=filled.get("consent") == ["true"],
            key=key,
            topics=TOPICS.values(),
            by_pointer={error["pointer"]: error for error in values["errors"]},
            consent_version=CONSENT_VERSION,
            privacy_url=settings.privacy_url,
            imprint_url=settings.imprint_url,
            **values,
        )

    async def submit(request: Request, language: str) -> Response:
        filled = await form_of(request)
        key = filled.get("key", [""])[0] or _new_key()
        try:
            document = EnquiryDocument.model_validate(_document(filled, language))
        except ValidationError as error:
            return form(language, filled, key, http=422, errors=errors_of(error, language))
        try:
            enquiry = await receive(document, key, enquiries, clock)
        except KeyReused:
            earlier = f"{base}/status/{links.status_token(reference_of(key))}"
            return form(language, filled, _new_key(), http=409, earlier=earlier)
        except mongo.Unavailable:
            answer = form(language, filled, key, http=503, trouble="unavailable")
            answer.headers["Retry-After"] = "5"
            return answer
        return RedirectResponse(status_url(enquiry, links, settings.public_url), 303)

    @routes.get("/")
    async def german_form() -> Response:
        return form("de", {}, _new_key())

    @routes.get("/en")
    async def english_form() -> Response:
        return form("en", {}, _new_key())

    @routes.post("/")
    async def submit_german(request: Request) -> Response:
        return await submit(request, "de")

    @routes.post("/en")
    async def submit_english(request: Request) -> Response:
        return await submit(request, "en")

    async def found(token: str) -> Enquiry:
        try:
            enquiry = await enquiries.of(links.reference_of(token))
        except ForgedLink:
            raise _UNKNOWN from None
        if enquiry is None:
            raise _UNKNOWN
        return enquiry

    def shown(request: Request, enquiry: Enquiry, token: str) -> Response:
        if wants_json(request):
            return JSONResponse(status(enquiry))
        return page(
            _TEMPLATES,
            "status.html",
            language=enquiry.language,
            base=base,
            t=words.STATUS[enquiry.language],
            enquiry=enquiry,
            state=words.state_name(enquiry.state, enquiry.language),
            next_step=words.next_step(enquiry),
            history=[
                (for_people(step.at, enquiry.language), words.state_name(step.state, enquiry.language))
                for step in enquiry.history
            ],
            received=for_people(enquiry.received_at, enquiry.language),
            token=token,
            can_withdraw=enquiry.state not in {"withdrawn", "erased", "completed", "closed"},
            privacy_url=settings.privacy_url,
            imprint_url=settings.imprint_url,
        )

    @routes.get("/status/{token}")
    async def show_status(request: Request, token: str) -> Response:
        return shown(request, await found(token), token)

    @routes.post("/status/{token}/withdraw")
    async def withdraw(request: Request, token: str) -> Response:
        enquiry = await found(token)
        now = clock.now()
        changed = await enquiries.change(enquiry.reference, lambda enquiry: withdrawn(enquiry, now))
        if wants_json(request):
            return JSONResponse(status(changed))
        return RedirectResponse(status_url(changed, links, settings.public_url), 303)

    return routes


def _document(filled: Mapping[str, list[str]], language: str) -> dict[str, Any]:
    """The document that a filled-in form means. What was left empty is not in it."""
    document: dict[str, Any] = {"business": {}, "contact": {}, "language": language}
    for name in _FIELDS:
        value = filled.get(name, [""])[0]
        if value.strip():
            part, _, field = name.rpartition(".")
            (document[part] if part else document)[field] = value
    document["topics"] = [topic for topic in filled.get("topics", []) if topic]
    document["consent"] = filled.get("consent") == ["true"]
    return document


def _new_key() -> str:
    return secrets.token_urlsafe(24)
