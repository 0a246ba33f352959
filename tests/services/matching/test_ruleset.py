"""What a ruleset says, and when two of them are the same version."""

import re
from dataclasses import replace

import pytest

from services.matching.ruleset import LEADS, Confidence, ruleset
from services.matching.ruleset_file import load, packaged, packaged_text
from services.matching.vocabulary import Words
from shared.topics import TOPICS

RULES = packaged()


def anew(**changes):
    """The packaged ruleset with some of it changed."""
    parts = {"name": RULES.name, "topics": RULES.topics, "pools": RULES.pools, "confidence": RULES.confidence}
    parts["weights"] = RULES.weights
    return ruleset(**(parts | changes))


def test_the_packaged_rules_know_every_topic_in_the_order_in_which_it_is_offered():
    assert list(RULES.topics) == list(TOPICS)
    assert all(topic.lead in LEADS and topic.words.strong for topic in RULES.topics.values())


def test_the_packaged_rules_ask_in_the_order_that_the_network_agreed_on():
    assert RULES.pools.led_by_showcase == ("lead", "second_leads", "region")
    assert RULES.pools.led_by_chambers == ("region", "neighbours", "state")
    assert RULES.pools.several_leads == ("region", "leads", "state")
    assert RULES.confidence == Confidence(attack=0.4, not_for_us=0.3, topic=0.2, contradiction=0.6)


def test_a_topic_may_have_second_leads_in_their_order():
    assert RULES.topics["smart_service"].second_leads == ("west", "sued")
    assert RULES.topics["online_shop"].second_leads == ("regional",)
    assert RULES.topics["bim"].second_leads == ()


def test_each_lead_is_asked_for_its_topics():
    assert RULES.led_by["ost"][0] == "geschaeftsmodell"
    assert sum(len(RULES.led_by[lead]) for lead in LEADS) == len(TOPICS)


def test_a_version_is_the_name_and_what_the_rules_amount_to():
    assert re.fullmatch(r"2026-11\.[0-9a-f]{6}", RULES.version)


def test_the_same_rules_have_the_same_version_however_they_are_written():
    bare = "\n".join(line.split(" # ")[0] for line in packaged_text().splitlines() if not line.startswith("#"))
    assert load(bare.replace("0.40", "0.4").encode()) == RULES
    backwards = dict(reversed(RULES.topics.items()))
    assert anew(topics=backwards) == RULES


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "2026-12"},
        {"confidence": replace(RULES.confidence, topic=0.21)},
        {"pools": replace(RULES.pools, several_leads=("leads", "region"))},
        {"weights": replace(RULES.weights, distance=2)},
        {"time_limits": replace(RULES.time_limits, answer=3)},
        {"topics": {**RULES.topics, "bim": replace(RULES.topics["bim"], lead="west")}},
        {"topics": {**RULES.topics, "bim": replace(RULES.topics["bim"], words=Words(("=BIM",)))}},
    ],
)
def test_other_rules_have_another_version(changed):
    assert anew(**changed).version != RULES.version
