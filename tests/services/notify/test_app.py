import httpx
import pytest
from pydantic import ValidationError

from services.notify import api
from services.notify.app import create_app
from shared.web import application
from tests.services.notify.builders import REFERENCE, an_acceptance, an_enquiry_event, an_offer_event, the_settings

BEARER = {"Authorization": "Bearer coordinators-only"}
PATH = "/api/v1/notices"


@pytest.fixture
async def client(notify):
    app = application(notify.service, api.router(notify.notices, "coordinators-only"), title="notify", description="")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://notify") as client:
        yield client


async def test_what_was_sent_to_whom_and_how_it_went(notify, client, smtp):
    smtp.refuse("RCPT", "451 later", times=1, to="betrieb@example.org")
    await notify.hear(an_enquiry_event())
    notify.start()
    notice = await notify.the("receipt", "sent")
    answer = await client.get(PATH, params={"enquiry": REFERENCE}, headers=BEARER)
    (item,) = answer.json()["items"]
    attempts = item.pop("attempts")
    assert item == {
        "id": notice.id,
        "purpose": "receipt",
        "to": "b…@example.org",
        "state": "sent",
        "message_id": notice.message_id,
    }
    assert [attempt["answer"].split()[0] for attempt in attempts] == ["451", "250"]
    assert all(attempt["at"].endswith("Z") for attempt in attempts)


async def test_notices_are_listed_oldest_first(notify, client):
    for n, event in enumerate((an_enquiry_event(), an_offer_event(), an_acceptance()), start=1):
        await notify.hear(event, n)
    items = (await client.get(PATH, params={"enquiry": REFERENCE, "token": "coordinators-only"})).json()["items"]
    assert [item["purpose"] for item in items][:2] == ["receipt", "offer"]
    assert {item["state"] for item in items} == {"queued"}


async def test_an_enquiry_that_was_not_heard_of_has_no_notices(client):
    answer = await client.get(PATH, params={"enquiry": "WW-0000-0000-0000"}, headers=BEARER)
    assert (answer.status_code, answer.json()) == (200, {"items": []})


@pytest.mark.parametrize(("headers", "status"), [({}, 401), ({"Authorization": "Bearer wrong"}, 404)])
async def test_only_coordinators_may_ask(client, headers, status):
    answer = await client.get(PATH, params={"enquiry": REFERENCE}, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_enquiry_has_to_be_named(client):
    answer = await client.get(PATH, headers=BEARER)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/query/enquiry")


async def test_the_service_says_how_its_mail_server_is(mongodb, namespace, smtp):
    app = create_app(
        the_settings(mongodb_url=mongodb.url, kafka_url="localhost:1", namespace=namespace, smtp_url=smtp.url)
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://notify") as client:
        assert (await client.get("/healthz")).json()["checks"]["smtp"] == "ok"
        smtp.stop()
        checks = (await client.get("/readyz")).json()["checks"]
        assert {"mongodb", "kafka", "consumer", "relay", "smtp"} <= checks.keys()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mail_from", "nobody"),
        ("coordinators", ()),
        ("coordinators", ("nobody",)),
        ("smtp_url", "localhost:1025"),
        ("reply_to", "x@"),
    ],
)
def test_a_setting_that_cannot_work_is_refused_at_the_start(name, value):
    with pytest.raises(ValidationError):
        the_settings(**{name: value})


def test_the_senders_name_may_stand_with_its_address():
    assert the_settings(mail_from="Wegweiser <wegweiser@example.org>").mail_from == "wegweiser@example.org"
