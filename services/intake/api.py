"""What programs can ask: send an enquiry, read its status, withdraw it."""

import re
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from services.intake.document import EnquiryDocument, Unreadable, errors_of
from services.intake.enquiry import Enquiry
from services.intake.receive import receive
from services.intake.store import Enquiries, KeyReused
from services.intake.words import next_step
from shared.links import Links
from shared.problems import Problem, language_of
from shared.times import Clock

_KEY = re.compile(r"[\x20-\x7e]{1,200}")

_NO_JSON = Problem(
    400,
    "bad_json",
    {"de": "Kein lesbares JSON", "en": "No readable JSON"},
    {"de": "Der Inhalt ist kein gültiges JSON in UTF-8.", "en": "The body is no valid JSON in UTF-8."},
)
_WRONG_TYPE = Problem(
    415,
    "wrong_type",
    {"de": "Falscher Medientyp", "en": "Wrong media type"},
    {"de": "Erwartet wird application/json.", "en": "Send it as application/json."},
)
_WRONG_KEY = Problem(
    422,
    "bad_key",
    {"de": "Ungültiger Idempotency-Key", "en": "Invalid Idempotency-Key"},
    {"de": "Erlaubt sind 1 bis 200 druckbare ASCII-Zeichen.", "en": "Use 1 to 200 printable ASCII characters."},
)
_KEY_REUSED = Problem(
    409,
    "key_reused",
    {"de": "Dieser Schlüssel gehört zu einer anderen Anfrage", "en": "This key belongs to another enquiry"},
    {
        "de": "Unter diesem Idempotency-Key kam schon ein anderer Inhalt. Nehmen Sie für jede Anfrage einen neuen.",
        "en": "Another content came with this Idempotency-Key before. Use a new one for each enquiry.",
    },
)


def router(enquiries: Enquiries, links: Links, clock: Clock, public_url: str) -> APIRouter:
    """The API's routes."""
    routes = APIRouter(tags=["enquiries"])

    @routes.post(
        "/api/v1/enquiries",
        status_code=202,
        openapi_extra={
            "parameters": [{"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 200}}],
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": EnquiryDocument.model_json_schema()}},
            },
        },
    )
    async def send(request: Request) -> JSONResponse:
        """Send an enquiry. 202: it is stored, and will be answered. The same key and content: the same answer."""
        key = request.headers.get("idempotency-key")
        if key is not None and not _KEY.fullmatch(key):
            raise _WRONG_KEY
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise _WRONG_TYPE
        document = _document(await request.body(), language_of(request))
        try:
            enquiry = await receive(document, key, enquiries, clock)
        except KeyReused:
            raise _KEY_REUSED from None
        return JSONResponse(confirmation(enquiry, links, public_url), 202)

    return routes


def confirmation(enquiry: Enquiry, links: Links, public_url: str) -> dict[str, Any]:
    """What is told of an enquiry that was stored."""
    return {
        "reference": enquiry.reference,
        "status_url": status_url(enquiry, links, public_url),
        "received_at": _rfc3339(enquiry.received_at),
    }


def status(enquiry: Enquiry) -> dict[str, Any]:
    """What became of an enquiry; who declined is not shown."""
    return {
        "reference": enquiry.reference,
        "state": enquiry.state,
        "since": _rfc3339(enquiry.since),
        "receiver": {"id": enquiry.receiver.id, "name": enquiry.receiver.name} if enquiry.receiver else None,
        "next_step": next_step(enquiry),
        "history": [{"at": _rfc3339(step.at), "state": step.state} for step in enquiry.history],
    }


def status_url(enquiry: Enquiry, links: Links, public_url: str) -> str:
    """The private address of an enquiry's status page."""
    return f"{public_url.rstrip('/')}/status/{links.status_token(enquiry.reference)}"


def _document(body: bytes, language: str) -> EnquiryDocument:
    try:
        return EnquiryDocument.model_validate_json(body)
    except ValidationError as error:
        try:
            errors = errors_of(error, language)
        except Unreadable:
            raise _NO_JSON from None
        raise Problem(
            422,
            "invalid",
            {"de": "Die Anfrage ist unvollständig oder fehlerhaft", "en": "The enquiry is incomplete or has errors"},
            {"de": "Bitte prüfen Sie die genannten Angaben.", "en": "Please check what is named in errors."},
            errors=errors,
        ) from None


def _rfc3339(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
