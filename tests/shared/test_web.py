"""What every service's HTTP side has in common, without any server behind it."""

import asyncio
import os
import subprocess
import sys
import time

import httpx
import pytest
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import JSONResponse
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from shared import mongo, web
from shared.border import LARGEST_BODY
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


TAKEN = Problem(409, "taken", {"de": "Vergeben", "en": "Taken"}, errors=[{"pointer": "/x", "code": "c", "detail": "d"}])


@router.get("/no")
async def no() -> None:
    raise TAKEN


@router.get("/number")
async def number(n: int) -> int:
    return n


async def by_whom(request: Request) -> JSONResponse:
    failure = {"problem": TAKEN, "away": mongo.Unavailable("away"), "bug": KeyError("bug"), "http": HTTPException(404)}
    if (kind := request.headers.get("fail-with")) is not None:
        raise failure[kind]
    return JSONResponse({"by_fastapi": "app" in request.scope})


async def refused() -> None:
    raise TAKEN


router.get("/straight")(by_whom)
router.get("/by-fastapi/{token}")(by_whom)
router.get("/guarded", dependencies=[Depends(refused)])(by_whom)


@pytest.fixture
async def service():
    settings = Settings(
        secret=("s",), coordinator_token="t", port=1, mongodb_url="mongodb://127.0.0.1:9/?timeoutMS=200"
    )
    service = Service("test", settings)
    yield service
    await service.stop()


@pytest.fixture
async def client(service, tmp_path):
    (tmp_path / "plain.css").write_text("p {}")
    app = web.application(
        service,
        router,
        title="T",
        description="D",
        static=tmp_path,
        allowed_origins=["https://handwerk.example.org"],
        public_path="/hilfe",
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
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


async def test_a_bug_tells_no_details_and_is_written_down_once(client):
    with capture_logs() as logs:
        answer = await client.get("/bug")
    assert (answer.status_code, answer.json()["title"]) == (500, "Da ist etwas schiefgegangen")
    assert "secret detail" not in answer.text
    assert [(line["event"], line["route"]) for line in logs] == [("request_failed", "/bug"), ("request", "/bug")]
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_bug_behind_a_page_is_told_as_a_page(client):
    with capture_logs():
        answer = await client.get("/bug", headers={"Accept": "text/html", "Accept-Language": "en"})
    assert (answer.status_code, "<h1>Something went wrong</h1>" in answer.text) == (500, True)


async def test_a_parameter_at_fault_is_named_in_the_language_asked_for(client):
    (error,) = (await client.get("/number")).json()["errors"]
    assert error == {"pointer": "/query/n", "code": "missing", "detail": "Diese Angabe fehlt."}
    (error,) = (await client.get("/number?n=x", headers={"Accept-Language": "en"})).json()["errors"]
    assert error["detail"].startswith("Input should be a valid integer")


async def test_a_page_names_what_is_at_fault(client):
    assert "<li>d</li>" in (await client.get("/no", headers={"Accept": "text/html"})).text


@pytest.mark.parametrize(
    ("wanted", "title"),
    [
        ("en", "Taken"),
        ("en;q=0.1, de;q=0", "Taken"),
        ("fr", "Vergeben"),
        ("de-AT, en", "Vergeben"),
        ("q=;;,", "Vergeben"),
    ],
)
async def test_the_language_is_the_one_preferred_of_two(client, wanted, title):
    assert (await client.get("/no", headers={"Accept-Language": wanted})).json()["title"] == title


async def test_a_body_over_the_limit_is_refused_announced_or_not(client):
    async def pieces():
        for _ in range(LARGEST_BODY // 8192 + 1):
            yield b"x" * 8192

    assert (await client.post("/echo", content=b"x" * LARGEST_BODY)).json() == {"bytes": LARGEST_BODY}
    assert (await client.post("/echo", content=b"x" * (LARGEST_BODY + 1))).status_code == 413
    assert (await client.post("/echo", content=pieces())).status_code == 413


async def test_what_needs_nothing_but_the_request_is_answered_without_fastapi(client):
    assert (await client.get("/straight")).json() == {"by_fastapi": False}
    assert (await client.get("/by-fastapi/x")).json() == {"by_fastapi": True}
    assert (await client.get("/guarded")).status_code == 409


@pytest.mark.parametrize("failure", ["problem", "away", "bug", "http"])
async def test_without_fastapi_failures_are_told_in_the_same_way(client, failure):
    asked = {"fail-with": failure, "Origin": "https://handwerk.example.org"}
    with capture_logs():
        straight, by_fastapi = [await client.get(path, headers=asked) for path in ("/straight", "/by-fastapi/x")]
    assert straight.status_code == by_fastapi.status_code > 400
    assert straight.headers == by_fastapi.headers
    assert straight.json() == by_fastapi.json()


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("GET", "/echo", 405)])
async def test_what_is_not_there_is_a_problem_too(client, method, path, status):
    answer = await client.request(method, path)
    assert (answer.status_code, answer.json()["status"]) == (status, status)


