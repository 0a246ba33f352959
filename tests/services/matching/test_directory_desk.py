"""What coordinators see and change of the directory."""

import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date

import httpx
import pytest

from services.matching.app import create_app
from services.matching.directory import Absence
from tests.services.matching.builders import ADVISOR, OST, WEST, an_advisor, an_enquiry
from tests.services.matching.conftest import SAID, TOKEN

JSON = {"Accept": "application/json"}
PAGE = {"Accept": "text/html", "Accept-Language": "de"}
BEARER = {"Authorization": f"Bearer {TOKEN}"}
AWAY = Absence(date(2026, 11, 20), date(2026, 11, 30), "ost")
"""Today is Monday, 23 November 2026."""


@asynccontextmanager
async def opened(settings, clock):
    app = create_app(settings, clock)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.example.org") as client,
    ):
        yield client


@pytest.fixture
async def desk(settings, clock, matching):
    async with opened(settings, clock) as client:
        yield client


async def see(desk, receiver="", headers=PAGE, **parameters):
    return await desk.get(f"/directory{receiver}", params={"token": TOKEN} | parameters, headers=headers)


async def change(desk, receiver="advisor", headers=PAGE, **form):
    whole = {"token": TOKEN, "version": "1", "active": "yes", "by": "Frau Kern", "why": "told by telephone"}
    return await desk.post(f"/directory/{receiver}", data=whole | form, headers=headers)


async def keep(matching, *receivers):
    await matching.receivers.keep(receivers, prune=False, **SAID)


async def kept(matching, receiver="advisor"):
    return (await matching.receivers.newest()).get(receiver)


def plain(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.text))


# --- who may see it ---------------------------------------------------------------------------------------------------

EVERYWHERE = [("GET", "/directory"), ("GET", "/directory/advisor"), ("POST", "/directory/advisor")]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(("method", "path"), EVERYWHERE)
async def test_only_coordinators_come_in(desk, matching, method, path):
    assert (await desk.request(method, path, headers=FORM)).status_code == 401
    assert (await desk.request(method, path, headers=FORM, params={"token": "guessed"})).status_code == 404
    assert len(await matching.receivers.versions()) == 1


# --- the list ---------------------------------------------------------------------------------------------------------


async def test_the_list_names_everybody_by_kind_and_chamber(desk, matching):
    await keep(matching, an_advisor("trier", chamber="Handwerkskammer Trier"))
    page = (await see(desk)).text
    assert re.findall(r'href="/directory/([^?]+)\?', page) == ["ost", "west", "advisor", "trier"]
    assert re.findall("<h[23]>([^<]+)", page) == [
        *("Schaufenster", "Beratung", "Handwerkskammer Dresden", "Handwerkskammer Trier")
    ]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("DRESDEN", ["advisor"]),
        ("träger west", ["west"]),
        ("e-invoicing", ["topical"]),
        ("Leipzig, Stadt", ["topical"]),
        ("topical@example.org", ["topical"]),
        ("dresden trier", []),
    ],
)
async def test_a_search_finds_who_has_all_its_words(desk, matching, q, found):
    topical = replace(an_advisor("topical"), chambers=(), districts=("14713",), topics=("e_rechnung",))
    await keep(matching, replace(topical, organisation="Elsewhere"))
    listed = (await see(desk, headers=JSON, q=q)).json()
    assert [item["id"] for item in listed["items"]] == found
    assert listed["number"] == len(found)


async def test_a_search_that_finds_nobody_says_so_and_escapes_what_was_typed(desk):
    page = (await see(desk, q="<b>nix")).text
    assert "Zu „&lt;b&gt;nix“ gibt es niemanden" in page


