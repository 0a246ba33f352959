"""The rules in sentences: everything that a ruleset says stands there, in both languages."""

from dataclasses import replace

import pytest

from services.matching.rule_book import book, changes
from services.matching.ruleset import ruleset
from services.matching.ruleset_file import packaged
from services.matching.vocabulary import Words
from shared.topics import TOPICS

RULES = packaged()


def with_bim(**changed):
    """The packaged rules with something else about BIM."""
    topics = {**RULES.topics, "bim": replace(RULES.topics["bim"], **changed)}
    return ruleset(RULES.name, topics, RULES.pools, RULES.confidence, RULES.weights)


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_book_names_its_version_and_every_topic_once(language):
    lines = book(RULES, language).splitlines()
    assert any(RULES.version in line for line in lines)
    listed = [line.removeprefix("- ").split(";")[0] for line in lines]
    assert [listed.count(topic.label(language)) for topic in TOPICS.values()] == [1] * 40


def test_a_topic_stands_below_its_lead_with_who_can_help_too():
    _, _, ost = book(RULES, "de").partition("### Schaufenster Ost: 5 Themen")
    ost, _, _ = ost.partition("###")
    assert (
        "- Fernwartung und Wartungsverträge beim Kunden; auch helfen kann: Schaufenster West, Schaufenster Süd" in ost
    )
    assert "- Online verkaufen: Shop, Automat, 24-Stunden-Laden; auch helfen kann: die Handwerkskammern" in ost


def test_the_order_of_the_pools_is_a_sentence():
    assert (
        "- Where **one showcase** leads the topics, this is the order: first the showcase that leads; "
        "then those who can help with the topic too; then the advisors of the chamber of crafts that the business "
        "belongs to."
    ) in book(RULES, "en")
    other = ruleset(
        RULES.name, RULES.topics, replace(RULES.pools, led_by_chambers=("state",)), RULES.confidence, RULES.weights
    )
    assert "wird gefragt: zuerst das Schaufenster, das für das Bundesland" in book(other, "de")


@pytest.mark.parametrize(("language", "written"), [("de", "ab 12,5 % Wahrscheinlichkeit"), ("en", "of 12.5%,")])
def test_when_a_person_decides_is_said_in_percent(language, written):
    confidence = replace(RULES.confidence, attack=0.125)
    assert written in book(ruleset(RULES.name, RULES.topics, RULES.pools, confidence, RULES.weights), language)


def test_a_lead_without_topics_says_so():
    topics = {id_: replace(topic, lead="nord", second_leads=()) for id_, topic in RULES.topics.items()}
    text = book(ruleset("x", topics, RULES.pools, RULES.confidence, RULES.weights), "en")
    assert "### Schaufenster Nord: 40 topics" in text
    assert "### Schaufenster West: 0 topics\n\nNobody leads here." in text


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_book_is_plain_markdown_without_gaps(language):
    text = book(RULES, language)
    assert "{" not in text
    assert "\n\n\n" not in text
    assert text.endswith("\n")


def test_between_the_same_rules_nothing_changes():
    assert changes(RULES, RULES, "en") == ()


@pytest.mark.parametrize(
    ("changed", "sentences"),
    [
        ({"lead": "west"}, ["now led by Schaufenster West instead of Schaufenster Nord."]),
        ({"second_leads": ("west", "regional")}, ["can help too are now Schaufenster West, the chambers of crafts; "]),
        ({"words": Words(("=BIM", "neu"))}, ["new words: neu.", "no words any more: Building", "no weak hints any"]),
        (
            {"words": Words(RULES.topics["bim"].words.strong[::-1], RULES.topics["bim"].words.weak)},
            ["the words are in"],
        ),
    ],
)
def test_each_change_of_a_topic_is_a_sentence(changed, sentences):
    found = changes(RULES, with_bim(**changed), "en")
    assert len(found) == len(sentences)
    assert all(
        one.startswith(f"Digital construction, BIM: {other}") for one, other in zip(found, sentences, strict=True)
    )


def test_changed_names_pools_and_confidence_are_sentences():
    pools = replace(RULES.pools, several_leads=("leads",))
    other = ruleset(
        "neu", RULES.topics, pools, replace(RULES.confidence, attack=0.5, topic=0.1), replace(RULES.weights, fairness=4)
    )
    name, attack, topic, fairness, several = changes(RULES, other, "de")
    assert name == "Der Name ist jetzt „neu“ statt „2026-11“."
    assert attack == "Ein laufender Angriff wird ab 50 % angenommen statt ab 40 %."
    assert "unter 10 % sicher" in topic
    assert fairness == "In einer Gruppe zählt, was jemand mehr bekommen hat als andere, 4 statt 8."
    assert "Bisher: Sind bei den angekreuzten Themen **mehrere** federführend" in several


def test_time_limits_are_in_the_book_and_their_changes_are_sentences():
    limits = replace(RULES.time_limits, answer=3)
    other = ruleset(RULES.name, RULES.topics, RULES.pools, RULES.confidence, RULES.weights, limits)
    assert "who is asked answers within 3, and is reminded after 1" in book(other, "en")
    assert changes(RULES, other, "de") == ("Antworten: 3 Arbeitstage statt 2.",)


@pytest.mark.parametrize("language", ["de", "en"])
def test_other_versions_never_look_the_same(language):
    for other in (with_bim(lead="ost"), with_bim(words=Words(()))):
        assert other.version != RULES.version
        assert changes(RULES, other, language)
        assert changes(other, RULES, language)
