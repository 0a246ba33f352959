"""What coordinators see and do."""

import re
from dataclasses import replace
from datetime import date

import pytest

from services.matching.directory import Absence
from services.matching.explain import explain
from services.matching.referral import Refusal, accepted, declined
from tests.services.matching.builders import EVERYBODY, REFERENCE, an_advisor, an_enquiry, declining, later, without
from tests.services.matching.conftest import SAID, TOKEN

JSON = {"Accept": "application/json"}
PAGE = {"Accept": "text/html", "Accept-Language": "de"}
BEARER = {"Authorization": f"Bearer {TOKEN}"}
ABSENT = Refusal("absent")
NOWHERE = {"business": {"name": "Tischlerei Kornfeld", "trade": "Tischler", "postal_code": "00000"}}


@pytest.fixture
async def waiting(matching):
    """One case nobody can be found for: its postal code does not exist."""
    await matching.hear(an_enquiry(**NOWHERE))


async def see(desk, headers=PAGE, **parameters):
    return await desk.get("/triage", params={"token": TOKEN} | parameters, headers=headers)


async def assign(desk, headers=PAGE, reference=REFERENCE, **form):
    data = {"token": TOKEN, "receiver": "west", "note": ""} | form
    return await desk.post(f"/triage/{reference}/assign", data=data, headers=headers)


# --- who may see it ---------------------------------------------------------------------------------------------------

EVERYWHERE = [
    ("GET", "/triage"),
    ("GET", "/gaps"),
    ("GET", "/gaps.csv"),
    ("GET", "/rules"),
    ("GET", "/rules/some"),
    ("GET", "/api/v1/decisions/WW-1"),
    ("POST", "/api/v1/decisions/preview"),
]


@pytest.mark.parametrize(("method", "path"), EVERYWHERE)
async def test_without_a_token_one_is_asked_for(desk, method, path):
    answer = await desk.request(method, path)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="coordinators"')


@pytest.mark.parametrize(
    ("language", "bookmark", "setting"),
    [("de", "Öffnen Sie Ihr Lesezeichen", "Das Kennwort gibt Ihnen"), ("en", "Open your bookmark", "has the token")],
)
async def test_who_comes_without_the_right_token_is_told_where_it_is_and_where_it_goes(
    desk, language, bookmark, setting
):
    asked = PAGE | {"Accept-Language": language}
    missing = (await desk.get("/triage", headers=asked)).text
    wrong = (await desk.get("/triage", params={"token": "guessed"}, headers=asked)).text
    for page in (missing, wrong):
        assert bookmark in page
        assert setting in page
        assert "WEGWEISER_COORDINATOR_TOKEN" in page
        assert f'<html lang="{language}">' in page
    assert " ?token=" in missing
    assert " &amp;token=" in (await desk.get("/gaps?from=2026-01-01", headers=asked)).text


@pytest.mark.parametrize(("path", "root"), [("/triage", ""), ("/rules/some", "../")])
async def test_what_went_wrong_looks_like_the_other_pages(desk, path, root):
    page = (await desk.get(path, headers=PAGE)).text
    assert f'<link rel="stylesheet" href="{root}static/plain.css">' in page
    assert (await desk.get("/static/plain.css")).status_code == 200


@pytest.mark.parametrize(("method", "path"), EVERYWHERE)
async def test_a_wrong_token_finds_nothing(desk, method, path):
    assert (await desk.request(method, path, params={"token": "guessed"})).status_code == 404
    assert (await desk.request(method, path, headers={"Authorization": "Bearer gueßt".encode()})).status_code == 404


async def test_nothing_is_assigned_without_the_token(desk, waiting, matching):
    assert (await assign(desk, token="")).status_code == 401
    assert (await assign(desk, token="guessed")).status_code == 404
    assert (await matching.referrals.of(REFERENCE)).state == "triage"


async def test_the_token_may_be_borne_in_the_header(desk, waiting):
    assert (await desk.get("/triage", headers=BEARER | JSON)).json()["number"] == 1
    assert (await assign(desk, BEARER | JSON, token="")).status_code == 200