async def test_an_empty_directory_says_how_it_is_filled(settings, clock, matching):
    for name in ("receivers", "directories"):
        await matching.service.collection(name).delete_many({})
    async with opened(settings, clock) as desk:
        assert "Das Verzeichnis ist leer" in (await see(desk)).text


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "aktiv"),
        ({"active": False}, "bekommt keine Anfragen"),
        ({"absences": (AWAY,)}, "abwesend bis 30.11.2026, Vertretung: ost"),
        ({"absences": (replace(AWAY, deputy=None),)}, "abwesend bis 30.11.2026"),
        ({"absences": (replace(AWAY, last=date(2026, 11, 22)),)}, "aktiv"),
        ({"valid_from": date(2026, 12, 1)}, "ab 01.12.2026"),
        ({"valid_until": date(2026, 11, 22)}, "war gültig bis 22.11.2026"),
        ({"valid_until": date(2026, 11, 23)}, "aktiv"),
    ],
)
async def test_the_list_says_who_gets_cases_today(desk, matching, changes, state):
    await keep(matching, replace(ADVISOR, **changes))
    item = (await see(desk)).text.split("/directory/advisor?")[1].split("</li>")[0]
    assert re.search(r'<span class="state[^"]*">([^<]+)', item)[1] == state


async def test_a_long_list_says_how_many_are_left_out(desk, matching, monkeypatch):
    monkeypatch.setattr("services.matching.directory_desk.MOST_SHOWN", 2)
    page = plain(await see(desk, headers=PAGE | {"Accept-Language": "en"}))
    assert "3 receivers. The first 2 are shown." in page


# --- one receiver -----------------------------------------------------------------------------------------------------


async def test_what_a_receiver_has_to_do_is_shown_beside_its_limits(desk, matching):
    await keep(matching, replace(ADVISOR, most_open=6, most_a_week=4))
    await matching.hear(an_enquiry())
    async with asyncio.timeout(10):
        while (await see(desk, "/advisor", headers=JSON)).json()["load"] != {"open": 1, "in_week": 1}:
            await asyncio.sleep(0.05)
    assert "1 offen (angebotene zählen mit), 1 in dieser Woche" in plain(await see(desk, "/advisor"))


async def test_who_states_no_limit_has_no_load(desk):
    assert (await see(desk, "/advisor", headers=JSON)).json()["load"] is None
    assert "in dieser Woche" not in plain(await see(desk, "/advisor"))


async def test_a_receiver_is_shown_with_all_that_is_known(desk, matching):
    await keep(matching, replace(ADVISOR, districts=("14713",), languages=("en",), most_open=6, absences=(AWAY,)))
    page = plain(await see(desk, "/advisor"))
    for part in ("advisor@example.org", "Leipzig, Stadt (14713)", "Englisch", "20.11.2026 bis 30.11.2026", "ganztags"):
        assert part in page


async def test_the_history_says_who_changed_what_when_and_why(desk, matching, clock):
    clock.forward(hours=1)
    await change(desk, most_open="6")
    page = plain(await see(desk, "/advisor", headers=PAGE | {"Accept-Language": "en"}))
    assert "told by telephone Monday, 23 Nov 2026, 14:00 (German time) , Frau Kern (Version 2)" in page
    assert "Open cases at most: no limit → 6" in page
    assert "to begin Monday, 23 Nov 2026, 13:00 (German time) , Frau Kern (Version 1) New in the directory." in page


async def test_a_receiver_can_be_read_by_programs(desk, matching):
    await change(desk, most_open="6")
    shown = (await see(desk, "/advisor", headers=JSON)).json()
    assert (shown["version"], shown["receiver"]["most_open"], shown["standing"]["state"]) == (2, 6, "active")
    assert [entry["fields"] for entry in shown["history"]] == [["most_open"], []]


async def test_who_is_not_in_the_directory_is_not_found(desk):
    assert (await see(desk, "/nobody")).status_code == 404
    assert (await change(desk, "nobody")).status_code == 404


# --- changing ---------------------------------------------------------------------------------------------------------


