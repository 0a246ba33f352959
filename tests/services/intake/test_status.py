"""The status behind its private link, for programs and for people."""

import asyncio
from dataclasses import replace

import pytest

from services.intake.enquiry import Because, Receiver, followed, unreachable
from services.intake.settings import IntakeSettings
from services.intake.store import enquiries_of
from services.intake.words import why as why_this
from shared.service import Service
from tests.services.intake.builders import a_document
from tests.services.intake.conftest import PUBLIC_URL, running
from tests.services.intake.reading import Page
from tests.services.intake.test_enquiry import an_enquiry, later

JSON = {"Accept": "application/json"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
DRESDEN = Receiver("hwk-dresden-1", "Beratung Dresden")


async def sent(client, **changes):
    told = (await client.post("/api/v1/enquiries", json=a_document(**changes))).json()
    return told | {"path": told["status_url"].removeprefix(PUBLIC_URL)}


@pytest.fixture
async def enquiries(client, settings: IntakeSettings):
    """The same enquiries, as a handler changes them."""
    service = Service("intake", settings)
    yield enquiries_of(service)
    await service.stop()


async def accept(enquiries, reference, receiver=DRESDEN):
    await enquiries.change(reference, lambda enquiry: followed(enquiry, 1, "accepted", later(1), receiver))


def because(code, *topics, chamber=None):
    return replace(DRESDEN, because=Because(code, topics, chamber))


async def test_the_status_is_told_to_programs(client):
    told = await sent(client)
    answer = await client.get(told["path"], headers=JSON)
    assert answer.json() == {
        "reference": told["reference"],
        "state": "received",
        "since": told["received_at"],
        "receiver": None,
        "next_step": "Wir suchen die passende Ansprechstelle; Sie müssen nichts weiter tun.",
        "history": [{"at": told["received_at"], "state": "received"}],
    }


async def test_who_accepted_is_told_to_programs(client, enquiries):
    told = await sent(client, language="en")
    await accept(enquiries, told["reference"])
    answer = (await client.get(told["path"], headers=JSON)).json()
    assert (answer["state"], answer["receiver"]) == ("accepted", {"id": "hwk-dresden-1", "name": "Beratung Dresden"})
    assert answer["next_step"] == "Beratung Dresden has taken your enquiry and will get in touch with you."


async def test_why_this_contact_is_told_on_the_page_and_to_programs(client, enquiries):
    told = await sent(client)
    await accept(enquiries, told["reference"], because("advises_in", chamber="Handwerkskammer Dresden"))
    why = "Diese Stelle berät für die Handwerkskammer Dresden, zu der Ihre Postleitzahl 01067 gehört."
    assert why in Page((await client.get(told["path"], headers=BROWSER)).text).text
    assert (await client.get(told["path"], headers=JSON)).json()["receiver"] == {
        "id": "hwk-dresden-1",
        "name": "Beratung Dresden",
        "why": why,
    }


@pytest.mark.parametrize(
    ("receiver", "why"),
    [
        (because("leads", "bim"), "They lead on “Digital construction, BIM” in our network."),
        (because("near", chamber="Handwerkskammer Dresden"), "They advise near you."),
        (because("chosen"), "Our coordinators have chosen them for you."),
        (because("invented_later", "bim"), None),
        (because("leads", "invented_later"), None),
        (because("advises_in"), None),
        (DRESDEN, None),
    ],
)
def test_why_is_worded_in_the_enquirys_language_and_only_where_it_is_known(receiver, why):
    assert why_this(replace(an_enquiry(), language="en", receiver=receiver)) == why


@pytest.mark.parametrize(("language", "bank"), [("de", "die Bank anrufen"), ("en", "Call your bank")])
async def test_a_business_under_attack_reads_at_once_what_to_do(client, enquiries, language, bank):
    told = await sent(client, language=language)
    await enquiries.change(
        told["reference"], lambda enquiry: followed(enquiry, 1, "triage", later(1), None, emergency=True)
    )
    page = Page((await client.get(told["path"], headers=BROWSER)).text)
    assert page.all("div", role="alert")
    assert bank in page.text
    answer = (await client.get(told["path"], headers=JSON)).json()
    assert bank in answer["next_step"]
    assert "0800 274 1000" in answer["next_step"]


@pytest.mark.parametrize(
    ("language", "state", "next_step"),
    [
        ("de", "Wartet auf einen freien Platz", "geht an die erste Stelle, die wieder Zeit hat"),
        ("en", "Waits for a free place", "goes to the first who has time again"),
    ],
)
async def test_who_waits_for_a_free_place_reads_so(client, enquiries, language, state, next_step):
    told = await sent(client, language=language)
    await enquiries.change(
        told["reference"], lambda enquiry: followed(enquiry, 1, "triage", later(1), None, waits=True)
    )
    assert state in Page((await client.get(told["path"], headers=BROWSER)).text).text
    answer = (await client.get(told["path"], headers=JSON)).json()
    assert answer["state"] == "triage"
    assert next_step in answer["next_step"]


async def test_people_see_state_address_and_what_happens_next(client, enquiries):
    told = await sent(client)
    await accept(enquiries, told["reference"])
    text = Page((await client.get(told["path"], headers=BROWSER)).text).text
    for words in (told["reference"], "tischlerei@example.org", "Übernommen", "Beratung Dresden", "Eingegangen", "Uhr"):
        assert words in text


async def test_an_english_enquiry_has_an_english_page_whatever_the_browser_prefers(client):
    told = await sent(client, language="en")
    page = Page((await client.get(told["path"], headers=BROWSER | {"Accept-Language": "de"})).text)
    assert page.all("html", lang="en")
    assert "We are looking for the right advisor" in page.text


async def test_an_address_that_mail_does_not_reach_is_told_on_the_page(client, enquiries):
    told = await sent(client)
    await enquiries.change(told["reference"], unreachable)
    assert "konnten wir nicht zustellen" in (await client.get(told["path"], headers=BROWSER)).text


@pytest.mark.parametrize("token", ["x", "IldXLTEi.forged", "%00", "ä", "x" * 5000])
async def test_an_unknown_link_is_not_found(client, token):
    answer = await client.get(f"/status/{token}", headers=JSON)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")
    assert "link" in (await client.get(f"/status/{token}", headers=BROWSER | {"Accept-Language": "en"})).text


async def test_a_signed_link_to_an_enquiry_that_is_not_there_is_not_found(client, settings):
    token = Service("intake", settings).links.status_token("WW-0000-0000-0000")
    assert (await client.get(f"/status/{token}", headers=JSON)).status_code == 404
    assert (await client.post(f"/status/{token}/withdraw", headers=JSON)).status_code == 404


async def test_a_private_page_is_not_stored_not_told_and_not_found(client):
    headers = (await client.get((await sent(client))["path"])).headers
    kept_private = [headers[name] for name in ("Cache-Control", "Referrer-Policy", "X-Robots-Tag")]
    assert kept_private == ["no-store", "no-referrer", "noindex"]


async def test_withdrawing_is_an_event_and_shows_at_once(client, kept):
    told = await sent(client)
    for _ in range(2):
        answer = await client.post(told["path"] + "/withdraw", headers=JSON)
        assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")
    types = [entry["type"] for entry in (await kept())[told["reference"]]["events"]]
    assert types == ["wegweiser.enquiry.received.v1", "wegweiser.enquiry.withdrawn.v1"]


async def test_withdrawn_at_the_same_time_it_is_withdrawn_once(client, kept):
    told = await sent(client)
    answers = await asyncio.gather(*(client.post(told["path"] + "/withdraw", headers=JSON) for _ in range(10)))
    assert {answer.text for answer in answers} == {answers[0].text}
    assert len((await kept())[told["reference"]]["outbox"]) == 2


async def test_asking_whether_to_withdraw_changes_nothing(client):
    told = await sent(client)
    answer = await client.get(told["path"] + "/withdraw", headers=BROWSER)
    assert "wirklich zurückziehen" in answer.text
    assert (await client.get(told["path"], headers=JSON)).json()["state"] == "received"


async def test_people_withdraw_on_a_page_that_asks_once_more(client):
    told = await sent(client)
    page = Page((await client.get(told["path"], headers=BROWSER)).text)
    (question,) = page.all("a", href=f"/hilfe{told['path']}/withdraw")
    (form,) = Page((await client.get(question["href"], headers=BROWSER)).text).all("form", method="post")
    answer = await client.post(form["action"], headers=BROWSER)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/hilfe{told['path']}")
    after = Page((await client.get(answer.headers["Location"], headers=BROWSER)).text)
    assert "Zurückgezogen" in after.text
    assert not [link for link in after.all("a") if link["href"].endswith("/withdraw")]


async def test_what_has_ended_cannot_be_withdrawn(client, enquiries):
    told = await sent(client)
    await enquiries.change(
        told["reference"], lambda enquiry: replace(enquiry, state="completed", receiver=DRESDEN, since=later(1))
    )
    answer = await client.post(told["path"] + "/withdraw", headers=JSON)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:wegweiser:problem:nothing_to_withdraw")
    assert (await client.get(told["path"] + "/withdraw", headers=BROWSER)).status_code == 303


async def test_a_link_signed_before_the_secret_changed_still_opens(client, settings):
    told = await sent(client)
    async with running(settings.model_copy(update={"secret": ("new", *settings.secret)})) as later_client:
        assert (await later_client.get(told["path"], headers=JSON)).status_code == 200


async def test_no_token_gets_into_a_log(client, capfd):
    told = await sent(client)
    await client.get(told["path"], headers=BROWSER)
    await client.get(told["path"] + "x", headers=BROWSER)
    logged = "".join(capfd.readouterr())
    assert "/status/{token}" in logged
    assert told["path"].removeprefix("/status/")[:12] not in logged
