"""What every service's HTTP side has in common, without any server behind it."""

import httpx
import pytest
from fastapi import APIRouter, Request

from shared import mongo, web
from shared.problems import Problem
from shared.service import Service
from shared.settings import Settings

router = APIRouter()


@router.post("/echo")
async def echo(request: Request) -> dict[str, int]:
    return {"bytes": len(await request.body())}


@router.get("/away/{token}")
async def away(token: str) -> None:
    raise mongo.Unavailable("away")


@router.get("/bug")
async def bug() -> None:
    raise KeyError("secret detail")


@router.get("/no")
async def no() -> None:
    raise Problem(409, "taken", {"de": "Vergeben", "en": "Taken"}, errors=[{"pointer": "/x", "code": "c", "detail": "d"}])


@pytest.fixture
async def client():
    settings = Settings(secret=("s",), coordinator_token="t", port=1, mongodb_url="mongodb://127.0.0.1:9/?timeoutMS=200")
    app = web.application(
        Service("test", settings), router, title="T", description="D", allowed_origins=["https://handwerk.example.org"]
    )
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def test_a_problem_is_told_to_programs_in_the_language_they_ask_for(client):
    answer = await client.get("/no", headers={"Accept-Language": "fr, en;q=0.8, de;q=0.3"})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:wegweiser:problem:taken",
        "title": "Taken",
        "status": 409,
        "detail": "",
        "errors": [{"pointer": "/x", "code": "c", "detail": "d"}],
    }


async def test_a_problem_is_told_to_people_as_a_page(client):
    answer = await client.get("/no", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (answer.status_code, "<h1>Vergeben</h1>" in answer.text) == (409, True)


async def test_mongodb_away_is_not_confirmed_and_may_be_sent_again(client):
    answer = await client.get("/away/token")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


async def test_a_bug_tells_no_details(client):
    answer = await client.get("/bug")
    assert (answer.status_code, "secret detail" in answer.text) == (500, False)


async def test_a_body_over_the_limit_is_refused_announced_or_not(client):
    async def pieces():
        for _ in range(20):
            yield b"x" * 8192

    assert (await client.post("/echo", content=b"x" * web.LARGEST_BODY)).json() == {"bytes": web.LARGEST_BODY}
    assert (await client.post("/echo", content=b"x" * (web.LARGEST_BODY + 1))).status_code == 413
    assert (await client.post("/echo", content=pieces())).status_code == 413


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("GET", "/echo", 405)])
async def test_what_is_not_there_is_a_problem_too(client, method, path, status):
    answer = await client.request(method, path)
    assert (answer.status_code, answer.json()["status"]) == (status, status)


async def test_probes_tell_every_check_with_its_reason(client):
    assert (await client.get("/livez")).status_code == 200
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "failing")
    assert {"mongodb", "kafka", "consumer", "relay"} <= answer.json()["checks"].keys()


async def test_answers_are_private_by_default(client):
    headers = (await client.get("/no")).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Robots-Tag"] == "noindex"


async def test_the_log_names_the_route_and_never_the_token(client, capsys):
    await client.get("/away/very-private-token")
    logged = capsys.readouterr().out
    assert "/away/{token}" in logged
    assert "very-private-token" not in logged


@pytest.mark.parametrize(("origin", "allowed"), [("https://handwerk.example.org", True), ("https://evil.example", False)])
async def test_only_allowed_websites_may_call_from_a_page(client, origin, allowed):
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "Content-Type"}
    answer = await client.options("/echo", headers=asked)
    assert (answer.headers.get("Access-Control-Allow-Origin") == origin) is allowed


async def test_metrics_come_with_a_sentence_each(client):
    text = (await client.get("/metrics")).text
    assert "# HELP wegweiser_line_stopped 1 when too many records" in text
