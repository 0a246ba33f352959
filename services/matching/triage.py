"""What coordinators see and do: the cases that wait for a person to decide. GET never changes anything."""

from collections.abc import Container
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import TypeAdapter

from services.matching.changes import sentence
from services.matching.decide import NOBODY_FREE
from services.matching.directory import Receiver
from services.matching.disclosure import Enquirer, enquirer_of, state_shown
from services.matching.explain import explain
from services.matching.forms import LONGEST_NOTE, AssignForm, Flaw, assign_form
from services.matching.hindsight import Hindsight
from services.matching.offering import NotNow, NotReachable, Offering
from services.matching.pages import base_of, described, form_described, invalid, language_in, templates
from services.matching.referral import NotAssignable, Offer, Referral
from services.matching.snapshot import Snapshot
from services.matching.store import Referrals
from services.matching.words import Language, spoken, topics_in_words
from shared import mongo, web
from shared.coordinator import check_token
from shared.problems import Problem, wants_json
from shared.service import Service

MOST_SHOWN = 50
"""Cases on one page; the others move up."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who was offered a waiting case."""

    id: str
    name: str
    organisation: str
    state: str
    reason: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case that waits for a coordinator."""

    reference: str
    since: datetime
    reason: str
    """Why, in sentences."""
    urgent: bool
    """Call at once: the business may be under attack."""
    received_at: datetime
    topics: tuple[str, ...]
    trade: str
    chamber: str | None
    text: str
    enquirer: Enquirer
    asked: tuple[Asked, ...]
    what_if: tuple[str, ...]
    """What would have led it elsewhere, in sentences."""


@dataclass(frozen=True, slots=True)
class WaitingList:
    """What waits, as programs read it."""

    items: tuple[Waiting, ...]
    """What is urgent first, then the oldest, at most ``MOST_SHOWN``."""
    number: int
    """How many wait in all."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whom a case was given to."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Assigned:
    """What an assignment did, as programs read it."""

    reference: str
    state: str
    round: int
    receiver: Chosen


_WAITING = TypeAdapter(WaitingList)
_TOKENS = {401: "The coordinators' token is missing.", 404: "The token is wrong, or there is no such enquiry."}
_ANSWERS = {303: "Done: back to the list.", 409: "Somebody has the case already, or it is closed; the state is named."}
_ASSIGN = form_described(
    receiver={"type": "string", "description": "The receiver's id in the directory."},
    note={"type": "string", "maxLength": LONGEST_NOTE, "description": "The receiver reads it before accepting."},
    token={"type": "string", "description": "The coordinators' token, unless it comes as Authorization: Bearer."},
)


@dataclass(frozen=True, slots=True)
class _Again:
    """An assignment that was filled in wrongly, to be shown again."""

    reference: str
    filled: AssignForm
    flaw: Flaw


