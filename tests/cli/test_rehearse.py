"""Rules are tried on a past that was really lived, in MongoDB."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from deploy.cli.rehearsal_tables import tables
from deploy.cli.rehearse import page
from services.matching.rehearsal import Report, Then
from services.matching.ruleset_file import packaged, packaged_text
from shared.topics import TOPICS
from tests.services.matching.builders import OST, WEST, an_advisor
from tests.services.matching.conftest import SAID
from tests.services.matching.story import LATER, comes, decline, lived, ref, withdraw

PACKAGED = packaged_text()
WEST_LEADS = re.sub(r"(\n  geschaeftsmodell:.*\n    lead: )\w+", r"\1west", PACKAGED)
POOLS = PACKAGED.replace("led_by_chambers: [region, neighbours, state]", "led_by_chambers: [state, region, neighbours]")
BY = ("--by", "koordination")
DAY = "2024-11-25"


@pytest.fixture
def rules(wegweiser, mongodb, namespace):
    return lambda *arguments: wegweiser("rules", *arguments, mongodb_url=mongodb.url, namespace=namespace)


@pytest.fixture
def file(tmp_path):
    def written(text):
        (tmp_path / "new.yaml").write_text(text)
        return tmp_path / "new.yaml"

    return written


def rehearsed(rules, which, *options):
    ended = rules("rehearse", which, "--since", DAY, "--json", *options)
    assert ended.code == 0, ended.said
    return json.loads(ended.out)


@pytest.mark.parametrize("both", [False, True])
def test_the_rules_of_the_past_change_nothing(rules, during, monkeypatch, both):
    """Also with limits, declines, a coordinator, cases that waited, and processes that knew little of each other."""
    monkeypatch.setattr("tests.services.matching.story.LATER", PACKAGED)
    during(lambda matching: lived(matching, both=both))
    told = rehearsed(rules, "active")
    assert (told["changed"], told["examples"]) == (0, [])
    assert told["decisions"] > 50
    assert told["unmatched"]["was"] == told["unmatched"]["would_be"] > 0
    assert "0 of " in rules("rehearse", "active", "--since", DAY).out


def test_nothing_has_happened_yet(rules):
    assert rules("rehearse", "packaged").out.startswith("0 of 0 decisions would have been others.")


async def everyday(matching):
    """Cases that come one after the other, some of them of another topic."""
    await matching.receivers.keep([an_advisor("advisor"), OST, WEST], prune=True, **SAID)
    for n in range(6):
        matching.clock.forward(days=1)
        topics = ("geschaeftsmodell",) if n % 2 else ("e_rechnung",)
        await comes(matching.offering, n, topics=topics, received_at=matching.clock.now())


def test_another_lead_gets_the_cases_of_its_topic_alone(rules, during, file):
    during(everyday)
    before = during(offers_of)
    told = rehearsed(rules, file(WEST_LEADS))
    assert (told["decisions"], told["changed"]) == (6, 3)
    assert told["topics"]["geschaeftsmodell"] == {"was": 3, "would_be": 3}
    assert told["topics"]["e_rechnung"] == {"was": 3, "would_be": 0}
    assert told["receivers"]["west"] == {"was": 0, "would_be": 3}
    assert told["receivers"]["ost"] == {"was": 3, "would_be": 0}
    assert {"was": "ost", "would_be": "west", "number": 3} in told["targets"]
    assert told["chambers"] == {"Handwerkskammer Dresden": {"was": 6, "would_be": 3}}
    assert [[reference, to] for reference, _, to in told["examples"]] == [[ref(n), "west"] for n in (1, 3, 5)]
    assert during(offers_of) == before


async def offers_of(matching):
    return sorted([str(each) async for each in matching.documents.find({}, {"offers": 1, "decision": 1})])


def test_only_what_was_decided_since_then_is_taken_by_the_new_rules(rules, during, file):
    during(everyday)
    ended = rules("rehearse", file(WEST_LEADS), "--since", "2024-11-29", "--json")
    told = json.loads(ended.out)
    assert (told["decisions"], told["changed"]) == (3, 2)


ONE_PLACE_EACH = [replace(OST, most_open=1), replace(WEST, most_open=1)]


def test_a_case_that_moves_makes_a_later_one_move_although_its_own_rules_are_the_same(rules, during, file):
    async def two_cases(matching):
        await matching.receivers.keep(ONE_PLACE_EACH, prune=True, **SAID)
        await comes(matching.offering, 0, topics=("geschaeftsmodell",))
        matching.clock.forward(minutes=1)
        await comes(matching.offering, 1, topics=("vr_visualisierung",))

    during(two_cases)
    told = rehearsed(rules, file(WEST_LEADS))
    assert told["examples"] == [[ref(0), "ost", "west"], [ref(1), "west", "triage"]]
    assert told["unmatched"] == {"was": 0, "would_be": 1}


def test_a_place_that_would_have_been_free_again_is_taken_again(rules, during, file):
    async def with_an_end(matching):
        await matching.receivers.keep(ONE_PLACE_EACH, prune=True, **SAID)
        await comes(matching.offering, 0, topics=("geschaeftsmodell",))
        matching.clock.forward(minutes=1)
        await withdraw(matching, 0)
        matching.clock.forward(minutes=1)
        await comes(matching.offering, 1, topics=("vr_visualisierung",))

    during(with_an_end)
    assert rehearsed(rules, file(WEST_LEADS))["examples"] == [[ref(0), "ost", "west"]]


def test_a_place_that_would_not_have_been_taken_lets_a_case_in_that_waited(rules, during, file):
    async def two_of_a_kind(matching):
        await matching.receivers.keep(ONE_PLACE_EACH, prune=True, **SAID)
        await comes(matching.offering, 0, topics=("geschaeftsmodell",))
        matching.clock.forward(minutes=1)
        await comes(matching.offering, 1, topics=("plattform_kooperation",))
        matching.clock.forward(minutes=1)
        await comes(matching.offering, 2, topics=("online_shop",))

    during(two_of_a_kind)
    told = rehearsed(rules, file(WEST_LEADS))
    assert told["examples"] == [[ref(0), "ost", "west"], [ref(1), "west", "ost"]]


async def declined_once(matching):
    """Two decisions about one case."""
    await matching.receivers.keep([an_advisor("advisor"), OST, WEST], prune=True, **SAID)
    await comes(matching.offering, 1, topics=("geschaeftsmodell",))
    matching.clock.forward(minutes=1)
    await decline(matching, 1)


def test_later_decisions_about_a_case_that_goes_elsewhere_fall_away_and_are_counted(
    rules, wegweiser, mongodb, namespace, during, file
):
    during(declined_once)
    told = rehearsed(rules, file(WEST_LEADS))
    assert (told["decisions"], told["changed"], told["fallen_away"]) == (1, 1, 1)
    replayed = wegweiser("replay", mongodb_url=mongodb.url, namespace=namespace).out
    assert replayed.startswith("2 decisions taken again")
    unchanged = rehearsed(rules, "active")
    assert (unchanged["decisions"], unchanged["fallen_away"]) == (2, 0)
    assert "\nBesides, 1 later decision falls away: " in rules("rehearse", file(WEST_LEADS), "--since", DAY).out
    german = rules("rehearse", file(WEST_LEADS), "--since", DAY, "--language", "de").out
    assert "\nAußerdem entfällt 1 spätere Entscheidung: " in german


def test_other_pools_and_weights_are_rehearsed_too(rules, during, file):
    during(everyday)
    told = rehearsed(rules, file(POOLS))
    assert told["receivers"]["advisor"] == {"was": 3, "would_be": 0}
    assert rehearsed(rules, file(LATER))["changed"] == 0


def test_words_are_read_anew_where_they_changed_since_the_case_was_understood(rules, during):
    """Although the rules that are rehearsed are those in force."""
    before, after = PACKAGED.split("\n  it_sicherheit:")
    for kind, word in (("words", "Zwitscherkasten"), ("hints", "Rechner")):
        after = re.sub(rf"({kind}:\s*\[)", rf"\1{word}, ", after, count=1)

    async def then_and_now(matching):
        await matching.receivers.keep([an_advisor("advisor"), OST, WEST], prune=True, **SAID)
        await comes(matching.offering, 0, topics=(), text="Zwitscherkasten am Rechner")
        kept = await matching.rulesets.propose(f"{before}\n  it_sicherheit:{after}", "koordination", "to try")
        await matching.rulesets.activate(kept.version, "koordination")

    def ticked(told):
        return "it_sicherheit" in told["topics"]

    during(then_and_now)
    assert (ticked(rehearsed(rules, "packaged")), ticked(rehearsed(rules, "active"))) == (False, True)


def test_the_table_names_where_cases_would_go(rules, during, file):
    during(everyday)
    ended = rules("rehearse", file(WEST_LEADS), "--since", DAY)
    assert ended.out.startswith("3 of 6 decisions would have been others.\nTo a person: 0, would be 0.\n")
    for title in ("Where cases go", "Receivers: cases offered", "Regions: decisions", "Topics: decisions"):
        assert title in ended.out


class _Page(HTMLParser):
    """Which elements and addresses a page has, and whether each is closed."""

    def __init__(self):
        super().__init__()
        self.loads, self.bars, self.words = [], [], ""

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.loads += [value for name, value in attrs if name in {"src", "href", "action", "srcset"}]
        self.bars += [found["style"]] if "bar" in (found.get("class") or "") else []
        assert tag not in {"script", "link", "iframe", "img"}

    def handle_data(self, data):
        self.words += data


def test_the_page_has_charts_and_needs_nothing_from_elsewhere(rules, during, file, tmp_path):
    during(everyday)
    ended = rules("rehearse", file(WEST_LEADS), "--since", DAY, "--page", tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    page = _Page()
    page.feed(text)
    assert ended.code == 0
    assert page.loads == []
    assert "url(" not in text
    assert "3 of 6 decisions" in page.words
    assert len(page.bars) >= 8
    assert all(re.fullmatch(r"width:\d+\.\d%", bar) for bar in page.bars)


def test_the_page_speaks_german_and_calls_everybody_by_name(rules, during, file, tmp_path):
    during(everyday)
    rules("rehearse", file(WEST_LEADS), "--since", DAY, "--page", tmp_path / "page.html", "--language", "de")
    page = _Page()
    page.feed((tmp_path / "page.html").read_text(encoding="utf-8"))
    words = " ".join(page.words.split())
    assert "3 von 6 Entscheidungen wären anders ausgefallen." in words
    assert "Montag, 25.11.2024, 00:00 Uhr" in words
    for name in (f"{WEST.organisation}, {WEST.name}", TOPICS["geschaeftsmodell"].de, "Handwerkskammer Dresden"):
        assert name in words
    assert "Schaufenster Ost → Schaufenster West" in words
    assert "1 weitere, davon 0 mit Änderung" in words  # the topic that does not change


def test_what_is_too_much_to_be_seen_at_once_can_be_opened():
    report = Report(decisions=40, changed=20)
    report.chambers = {f"Kammer {n:02}": Then(was=2, would_be=int(n < 20)) for n in range(40)}
    _, _, chambers, _ = tables(report, "en")
    assert [row.name for row in chambers.first] == [f"Kammer {n:02}" for n in range(15)]
    written = page(report, packaged(), *[datetime(2024, 11, 25, tzinfo=UTC)] * 2, "en")
    assert "<summary>25 more, 5 of them changed</summary>" in written
    assert all(f">Kammer {n:02}<" in written for n in range(40))


def test_the_table_says_how_much_it_leaves_out(rules, during, file):
    during(everyday)
    said = " ".join(rules("rehearse", file(WEST_LEADS), "--since", DAY).out.split())
    assert "1 more, 0 of them changed: see --page or --json." in said


def test_a_page_that_cannot_be_written_is_said(rules, tmp_path):
    ended = rules("rehearse", "packaged", "--page", tmp_path / "missing" / "page.html")
    assert ended.code == 2
    assert "page.html cannot be written: No such file or directory." in ended.said


def test_a_beginning_that_lies_ahead_is_refused(rules):
    ended = rules("rehearse", "packaged", "--since", "2999-01-01")
    assert ended.code == 2
    assert ended.said.startswith("--since lies ahead")


def propose(rules, path):
    return rules("propose", path, *BY, "--why", "to try").out.split()[0]


def test_rules_that_nobody_tried_are_not_put_into_force(rules, file):
    version = propose(rules, file(LATER))
    ended = rules("activate", version, *BY)
    assert ended.code == 2
    assert f"First: wegweiser rules rehearse {version}." in ended.said
    assert f"* {version}" not in rules("list").out
    assert rules("activate", version, *BY, "--unrehearsed").out == f"{version} is in force\n"


def test_a_rehearsal_of_another_version_does_not_count(rules, file):
    version, other = propose(rules, file(LATER)), propose(rules, file(WEST_LEADS))
    assert rules("rehearse", other).code == 0
    assert rules("activate", version, *BY).code == 2
    assert rules("activate", other, *BY).code == 0


def test_a_rehearsal_of_the_file_counts_for_the_version_that_was_proposed_from_it(rules, file):
    version = propose(rules, file(LATER))
    assert rules("rehearse", file(LATER)).code == 0
    assert rules("activate", version, *BY).code == 0


def test_what_was_in_force_once_can_be_put_into_force_again_at_once(rules, file):
    version = propose(rules, file(LATER))
    rules("activate", version, *BY, "--unrehearsed")
    assert rules("activate", packaged().version, *BY).code == 0
    assert rules("activate", version, *BY).code == 0


def test_rules_to_which_an_older_program_gave_another_version_are_rehearsed_under_it(rules, during, file):
    version = propose(rules, file(LATER))

    async def older(matching):
        kept = matching.service.collection("rulesets")
        document = await kept.find_one({"_id": version})
        await kept.insert_one({**document, "_id": "later.000000"})

    during(older)
    assert rules("rehearse", "later.000000").code == 0
    assert rules("activate", "later.000000", *BY).code == 0
