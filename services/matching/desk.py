"""What receivers see and do about an offer: pages and JSON behind a private link. GET never changes anything."""

from collections.abc import Awaitable
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import TypeAdapter

from services.matching.disclosure import Shown, ShownState, shown, state_shown
from services.matching.forms import LONGEST_NOTE, DeclineForm, Flaw, decline_form
from services.matching.offering import Offering
from services.matching.pages import base_of, described, form_described, invalid, language_in, templates
from services.matching.referral import REASONS, NoSuchOffer, Offer, OfferNotOpen, Referral, Refusal, accepted, declined
from services.matching.store import Referrals
from services.matching.words import spoken, topics_in_words
from shared import mongo, web
from shared.links import ExpiredLink, ForgedLink, OfferLink
from shared.problems import Problem, wants_json
from shared.service import Service

_SHOWN = TypeAdapter(Shown)
_EMPTY = DeclineForm("", "")

_LINKS = {404: "The link is forged or cut off.", 410: "The link has expired."}
_ANSWERS = {
    **_LINKS,
    303: "Done: back to the offer's page.",
    409: "Another answer was given already, or it is too late; the state is named.",
}
_DECLINE = form_described(
    reason={"type": "string", "enum": list(REASONS)},
    note={"type": "string", "maxLength": LONGEST_NOTE, "description": "Needed with the reason other."},
)


@dataclass(frozen=True, slots=True)
class _Opened:
    """What a link led to."""

    link: OfferLink
    referral: Referral
    offer: Offer
    base: str
    here: str
    """The offer's path."""


class Desk:
    """The routes behind an offer's link."""

    def __init__(self, service: Service, referrals: Referrals, offering: Offering) -> None:
        self._service, self._referrals, self._offering = service, referrals, offering
        self._base = base_of(service.settings)
        self.router = APIRouter(prefix="/offers/{token}", tags=["offers"])
        self.router.get("", responses=described(_LINKS, Shown))(self.see)
        self.router.post("/accept", responses=described(_ANSWERS, Shown))(self.accept)
        self.router.post("/decline", responses=described(_ANSWERS, Shown), openapi_extra=_DECLINE)(self.decline)

    async def see(self, token: str, request: Request) -> Response:
        """The offer: what it is about; and, once accepted, who asks."""
        opened = await self._opened(token)
        return _as_json(opened) if wants_json(request) else _as_page(opened)

    async def accept(self, token: str, request: Request) -> Response:
        """Take the case. The same answer again changes nothing; another, or too late: 409."""
        link, now = self._link(token), self._service.clock.now()
        taking = self._referrals.change(link.reference, lambda case: accepted(case, link.round, link.receiver, at=now))
        return await self._answer(request, token, "accept", taking)

    async def decline(self, token: str, request: Request) -> Response:
        """Do not take the case, and say why: form fields ``reason`` and ``note``."""
        opened = await self._opened(token)
        form, flaw = decline_form(await web.form_of(request)) if opened.offer.state == "open" else (_EMPTY, None)
        if flaw is not None:
            return _try_again(request, opened, form, flaw)
        refusal = Refusal(form.reason, form.note or None)
        link, now = opened.link, self._service.clock.now()
        declining = self._offering.after(
            link.reference, lambda case: declined(case, link.round, link.receiver, refusal, at=now)
        )
        return await self._answer(request, token, "decline", declining)

    async def _answer(self, request: Request, token: str, wanted: str, answering: Awaitable[Referral]) -> Response:
        try:
            await answering
        except OfferNotOpen:
            return _conflict(request, await self._opened(token), wanted)
        except (mongo.Missing, NoSuchOffer) as unknown:
            raise _UNKNOWN from unknown
        opened = await self._opened(token)
        return _as_json(opened) if wants_json(request) else RedirectResponse(opened.here, 303)

    async def _opened(self, token: str) -> _Opened:
        link = self._link(token)
        referral = await self._referrals.of(link.reference)
        try:
            if referral is not None:
                offer = referral.offer_of(link.round, link.receiver)
                return _Opened(link, referral, offer, self._base, f"{self._base}/offers/{quote(token)}")
        except NoSuchOffer:
            pass
        raise _UNKNOWN

    def _link(self, token: str) -> OfferLink:
        try:
            return self._service.links.offer_of(token, self._service.clock.now())
        except ForgedLink as forged:
            raise _UNKNOWN from forged
        except ExpiredLink as expired:
            raise _EXPIRED from expired


def _as_json(opened: _Opened) -> Response:
    return JSONResponse(_SHOWN.dump_python(shown(opened.referral, opened.offer), mode="json"))


def _as_page(opened: _Opened, *, filled: DeclineForm = _EMPTY, flaw: Flaw | None = None) -> Response:
    referral, offer = opened.referral, opened.offer
    language = offer.receiver.language
    words = spoken(language)
    return web.page(
        templates,
        "offer.html",
        status=200 if flaw is None else 422,
        language=language,
        words=words,
        say=words.say,
        view=_view(referral, offer),
        base=opened.base,
        here=opened.here,
        offer=offer,
        shown=shown(referral, offer),
        topics=topics_in_words(referral.decision.topics, language),
        text_language=referral.enquiry.language,
        filled=filled,
        flaw=flaw,
    )


def _view(referral: Referral, offer: Offer) -> str:
    state = state_shown(referral, offer)
    if state == "withdrawn" and offer.state == "accepted":
        return "closed"
    return "offer" if state == "offered" else state


def _try_again(request: Request, opened: _Opened, filled: DeclineForm, flaw: Flaw) -> Response:
    if wants_json(request):
        raise invalid(flaw, language_in(request))
    return _as_page(opened, filled=filled, flaw=flaw)


def _conflict(request: Request, opened: _Opened, wanted: str) -> Response:
    state = state_shown(opened.referral, opened.offer)
    if wants_json(request):
        raise _too_late(state)
    language = opened.offer.receiver.language
    return web.page(
        templates,
        "conflict.html",
        status=409,
        language=language,
        say=spoken(language).say,
        reference=opened.referral.reference,
        state=state,
        wanted=wanted,
        base=opened.base,
        here=opened.here,
    )


def _too_late(state: ShownState) -> Problem:
    return Problem(
        409,
        f"offer_{state}",
        {"de": "Diese Antwort ändert nichts mehr", "en": "This answer no longer changes anything"},
        {
            "de": f"Zustand ({state}): Das Angebot ist {spoken('de').offer_states[state]}.",
            "en": f"State ({state}): the offer is {spoken('en').offer_states[state]}.",
        },
    )


_UNKNOWN = Problem(
    404,
    "offer_unknown",
    {"de": "Diesen Link kennen wir nicht", "en": "We do not know this link"},
    {
        "de": "Vielleicht hat Ihr Mailprogramm ihn abgeschnitten. Kopieren Sie bitte den ganzen Link aus der E-Mail.",
        "en": "Perhaps your mail program cut it off. Please copy the whole link from the e-mail.",
    },
)
_EXPIRED = Problem(
    410,
    "link_expired",
    {"de": "Dieser Link ist abgelaufen", "en": "This link has expired"},
    {
        "de": "Links zu Angeboten gelten 90 Tage. Wenn Sie die Anfrage noch brauchen, antworten Sie bitte auf unsere "
        "E-Mail.",
        "en": "Links to offers are valid for 90 days. If you still need the enquiry, please reply to our e-mail.",
    },
)
