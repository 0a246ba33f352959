"""What coordinators see of the rules."""

from datetime import timedelta

import pytest

from services.matching.ruleset_file import load, packaged, packaged_text
from shared import mongo
from tests.services.matching.conftest import TOKEN

GERMAN = {"Accept": "text/html", "Accept-Language": "de"}
ENGLISH = {"Accept": "text/html", "Accept-Language": "en"}
JSON = {"Accept": "application/json"}
OTHER = packaged_text().replace("topic: 0.2 ", "topic: 0.3 ")
OTHERS = load(OTHER.encode()).version


async def see(desk, version="", headers=GERMAN):
    return await desk.get(f"/rules{version and '/'}{version}", params={"token": TOKEN}, headers=headers)


@pytest.fixture
async def proposed(matching):
    await matching.rulesets.active()
    matching.clock.forward(hours=1)
    await matching.rulesets.propose(OTHER, "Frau Kern", "zu viel <geraten>")


async def test_the_rules_that_come_with_the_program_are_in_force_at_first(desk):
    page = (await see(desk)).text
    assert "<h1>Wer bei einer Anfrage hilft</h1>" in page
    assert "<strong>ein Schaufenster</strong>" in page
    assert "gilt, solange keine anderen in Kraft gesetzt sind" in page
    assert (await see(desk, headers=JSON)).json()["active"] == packaged().version


async def test_the_book_speaks_english_to_who_asks_for_it(desk):
    page = (await see(desk, headers=ENGLISH)).text
    assert '<html lang="en">' in page
    assert "<h1>Who helps with an enquiry</h1>" in page


async def test_all_versions_are_listed_with_who_why_and_when(desk, matching, proposed):
    await matching.rulesets.activate(OTHERS, "Herr Adam")
    told = (await see(desk, headers=JSON)).json()
    assert (told["active"], [each["version"] for each in told["versions"]]) == (OTHERS, [OTHERS, packaged().version])
    assert told["versions"][0] == {
        "version": OTHERS,
        "name": "2026-11",
        "proposed_at": "2026-11-23T13:00:00Z",
        "proposed_by": "Frau Kern",
        "why": "zu viel <geraten>",
        "activations": [{"at": "2026-11-23T13:00:00Z", "by": "Herr Adam", "why": None, "rehearsed": None}],
    }
    page = (await see(desk)).text
    assert "Frau Kern" in page
    assert "zu viel &lt;geraten&gt;" in page
    assert "Herr Adam, <time" in page


async def test_the_history_says_what_was_put_into_force_and_how_it_was_tried_before(desk, matching, proposed):
    since = matching.clock.now() - timedelta(days=90)
    for changed in (12, 34):
        await matching.rulesets.rehearsed(OTHERS, since, 300, changed)
        matching.clock.forward(hours=1)
    await matching.rulesets.activate(OTHERS, "Herr Adam", "ab jetzt <neu>")
    matching.clock.forward(hours=1)
    await matching.rulesets.rehearsed(OTHERS, since, 300, 56)  # too late for the activation before
    await matching.rulesets.activate(packaged().version, "Frau Kern")
    page = (await see(desk)).text
    back, first = page.split('id="history"')[1].split('id="versions"')[0].split("<li>")[1:]
    assert f"<strong>{packaged().version}</strong></a> (gilt)" in back
    assert "Frau Kern, <time" in back
    assert "<dd>nicht erprobt</dd>" in back
    assert "<dd>Diese Regeln kommen mit dem Programm.</dd>" in back
    assert f"<strong>{OTHERS}</strong></a>" in first
    assert "(gilt)" not in first
    assert "Herr Adam, <time" in first
    assert "<dd>ab jetzt &lt;neu&gt;</dd>" in first
    assert ": 34 von 300 Entscheidungen wären anders ausgefallen (Entscheidungen seit <time" in first
    assert "Dienstag, 25.08.2026" in first
    assert "not tried on the past" in (await see(desk, headers=ENGLISH)).text
    activations = (await see(desk, headers=JSON)).json()["versions"][0]["activations"]
    assert [(each["why"], each["rehearsed"]["changed"]) for each in activations] == [("ab jetzt <neu>", 34)]


async def test_a_rehearsal_that_was_kept_by_an_older_program_counts(desk, matching, proposed):
    done = {"at": matching.clock.now(), "since": matching.clock.now(), "decisions": 9, "changed": 7}
    rulesets = matching.service.collection("rulesets")
    await mongo.answered(rulesets.update_one({"_id": OTHERS}, {"$set": {"rehearsed": done}}))
    await matching.rulesets.activate(OTHERS, "Herr Adam")
    assert "7 of 9 decisions would have been others" in (await see(desk, headers=ENGLISH)).text


async def test_another_version_says_that_it_is_not_in_force_and_what_would_change(desk, proposed):
    page = (await see(desk, OTHERS)).text
    assert "Diese Regeln gelten nicht." in page
    assert "<li>Ein Mensch entscheidet, wenn es unter 30 % sicher ist" in page


async def test_programs_get_the_text_and_the_book_of_a_version(desk, proposed):
    told = (await see(desk, OTHERS, JSON)).json()
    assert (told["version"]["version"], told["active"], told["text"]) == (OTHERS, False, OTHER)
    assert told["book"].startswith("# Wer bei einer Anfrage hilft")


async def test_rules_that_cannot_be_read_any_more_are_shown_as_they_were_written(desk, matching, proposed):
    await mongo.answered(
        matching.service.collection("rulesets").update_one({"_id": OTHERS}, {"$set": {"text": "old: <b>"}})
    )
    page = (await see(desk, OTHERS)).text
    assert "kann diese Regeln nicht mehr lesen" in page
    assert "old: &lt;b&gt;</pre>" in page
    assert (await see(desk, OTHERS, JSON)).json()["book"] is None
    await matching.rulesets.activate(OTHERS, "Herr Adam")
    assert "Diese Regeln gelten nicht." in (await see(desk, packaged().version)).text


async def test_a_version_that_nobody_proposed_is_not_found(desk):
    answer = await see(desk, "2026-11.000000", JSON)
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:wegweiser:problem:version_unknown")


async def test_the_coordinators_pages_lead_to_each_other(desk):
    for page in ("triage", "gaps", "rules"):
        text = (await desk.get(f"/{page}", params={"token": TOKEN}, headers=GERMAN)).text
        assert f'href="/rules?token={TOKEN}"' in text
        assert f'href="/{page}?token={TOKEN}" aria-current="page"' in text
