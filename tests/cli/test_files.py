import json
from pathlib import Path

import pytest

from deploy.cli.files import BadFile, count, entries, read

HEADER = "business.name;business.postal_code;topics;text;consent"


@pytest.fixture
def write(tmp_path):
    def write(content: str | bytes, name: str = "enquiries.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def sentences(path: Path) -> dict[int, str]:
    return {line: str(document) for line, document in read(path) if isinstance(document, ValueError)}


def test_json_lines_are_read_with_their_numbers_and_blank_lines_passed_over(write):
    path = write('{"text": "a"}\n\n  \n{"text": "ä"}', "x.jsonl")
    assert list(read(path)) == [(1, {"text": "a"}), (4, {"text": "ä"})]


def test_one_bad_line_of_json_does_not_spoil_the_others(write):
    path = write(b'{"text": "a"\n[1]\n{"text": "M\xfcller"}\n{"a": NaN}\n{"text": "b"}\n', "x.jsonl")
    assert list(sentences(path)) == [1, 2, 3, 4]
    assert list(read(path))[4] == (5, {"text": "b"})


def test_json_that_is_nested_too_deeply_is_a_bad_line_and_no_crash(write):
    assert list(sentences(write('{"a":' + "[" * 100_000, "x.jsonl"))) == [1]


def test_columns_with_dots_become_parts(write):
    path = write(f"{HEADER}\nMuster;01067;online_shop|bim;Ein Shop;ja\n")
    assert list(read(path)) == [
        (
            2,
            {
                "business": {"name": "Muster", "postal_code": "01067"},
                "topics": ["online_shop", "bim"],
                "text": "Ein Shop",
                "consent": True,
            },
        )
    ]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_spreadsheets_separate_and_mark_as_they_like(write, delimiter, mark, end):
    text = end.join([HEADER, "Müller;01067;bim;Wir bauen;WAHR", ""]).replace(";", delimiter)
    (row,) = [document for _, document in read(write(mark + text.encode()))]
    assert row["business"] == {"name": "Müller", "postal_code": "01067"}


def test_a_cell_may_hold_line_breaks_and_the_next_line_keeps_its_number(write):
    path = write(f'{HEADER}\nA;01067;;"one\ntwo";true\nB;01067;;three;true\n')
    assert [(line, document["text"]) for line, document in read(path)] == [(2, "one\ntwo"), (4, "three")]


def test_empty_cells_are_left_out_and_empty_rows_passed_over(write):
    assert list(read(write(f"{HEADER}\n;;;;\nA;;;;\n"))) == [(3, {"business": {"name": "A"}})]


def test_a_row_with_too_few_or_too_many_cells_is_a_bad_line(write):
    path = write(f"{HEADER}\nA;B\nA;01067;;text;true;more\nA;01067;;text;true\n")
    two, three = sentences(path).values()
    assert two.startswith("This line has 2 cells, the header has 5.")
    assert three.startswith("This line has 6 cells, the header has 5.")


def test_consent_that_is_neither_yes_nor_no_is_left_for_the_api_to_refuse(write):
    documents = [row for _, row in read(write("text;consent\na;vielleicht\nb;nein\n"))]
    assert [document["consent"] for document in documents] == ["vielleicht", False]


def test_a_line_that_is_not_utf8_is_a_bad_line(write):
    path = write(HEADER.encode() + b"\nM\xfcller;01067;;text;true\nA;01067;;text;true\n")
    assert sentences(path) == {2: "This line is not UTF-8. Save the file with the encoding UTF-8."}


def test_half_a_character_is_a_flaw_of_its_field_and_every_one_is_named(write):
    half = r'{"text": "Guten \ud800 Tag", "topics": ["bim", "\udfff"], "business": {"n\ud83d": 1}}'
    path = write(f'{half}\n{{"text": "\U0001f600"}}', "x.jsonl")
    (_, bad), (_, good) = read(path)
    assert [flaw.field for flaw in bad.flaws] == ["text", "topics[1]", r"business.n\ud83d"]
    assert str(bad).startswith(r"text: There is half of a character in here (\ud800), which is nothing by itself.")
    assert bad.flaws[0].said("de").startswith(r"text: Hier steht ein halbes Zeichen (\ud800)")
    assert good == {"text": "\U0001f600"}


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        ("a;b;c\n1;2;3\n", "x.csv", "neither JSON Lines nor CSV"),
        ("hello\n", "x", "neither JSON Lines nor CSV"),
        ("text;colour\nx;red\n", "x.csv", "not known: 'colour'"),
        ("text;text\nx;y\n", "x.csv", "twice: text"),
        ("text;text;colour\nx;y;red\n", "x.csv", "not known: 'colour'(.|\n)*twice: text"),
        ("", "x.csv", "neither JSON Lines nor CSV"),
        ('{"a": 1}'.encode("utf-16"), "x.jsonl", "not UTF-8"),
    ],
)
def test_a_file_that_is_bad_as_a_whole_is_refused_in_words(write, content, name, sentence):
    with pytest.raises(BadFile, match=sentence):
        list(read(write(content, name)))


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path):
    with pytest.raises(BadFile, match="cannot be read: No such file"):
        list(read(tmp_path / "nowhere.jsonl"))


def test_the_format_shows_where_the_name_does_not_tell(write):
    assert list(read(write('{"text": "a"}\n', "export"))) == [(1, {"text": "a"})]
    assert list(read(write("text\nb\n", "other"))) == [(2, {"text": "b"})]


def test_entries_keep_the_line_as_it_stands(write):
    path = write(f'{HEADER}\nA;01067;;"one\ntwo";true\n')
    assert [entry.text for entry in entries(path)] == ['A;01067;;"one\ntwo";true\n']
    assert count(path) == 1


def test_the_sample_can_be_read_whole():
    sample = Path(__file__).parents[2] / "deploy" / "sample" / "enquiries.jsonl"
    documents = [document for _, document in read(sample)]
    assert len(documents) >= 70
    assert all(isinstance(document, dict) for document in documents)
    assert len({json.dumps(document) for document in documents}) == len(documents)
