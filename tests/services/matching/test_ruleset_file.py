"""Reading a ruleset: every flaw is named with its line and field, and with what to do."""

import pytest

from services.matching.ruleset_file import load, packaged, packaged_text
from services.matching.yaml_document import BadDocument

TEXT = packaged_text()


def flaws(text: str) -> list[str]:
    with pytest.raises(BadDocument) as caught:
        load(text.encode())
    return [str(flaw) for flaw in caught.value.flaws]


def changed(written: str, instead: str) -> str:
    """The packaged rules with one place changed."""
    assert written in TEXT
    return TEXT.replace(written, instead, 1)


def line(part: str) -> int:
    """The line of the packaged rules in which this stands first."""
    return TEXT[: TEXT.index(part)].count("\n") + 1


def test_the_packaged_rules_are_read_once():
    assert packaged() is packaged()
    assert load(TEXT.encode()) == packaged()


def test_what_is_optional_may_be_left_out():
    rules = load(changed("    hints: [Google,", "    second_leads:\n    hints: [Google,").encode())
    assert rules.topics["web_praesenz"].second_leads == ()
    without = "\n".join(part for part in TEXT.splitlines() if not part.startswith("    hints: ["))
    assert load(without.encode()).topics["web_praesenz"].words.weak == ()
    start, end = TEXT.index("\ntime_limits:"), TEXT.index("\ntopics:")
    assert load((TEXT[:start] + TEXT[end:]).encode()) == packaged()
    assert load(changed("  answer: 2", "  # ").encode()).time_limits.answer == 2


@pytest.mark.parametrize(
    ("written", "instead", "field", "sentence"),
    [
        ('name: "2026-11"', "name:", "name", "This is missing."),
        ('name: "2026-11"', "name: die neuen Regeln", "name", "'die neuen Regeln' is no name."),
        ("attack: 0.4", "attack: 40", "confidence.attack", "'40' is no number from 0 to 1."),
        ("attack: 0.4", "attack: 0,4", "confidence.attack", "'0,4' is no number from 0 to 1."),
        ("attack: 0.4", "attack: .nan", "confidence.attack", "'.nan' is no number from 0 to 1."),
        ("attack: 0.4", "attack: 0.0_4", "confidence.attack", "'0.0_4' is no number from 0 to 1. Write it like 0.25."),
        ("distance: 1", "distance: 1_0", "weights.distance", "'1_0' is no number from 0 to 100. Write it like 0.25."),
        ("distance: 1", "distance: ٣", "weights.distance", "'٣' is no number from 0 to 100. Write it like 0.25."),
        ("attack: 0.4", "attack: ", "confidence.attack", "This is missing."),
        ("attack: 0.4", "atack: 0.4", "confidence.atack", "This field is not known. Did you mean 'attack'?"),
        ("answer: 2", "answer: bald", "time_limits.answer", "'bald' is no whole number"),
        ("answer: 2", "answer: 0", "time_limits.answer", "'0' is no whole number"),
        ("outcome: 60", "outcome: 300", "time_limits.outcome", "300 working days are too many. Write at most 250."),
        ("reminder: 1", "reminder: 3", "time_limits.reminder", "'answer' is after 2 working days already."),
        ("answer: 2", "answer: 6", "time_limits.answer", "'help' is after 5 working days already."),
        ("contact: 3", "contakt: 3", "time_limits.contakt", "This field is not known. Did you mean 'contact'?"),
        ("[lead, second_leads, region]", "[]", "pools.led_by_showcase", "Somebody must be asked."),
        ("[lead, second_leads, region]", "lead", "pools.led_by_showcase", "This must be a list."),
        ("[lead, second_leads, region]", "[laed]", "pools.led_by_showcase", "'laed' is no pool that can be asked here"),
        ("[lead, second_leads, region]", "[lead, lead]", "pools.led_by_showcase", "'lead' is here twice."),
        ("[lead, second_leads, region]", "[leads]", "pools.led_by_showcase", "'leads' is no pool that can be asked"),
        ("[region, neighbours, state]", "[lead]", "pools.led_by_chambers", "'lead' is no pool that can be asked here"),
        ("lead: regional", "lead:", "topics.web_praesenz.lead", "This is missing."),
        ("lead: regional", "lead: mitte", "topics.web_praesenz.lead", "'mitte' is not possible here."),
        ("[nord]", "[regional]", "topics.e_rechnung.second_leads", "'regional' leads this topic already."),
        ("[nord]", "[süd]", "topics.e_rechnung.second_leads", "'süd' is no lead; write one of: regional, nord, "),
        ("[nord]", "[nord, nord]", "topics.e_rechnung.second_leads", "'nord' is here twice."),
        ("[nord]", "[[nord]]", "topics.e_rechnung.second_leads", "This must be a single value"),
        ("  breitband:", "  breitbnad:", "topics.breitbnad", "This topic is not known. Did you mean 'breitband'?"),
        ("  cnc_cam:", "  bim:", "topics.bim", "This topic is here twice."),
        ("=BIM,", "=,", "topics.bim.words", "'=' has no letter or digit."),
        ("=BIM,", '"",', "topics.bim.words", "'' has no letter or digit."),
        ("=BIM,", "ki,", "topics.bim.words", "Too many words begin with 'ki'. Write '=ki'"),
        ("=BIM,", "Ifc,", "topics.bim.words", "'=IFC' is here already, in line "),
        ("=BIM,", "[BIM],", "topics.bim.words", "This must be a single value"),
        ("=Revit,", "=bim,", "topics.bim.hints", "'=bim' is here already, in line "),
    ],
)
def test_a_flaw_is_named_with_line_and_field_and_what_to_do(written, instead, field, sentence):
    found = flaws(changed(written, instead))
    assert any(flaw.startswith(f"line {line(written)}, {field}: {sentence}") for flaw in found), found


def test_topics_that_are_missing_are_named_together():
    first, rest = TEXT.split("  web_praesenz:")
    text = first + "  bim:" + rest.split("  bim:")[1]
    (flaw,) = (flaw for flaw in flaws(text) if "missing" in flaw)
    assert ", topics: Topics are missing: web_praesenz, social_media, " in flaw
    assert "bim," not in flaw


def test_all_flaws_are_named_at_once_in_the_order_of_their_lines():
    text = changed("attack: 0.4", "attack: 4").replace("[nord]", "[mitte]").replace("=BIM,", "=,")
    assert [flaw.split(": ")[0].split(", ")[1] for flaw in flaws(text)] == [
        "confidence.attack",
        "topics.e_rechnung.second_leads",
        "topics.bim.words",
        "topics.prozess_transformation.second_leads",
    ]


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n", "words", "name: x\n", "name: x\ntopics: 1\npools: []\n"])
def test_a_file_that_is_no_ruleset_is_told_what_is_missing(text):
    assert flaws(text)


def test_what_is_no_yaml_is_refused_in_words():
    assert flaws("name: [")[0].startswith("line 1: This is not YAML:")
    assert flaws("[" * 5000) == ["line 1: This is nested too deeply to be a ruleset."]
