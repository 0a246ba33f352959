import pytest

from services.matching.features import plainly
from services.matching.vocabulary import Spoken, Vocabulary, Words

VOCABULARY = Vocabulary(
    {
        "time": Words(("Zeiterfassung", "time tracking"), ("Überstunden", "Stunden", "=Zeit")),
        "shop": Words(("Online-Shop",), ("verkaufen",)),
        "mill": Words(("CNC",), ()),
    }
)


def spoken(text: str, trade: str = "") -> dict[str, Spoken]:
    return VOCABULARY.spoken(plainly(text), plainly(trade))


@pytest.mark.parametrize(
    "text", ["Zeiterfassung", "ZEITERFASSUNG!", "Arbeitszeiterfassungssystem", "Zeiterfassungs-App"]
)
def test_a_long_word_is_found_in_compounds_too(text):
    assert spoken(text)["time"].strong == ("Zeiterfassung",)


def test_a_short_word_is_found_at_the_start_of_a_word_only():
    assert spoken("eine CNCmaschine")["mill"].strong == ("CNC",)
    assert spoken("Bluecnc") == {}


def test_a_word_marked_as_whole_is_found_alone_only():
    assert spoken("keine Zeit")["time"].weak == ("Zeit",)
    assert spoken("zeitlos und Mahlzeit") == {}


@pytest.mark.parametrize("text", ["Überstunden", "ueberstunden", "uberstunden", "ÜBERSTUNDEN", "U\u0308berstunden"])
def test_umlauts_may_be_spelled_in_any_way(text):
    assert spoken(text)["time"].weak == ("Überstunden",)


@pytest.mark.parametrize("text", ["online shop", "Onlineshop", "Online-Shop", "ONLINESHOPS"])
def test_a_blank_or_hyphen_stands_for_nothing_too(text):
    assert spoken(text)["shop"].strong == ("Online-Shop",)


def test_numbers_are_what_they_are():
    vocabulary = Vocabulary({"shop": Words(("24/7",))})
    assert set(vocabulary.spoken(plainly("offen 24/7"), "")) == {"shop"}
    assert vocabulary.spoken(plainly("seit 2025"), "") == {}


def test_of_a_word_within_another_only_the_longer_one_counts():
    assert spoken("viele Überstunden")["time"] == Spoken((), ("Überstunden",))


def test_what_names_the_own_trade_says_less():
    assert spoken("Wir suchen jemanden für CNC", "CNC-Dreherei")["mill"] == Spoken((), ("CNC",))


def test_words_of_several_topics_are_told_apart():
    assert set(spoken("CNC und Onlineshop, dazu Überstunden")) == {"mill", "shop", "time"}
