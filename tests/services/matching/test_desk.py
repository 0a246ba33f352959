"""What receivers see and do through an offer's link."""

import asyncio
import re
from datetime import timedelta

import httpx
import pytest

from services.matching.app import create_app
from services.matching.referral import withdrawn
from shared.links import Links, OfferLink
from tests.services.matching.builders import OST, REFERENCE, an_advisor, an_enquiry, assigning, later
from tests.services.matching.conftest import SAID

JSON = {"Accept": "application/json"}
PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
async def desk(settings, clock, matching):
    """A browser at the desk; one enquiry is offered to ``advisor``."""
    await matching.hear(an_enquiry())
    app = create_app(settings, clock)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.example.org") as client,
    ):
        yield client


def token(clock, settings, *, round_=1, who="advisor", reference=REFERENCE, days=90):
    link = OfferLink(reference, round_, who, clock.now() + timedelta(days=days))
    return Links(settings.secret).offer_token(link)


@pytest.fixture
def offer(clock, settings):
    return f"/offers/{token(clock, settings)}"


async def accept(desk, offer, headers=JSON):
    return await desk.post(f"{offer}/accept", headers=headers)


async def decline(desk, offer, headers=JSON, **form):
    return await desk.post(f"{offer}/decline", headers=headers, data={"reason": "no_capacity"} | form)


# --- before acceptance ------------------------------------------------------------------------------------------------


async def test_an_offer_says_what_it_is_about_and_not_who_asks(desk, offer):
    shown = (await desk.get(offer, headers=JSON)).json()
    assert shown == {
        "reference": REFERENCE,
        "state": "offered",
        "round": 1,
        "respond_by": "2026-11-25T12:00:00Z",
        "topics": ["e_rechnung"],
        "trade": "Tischler",
        "chamber": "Handwerkskammer Dresden",
        "place": "Dresden",
        "text": "Wir von [Name] wollen E-Rechnungen schreiben. Rufen Sie an: [Telefonnummer].",
        "why": "Der Betrieb gehört zur Handwerkskammer Dresden, in der Sie beraten.",
        "enquirer": None,
    }


async def test_the_page_says_why_it_is_you(desk, offer):
    page = (await desk.get(offer, headers=PAGE)).text
    assert "<dt>Warum Sie</dt><dd>Der Betrieb gehört zur Handwerkskammer Dresden, in der Sie beraten.</dd>" in page


async def test_whom_a_coordinator_chose_is_told_so(desk, offer, clock, settings, matching):
    clock.forward(minutes=5)
    await matching.offering.assign(REFERENCE, "west", None)
    shown = (await desk.get(f"/offers/{token(clock, settings, round_=2, who='west')}", headers=JSON)).json()
    assert shown["why"] == "Die Koordination hat Sie ausgewählt."


@pytest.mark.parametrize("headers", [JSON, PAGE])
@pytest.mark.parametrize("identity", ["Kornfeld", "info@example.org", "1234567", "01067"])
async def test_nothing_before_acceptance_tells_who_asks(desk, offer, headers, identity):
    assert identity not in (await desk.get(offer, headers=headers)).text


async def test_looking_changes_nothing(desk, offer, matching):
    before = await matching.documents.find_one({"_id": REFERENCE})
    for path in (offer, f"{offer}/accept", f"{offer}/decline"):
        await desk.get(path, headers=PAGE)
        await desk.head(path)
    after = await matching.documents.find_one({"_id": REFERENCE})
    assert (after["state"], after["offers"]) == (before["state"], before["offers"])


async def test_the_page_has_both_answers_and_every_reason(desk, offer):
    page = (await desk.get(offer, headers=PAGE)).text
    assert f'action="{offer}/accept"' in page
    assert f'action="{offer}/decline"' in page
    assert len(re.findall(r'<option value="\w+"', page)) == 8
    assert "Mittwoch, 25.11.2026, 13:00 Uhr" in page


async def test_the_page_speaks_the_receivers_language(desk, matching, clock, settings):
    await matching.receivers.keep([an_advisor("english", language="en"), OST], prune=True, **SAID)
    await matching.receivers.watch()
    await matching.hear(an_enquiry("WW-2"))
    link = token(clock, settings, who="english", reference="WW-2")
    page = (await desk.get(f"/offers/{link}", headers=PAGE | {"Accept-Language": "de"})).text
    assert '<html lang="en">' in page
    assert "Accept the enquiry" in page
    assert "E-invoicing" in page