class Triage:
    """The routes of the coordinators' page."""

    def __init__(self, service: Service, referrals: Referrals, offering: Offering, hindsight: Hindsight) -> None:
        self._clock, self._referrals, self._offering = service.clock, referrals, offering
        self._hindsight = hindsight
        self._base = base_of(service.settings)
        self._here = f"{self._base}/triage"
        self._token = service.settings.coordinator_token
        self.router = APIRouter(prefix="/triage", tags=["triage"])
        self.router.get("", responses=described(_TOKENS, WaitingList))(self.see)
        answers = described(_TOKENS | _ANSWERS, Assigned)
        self.router.post("/{reference}/assign", responses=answers, openapi_extra=_ASSIGN)(self.assign)

    async def see(self, request: Request, token: str = "", assigned: str = "") -> Response:
        """The waiting cases, urgent ones first, then the oldest, with contact, reason and since when."""
        check_token(request, self._token, token)
        if not wants_json(request):
            done = await self._referrals.of(assigned) if assigned else None
            return await self._page(language_in(request), token, done=done)
        cases, number = await self._referrals.waiting(MOST_SHOWN)
        listed = WaitingList(tuple([await self._waiting(case, language_in(request)) for case in cases]), number)
        return JSONResponse(_WAITING.dump_python(listed, mode="json"))

    async def assign(self, request: Request, reference: str, token: str = "") -> Response:
        """Offer the case to a receiver of the coordinator's choice: form fields ``receiver`` and ``note``."""
        posted = await web.form_of(request)
        token = posted.get("token", [token])[0]
        check_token(request, self._token, token)
        form, flaw = assign_form(posted)
        try:
            referral = None if flaw else await self._assigned(reference, form)
        except NotReachable as not_now:
            referral, flaw = None, Flaw("receiver", not_now.why)
        if flaw is not None and wants_json(request):
            raise invalid(flaw, language_in(request))
        if flaw is not None:
            return await self._page(language_in(request), token, again=_Again(reference, form, flaw))
        if referral is not None and wants_json(request):
            return JSONResponse(_told(referral))
        return RedirectResponse(f"{self._here}?{urlencode({'token': token, 'assigned': reference})}", 303)

    async def _assigned(self, reference: str, form: AssignForm) -> Referral:
        try:
            return await self._offering.assign(reference, form.receiver, form.note or None)
        except mongo.Missing as missing:
            raise _UNKNOWN from missing
        except NotAssignable as late:
            raise _not_assignable(late) from late

    async def _page(
        self, language: Language, token: str, *, done: Referral | None = None, again: _Again | None = None
    ) -> Response:
        cases, number = await self._referrals.waiting(MOST_SHOWN)
        directory, words = await self._offering.snapshot(), spoken(language)
        not_now = self._not_now(directory)
        return web.page(
            templates,
            "triage.html",
            status=200 if again is None else 422,
            language=language,
            words=words,
            say=words.say,
            base=self._base,
            here=self._here,
            token=token,
            cases=[
                {
                    "case": await self._waiting(case, language),
                    "topics": topics_in_words(case.decision.topics, language),
                    "groups": _choices(case, directory, not_now),
                }
                for case in cases
            ],
            not_now=not_now,
            number=number,
            done=_done(done),
            refused=again,
        )

    async def _waiting(self, referral: Referral, language: Language) -> Waiting:
        enquiry = referral.enquiry
        changes = await self._hindsight.what_if(referral.decision)
        return Waiting(
            reference=referral.reference,
            since=referral.since,
            reason=_why(referral, language),
            urgent=referral.urgent,
            received_at=enquiry.received_at,
            topics=tuple(guess.id for guess in referral.decision.topics),
            trade=enquiry.trade,
            chamber=referral.decision.region.chamber,
            text=enquiry.text,
            enquirer=enquirer_of(enquiry),
            asked=tuple(_asked(referral, offer) for offer in referral.offers),
            what_if=tuple(sentence(change, language) for change in changes),
        )

    def _not_now(self, directory: Snapshot) -> dict[str, NotNow]:
        """Who cannot be offered a case at this moment, by id, and why."""
        at = self._clock.now()
        return {
            receiver.id: why
            for receiver in directory.receivers
            if (why := self._offering.not_now(receiver, directory, at)) is not None
        }


def _why(referral: Referral, language: Language) -> str:
    """Why a person must decide: nobody took it, or nobody could be asked or is free, which the decision explains."""
    refused = referral.offers and referral.reason != NOBODY_FREE
    return spoken(language).say["nobody_took_it"] if refused else explain(referral.decision, language)


def _asked(referral: Referral, offer: Offer) -> Asked:
    who = offer.receiver
    return Asked(who.id, who.name, who.organisation, state_shown(referral, offer), offer.reason, offer.note)


def _choices(referral: Referral, directory: Snapshot, not_now: Container[str]) -> list[tuple[str, list[Receiver]]]:
    """Everybody who may be offered a case: the chamber's advisors first, then the showcases, then the others.

    Of each group those who cannot take one now come last.
    """
    here = list(directory.advisors_of(referral.decision.region.chamber or ""))
    active = [receiver for receiver in directory.receivers if receiver.active]
    showcases = [receiver for receiver in active if receiver.kind == "showcase"]
    near = {receiver.id for receiver in here}
    others = [receiver for receiver in active if receiver.kind == "advisor" and receiver.id not in near]
    others.sort(key=lambda receiver: (receiver.organisation, receiver.name))
    return [
        (label, sorted(group, key=lambda receiver: receiver.id in not_now))
        for label, group in (("advisors_here", here), ("showcases", showcases), ("others", others))
        if group
    ]


def _done(referral: Referral | None) -> dict[str, str] | None:
    if referral is None or referral.current is None:
        return None
    receiver = referral.current.receiver
    return {"reference": referral.reference, "receiver": f"{receiver.organisation}, {receiver.name}"}


def _told(referral: Referral) -> dict[str, Any]:
    offer = referral.offers[-1]
    chosen = Chosen(offer.receiver.id, offer.receiver.name)
    return asdict(Assigned(referral.reference, state_shown(referral, offer), offer.round, chosen))


_UNKNOWN = Problem(
    404,
    "reference_unknown",
    {"de": "Diese Anfrage gibt es nicht", "en": "There is no such enquiry"},
    {"de": "Prüfen Sie bitte die Vorgangsnummer.", "en": "Please check the reference."},
)


def _not_assignable(late: NotAssignable) -> Problem:
    sentence = f"not_assignable_{late.state}"
    return Problem(
        409,
        f"referral_{late.state}",
        {"de": "Diese Anfrage ist nicht mehr zu vergeben", "en": "This enquiry can no longer be assigned"},
        {"de": spoken("de").say[sentence], "en": spoken("en").say[sentence]},
    )
