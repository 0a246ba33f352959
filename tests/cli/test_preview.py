import json
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[2] / "deploy" / "sample"
KEYS = ["line", "target", "receiver", "chamber", "topics", "reason"]
DIRECTORY = """version: 1
receivers:
  - {id: ours, kind: showcase, name: O, organisation: O, email: ours@example.org, lead: nord}
"""


def an_enquiry(*topics: str, postal_code: object = "01067", **business: object) -> str:
    return json.dumps({"business": {"postal_code": postal_code, **business}, "topics": topics, "text": "Guten Tag"})


@pytest.fixture
def preview(wegweiser, tmp_path):
    """Preview these lines."""

    def run(*lines: str, name: str = "some.jsonl", options: tuple[object, ...] = ()):
        file = tmp_path / name
        file.write_text("\n".join(lines), encoding="utf-8")
        ended = wegweiser("preview", file, *options)
        return ended.code, [json.loads(line) for line in ended.out.splitlines()]

    return run


def test_each_enquiry_of_a_file_gets_one_line_with_its_decision(preview):
    code, lines = preview(an_enquiry("it_sicherheit"), "", an_enquiry("e_rechnung", postal_code="54290"))
    assert code == 0
    assert [list(line) for line in lines] == [KEYS, KEYS]
    assert [(line["line"], line["target"], line["receiver"]) for line in lines] == [
        (1, "nord", "nord"),
        (3, "regional", "hwk-trier-1"),
    ]
    assert lines[0]["chamber"] == "Handwerkskammer Dresden"
    assert lines[0]["topics"] == [{"id": "it_sicherheit", "p": 1.0}]


def test_an_impossible_postal_code_goes_to_triage_and_is_no_failure(preview):
    code, lines = preview(an_enquiry("it_sicherheit", postal_code="00000"))
    assert code == 0
    assert (lines[0]["target"], lines[0]["receiver"], lines[0]["chamber"]) == ("triage", None, None)
    assert lines[0]["reason"] == "impossible_postal_code:00000"


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("separator", [";", ","])
def test_a_spreadsheet_can_be_previewed(preview, separator, mark):
    header = mark + separator.join(("business.postal_code", "business.place", "topics", "text"))
    code, lines = preview(header, separator.join(("06333", "Falkenstein/Harz", "breitband", "Hallo")), name="some.csv")
    assert code == 0
    assert (lines[0]["chamber"], lines[0]["target"]) == ("Handwerkskammer Magdeburg", "regional")


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("{", "This is not JSON: from character 2 on it cannot be understood."),
        ("[]", "This is not a JSON object. Write one enquiry a line, in braces: {...}."),
        ("{}", "business: This is missing."),
        ('{"business": "x"}', "business: Fields in braces are expected here: {...}."),
        (an_enquiry(postal_code="1067"), "business.postal_code: '1067' is no postal code. It has five digits, "),
        (an_enquiry(postal_code=1067), 'business.postal_code: A text is expected here, in quotation marks: "...".'),
        (an_enquiry("golf"), "topics[0]: There is no topic 'golf'."),
        (an_enquiry("e_rechnungen"), "There is no topic 'e_rechnungen'. Did you mean 'e_rechnung'?"),
        (r'{"business": {"postal_code": "01067"}, "text": "\ud800"}', r"text: There is half of a character in here"),
    ],
)
def test_a_bad_line_says_why_and_the_others_are_decided(preview, line, error):
    code, lines = preview(line, an_enquiry("it_sicherheit"))
    assert code == 1
    assert error in lines[0]["error"]
    assert (lines[0]["line"], lines[1]["target"]) == (1, "nord")


FLAWED = json.dumps({"business": {"postal_code": "1067", "trade": 5}, "topics": ["golf", "polo"], "language": "fr"})
FIELDS = ["business.postal_code", "business.trade", "topics[0]", "topics[1]", "language"]


