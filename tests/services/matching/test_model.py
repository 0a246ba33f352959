"""The learned model that is packaged: what it promises whatever it has learned."""

import subprocess
import sys
from statistics import quantiles
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.learning.examples import to_judge_by
from services.matching.features import whole
from services.matching.model import learned, parts
from services.matching.ruleset_file import packaged
from services.matching.topics import understand
from shared.topics import TOPICS

KINDS = {
    *("advertising", "applicant", "attack", "complaint", "foreign"),
    *("not_craft", "offer", "press", "student", "unclear"),
}


def scores(text, trade=""):
    reading = learned().read(text, trade)
    return reading.written + reading.meant


def test_it_knows_every_topic_and_every_kind_that_is_not_for_us():
    assert set(learned().classes) == set(TOPICS) | {f"off:{kind}" for kind in KINDS}


@given(st.text(max_size=500), st.text(max_size=50))
def test_probabilities_are_a_whole_whatever_was_written(text, trade):
    likely = learned().likely(scores(text, trade))
    assert sum(likely.values()) == pytest.approx(1)
    assert min(likely.values()) >= 0


def test_spelling_makes_no_difference():
    assert (scores("Überstunden für die Gesellen") == scores("UEBERSTUNDEN FUER DIE GESELLEN")).all()


def test_a_word_counts_once_however_often_it_is_written():
    once, thrice = learned().read("Zettel Zettel", ""), learned().read("Zettel Zettel Zettel", "")
    assert (once.written == thrice.written).all()


def test_the_words_that_spoke_for_something_are_named_as_they_were_written():
    text = "Auf dem Bildschirm steht seit heute früh, wir sollen Bitcoin zahlen, alle Dateien sind VERSCHLÜSSELT"
    words = learned().words_for("off:attack", learned().read(text, ""), 3)
    assert len(words) == 3
    assert set(words) <= set(text.replace(",", "").split())


def test_an_unknown_compound_counts_as_its_known_parts():
    known = {whole(word) for word in ("rohr", "bruch", "zeit", "erfassung")}
    assert parts("rohrbruch", known) == ("rohr", "bruch")
    assert parts("zeitserfassung", known) == ("zeit", "erfassung")
    assert parts("krawumms", known) == ("krawumms",)


@pytest.mark.parametrize("trade", ["Bäcker", "", "x" * 10_000])
def test_very_long_texts_are_read_as_far_as_the_form_allows(trade):
    assert learned().read("wort " * 100_000, trade).words == ("wort",)


def test_an_endless_word_is_read_in_pieces_that_cost_no_more_than_words():
    assert {len(word) for word in learned().read("x" * 5_000, "").words} == {80, 5_000 % 80}


def test_a_new_process_knows_it_within_a_second_and_holds_less_than_100_mb_for_it():
    program = (
        "import resource, time; used = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before, start = used(), time.process_time()\n"
        "from services.matching.ruleset_file import packaged\n"
        "from services.matching.topics import understand\n"
        "understand((), 'Zettel', '', packaged())\n"
        "print(time.process_time() - start, (used() - before) / 1024)"
    )
    ran = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    seconds, megabytes = map(float, ran.stdout.split())
    assert seconds < 1
    assert megabytes < 100


def test_a_text_takes_well_under_two_milliseconds():
    took = []
    for example in [*to_judge_by()[:300]] * 2:
        start = thread_time()
        understand((), example.text, example.trade, packaged())
        took.append(thread_time() - start)
    assert quantiles(took[300:], n=100)[49] < 0.001
    assert quantiles(took, n=100)[98] < 0.01
