from datetime import date, time

import pytest
import yaml

from services.matching.directory import Absence, Hours, Receiver
from services.matching.directory_file import dump, load
from services.matching.yaml_document import BadDocument

ADVISOR = """version: 1
receivers:
  - id: hwk-dresden-1
    kind: advisor
    name: Digitalisierungsberatung
    organisation: Handwerkskammer Dresden
    email: dresden@example.org
    phone: "0351 000000"
    language: de
    chambers: [Handwerkskammer Dresden]
    lead:
    topics: [online_shop]
"""
SHOWCASE = """  - id: ost
    kind: showcase
    name: Schaufenster Ost
    organisation: Handwerkskammer Dresden
    email: ost@example.org
    lead: ost
"""
ABOUT = """    districts: ["14612"]
    states: [Sachsen]
    languages: [de, en]
    most_open: 6
    most_a_week: 3
    working_days: [tue, mon]
    working_hours: "08:00-16:30"
    absences: [{first: 2026-12-21, last: 2027-01-06, deputy: ost}, {first: 2027-02-01, last: 2027-02-01}]
    valid_from: 2026-01-01
    valid_until: 2027-12-31
"""
"""What a receiver may say besides, from line 13 of the file on."""


def flaws(text: str) -> list[str]:
    with pytest.raises(BadDocument) as caught:
        load(text.encode())
    return [str(flaw) for flaw in caught.value.flaws]


def test_a_directory_is_read_field_by_field() -> None:
    (advisor,) = load(ADVISOR.encode())
    assert advisor == Receiver(
        id="hwk-dresden-1",
        kind="advisor",
        name="Digitalisierungsberatung",
        organisation="Handwerkskammer Dresden",
        email="dresden@example.org",
        phone="0351 000000",
        language="de",
        chambers=("Handwerkskammer Dresden",),
        lead=None,
        topics=("online_shop",),
    )


def test_what_is_optional_may_be_left_out() -> None:
    showcase = load((ADVISOR + SHOWCASE).encode())[1]
    assert (showcase.phone, showcase.language, showcase.chambers, showcase.topics) == ("", "de", (), ())
    assert showcase.active


def test_what_was_written_out_is_read_back_the_same() -> None:
    receivers = load((ADVISOR + SHOWCASE + "    active: false\n").encode())
    assert load(dump(receivers).encode()) == receivers


def test_words_that_yaml_takes_for_other_things_stay_words() -> None:
    text = (
        ADVISOR.replace("hwk-dresden-1", "007")
        .replace('"0351 000000"', "0351")
        .replace("Digitalisierungsberatung", "no")
    )
    (advisor,) = load(text.encode())
    assert (advisor.id, advisor.phone, advisor.name) == ("007", "0351", "no")
    assert load(dump((advisor,)).encode()) == (advisor,)


def test_the_file_that_is_written_is_plain_yaml_for_others() -> None:
    document = yaml.safe_load(dump(load(ADVISOR.encode())))
    assert document["version"] == 1
    assert document["receivers"][0]["chambers"] == ["Handwerkskammer Dresden"]
    assert "active" not in document["receivers"][0]


def test_a_byte_order_mark_does_no_harm() -> None:
    assert load(b"\xef\xbb\xbf" + ADVISOR.encode()) == load(ADVISOR.encode())


def test_an_empty_list_is_a_directory_of_nobody() -> None:
    assert load(b"version: 1\nreceivers: []\n") == ()


@pytest.mark.parametrize(
    ("written", "instead", "flaw"),
    [
        ("id: hwk-dresden-1", "id: ''", "line 3, receivers[0].id: This is missing."),
        ("id: hwk-dresden-1", "id: hwk dresden", "line 3, receivers[0].id: 'hwk dresden' is no id."),
        ("kind: advisor", "kind: adviser", "line 4, receivers[0].kind: 'adviser' is not possible here."),
        ("dresden@example.org", "dresden", "line 7, receivers[0].email: 'dresden' is no e-mail address:"),
        ("language: de", "language: fr", "line 9, receivers[0].language: 'fr' is not possible here."),
        ("[Handwerkskammer Dresden]", "[]", "line 10, receivers[0].chambers: An advisor needs at least one chamber."),
        ("[Handwerkskammer Dresden]", "[HWK Drseden]", "line 10, receivers[0].chambers: 'HWK Drseden' is no chamber"),
        ("[Handwerkskammer Dresden]", "Dresden", "line 10, receivers[0].chambers: This must be a list."),
        ("lead:", "lead: ost", "line 11, receivers[0].lead: An advisor leads no topics."),
        ("online_shop", "onlineshop", "line 12, receivers[0].topics: 'onlineshop' is no topic;"),
        ("topics:", "topcis:", "line 12, receivers[0].topcis: This field is not known. Did you mean 'topics'?"),
        ("lead:", "kind: advisor", "line 11, receivers[0].kind: This field is here twice."),
        ("name: Digitalisierungsberatung", "name: [a]", "line 5, receivers[0].name: This must be a single value"),
        ("name: Digitalisierungsberatung", 'name: "a\\nb"', "line 5, receivers[0].name: This holds a line break"),
        ("version: 1", "version: 2", "line 1, version: Only version 1 is known."),
        ("receivers:", "empfaenger:", "line 2, empfaenger: This field is not known."),
    ],
)
def test_a_flaw_is_named_with_line_and_field_and_what_to_do(written: str, instead: str, flaw: str) -> None:
    assert any(found.startswith(flaw) for found in flaws(ADVISOR.replace(written, instead)))