def test_every_flaw_of_a_line_is_named_with_its_field_in_german_and_english(preview):
    code, (told, good) = preview(FLAWED, an_enquiry("it_sicherheit"))
    assert code == 1
    assert [flaw["field"] for flaw in told["flaws"]] == FIELDS
    assert told["flaws"][0]["sentence"]["de"].startswith("'1067' ist keine Postleitzahl.")
    assert all(f"{flaw['field']}: {flaw['sentence']['en']}" in told["error"] for flaw in told["flaws"])
    assert good["target"] == "nord"


@pytest.mark.parametrize(("language", "line"), [("de", "Zeile 2"), ("en", "line 2")])
def test_people_read_every_flaw_with_its_line_and_field(wegweiser, tmp_path, language, line):
    file = tmp_path / "some.jsonl"
    file.write_text(f"{an_enquiry('e_rechnung')}\n{FLAWED}\n")
    ended = wegweiser("preview", file, "--explain", language)
    assert ended.code == 1
    flaws = [told for told in ended.out.splitlines() if told.startswith(line)]
    assert [told.split(": ")[:2] for told in flaws] == [[line, field] for field in FIELDS]


def test_another_directory_can_be_tried(preview, tmp_path):
    directory = tmp_path / "directory.yaml"
    directory.write_text(DIRECTORY)
    _, lines = preview(an_enquiry("it_sicherheit"), options=("--directory", directory))
    assert (lines[0]["target"], lines[0]["receiver"]) == ("nord", "ours")


def test_a_file_that_is_not_there_or_cannot_be_read_is_wrong_usage(wegweiser, preview, tmp_path):
    assert wegweiser("preview", tmp_path / "missing.jsonl").code == 2
    assert preview("a;b", "1;2", name="some.csv")[0] == 2
    directory = tmp_path / "directory.yaml"
    directory.write_text("version: 7")
    assert preview(an_enquiry(), options=("--directory", directory))[0] == 2


def test_the_sample_is_decided_without_servers_and_always_the_same(wegweiser):
    first, again = (wegweiser("preview", SAMPLE / "enquiries.jsonl") for _ in range(2))
    assert first.code == 0
    assert first.out == again.out
    targets = {json.loads(line)["target"] for line in first.out.splitlines()}
    assert targets == {"regional", "nord", "ost", "sued", "west", "triage"}


def test_in_full_a_line_tells_all_that_was_considered(preview):
    text = "Unser Aufmaß am Dach mit Leiter und Zollstock dauert ewig"
    line = json.dumps({"business": {"postal_code": "54290", "trade": "Dachdecker"}, "text": text})
    code, (told,) = preview(line, options=("--full",))
    assert code == 0
    assert {*KEYS} <= told.keys()
    assert told["reference"] == "line 1"
    assert told["about"]["topics"][0]["words"]
    first = told["candidates"][0]
    assert (first["receiver"], first["pool"]) == (told["receiver"], "lead")
    assert first["score"].keys() >= {"topic_fit", "distance", "free_capacity", "language", "ahead", "total"}
    assert {"de", "en"} == told["explanation"].keys()
    assert "Schaufenster" in told["what_if"][0]["sentence"]["en"]


@pytest.mark.parametrize(
    ("language", "sentence", "line"), [("de", "Zuerst gefragt wird", "Zeile"), ("en", "is asked first", "line")]
)
def test_people_read_sentences_instead(wegweiser, tmp_path, language, sentence, line):
    file = tmp_path / "some.jsonl"
    file.write_text(an_enquiry("e_rechnung", postal_code="54290") + "\nnothing\n", encoding="utf-8")
    ended = wegweiser("preview", file, "--explain", language)
    assert ended.code == 1
    assert ended.out.startswith("1: regional, hwk-trier-1 (")
    assert sentence in ended.out
    assert f"\n{line} 2: " in ended.out
    assert "{" not in ended.out


def test_programs_or_people_are_told_not_both(wegweiser):
    ended = wegweiser("preview", SAMPLE / "enquiries.jsonl", "--full", "--explain", "de")
    assert ended.code == 2
    assert "choose one" in ended.said
