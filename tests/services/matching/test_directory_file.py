import pytest
import yaml

from services.matching.directory import Receiver
from services.matching.directory_file import chambers, dump, load
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


def test_there_are_53_chambers() -> None:
    assert len(chambers()) == 53