def test_a_misspelled_chamber_is_told_the_likely_one() -> None:
    text = ADVISOR.replace("[Handwerkskammer Dresden]", "[Handwerkskamer Dresden]")
    assert "Did you mean 'Handwerkskammer Dresden'?" in flaws(text)[0]


def test_all_flaws_are_named_at_once_in_the_order_of_their_lines() -> None:
    text = ADVISOR.replace("advisor", "adviser").replace("language: de", "language: fr").replace("online_shop", "nix")
    assert [flaw.split(",")[0] for flaw in flaws(text)] == ["line 4", "line 9", "line 12"]


def test_an_id_that_is_there_twice_names_both_lines() -> None:
    second = ADVISOR.split("receivers:\n")[1]
    assert flaws(ADVISOR + second) == [
        "line 13, receivers[1].id: 'hwk-dresden-1' is taken by the receiver in line 3. Give each an id of its own."
    ]


def test_a_showcase_needs_a_lead_that_exists() -> None:
    assert "A showcase needs a lead" in flaws(ADVISOR + SHOWCASE.replace("    lead: ost\n", ""))[0]
    assert "'mitte' leads nothing" in flaws(ADVISOR + SHOWCASE.replace("lead: ost", "lead: mitte"))[0]


def test_two_showcases_cannot_lead_the_same_unless_one_has_left() -> None:
    other = SHOWCASE.replace("id: ost", "id: ost-2")
    assert "leads 'ost' already" in flaws(ADVISOR + SHOWCASE + other)[0]
    assert len(load((ADVISOR + SHOWCASE + other + "    active: false\n").encode())) == 3


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "- a\n", "just words", "version: 1\n", "version: 1\nreceivers: x\n"]
)
def test_a_file_that_is_no_directory_is_told_what_is_missing(text: str) -> None:
    assert flaws(text)


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"version: 1\nname: M\xfcller\n", "line 2: This is not UTF-8."),
        (b"version: 1\n\tx: [", "line 2: This is not YAML:"),
        (b"version: 1\n---\nversion: 1\n", "line 2: This is not YAML:"),
        (b"version: \x00", "line 1: This is not YAML:"),
        (b"[" * 5000, "line 1: This is nested too deeply"),
    ],
)
def test_what_is_no_yaml_is_refused_in_words(raw: bytes, sentence: str) -> None:
    with pytest.raises(BadDocument, match=sentence):
        load(raw)


# --- where, when and how much -----------------------------------------------------------------------------------------


def everything(said: str = ABOUT) -> str:
    return ADVISOR + said + SHOWCASE


def test_where_when_and_how_much_a_receiver_works_is_read() -> None:
    advisor = load(everything().encode())[0]
    assert (advisor.districts, advisor.states, advisor.languages) == (("14612",), ("Sachsen",), ("de", "en"))
    assert (advisor.most_open, advisor.most_a_week) == (6, 3)
    assert advisor.hours == Hours((0, 1), time(8), time(16, 30))
    assert advisor.absences == (
        Absence(date(2026, 12, 21), date(2027, 1, 6), "ost"),
        Absence(date(2027, 2, 1), date(2027, 2, 1)),
    )
    assert (advisor.valid_from, advisor.valid_until) == (date(2026, 1, 1), date(2027, 12, 31))


def test_where_when_and_how_much_is_written_back_the_same() -> None:
    receivers = load(everything().encode())
    assert load(dump(receivers).encode()) == tuple(sorted(receivers, key=lambda receiver: receiver.id))


def test_who_says_nothing_about_it_has_nothing_about_it_in_the_file() -> None:
    assert list(yaml.safe_load(dump(load(ADVISOR.encode())))["receivers"][0]) == [
        *("id", "kind", "name", "organisation", "email", "phone", "language", "chambers", "lead", "topics")
    ]


def test_work_until_midnight_is_written_as_24_hours() -> None:
    receivers = load((ADVISOR + "    working_hours: 12:00-24:00\n").encode())
    assert receivers[0].hours == Hours(begin=time(12))
    assert "working_hours: 12:00-24:00" in dump(receivers)


@pytest.mark.parametrize("places", ['districts: ["14612"]', "districts: [14612]", "states: [Sachsen]"])
def test_an_advisor_of_districts_or_states_needs_no_chamber(places: str) -> None:
    assert load(ADVISOR.replace("chambers: [Handwerkskammer Dresden]", places).encode())