@pytest.mark.parametrize("headers", [JSON, PAGE])
async def test_what_is_behind_a_link_is_kept_private(desk, offer, headers):
    told = (await desk.get(offer, headers=headers)).headers
    assert told["cache-control"] == "no-store"
    assert told["referrer-policy"] == "no-referrer"
    assert told["x-robots-tag"] == "noindex"
    assert "set-cookie" not in told


async def test_what_was_written_cannot_become_markup(desk, matching, clock, settings):
    await matching.hear(an_enquiry("WW-2", text="<script>alert(1)</script> und mehr Text"))
    page = await desk.get(f"/offers/{token(clock, settings, reference='WW-2')}", headers=PAGE)
    assert "<script" not in page.text


async def test_the_page_finds_its_style_and_runs_no_script(desk, offer):
    page = (await desk.get(offer, headers=PAGE)).text
    style = re.search(r'<link rel="stylesheet" href="([^"]+)"', page).group(1)
    assert (await desk.get(style)).status_code == 200
    assert "<script" not in page


async def test_a_desk_under_a_path_stays_there(settings, clock, matching, offer):
    await matching.hear(an_enquiry())
    app = create_app(settings.model_copy(update={"desk_url": "https://example.org/desk/"}), clock)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://behind") as client:
        assert f'action="/desk{offer}/accept"' in (await client.get(offer, headers=PAGE)).text
        assert (await accept(client, offer, PAGE)).headers["location"] == f"/desk{offer}"


# --- accept -----------------------------------------------------------------------------------------------------------


async def test_accepting_discloses_who_asks(desk, offer):
    answer = await accept(desk, offer)
    assert (answer.status_code, answer.json()["state"]) == (200, "accepted")
    assert answer.json()["text"].startswith("Wir von Kornfeld")
    assert answer.json()["enquirer"] == {
        "name": "Büro Kornfeld",
        "email": "info@example.org",
        "phone": "+49 351 1234567",
        "preferred": None,
        "time": "vormittags",
        "business": "Tischlerei Kornfeld",
        "postal_code": "01067",
        "place": "Dresden",
        "employees": None,
        "member": None,
        "language": "de",
    }


async def test_a_browser_is_led_back_to_the_page_that_now_shows_the_contact(desk, offer):
    answer = await accept(desk, offer, PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, offer)
    page = (await desk.get(offer, headers=PAGE)).text
    assert "Sie haben die Anfrage übernommen" in page
    assert "mailto:info%40example.org" in page
    assert "<form" not in page


async def test_accepting_again_is_answered_alike(desk, offer):
    first = await accept(desk, offer)
    assert (await accept(desk, offer)).json() == first.json()


async def test_of_two_answers_at_once_one_wins_and_the_other_is_told(desk, offer, matching):
    answers = await asyncio.gather(*(accept(desk, offer), decline(desk, offer)) * 3)
    codes = [answer.status_code for answer in answers]
    assert sorted({*codes[::2], *codes[1::2]}) == [200, 409]
    held = (await matching.referrals.of(REFERENCE)).offers[0].state
    assert (held == "accepted") == (codes[0] == 200)


# --- decline ----------------------------------------------------------------------------------------------------------


async def test_declining_hands_the_case_to_the_next(desk, offer, matching):
    answer = await decline(desk, offer, note="bis März")
    assert (answer.status_code, answer.json()["state"], answer.json()["enquirer"]) == (200, "declined", None)
    referral = await matching.referrals.of(REFERENCE)
    assert (referral.offers[0].note, referral.current.receiver.id) == ("bis März", "ost")


async def test_declining_says_two_events_in_one_change(desk, offer, matching):
    before = await matching.documents.find_one({"_id": REFERENCE})
    await decline(desk, offer)
    after = await matching.documents.find_one({"_id": REFERENCE})
    assert (after["sequence"], after["offers"][1]["state"]) == (before["sequence"] + 2, "open")


async def test_declining_again_is_answered_alike(desk, offer):
    await decline(desk, offer)
    assert (await decline(desk, offer, reason="absent")).status_code == 200
    assert "Zurzeit keine Kapazität" in (await desk.get(offer, headers=PAGE)).text


