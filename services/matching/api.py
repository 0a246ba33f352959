"""What programs can ask about decisions, with the coordinators' token."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError

from services.matching.decide import Decision, decision_for
from services.matching.document import EnquiryDocument
from services.matching.hindsight import Hindsight
from services.matching.offering import Offering
from services.matching.pages import described
from services.matching.record import record
from services.matching.store import Referrals
from shared.coordinator import check_token
from shared.problems import Problem, language_of
from shared.service import Service

_TOKENS = {401: "The coordinators' token is missing.", 404: "The token is wrong, or nothing was decided."}


def _schema() -> dict[str, Any]:
    """The document's schema with its parts in place: a reference would be looked for elsewhere in OpenAPI."""
    schema = EnquiryDocument.model_json_schema()
    schema["properties"]["business"] = schema.pop("$defs")["_Business"]
    return schema


_DOCUMENT = {"requestBody": {"required": True, "content": {"application/json": {"schema": _schema()}}}}


class Decisions:
    """The routes for programs."""

    def __init__(self, service: Service, referrals: Referrals, offering: Offering, hindsight: Hindsight) -> None:
        self._clock, self._referrals, self._offering = service.clock, referrals, offering
        self._hindsight = hindsight
        self._token = service.settings.coordinator_token
        self.router = APIRouter(prefix="/api/v1/decisions", tags=["decisions"])
        self.router.get("/{reference}", responses=described(_TOKENS))(self.decision)
        self.router.post("/preview", responses=described(_TOKENS), openapi_extra=_DOCUMENT)(self.preview)

    async def decision(self, request: Request, reference: str, token: str = "") -> Response:
        """The decision that was taken for an enquiry, with everything needed to take it again.

        ``explanation``: why, in plain sentences; ``what_if``: what would have led the case elsewhere,
        worked out when it is asked.
        """
        check_token(request, self._token, token)
        referral = await self._referrals.of(reference)
        if referral is None:
            raise _UNKNOWN
        return await self._told(referral.decision)

    async def preview(self, request: Request, token: str = "") -> Response:
        """The decision for an enquiry document; nothing is stored."""
        check_token(request, self._token, token)
        facts, directory = (await _document_in(request)).facts(), await self._offering.snapshot()
        rules = await self._offering.rules()
        return await self._told(decision_for(facts, directory, rules, self._clock.now()))

    async def _told(self, decision: Decision) -> Response:
        return JSONResponse(record(decision, await self._hindsight.what_if(decision)))


async def _document_in(request: Request) -> EnquiryDocument:
    """The posted document. Raises ``Problem`` (400, 415, 422)."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem(
            415,
            "wrong_type",
            {"de": "Falscher Medientyp", "en": "Wrong media type"},
            {"de": "Erwartet wird application/json.", "en": "application/json is expected."},
        )
    try:
        return EnquiryDocument.model_validate_json(await request.body())
    except ValidationError as error:
        flaws = error.errors(include_url=False, include_context=False, include_input=False)
        if any(flaw["type"] == "json_invalid" for flaw in flaws):
            raise _BAD_JSON from error
        language = language_of(request)
        raise Problem(
            422,
            "invalid",
            {"de": "Ungültige Angaben", "en": "Invalid request"},
            {"de": "Bitte prüfen Sie die genannten Angaben.", "en": "Please check what is named."},
            errors=[
                {
                    "pointer": "".join(f"/{part}" for part in flaw["loc"]),
                    "code": flaw["type"],
                    "detail": _SENTENCES.get(flaw["type"], _OTHERWISE)[language],
                }
                for flaw in flaws
            ],
        ) from error


_SENTENCES = {
    "missing": {"de": "Diese Angabe fehlt.", "en": "This is missing."},
    "string_pattern_mismatch": {
        "de": "Eine Postleitzahl hat genau fünf Ziffern.",
        "en": "A postal code has exactly five digits.",
    },
    "string_type": {"de": "Hier muss Text stehen.", "en": "This must be text."},
    "value_error": {
        "de": "Mindestens ein Thema gibt es nicht; möglich sind die 40 Kennungen der Themenliste.",
        "en": "At least one topic does not exist; the 40 ids of the list of topics are possible.",
    },
    "literal_error": {"de": "Möglich sind „de“ und „en“.", "en": "“de” and “en” are possible."},
}
_OTHERWISE = {"de": "Dieser Wert ist hier nicht möglich.", "en": "This value is not possible here."}
_BAD_JSON = Problem(
    400,
    "bad_json",
    {"de": "Kein lesbares JSON", "en": "Not readable as JSON"},
    {"de": "Bitte prüfen Sie das Dokument.", "en": "Please check the document."},
)
_UNKNOWN = Problem(
    404,
    "reference_unknown",
    {"de": "Diese Anfrage gibt es nicht", "en": "There is no such enquiry"},
    {
        "de": "Entweder stimmt die Vorgangsnummer nicht, oder über die Anfrage ist noch nicht entschieden.",
        "en": "Either the reference is wrong, or nothing has been decided about the enquiry yet.",
    },
)
