"""What coordinators see of the gaps."""

import csv
import re

import pytest

from tests.services.matching.builders import NOBODY, a_referral
from tests.services.matching.conftest import TOKEN

GERMAN = {"Accept": "text/html", "Accept-Language": "de"}
JSON = {"Accept": "application/json", "Accept-Language": "en"}
DRESDEN = "Handwerkskammer Dresden"


async def see(desk, headers=GERMAN, path="/gaps", **parameters):
    return await desk.get(path, params={"token": TOKEN} | parameters, headers=headers)


@pytest.fixture
async def seven(matching):
    """Seven enquiries about e-invoicing in Dresden, of which six found nobody; one about BIM that did."""
    for n in range(6):
        await matching.referrals.open(a_referral(NOBODY, reference=f"WW-0000-0000-000{n}"))
    await matching.referrals.open(a_referral(reference="WW-0000-0000-0006"))
    await matching.referrals.open(a_referral(reference="WW-0000-0000-0007", topics=("bim",)))


async def test_without_enquiries_the_page_says_so_and_what_is_counted(desk):
    page = (await see(desk)).text
    assert "In diesem Zeitraum ist keine Anfrage eingegangen." in page
    assert "Was gezählt wird" in page
    assert '<input type="date" id="from" name="from" value="2026-08-26">' in page


async def test_a_topic_shows_how_many_found_nobody_by_state(desk, seven):
    page = (await see(desk)).text
    assert page.count('<td class="step-4"><strong>6</strong> von 7</td>') == 2
    assert page.count('<td class="step-hidden"><strong>0</strong> von &lt;5</td>') == 2
    assert "Handwerkskammer" not in page


async def test_a_state_can_be_opened_to_its_chambers(desk, seven):
    page = (await see(desk, state="Sachsen")).text
    assert re.findall(r"<span>(Handwerkskammer [^<]+)", page) == [
        "Handwerkskammer Chemnitz",
        DRESDEN,
        "Handwerkskammer zu Leipzig",
    ]
    assert page.count("<strong>6</strong> von 7") == 3


async def test_programs_get_null_for_what_is_hidden(desk, seven):
    told = (await see(desk, JSON)).json()
    assert (told["first"], told["last"]) == ("2026-08-26", "2026-11-23")
    e_rechnung, bim = told["topics"]
    assert e_rechnung["label"] == "E-invoicing (XRechnung, ZUGFeRD)"
    (dresden,) = e_rechnung["states"][0]["chambers"]
    assert dresden["chamber"] == DRESDEN
    assert dresden["numbers"]["unmatched"] == {"count": 6, "hidden": False, "at_least": 6, "at_most": 6}
    assert bim["numbers"]["enquiries"] == {"count": None, "hidden": True, "at_least": 1, "at_most": 4}


async def test_the_table_opens_in_german_excel(desk, seven):
    answer = await see(desk, path="/gaps.csv")
    assert answer.content.startswith(b"\xef\xbb\xbflevel;topic_id;")
    assert 'filename="wegweiser-gaps-2026-08-26-2026-11-23.csv"' in answer.headers["content-disposition"]
    lines = [*csv.reader(answer.text.removeprefix("\ufeff").splitlines(), delimiter=";")]
    assert lines[3][0:2] + lines[3][3:] == ["chamber", "e_rechnung", "Sachsen", DRESDEN, "7", "6", "0", ""]
    assert lines[6][5:] == ["", "0", "0", "enquiries"]


async def test_a_period_can_be_chosen(desk, seven):
    assert "keine Anfrage eingegangen" in (await see(desk, to="2026-11-22")).text
    assert "<strong>6</strong>" in (await see(desk, **{"from": "2026-11-23"})).text


@pytest.mark.parametrize(
    ("period", "field", "code"),
    [
        ({"from": "2026-02-30"}, "from", "date_unknown"),
        ({"to": "gestern"}, "to", "date_unknown"),
        ({"to": "9999-12-31"}, "to", "date_unknown"),
        ({"from": "2026-11-23", "to": "2026-11-22"}, "from", "period_backwards"),
    ],
)
async def test_a_period_that_is_none_is_told(desk, period, field, code):
    answer = await see(desk, JSON, **period)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["pointer"], error["code"]) == (422, f"/{field}", code)
    page = await see(desk, **period)
    assert (page.status_code, f'id="{field}-error"' in page.text) == (422, True)
    assert (await see(desk, path="/gaps.csv", **period)).status_code == 422