def refusing(round_, who, refusal=ABSENT, directory=EVERYBODY):
    return lambda it: declining(it, round_, who, refusal, directory)


# --- the list ---------------------------------------------------------------------------------------------------------


async def test_an_empty_list_says_so(desk):
    assert "Keine Anfrage wartet auf Klärung." in (await see(desk)).text


async def test_the_page_shows_contact_reason_text_and_since_when(desk, waiting, matching):
    page = (await see(desk)).text
    for part in (REFERENCE, "Büro Kornfeld", "info@example.org", "+49 351 1234567", "Wir von Kornfeld"):
        assert part in page
    assert explain((await matching.referrals.of(REFERENCE)).decision, "de") in page
    assert "Montag, 23.11.2026, 13:00 Uhr" in page


async def test_the_list_can_be_read_by_programs(desk, waiting):
    (item,) = (await see(desk, JSON | {"Accept-Language": "en"})).json()["items"]
    assert (item["reference"], item["since"]) == (REFERENCE, "2026-11-23T12:00:00Z")
    assert item["enquirer"]["email"] == "info@example.org"
    assert "postal code 00000" in item["reason"]


async def test_what_would_have_helped_is_told_under_a_case(desk, matching):
    away = replace(an_advisor("advisor"), absences=(Absence(date(2026, 11, 23), date(2026, 11, 30)),))
    await matching.receivers.keep([away], prune=True, **SAID)
    await matching.hear(an_enquiry())
    page = (await see(desk)).text
    assert "<summary>Was hätte geholfen?</summary>" in page
    assert "Wenn Beratung advisor (Handwerkskammer Dresden) nicht abwesend wäre, dann wäre die Anfrage dorthin" in page


async def test_programs_read_what_would_have_helped(desk, matching):
    away = replace(an_advisor("advisor"), absences=(Absence(date(2026, 11, 23), date(2026, 11, 30)),))
    await matching.receivers.keep([away], prune=True, **SAID)
    await matching.hear(an_enquiry())
    (item,) = (await see(desk, JSON | {"Accept-Language": "en"})).json()["items"]
    assert "If Beratung advisor (Handwerkskammer Dresden) were not absent" in item["what_if"][0]


async def test_who_cannot_take_a_case_now_is_marked_and_comes_last(desk, matching):
    away = replace(an_advisor("away"), absences=(Absence(date(2026, 11, 23), date(2026, 11, 30)),))
    full, last = replace(an_advisor("full"), most_open=0), replace(an_advisor("zuletzt"), languages=("en",))
    await matching.receivers.keep([away, full, last], prune=True, **SAID)
    await matching.hear(an_enquiry())
    choices = re.findall(r"<option[^>]*>Handwerkskammer Dresden, Beratung ([^<]+)<", (await see(desk)).text)
    assert choices == ["zuletzt", "away (gerade abwesend)", "full (kein freier Platz)"]


async def test_where_nothing_would_have_helped_nothing_is_said(desk, waiting):
    assert "Was hätte geholfen?" not in (await see(desk)).text


async def test_who_was_asked_already_is_shown_with_why_they_declined(desk, matching):
    await matching.hear(an_enquiry())
    await matching.referrals.change(REFERENCE, refusing(1, "advisor", Refusal("other", "Umbau"), without("ost")))
    page = re.sub(r"\s+", " ", (await see(desk)).text)
    assert "Handwerkskammer Dresden, Beratung advisor: abgelehnt: Umbau" in page
    assert "niemand hat die Anfrage übernommen" in page


async def test_who_is_full_is_waited_for_although_somebody_else_declined(desk, matching):
    two = [replace(an_advisor(id_), most_open=1) for id_ in ("one", "other")]
    await matching.receivers.keep(two, prune=True, **SAID)
    for reference in ("WW-0000-0000-0002", REFERENCE):
        await matching.hear(an_enquiry(reference))
    who = (await matching.referrals.of(REFERENCE)).current.receiver.id
    await matching.offering.after(REFERENCE, lambda it: declined(it, 1, who, ABSENT, at=matching.clock.now()))
    page = (await see(desk)).text
    assert "Wer helfen könnte, hat gerade keinen freien Platz" in page
    assert "niemand hat die Anfrage übernommen" not in page


