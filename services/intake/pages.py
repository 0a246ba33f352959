"""The form for people, in German and English, without JavaScript and without cookies."""

import secrets
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.intake import consent
from services.intake.addresses import Addresses
from services.intake.document import Flaw, Invalid
from services.intake.enquiry import reference_of
from services.intake.form import Filled, field_of, filled
from services.intake.form_words import FORM
from services.intake.receive import form_key, receive
from services.intake.settings import IntakeSettings
from services.intake.store import Enquiries, KeyReused
from services.intake.topic_groups import GROUPS
from services.intake.words import said
from shared import mongo
from shared.emergency import STEPS, TITLE
from shared.times import Clock
from shared.web import form_of, page, templates

_TEMPLATES = templates(Path(__file__).parent / "templates")
_PUBLIC = {"Cache-Control": "private, no-cache", "X-Robots-Tag": "all"}
"""An empty form holds nothing private: browsers may keep it, and what was typed is there when somebody goes back."""


class Form:
    """The form's routes: shown, and posted to itself."""

    def __init__(self, enquiries: Enquiries, clock: Clock, addresses: Addresses, settings: IntakeSettings) -> None:
        self._enquiries, self._clock, self._addresses, self._settings = enquiries, clock, addresses, settings
        self.router = APIRouter(include_in_schema=False)
        for language, path in (("de", "/"), ("en", "/en")):
            self._serve(language, path)

    def _serve(self, language: str, path: str) -> None:
        @self.router.get(path)
        async def show() -> Response:
            answer = self._page(language, filled({}, _new_key()))
            answer.headers.update(_PUBLIC)
            return answer

        @self.router.post(path)
        async def send(request: Request) -> Response:
            return await self._send(filled(await form_of(request), _new_key()), language)

    async def _send(self, form: Filled, language: str) -> Response:
        """Keep it and go to its status page; else the form again, with everything that was typed."""
        try:
            enquiry = await receive(form.document(language), form_key(form.key), self._enquiries, self._clock)
        except Invalid as invalid:
            return self._page(language, form, flaws=invalid.flaws, status=422)
        except KeyReused:
            earlier = self._addresses.status_path(reference_of(form_key(form.key)))
            return self._page(language, form, key=_new_key(), earlier=earlier, status=409)
        except mongo.Unavailable:
            answer = self._page(language, form, unavailable=True, status=503)
            answer.headers["Retry-After"] = "5"
            return answer
        return RedirectResponse(self._addresses.status_path(enquiry.reference), 303)

    def _page(
        self,
        language: str,
        form: Filled,
        *,
        status: int = 200,
        key: str | None = None,
        flaws: tuple[Flaw, ...] = (),
        earlier: str | None = None,
        unavailable: bool = False,
    ) -> Response:
        errors: dict[str, str] = {}
        for flaw in flaws:
            errors.setdefault(field_of(flaw), said(flaw, language))
        other = "de" if language == "en" else "en"
        values: dict[str, Any] = {
            "language": language,
            "say": FORM[language],
            "base": self._addresses.base,
            "here": self._addresses.form_path(language),
            "other": {"language": other, "path": self._addresses.form_path(other)},
            "form": form,
            "key": key or form.key,
            "errors": errors,
            "earlier": earlier,
            "unavailable": unavailable,
            "groups": GROUPS,
            "emergency_title": TITLE[language],
            "emergency_steps": STEPS[language],
            "consent": consent.TEXT[language],
            "privacy_url": self._settings.privacy_url,
            "imprint_url": self._settings.imprint_url,
        }
        return page(_TEMPLATES, "form.html", status=status, **values)


def _new_key() -> str:
    return secrets.token_urlsafe(24)
