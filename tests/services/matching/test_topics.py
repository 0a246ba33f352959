import pytest

from services.matching.ruleset_file import packaged
from services.matching.topics import Guess, Understanding
from services.matching.topics import understand as understand_by


def understand(ticked: tuple[str, ...], text: str, trade: str = "") -> Understanding:
    return understand_by(ticked, text, trade, packaged())


def best_guess(text: str, trade: str = "Tischler") -> str:
    return understand((), text, trade).topics[0].id


def test_what_was_ticked_is_certain_and_decides():
    about = understand(("bim", "bim"), "Wir brauchen einen Online-Shop.", "Maurer")
    assert (about.topics, about.ticked, about.clear) == ((Guess("bim", 1.0),), True, 1.0)


def test_ticks_keep_their_order():
    assert [guess.id for guess in understand(("zeiterfassung", "bim"), "").topics] == ["zeiterfassung", "bim"]


def test_a_tick_that_does_not_exist_is_passed_over_and_the_text_is_read():
    about = understand(("telepathie",), "Wir wollen unsere Möbel im Internet verkaufen, mit Versand und Warenkorb.")
    assert (about.topics[0].id, about.ticked) == ("online_shop", False)


def test_a_text_that_clearly_speaks_of_something_else_than_was_ticked_is_noted():
    text = "Wir suchen eine Zeiterfassung: die Stundenzettel der Gesellen kommen immer zu spät."
    about = understand(("bim",), text)
    assert about.text_says is not None
    assert about.text_says.id == "zeiterfassung"
    assert understand(("zeiterfassung",), text).text_says is None
    assert understand(("bim",), "Bitte rufen Sie uns an.").text_says is None


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Wir möchten unsere Möbel über einen Onlineshop anbieten.", "online_shop"),
        ("Suche Hilfe bei der ARBEITSZEITERFASSUNG meiner Leute", "zeiterfassung"),
        ("Freitags sitz ich bis um acht und rechne die Zettel von den Gesellen zusammen", "zeiterfassung"),
        ("lohnt sich ein schweissroboter bei kleinen stueckzahlen", "robotik_cobot"),
        ("foerdermittel gesucht", "foerderung"),
        ("Ab 2027 muss ich E-Rechnungen schreiben", "e_rechnung"),
        ("We need a better way to do time tracking for our fitters.", "zeiterfassung"),
        ("CNC-Dreherei sucht eine Zeiterfassung für zwölf Leute", "zeiterfassung"),
        ("Fo\u0308rdermittel", "foerderung"),
    ],
)
def test_a_topic_is_found_in_german_and_english_however_it_is_spelled(text, topic):
    assert best_guess(text) == topic


def test_the_words_that_spoke_for_a_guess_are_named():
    guess = understand((), "Wir suchen eine Zeiterfassung.").topics[0]
    assert "Zeiterfassung" in guess.words
    assert 0 < guess.p < 1


@pytest.mark.parametrize("text", ["", "???", "Guten Tag", "1234", "xyzzy plugh"])
def test_a_text_that_says_nothing_makes_nothing_clear(text):
    about = understand((), text)
    assert about.not_for_us.p >= 0.3 or about.clear < 0.2


def test_two_topics_are_both_named():
    about = understand((), "Es geht um zwei Dinge: die Zeiterfassung der Gesellen, und Glasfaser für den Betrieb.")
    assert {"zeiterfassung", "breitband"} <= {guess.id for guess in about.topics}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Für meine Masterarbeit suche ich Betriebe, die an einer Umfrage teilnehmen.", "student"),
        ("Hiermit bewerbe ich mich um einen Ausbildungsplatz als Elektroniker.", "applicant"),
        ("Für einen Beitrag in unserer Zeitung suche ich Interviewpartner, Redaktionsschluss ist Freitag.", "press"),
    ],
)
def test_what_is_not_for_us_is_recognised(text, kind):
    about = understand((), text)
    assert about.not_for_us.id == kind
    assert about.not_for_us.p > 0.5


def test_an_attack_that_is_going_on_is_told_from_one_that_is_over():
    now = "HILFE auf allen Rechnern steht seit einer Stunde, wir sollen Bitcoin zahlen, wir kommen an keine Datei mehr"
    over = "Letztes Jahr hatten wir einen Virus. Das soll nie wieder passieren: Was ist mit Backup und Passwörtern?"
    assert understand((), now).attack > 0.5
    assert understand((), over).attack < 0.2
    assert understand(("it_sicherheit",), now).attack > 0.5