async def test_cases_that_somebody_has_do_not_wait(desk, matching):
    await matching.hear(an_enquiry())
    assert REFERENCE not in (await see(desk)).text


async def test_the_chambers_advisors_come_first_then_showcases_then_others(desk, matching):
    await matching.receivers.keep([an_advisor("elsewhere", chamber="Handwerkskammer Ulm")], prune=False, **SAID)
    await matching.hear(an_enquiry())
    for n, who in enumerate(("advisor", "ost"), start=1):
        await matching.referrals.change(REFERENCE, refusing(n, who))
    page = (await see(desk)).text
    assert re.findall(r'<option value="([^"]+)"', page) == ["advisor", "ost", "west", "elsewhere"]
    assert page.count("<optgroup") == 3


async def test_the_page_speaks_english_to_who_asks_for_it(desk, waiting):
    page = (await see(desk, PAGE | {"Accept-Language": "en"})).text
    assert '<html lang="en">' in page
    assert "1 enquiry is waiting." in page


# --- assigning --------------------------------------------------------------------------------------------------------


async def test_an_assigned_case_is_offered(desk, waiting, matching):
    answer = await assign(desk, note="Sitz unklar")
    assert answer.status_code == 303
    referral = await matching.referrals.of(REFERENCE)
    assert (referral.state, referral.current.receiver.id, referral.current.remark) == ("offered", "west", "Sitz unklar")


async def test_the_coordinator_is_led_back_and_told_what_was_done(desk, waiting):
    answer = await assign(desk)
    page = (await desk.get(answer.headers["location"], headers=PAGE)).text
    assert f"Die Anfrage {REFERENCE} wurde angeboten: Träger west, Schaufenster west." in page
    assert "Keine Anfrage wartet auf Klärung." in page


async def test_programs_are_told_to_whom_it_went(desk, waiting):
    assert (await assign(desk, JSON)).json() == {
        "reference": REFERENCE,
        "state": "offered",
        "round": 1,
        "receiver": {"id": "west", "name": "Schaufenster west"},
    }


async def test_assigning_again_makes_no_second_offer(desk, waiting, matching):
    await assign(desk)
    assert (await assign(desk)).status_code == 303
    assert (await matching.referrals.of(REFERENCE)).round == 1


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"receiver": ""}, "receiver_missing"),
        ({"receiver": "nobody"}, "receiver_unknown"),
        ({"note": "x" * 2001}, "note_long"),
    ],
)
async def test_a_case_goes_only_to_who_is_there(desk, waiting, form, code):
    answer = await assign(desk, JSON, **form)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)


async def test_what_was_filled_in_wrongly_is_shown_again(desk, waiting):
    page = await assign(desk, receiver="", note="Bitte bald")
    assert page.status_code == 422
    assert ">\nBitte bald</textarea>" in page.text
    assert f'href="#receiver-{REFERENCE}"' in page.text


async def test_a_case_that_somebody_has_is_not_assigned(desk, matching):
    await matching.hear(an_enquiry())
    await matching.referrals.change(REFERENCE, lambda it: accepted(it, 1, "advisor", at=later()))
    answer = await assign(desk, JSON)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:wegweiser:problem:referral_accepted")


async def test_a_case_that_is_not_there_is_not_assigned(desk):
    assert (await assign(desk, reference="WW-NONE")).status_code == 404


async def test_a_business_under_attack_is_shown_before_those_who_wait_longer(desk, matching):
    attacked = "Hilfe, auf allen Rechnern steht seit einer Stunde, wir sollen Bitcoin zahlen, keine Datei geht mehr auf"
    await matching.hear(an_enquiry("WW-0000-0000-0001", topics=(), text="???"))
    await matching.hear(an_enquiry("WW-0000-0000-0002", topics=("it_sicherheit",), text=attacked))
    waiting = (await see(desk, JSON)).json()["items"]
    assert [(case["reference"][-1], case["urgent"]) for case in waiting] == [("2", True), ("1", False)]
    page = (await see(desk)).text
    assert "WW-0000-0000-0002: Dringend" in page
    assert "Bitte sofort anrufen" in page
