"""How programs send an enquiry."""

import re

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.intake import consent
from services.intake.addresses import Addresses
from services.intake.answers import Confirmation
from services.intake.document import EnquiryDocument, Invalid, Unreadable, read, schema
from services.intake.receive import receive
from services.intake.store import Enquiries, KeyReused
from services.intake.words import said
from shared.problems import Problem, documented, language_of
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


_DESCRIPTION = f"""\
Send an enquiry. It is stored when the answer is 202; what became of it is at ``status_url``.

With an ``Idempotency-Key`` it may be sent again whenever the answer did not arrive or was 503: the same key and content
get the same answer, the same key with another content 409. ``consent`` says that whoever asks agreed to this text,
version {consent.VERSION}: \u201c{consent.TEXT["en"]}\u201d
"""
_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "1 to 200 printable ASCII characters, remembered for good.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}


def router(enquiries: Enquiries, clock: Clock, addresses: Addresses) -> APIRouter:
    """The API's route."""
    routes = APIRouter(tags=["enquiries"])

    @routes.post(
        "/api/v1/enquiries",
        status_code=202,
        response_model=Confirmation,
        description=_DESCRIPTION,
        responses=documented(400, 409, 413, 415, 422, 503),
        openapi_extra={
            "parameters": [_HEADER],
            "requestBody": {"required": True, "content": {"application/json": {"schema": schema()}}},
        },
    )
    async def send(request: Request) -> Response:
        key = request.headers.get("idempotency-key")
        if key is not None and not _KEY.fullmatch(key):
            raise _WRONG_KEY
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise _WRONG_TYPE
        document = _document(await request.body(), request)
        try:
            enquiry = await receive(document, key, enquiries, clock)
        except KeyReused:
            raise _KEY_REUSED from None
        confirmation = Confirmation(
            reference=enquiry.reference,
            status_url=addresses.status_url(enquiry.reference),
            received_at=enquiry.received_at,
        )
        return Response(confirmation.model_dump_json(), 202, media_type="application/json")

    return routes


def _document(body: bytes, request: Request) -> EnquiryDocument:
    try:
        return read(body)
    except Unreadable:
        raise _NO_JSON from None
    except Invalid as invalid:
        language = language_of(request)
        raise Problem(
            422,
            "invalid",
            {"de": "Die Anfrage ist unvollständig oder fehlerhaft", "en": "The enquiry is incomplete or has errors"},
            {"de": "Bitte prüfen Sie die genannten Angaben.", "en": "Please check what is named in errors."},
            errors=[
                {"pointer": flaw.pointer, "code": flaw.code, "detail": said(flaw, language)} for flaw in invalid.flaws
            ],
        ) from None
