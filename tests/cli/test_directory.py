import getpass
import json
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[2] / "deploy" / "sample" / "directory.yaml"
FEW = """version: 1
receivers:
  - {id: a, kind: advisor, name: A, organisation: O, email: a@example.org, chambers: [Handwerkskammer Trier]}
  - {id: nord, kind: showcase, name: N, organisation: O, email: nord@example.org, lead: nord}
"""


@pytest.fixture
def few(tmp_path):
    path = tmp_path / "few.yaml"
    path.write_text(FEW)
    return path


@pytest.fixture
def directory(wegweiser, mongodb, namespace):
    return lambda *arguments: wegweiser("directory", *arguments, mongodb_url=mongodb.url, namespace=namespace)


def imported(ended) -> dict[str, int]:
    assert ended.code == 0, ended.said
    return json.loads(ended.out)


def test_the_sample_serves_every_chamber_and_every_lead(wegweiser):
    ended = wegweiser("directory", "check", SAMPLE)
    assert ended.code == 0
    assert "for 53 chambers, 4 showcases" in ended.out


def test_every_flaw_of_a_file_is_named_and_nothing_is_stored(directory, few):
    few.write_text(FEW.replace("advisor", "adviser").replace("lead: nord", "lead: mitte"))
    for command in ("check", "import"):
        ended = directory(command, few)
        assert ended.code == 2
        assert "line 3, receivers[0].kind: 'adviser'" in ended.said
        assert "line 4, receivers[1].lead: 'mitte'" in ended.said
    directory("export", few)
    assert "receivers: []" in few.read_text()


def test_a_file_is_imported_once_however_often_it_is_repeated(directory):
    first = imported(directory("import", SAMPLE, "--json"))
    again = imported(directory("import", SAMPLE, "--json"))
    assert first == {"version": 1, "added": 69, "changed": 0, "unchanged": 0, "switched_off": 0}
    assert again == {"version": 1, "added": 0, "changed": 0, "unchanged": 69, "switched_off": 0}


def test_what_is_exported_can_be_changed_and_imported_again(directory, few, tmp_path):
    directory("import", few)
    exported = tmp_path / "exported.yaml"
    assert directory("export", exported).code == 0
    exported.write_text(exported.read_text().replace("name: A\n", "name: B\n"))
    assert imported(directory("import", exported, "--json"))["changed"] == 1


def test_who_is_absent_stays_unless_pruned(directory, few, tmp_path):
    directory("import", few)
    less = tmp_path / "less.yaml"
    less.write_text("".join(FEW.splitlines(keepends=True)[:3]))
    assert imported(directory("import", less, "--json"))["switched_off"] == 0
    assert imported(directory("import", less, "--prune", "--json"))["switched_off"] == 1
    assert "active: false" in directory("export", "-").out


def test_who_comes_back_is_switched_on_again(directory, few, tmp_path):
    directory("import", few)
    nobody = tmp_path / "nobody.yaml"
    nobody.write_text("version: 1\nreceivers: []\n")
    assert imported(directory("import", nobody, "--prune", "--json"))["switched_off"] == 2
    assert imported(directory("import", few, "--json"))["changed"] == 2
    assert "active: false" not in directory("export", "-").out


def test_two_showcases_with_one_lead_are_pointed_out(directory, few):
    directory("import", few)
    few.write_text(FEW.replace("id: nord", "id: norden"))
    assert "nord and norden both lead 'nord'" in directory("import", few).said


def test_each_import_that_changes_something_is_a_version_with_who_and_why(directory, few):
    assert directory("log").said == "The directory is empty: nothing was ever imported.\n"
    directory("import", few, "--by", "Frau Kern", "--why", "to  begin")
    directory("import", few)
    few.write_text(FEW.replace("name: A,", "name: B,"))
    ended = directory("import", few)
    assert ended.out == "version 2: 0 added, 1 changed, 1 unchanged, 0 switched off\n"
    second, first = directory("log").out.splitlines()
    assert first.startswith("1 20")
    assert first.endswith(" by Frau Kern: to begin (2 added)")
    assert second.endswith(f" by {getpass.getuser()}: import of few.yaml (1 changed)")


def test_the_directory_of_every_version_can_be_exported(directory, few):
    directory("import", few)
    few.write_text(FEW.replace("name: A,", "name: B,"))
    directory("import", few)
    assert "name: A\n" in directory("export", "-", "--version", "1").out
    assert "name: B\n" in directory("export", "-").out
    ended = directory("export", "-", "--version", "3")
    assert (ended.code, ended.said.split(".")[0]) == (2, "The directory has no version 3")


@pytest.mark.parametrize("option", ["--by", "--why"])
def test_nobody_is_named_by_a_blank(directory, few, option):
    ended = directory("import", few, option, " ")
    assert (ended.code, ended.said.split(":")[0]) == (2, f"{option} is empty")


def test_a_database_that_is_away_is_a_sentence_and_exit_code_3(wegweiser, few):
    ended = wegweiser("directory", "import", few, mongodb_url="mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=300")
    assert ended.code == 3
    assert ended.said.startswith("MongoDB does not answer")


def test_a_file_that_cannot_be_written_is_named(directory, tmp_path):
    ended = directory("export", tmp_path / "no" / "such" / "folder.yaml")
    assert ended.code == 2
    assert "cannot be written" in ended.said
