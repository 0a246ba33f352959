import pytest

from services.matching.ruleset_file import load, packaged, packaged_text

PACKAGED = packaged_text()
CHANGED = PACKAGED.replace("topic: 0.2 ", "topic: 0.3 ").replace("[Google, gefunden,", "[gefunden,")
AWAY = {"mongodb_url": "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=300"}
VERSION = load(CHANGED.encode()).version
BY = ("--by", "koordination")


@pytest.fixture
def changed(tmp_path):
    """A file with changed rules."""
    path = tmp_path / "changed.yaml"
    path.write_text(CHANGED)
    return path


@pytest.fixture
def rules(wegweiser, mongodb, namespace):
    return lambda *arguments: wegweiser("rules", *arguments, mongodb_url=mongodb.url, namespace=namespace)


def propose(rules, changed):
    return rules("propose", changed, *BY, "--why", "zu viele Fehler")


def test_a_file_is_checked_without_a_server(wegweiser, changed):
    ended = wegweiser("rules", "check", changed, **AWAY)
    assert ended.code == 0
    assert ended.out.startswith(f"{VERSION}: 40 topics with ")
    assert "the chambers of crafts 8, Schaufenster Nord 15" in ended.out


def test_every_flaw_of_a_file_is_named_and_nothing_is_kept(rules, changed):
    changed.write_text(CHANGED.replace("attack: 0.4", "attack: 4").replace("  bim:", "  bimm:"))
    for ended in (rules("check", changed), propose(rules, changed)):
        assert ended.code == 2
        assert ", confidence.attack: '4' is no number from 0 to 1." in ended.said
        assert ", topics.bimm: This topic is not known. Did you mean 'bim'?" in ended.said
    assert VERSION not in rules("list").out


def test_what_changes_is_said_in_sentences_without_a_server(wegweiser, changed):
    ended = wegweiser("rules", "diff", "packaged", changed, **AWAY)
    assert ended.code == 0
    assert ended.out.splitlines() == [
        "A person decides where it is less than 30% likely who leads, instead of 20%.",
        "Website, being found on Google, portals: no weak hints any more: Google.",
    ]
    german = wegweiser("rules", "diff", changed, packaged().version, "--language", "de", **AWAY)
    assert "neue schwache Hinweise: Google." in german.out


def test_rules_that_say_the_same_are_told_so(wegweiser, changed):
    changed.write_text("# nur ein Kommentar\n" + PACKAGED)
    ended = wegweiser("rules", "diff", "packaged", changed, **AWAY)
    assert (ended.code, ended.out) == (0, "")
    assert ended.said.startswith("Nothing changes")


def test_rules_are_proposed_then_activated_and_listed(rules, changed):
    proposed = propose(rules, changed)
    assert proposed.code == 0
    assert proposed.out.startswith(f"{VERSION} proposed ")
    assert f"* {packaged().version} " in rules("list").out
    assert rules("rehearse", VERSION).code == 0
    assert rules("activate", VERSION, *BY).out == f"{VERSION} is in force\n"
    listed = rules("list").out
    assert f"* {VERSION} proposed " in listed
    assert " by koordination: zu viele Fehler; rehearsed " in listed
    assert ": 0 of 0 decisions would have changed; activated " in listed
    assert f"  {packaged().version} " in listed


def test_one_goes_back_to_the_rules_that_came_with_the_program(rules, changed):
    assert rules("rehearse", "packaged").code == 0
    propose(rules, changed)
    rules("activate", VERSION, *BY, "--unrehearsed")
    ended = rules("activate", "packaged", *BY, "--why", "zu viele Klagen")
    assert (ended.code, ended.out) == (0, f"{packaged().version} is in force\n")
    listed = rules("list").out
    assert f"* {packaged().version} " in listed
    assert "; rehearsed " in listed
    assert " UTC by koordination: zu viele Klagen\n" in listed


def test_rules_proposed_again_stay_as_they_were(rules, changed):
    first = propose(rules, changed)
    changed.write_text("# anders geschrieben\n" + CHANGED)
    assert propose(rules, changed).out == first.out
    assert rules("show", VERSION).out == CHANGED


def test_the_rules_in_force_can_be_shown_to_start_a_change_from(rules, changed, tmp_path):
    assert rules("show").out == PACKAGED
    propose(rules, changed)
    rules("activate", VERSION, *BY, "--unrehearsed")
    assert rules("show").out == CHANGED
    assert "less than 30% likely" in rules("diff", "packaged").out


def test_the_rule_book_is_that_of_the_rules_in_force_or_of_a_file(rules, wegweiser, changed):
    assert f"Version `{packaged().version}`" in rules("book").out
    ended = wegweiser("rules", "book", changed, "--language", "en", **AWAY)
    assert (ended.code, ended.out.splitlines()[0]) == (0, "# Who helps with an enquiry")


@pytest.mark.parametrize("command", ["show", "diff", "book"])
def test_rules_that_are_not_there_are_named(rules, command):
    ended = rules(command, "2026-12.abcdef")
    assert ended.code == 2
    assert ended.said.startswith("There are no rules of version '2026-12.abcdef'.")
    assert "missing.yaml cannot be read" in rules(command, "missing.yaml").said


def test_a_version_that_was_never_proposed_cannot_be_activated(rules):
    ended = rules("activate", "2026-12.abcdef", *BY)
    assert ended.code == 2
    assert "There are no rules of version '2026-12.abcdef'." in ended.said


def test_nobody_is_anonymous(rules, changed):
    assert rules("activate", VERSION, "--by", " ").code == 2
    assert rules("propose", changed, *BY, "--why", "").code == 2


def test_of_two_files_the_one_with_flaws_is_named(wegweiser, changed, tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text("name: x\n")
    ended = wegweiser("rules", "diff", changed, bad, **AWAY)
    assert ended.code == 2
    assert "bad.yaml has flaws:\nline 1, " in ended.said


def test_a_database_that_is_away_is_a_sentence_and_exit_code_3(wegweiser):
    ended = wegweiser("rules", "list", **AWAY)
    assert ended.code == 3
    assert ended.said.startswith("MongoDB does not answer")
