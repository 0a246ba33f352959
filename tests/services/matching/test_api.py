"""What programs can ask about decisions."""

import asyncio

import httpx
import pytest

from services.matching.app import create_app
from services.matching.ruleset_file import packaged
from tests.services.matching.builders import REFERENCE, an_advisor, an_enquiry
from tests.services.matching.conftest import SAID, TOKEN

SHORT = {
    "target": "regional",
    "receiver": "advisor",
    "chamber": "Handwerkskammer Dresden",
    "topics": [{"id": "e_rechnung", "p": 1.0}],
    "reason": "led_by_chambers:e_rechnung",
}


@pytest.fixture
async def api(settings, clock, matching):
    app = create_app(settings, clock)
    headers = {"Authorization": f"Bearer {TOKEN}", "Accept-Language": "en"}
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://desk.example.org", headers=headers) as client,
    ):
        yield client


def a_document(**business):
    return {
        "business": {"name": "Tischlerei", "trade": "Tischler", "postal_code": "01067"} | business,
        "contact": {"name": "Büro", "email": "info@example.org"},
        "topics": ["e_rechnung"],
        "text": "Wie schreibt man E-Rechnungen?",
        "consent": True,
    }


async def preview(api, document):
    return await api.post("/api/v1/decisions/preview", json=document)


async def test_a_decision_is_told_with_all_it_was_taken_from(api, matching):
    await matching.hear(an_enquiry())
    told = (await api.get(f"/api/v1/decisions/{REFERENCE}")).json()
    assert {key: told[key] for key in SHORT} == SHORT
    assert (told["reference"], told["decided_at"]) == (REFERENCE, "2026-11-23T12:00:00Z")
    assert told["ruleset"] == packaged().version
    assert [candidate["receiver"] for candidate in told["candidates"]] == ["advisor", "ost"]
    assert (told["excluded"], told["region"]["land"]) == ([], "Sachsen")
    assert "Beratung advisor is asked first: advises in Handwerkskammer Dresden" in told["explanation"]["en"]


async def test_what_would_have_led_elsewhere_is_told_with_its_sentences(api, matching):
    await matching.hear(an_enquiry())
    for told in (await api.get(f"/api/v1/decisions/{REFERENCE}"), await preview(api, a_document())):
        assert told.json()["what_if"] == [
            {
                "change": "away:advisor",
                "target": "ost",
                "receiver": "ost",
                "sentence": {
                    "de": "Wenn Beratung advisor (Handwerkskammer Dresden) abwesend wäre, dann wäre die Anfrage an "
                    "Schaufenster ost (Träger ost) gegangen.",
                    "en": "If Beratung advisor (Handwerkskammer Dresden) were absent, the enquiry would have gone to "
                    "Schaufenster ost (Träger ost).",
                },
            }
        ]


async def test_a_decision_is_seen_with_the_directory_of_its_time(api, matching):
    await matching.hear(an_enquiry())
    await matching.receivers.keep([an_advisor("a-new-one"), an_advisor("zoe")], prune=True, **SAID)
    (change,) = (await api.get(f"/api/v1/decisions/{REFERENCE}")).json()["what_if"]
    assert (change["change"], change["receiver"]) == ("away:advisor", "ost")


async def test_what_nobody_decided_is_not_there(api):
    answer = await api.get("/api/v1/decisions/WW-NONE")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_a_preview_decides_and_stores_nothing(api, matching):
    told = (await preview(api, a_document())).json()
    assert {key: told[key] for key in SHORT} == SHORT
    assert await matching.documents.count_documents({}) == 0


async def test_a_preview_of_nothing_that_exists_goes_to_triage(api):
    told = (await preview(api, a_document(postal_code="00000"))).json()
    assert (told["target"], told["receiver"], told["reason"]) == ("triage", None, "impossible_postal_code:00000")


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({}, "/business"),
        ({"business": {}}, "/business/postal_code"),
        (a_document(postal_code="1067"), "/business/postal_code"),
        (a_document(postal_code=1067), "/business/postal_code"),
        (a_document() | {"topics": ["unknown"]}, "/topics"),
        (a_document() | {"text": 5}, "/text"),
        ([], ""),
    ],
)
async def test_what_is_wrong_with_a_document_is_named(api, document, pointer):
    answer = await preview(api, document)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize(("kind", "status"), [("application/json", 400), ("text/plain", 415)])
async def test_what_is_no_json_is_refused(api, kind, status):
    answer = await api.post("/api/v1/decisions/preview", content=b"{", headers={"Content-Type": kind})
    assert answer.status_code == status


async def test_the_service_serves_without_kafka_and_says_so(api):
    for _ in range(100):
        ready = await api.get("/readyz")
        if ready.status_code == 200:
            break
        await asyncio.sleep(0.1)
    assert ready.json()["status"] == "ok"
    assert "Kafka" in (await api.get("/healthz")).json()["checks"]["kafka"]