async def test_what_changes_often_is_changed_in_the_form(desk, matching):
    answer = await change(
        desk,
        most_open="6",
        most_a_week="3",
        valid_until="31.12.2027",
        languages=["de", "en"],
        topics=["e_rechnung", "foerderung"],
        absence_first=["2026-12-21", ""],
        absence_last=["2027-01-06", ""],
        absence_deputy=["west", ""],
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"/directory/advisor?token={TOKEN}&saved=yes")
    assert "Die Änderung ist gespeichert" in (await desk.get(answer.headers["location"], headers=PAGE)).text
    assert await kept(matching) == replace(
        ADVISOR,
        most_open=6,
        most_a_week=3,
        valid_until=date(2027, 12, 31),
        languages=("de", "en"),
        topics=("e_rechnung", "foerderung"),
        absences=(Absence(date(2026, 12, 21), date(2027, 1, 6), "west"),),
    )


async def test_the_form_as_it_is_shown_changes_nothing(desk, matching):
    full = replace(ADVISOR, most_open=6, absences=(AWAY,), topics=("e_rechnung",), valid_until=date(2027, 12, 31))
    await keep(matching, full)
    page = (await see(desk, "/advisor")).text.split("<form")[1]
    form: dict[str, list[str]] = {}
    for tag, name, value, rest in re.findall(r'<input ([^>]*)name="([a-z_]+)" value="([^"]*)"([^>]*)', page):
        if not re.search("radio|checkbox", tag) or " checked" in rest:
            form.setdefault(name, []).append(value)
    assert (form["version"], form["topics"]) == (["2"], ["e_rechnung"])
    assert (await change(desk, **form | {"by": "a", "why": "b"})).status_code == 303
    assert (await kept(matching), len(await matching.receivers.versions())) == (full, 2)


async def test_an_absence_is_removed_by_its_tick(desk, matching):
    later = Absence(date(2026, 12, 21), date(2026, 12, 22))
    await keep(matching, replace(ADVISOR, absences=(AWAY, later)))
    rows = {"absence_first": ["2026-11-20", "2026-12-21"], "absence_last": ["2026-11-30", "2026-12-22"]}
    await change(desk, version="2", **rows, absence_deputy=["ost", ""], absence_remove="0")
    assert (await kept(matching)).absences == (later,)


async def test_programs_get_what_became_of_it(desk, matching):
    answer = await change(desk, headers=BEARER | JSON, token="", active="no")
    assert (answer.status_code, answer.json()["receiver"]["active"], answer.json()["version"]) == (200, False, 2)


async def test_a_change_since_the_form_was_made_is_told_and_not_overwritten(desk, matching):
    await keep(matching, replace(ADVISOR, most_open=2))
    answer = await change(desk, most_open="6", version="1")
    assert answer.status_code == 409
    assert "Der Eintrag hat sich inzwischen geändert" in answer.text
    assert 'name="most_open" value="6"' in answer.text
    assert (await kept(matching)).most_open == 2
    again = re.search(r'name="version" value="(\d+)"', answer.text)[1]
    assert (await change(desk, most_open="6", version=again)).status_code == 303
    assert (await change(desk, headers=JSON, most_open="7", version="1")).status_code == 409
    assert (await change(desk, headers=JSON, most_open="7", version="")).status_code == 409


@pytest.mark.parametrize(
    ("form", "field", "code"),
    [
        ({"by": " "}, "by", "by_missing"),
        ({"why": ""}, "why", "why_missing"),
        ({"why": "x" * 201}, "why", "line_long"),
        ({"by": "a\x00b"}, "by", "line_characters"),
        ({"active": ""}, "active", "active_missing"),
        ({"most_open": "0"}, "most_open", "number_wrong"),
        ({"most_open": "1_0"}, "most_open", "number_wrong"),
        ({"most_a_week": "1000001"}, "most_a_week", "number_wrong"),
        ({"most_a_week": "viele"}, "most_a_week", "number_wrong"),
        ({"valid_until": "bald"}, "valid_until", "day_wrong"),
        ({"languages": ["de", "pl"]}, "languages", "language_wrong"),
        ({"topics": ["tea"]}, "topics", "topic_wrong"),
        ({"absence_first": "2026-12-01"}, "absence_last_0", "day_missing"),
        ({"absence_first": "2026-12-05", "absence_last": "2026-12-01"}, "absence_last_0", "absence_backwards"),
        (
            {"absence_first": ["2026-12-01"] * 2, "absence_last": ["2026-12-02"] * 2},
            "absence_first_1",
            "absence_overlap",
        ),
    ],
)
async def test_a_form_with_a_flaw_changes_nothing_and_says_what_to_do(desk, matching, form, field, code):
    page = await change(desk, **form)
    assert page.status_code == 422
    assert f'href="#{field}"' in page.text
    assert re.search(f'id="{field}"', page.text)
    problem = (await change(desk, headers=JSON, **form)).json()
    assert {"pointer": f"/{field}", "code": code}.items() <= problem["errors"][0].items()
    assert await kept(matching) == ADVISOR