@pytest.mark.parametrize(
    ("form", "pointer", "code"),
    [
        ({"reason": ""}, "/reason", "reason_missing"),
        ({"reason": "bored"}, "/reason", "reason_unknown"),
        ({"reason": "other"}, "/note", "note_missing"),
        ({"reason": "other", "note": "  "}, "/note", "note_missing"),
        ({"note": "x" * 2001}, "/note", "note_long"),
        ({"note": "a\x00b"}, "/note", "note_characters"),
    ],
)
async def test_a_refusal_needs_a_reason_that_can_be_stored(desk, offer, form, pointer, code):
    answer = await decline(desk, offer, **form)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]


async def test_a_refusal_without_reason_keeps_what_was_written(desk, offer):
    page = await decline(desk, offer, PAGE, reason="", note="Wir ziehen um")
    assert page.status_code == 422
    assert ">\nWir ziehen um</textarea>" in page.text
    assert 'href="#reason"' in page.text
    assert "Wählen Sie einen Grund." in page.text


async def test_a_refusal_is_a_form(desk, offer):
    assert (await desk.post(f"{offer}/decline", json={"reason": "absent"}, headers=JSON)).status_code == 415


# --- too late ---------------------------------------------------------------------------------------------------------


async def test_another_answer_is_told_the_state(desk, offer):
    await accept(desk, offer)
    answer = await decline(desk, offer)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:wegweiser:problem:offer_accepted")
    assert "accepted" in answer.json()["detail"]


async def test_a_browser_that_answers_differently_is_told_kindly(desk, offer):
    await decline(desk, offer)
    page = await accept(desk, offer, PAGE)
    assert page.status_code == 409
    assert "Ihre Antwort ändert nichts mehr" in page.text
    assert f'href="{offer}"' in page.text


async def test_after_the_enquirer_withdrew_an_answer_comes_too_late(desk, offer, matching):
    await matching.referrals.change(REFERENCE, lambda it: withdrawn(it, at=later()))
    assert (await accept(desk, offer)).json()["type"] == "urn:wegweiser:problem:offer_withdrawn"
    assert (await desk.get(offer, headers=JSON)).json()["state"] == "withdrawn"


async def test_after_the_enquirer_withdrew_contact_data_is_shown_to_nobody(desk, offer, matching):
    await accept(desk, offer)
    await matching.referrals.change(REFERENCE, lambda it: withdrawn(it, at=later()))
    for headers in (JSON, PAGE):
        assert "info@example.org" not in (await desk.get(offer, headers=headers)).text


async def test_an_offer_given_to_somebody_else_is_not_for_the_first_any_more(desk, offer, matching):
    await matching.referrals.change(REFERENCE, lambda it: assigning(it, "west"))
    assert (await accept(desk, offer)).status_code == 409
    assert "braucht Sie nicht mehr" in (await desk.get(offer, headers=PAGE)).text


# --- links ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [JSON, PAGE])
@pytest.mark.parametrize("path", ["", "/accept", "/decline"])
async def test_a_link_that_was_cut_off_leads_nowhere(desk, offer, path, headers):
    ask = desk.post if path else desk.get
    assert (await ask(offer[:-3] + path, headers=headers)).status_code == 404


@pytest.mark.parametrize(
    "other",
    [{"round_": 2}, {"who": "ost"}, {"reference": "WW-NONE"}, {"round_": 0}],
    ids=["round", "who", "ref", "zero"],
)
async def test_a_link_to_an_offer_that_was_never_made_leads_nowhere(desk, clock, settings, other):
    link = f"/offers/{token(clock, settings, **other)}"
    assert (await desk.get(link, headers=JSON)).status_code == 404
    assert (await accept(desk, link)).status_code == 404


async def test_a_status_link_opens_no_offer(desk, settings):
    status = Links(settings.secret).status_token(REFERENCE)
    assert (await desk.get(f"/offers/{status}", headers=JSON)).status_code == 404


async def test_a_link_expires(desk, clock, settings):
    link = f"/offers/{token(clock, settings, days=1)}"
    clock.forward(days=1)
    assert (await desk.get(link, headers=JSON)).status_code == 410
    assert (await accept(desk, link)).status_code == 410
