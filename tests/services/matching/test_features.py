import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.features import folded, of_word, plainly, spelled, words_in


@pytest.mark.parametrize("word", ["Überstunden", "UEBERSTUNDEN", "uberstunden", "U\u0308berstunden", "ueberstunden"])
def test_one_word_has_one_form_however_it_is_spelled(word):
    assert folded(word) == "uberstunden"


def test_sharp_s_accents_and_digits_make_no_difference():
    assert (folded("Straße"), folded("café"), folded("2027")) == ("strasse", "cafe", "0000")
    assert spelled("2027") == "2027"


def test_a_text_has_words_and_nothing_else():
    assert words_in("E-Rechnung (§14), 3x täglich!\n😀") == ["E", "Rechnung", "14", "3x", "täglich"]
    assert plainly(" …—? ") == ""


@given(st.text(max_size=200))
def test_whatever_was_written_can_be_read(text):
    for word in words_in(text):
        assert all(0 <= feature < 2**32 for feature in of_word(folded(word)))
