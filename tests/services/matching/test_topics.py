import pytest

from services.matching.keywords import KEYWORDS
from services.matching.topics import LEADS, Guess, find_topics
from shared.topics import TOPICS


def best_guess(text: str, trade: str = "Tischler") -> str | None:
    guesses = find_topics((), text, trade)
    return guesses[0].id if guesses else None


def test_every_topic_has_a_lead_and_keywords() -> None:
    assert set(LEADS) == set(TOPICS) == set(KEYWORDS)


def test_what_was_ticked_is_certain_and_counts_alone() -> None:
    assert find_topics(("bim", "bim"), "Wir brauchen einen Online-Shop.", "Maurer") == (Guess("bim", 1.0),)


def test_ticks_keep_their_order() -> None:
    assert [guess.id for guess in find_topics(("zeiterfassung", "bim"), "", "")] == ["zeiterfassung", "bim"]


def test_a_tick_that_does_not_exist_is_passed_over_and_the_words_are_read() -> None:
    assert find_topics(("telepathie",), "Ein Online-Shop wäre gut.", "")[0].id == "online_shop"


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Wir möchten unsere Möbel über einen Onlineshop anbieten.", "online_shop"),
        ("Suche Hilfe bei der ARBEITSZEITERFASSUNG meiner Leute", "zeiterfassung"),
        ("Lohnt sich ein Schweißroboter bei kleinen Stückzahlen?", "robotik_cobot"),
        ("lohnt sich ein schweissroboter", "robotik_cobot"),
        ("Förderung für neue Software?", "foerderung"),
        ("foerdermittel gesucht", "foerderung"),
        ("Ab 2027 muss ich E-Rechnungen schreiben", "e_rechnung"),
        ("We need a better way to do time tracking for our fitters.", "zeiterfassung"),
        ("Kann KI meine Angebote schreiben, z.B. ChatGPT?", "ki_generativ"),
        ("Can a drone do the roof survey?", "aufmass_3d"),
        ("Wir müssen die Ausschreibung jetzt elektronisch abgeben, Vergabeplattform der Stadt", "e_vergabe"),
    ],
)
def test_words_give_a_topic_away_in_german_and_english(text: str, topic: str) -> None:
    assert best_guess(text) == topic


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Bitte um Rückruf.",
        "Hallo, ich habe eine Frage zu Ihrem Angebot.",
        "Der Kniff war kaputt",
        "日本語のテキスト",
        "🙂🙂🙂",
    ],
)
def test_nothing_is_guessed_from_words_that_say_nothing(text: str) -> None:
    assert find_topics((), text, "Maler") == ()


def test_a_short_keyword_is_not_found_inside_another_word() -> None:
    assert "ki_generativ" not in {guess.id for guess in find_topics((), "Skikurs, Kino und Kiosk", "")}


def test_a_guess_is_never_certain_and_grows_with_evidence() -> None:
    some = find_topics((), "Wir suchen eine Zeiterfassung.", "")[0]
    more = find_topics((), "Wir suchen eine Zeiterfassung statt Stundenzettel, wegen der Überstunden.", "")[0]
    assert 0.5 <= some.p < more.p < 0.95


def test_a_guess_names_the_words_it_rests_on() -> None:
    assert find_topics((), "Wir suchen eine Zeiterfassung.", "")[0].words == ("zeiterfassung",)


def test_two_topics_that_are_equally_likely_are_both_named() -> None:
    ids = {guess.id for guess in find_topics((), "Es geht um Breitband und um eine Drohne.", "")}
    assert ids == {"breitband", "aufmass_3d"}


def test_the_name_of_the_own_trade_says_little_about_what_is_needed() -> None:
    assert best_guess("Unsere CNC-Dreherei sucht eine Zeiterfassung.", "CNC-Dreherei") == "zeiterfassung"


def test_decomposed_umlauts_are_read_like_composed_ones() -> None:
    assert best_guess("Fo\u0308rdermittel") == "foerderung"
