from shared.topics import TOPICS


def test_there_are_forty_topics_known_by_their_ids() -> None:
    assert len(TOPICS) == 40
    assert all(topic.id == key for key, topic in TOPICS.items())


def test_every_topic_has_a_label_of_its_own_in_both_languages() -> None:
    assert len({topic.de for topic in TOPICS.values()}) == 40
    assert len({topic.en for topic in TOPICS.values()}) == 40


def test_a_label_is_german_unless_english_is_asked_for() -> None:
    topic = TOPICS["breitband"]
    assert topic.label("de") == topic.de
    assert topic.label("en") == topic.en
    assert topic.label("pl") == topic.de