def test_a_district_whose_key_begins_with_0_keeps_it() -> None:
    receivers = load((ADVISOR + "    districts: [01001]\n").encode())
    assert load(dump(receivers).encode())[0].districts == ("01001",)


@pytest.mark.parametrize(
    ("written", "instead", "flaw"),
    [
        ("14612", "14613", "line 13, receivers[0].districts: '14613' is no Kreis;"),
        ("[Sachsen]", "[Saxony]", "line 14, receivers[0].states: 'Saxony' is no federal state;"),
        ("[de, en]", "[de, pl]", "line 15, receivers[0].languages: 'pl' is not spoken here;"),
        ("most_open: 6", "most_open: 0", "line 16, receivers[0].most_open: '0' is no whole number from 1"),
        ("most_open: 6", f"most_open: {10**6 + 1}", "line 16, receivers[0].most_open: '1000001' is no whole number"),
        ("most_open: 6", "most_open: 2.5", "line 16, receivers[0].most_open: '2.5' is no whole number"),
        ("most_a_week: 3", "most_a_week: many", "line 17, receivers[0].most_a_week: 'many' is no whole number"),
        ("[tue, mon]", "[di]", "line 18, receivers[0].working_days: 'di' is no day of the week;"),
        ("08:00-16:30", "8-16", "line 19, receivers[0].working_hours: '8-16' are no hours of a day."),
        ("08:00-16:30", "16:30-08:00", "line 19, receivers[0].working_hours: '16:30-08:00' are no hours"),
        ("08:00-16:30", "08:00-25:00", "line 19, receivers[0].working_hours: '08:00-25:00' are no hours"),
        ("2026-12-21", "21.12.2026", "line 20, receivers[0].absences[0].first: '21.12.2026' is no day."),
        ("2026-12-21", "2026-02-30", "line 20, receivers[0].absences[0].first: '2026-02-30' is no day."),
        ("last: 2027-01-06", "last: 2026-12-20", "line 20, receivers[0].absences[0].last: This is before 'first:"),
        ("last: 2027-01-06, ", "", "line 20, receivers[0].absences[0].last: This is missing."),
        ("first: 2027-02-01", "first: 2027-01-05", "line 20, receivers[0].absences[1].first: Another absence covers"),
        ("deputy: ost", "deputy: osten", "line 20, receivers[0].absences[0].deputy: 'osten' is no receiver in this"),
        ("deputy: ost", "deputy: hwk-dresden-1", "line 20, receivers[0].absences[0].deputy: This is the absent"),
        ("valid_until: 2027", "valid_until: 2025", "line 22, receivers[0].valid_until: This is before 'valid_from:"),
        ("absences: [{", "absences: {first: [{", "line 20, receivers[0].absences: This must be a list."),
    ],
)
def test_a_flaw_in_where_when_and_how_much_is_named_likewise(written: str, instead: str, flaw: str) -> None:
    text = everything().replace(written, instead)
    if "first: [{" in text:
        text = text.replace("2027-02-01}]", "2027-02-01}]}")
    assert [found for found in flaws(text) if found.startswith(flaw)], flaws(text)


def test_a_deputy_who_left_is_refused() -> None:
    assert "'ost' is not active" in flaws(everything() + "    active: false\n")[0]


def away(first: str, last: str, deputy: str) -> str:
    return f"    absences: [{{first: {first}, last: {last}, deputy: {deputy}}}]\n"


def test_deputies_who_stand_in_for_each_other_on_the_same_day_are_refused_where_they_close_the_circle() -> None:
    text = (
        ADVISOR + away("2026-12-21", "2026-12-31", "ost") + SHOWCASE + away("2026-12-28", "2027-01-06", "hwk-dresden-1")
    )
    (flaw,) = flaws(text)
    assert flaw.startswith("line 20, receivers[1].absences[0].deputy: On 2026-12-28 these are all absent")
    assert "ost -> hwk-dresden-1 -> ost." in flaw


def test_deputies_who_stand_in_for_each_other_at_different_times_are_fine() -> None:
    text = (
        ADVISOR + away("2026-12-21", "2026-12-27", "ost") + SHOWCASE + away("2026-12-28", "2027-01-06", "hwk-dresden-1")
    )
    assert len(load(text.encode())) == 2


def test_a_deputy_whose_own_entry_is_wrong_is_not_called_unknown() -> None:
    assert len(flaws(everything().replace("email: ost@example.org", "email: ost"))) == 1


def test_a_large_file_is_read_the_same_with_lines() -> None:
    small = load(everything().encode())
    padding = "# ".ljust(1_000_000, ".") + "\n"
    assert load((everything() + padding).encode()) == small
    assert flaws(everything().replace("most_open: 6", "most_open: 0") + padding)[0].startswith("line 16,")
