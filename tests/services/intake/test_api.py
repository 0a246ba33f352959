"""The API as programs rely on it."""

import asyncio
import json
import re
from datetime import timedelta
from functools import reduce

import httpx
import pytest

from services.intake import consent
from services.intake.app import create_app
from shared.topics import TOPICS
from tests.services.intake.builders import a_document
from tests.services.intake.conftest import PUBLIC_URL, running

URL = "/api/v1/enquiries"


async def send(client, document=None, **headers):
    return await client.post(URL, json=document or a_document(), headers=headers)


async def test_an_enquiry_is_confirmed_with_reference_status_url_and_time(client):
    answer = await send(client)
    assert answer.status_code == 202
    told = answer.json()
    assert set(told) == {"reference", "status_url", "received_at"}
    assert re.fullmatch(r"WW(-[0-9A-Z]{4}){3}", told["reference"])
    assert told["status_url"].startswith(f"{PUBLIC_URL}/status/")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", told["received_at"])


async def test_it_is_stored_with_its_event_though_kafka_is_away(client, kept):
    reference = (await send(client)).json()["reference"]
    (entry,) = (await kept())[reference]["events"]
    said = json.loads(entry["value"])
    assert (entry["type"], said["reference"], said["consent"]) == ("wegweiser.enquiry.received.v1", reference, True)
    assert said["contact"]["email"] == "tischlerei@example.org"


async def test_the_same_key_and_content_get_the_same_answer_and_one_enquiry(client, kept):
    first = await send(client, **{"Idempotency-Key": "k 1"})
    second = await send(client, **{"Idempotency-Key": "k 1"})
    assert (second.status_code, second.json()) == (202, first.json())
    assert len(await kept()) == 1


async def test_the_same_key_with_another_content_is_a_conflict(client):
    await send(client, **{"Idempotency-Key": "k"})
    answer = await send(client, a_document(text="Etwas ganz anderes."), **{"Idempotency-Key": "k"})
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")


async def test_without_a_key_each_is_an_enquiry_of_its_own(client, kept):
    await send(client)
    await send(client)
    assert len(await kept()) == 2


async def test_the_answer_to_the_same_key_names_the_first_time(settings, clock):
    async with running(settings, clock) as client:
        first = await send(client, **{"Idempotency-Key": "k"})
        clock.at += timedelta(days=1)
        assert (await send(client, **{"Idempotency-Key": "k"})).json() == first.json()


async def test_the_reference_follows_from_the_key(client):
    assert (await send(client, **{"Idempotency-Key": "a"})).json()["reference"] == "WW-SABR-24PA-3EYW"


async def test_at_the_same_time_the_same_key_is_one_enquiry(client, kept):
    answers = await asyncio.gather(*(send(client, **{"Idempotency-Key": "k"}) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == len(await kept()) == 1


async def test_at_the_same_time_another_content_is_a_conflict(client, kept):
    contents = [a_document(text=f"Das ist die Anfrage Nummer {n % 2}.") for n in range(10)]
    answers = await asyncio.gather(*(send(client, content, **{"Idempotency-Key": "k"}) for content in contents))
    assert sorted(answer.status_code for answer in answers) == [202] * 5 + [409] * 5
    assert len(await kept()) == 1


@pytest.mark.parametrize("key", ["~", " x y ", "x" * 200])
async def test_any_printable_key_will_do(client, key):
    assert (await send(client, **{"Idempotency-Key": key})).status_code == 202


@pytest.mark.parametrize("key", ["", "x" * 201, "schlüssel".encode(), b"tab\x09key"])
async def test_a_key_has_1_to_200_printable_ascii_characters(client, key):
    answer = await client.post(URL, json=a_document(), headers=[("Idempotency-Key", key)])
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"", "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"{}", "", 415),
        (b"[]", "application/json", 422),
        (b"{}", "application/json; charset=utf-8", 422),
        (b" " * 300_000, "application/json", 413),
    ],
)
async def test_what_cannot_be_taken_is_a_problem_of_its_own_kind(client, content, content_type, status):
    answer = await client.post(URL, content=content, headers={"Content-Type": content_type})
    assert (answer.status_code, answer.json()["status"]) == (status, status)


async def test_what_is_invalid_is_named_by_pointer_in_the_language_asked_for(client):
    answer = await send(client, a_document(contact__email="x"), **{"Accept-Language": "en-GB"})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["pointer"], error["code"]) == (422, "/contact/email", "email")
    assert error["detail"].startswith("This is not a complete e-mail address")


async def test_a_postal_code_that_exists_nowhere_is_taken(client):
    assert (await send(client, a_document(business__postal_code="00000"))).status_code == 202


async def test_mongodb_away_is_not_confirmed(settings):
    app = create_app(settings.model_copy(update={"mongodb_url": "mongodb://127.0.0.1:9/?timeoutMS=300"}))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client,
    ):
        answer = await send(client)
    assert answer.json()["type"] == "urn:wegweiser:problem:unavailable"
    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (503, True)


async def test_a_website_that_is_allowed_may_send_from_its_pages(client):
    answer = await send(client, Origin="https://handwerk.example.org")
    assert answer.headers["Access-Control-Allow-Origin"] == "https://handwerk.example.org"
    assert "Access-Control-Allow-Origin" not in (await send(client, Origin="https://evil.example")).headers


async def test_a_website_may_ask_beforehand(client):
    asked = {
        "Origin": "https://handwerk.example.org",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type, idempotency-key",
    }
    answer = await client.options(URL, headers=asked)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, asked["Origin"])


async def test_the_interface_is_described(client):
    described = (await client.get("/openapi.json")).json()
    post = described["paths"]["/api/v1/enquiries"]["post"]
    assert {"202", "400", "409", "413", "415", "422", "503"} <= post["responses"].keys()
    content = post["requestBody"]["content"]["application/json"]["schema"]
    assert content["properties"]["business"]["required"] == ["name", "trade", "postal_code"]
    assert set(content["properties"]["topics"]["items"]["enum"]) == set(TOPICS)
    assert consent.TEXT["en"] in post["description"]


async def test_every_reference_in_the_description_leads_somewhere(client):
    described = (await client.get("/openapi.json")).json()
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(described)):
        reduce(lambda part, name: part[name], reference.split("/"), described)


@pytest.mark.parametrize("path", ["/api/v1/enquiries", "/status/x/withdraw/more"])
async def test_what_is_not_there_is_a_problem_too(client, path):
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) in {
        (404, "application/problem+json"),
        (405, "application/problem+json"),
    }