async def test_probes_tell_every_check_with_its_reason(client):
    assert (await client.get("/livez")).status_code == 200
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "failing")
    assert {"mongodb", "kafka", "consumer", "relay"} <= answer.json()["checks"].keys()


async def test_readiness_does_not_wait_for_a_kafka_that_stopped_answering(client, service):
    async def frozen():
        await asyncio.sleep(60)

    await client.get("/readyz")
    service.check("kafka", frozen)
    before = time.monotonic()
    answer = await client.get("/readyz")
    assert (answer.status_code, time.monotonic() - before < 5) == (503, True)
    assert {"mongodb", "kafka", "consumer", "relay"} <= answer.json()["checks"].keys()


async def test_a_check_that_took_long_is_told_next_time(client, service):
    async def slow():
        await asyncio.sleep(1)
        return "slow, and wrong"

    service.check("mongodb", service.ready)
    service.check("relay", service.ready)
    await client.get("/readyz")
    service.check("slow", slow)
    assert "slow" not in (await client.get("/readyz")).json()["checks"]
    assert (await client.get("/readyz")).json()["checks"]["slow"] == "slow, and wrong"


@pytest.mark.parametrize("path", ["/hilfe/no", "/no"])
async def test_the_proxy_may_take_the_public_path_away_or_leave_it(client, path):
    assert (await client.get(path)).status_code == 409


async def test_head_is_answered_as_get_is_without_a_body(client):
    answer = await client.head("/hilfe/livez")
    assert (answer.status_code, answer.content) == (200, b"")


async def test_files_that_are_the_same_for_all_may_be_kept(client):
    answer = await client.get("/hilfe/static/plain.css")
    assert (answer.text, answer.headers["Cache-Control"]) == ("p {}", "public, max-age=3600")
    assert (await client.get("/static/../test_web.py")).status_code == 404


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


@pytest.mark.parametrize(
    ("origin", "allowed"), [("https://handwerk.example.org", True), ("https://evil.example", False)]
)
async def test_only_allowed_websites_may_call_from_a_page(client, origin, allowed):
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "Content-Type",
    }
    answer = await client.options("/echo", headers=asked)
    assert (answer.headers.get("Access-Control-Allow-Origin") == origin) is allowed


async def test_metrics_come_with_a_sentence_each(client):
    text = (await client.get("/metrics")).text
    assert "# HELP wegweiser_line_stopped 1 when too many records" in text


async def test_requests_are_counted_by_route(client):
    await client.get("/away/very-private-token")
    counted = REGISTRY.get_sample_value(
        "wegweiser_http_request_seconds_count", {"route": "/away/{token}", "status": "503"}
    )
    assert counted >= 1
    assert "very-private-token" not in (await client.get("/metrics")).text


def started_with(**settings):
    environment = {**os.environ, **{f"WEGWEISER_{name.upper()}": value for name, value in settings.items()}}
    command = [sys.executable, "-m", "services.intake"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=30)


def test_settings_that_are_missing_or_wrong_are_said_in_a_sentence_each():
    ran = started_with(port="many")
    assert ran.returncode == 2
    assert {line.split(":")[0] for line in ran.stderr.splitlines()} == {
        "WEGWEISER_SECRET",
        "WEGWEISER_COORDINATOR_TOKEN",
        "WEGWEISER_PORT",
    }


def test_a_settings_file_that_is_not_there_is_said_in_a_sentence():
    ran = started_with(secret_file="/nowhere", coordinator_token="t")
    assert (ran.returncode, len(ran.stderr.splitlines())) == (2, 1)