def away(deputy, first="2026-12-01", last="2026-12-05"):
    return {"absence_first": first, "absence_last": last, "absence_deputy": deputy}


@pytest.mark.parametrize(
    ("deputy", "sentence"),
    [
        ("advisor", "Niemand kann sich selbst vertreten."),
        ("nobody", "Diese Kennung steht nicht im Verzeichnis."),
        ("gone", "Diese Stelle bekommt keine Anfragen mehr."),
        ("ost", "Am selben Tag wären alle abwesend, die sich gegenseitig vertreten: "),
    ],
)
async def test_a_deputy_who_could_not_help_is_refused(desk, matching, deputy, sentence):
    december = Absence(date(2026, 12, 3), date(2026, 12, 9), "advisor")
    await keep(matching, replace(OST, absences=(december,)), an_advisor("gone", active=False))
    assert sentence in (await change(desk, version="2", **away(deputy))).text


async def test_deputies_who_are_away_at_different_times_are_fine(desk, matching):
    december = Absence(date(2026, 12, 6), date(2026, 12, 9), "advisor")
    await keep(matching, replace(OST, absences=(december,)))
    assert (await change(desk, version="2", **away("ost"))).status_code == 303


async def test_who_is_still_a_deputy_is_not_switched_off(desk, matching):
    await keep(matching, replace(OST, absences=(replace(AWAY, deputy="advisor"),)))
    answer = await change(desk, version="2", active="no")
    assert (answer.status_code, "noch als Vertretung eingetragen bei: ost" in answer.text) == (422, True)


async def test_who_was_a_deputy_once_can_be_switched_off(desk, matching):
    over = Absence(date(2026, 10, 1), date(2026, 10, 9), "advisor")
    await keep(matching, replace(OST, absences=(over,)))
    assert (await change(desk, version="2", active="no")).status_code == 303


async def test_two_showcases_cannot_lead_the_same(desk, matching):
    await keep(matching, replace(WEST, id="west-2", active=False))
    answer = await change(desk, "west-2", version="2")
    assert "leitet schon jemand anderes: west." in answer.text


async def test_a_deputy_who_leaves_while_the_form_is_saved_is_noticed(desk, matching):
    await keep(matching, replace(WEST, active=False))
    assert (await change(desk, version="1", **away("west"))).status_code == 422


async def test_flaws_are_named_with_their_fields_in_the_order_of_the_form(desk):
    answer = await change(desk, by="", absence_first="2026-12-01", most_open="x", headers=PAGE)
    summary = answer.text.split('role="alert"')[1].split("</div>")[0]
    assert re.findall(r'<a href="#[a-z_0-9]+">([^:]+):', summary) == [
        *("Abwesenheit 1, Letzter Tag", "Höchstens offene Fälle", "Ihr Name")
    ]


@pytest.mark.parametrize("language", ["de", "en"])
async def test_every_page_speaks_both_languages(desk, language):
    headers = PAGE | {"Accept-Language": language}
    for page in (await see(desk, headers=headers), await see(desk, "/advisor", headers=headers)):
        assert f'<html lang="{language}">' in page.text
    assert ("Vertretung" in (await see(desk, "/advisor", headers=headers)).text) == (language == "de")
