"""A decision in plain sentences, as coordinators read it."""

import re
from dataclasses import replace
from datetime import date

import pytest

from services.matching.decide import Question, decide
from services.matching.directory import Absence
from services.matching.exclusion import WHYS
from services.matching.explain import _WHY_NOT, explain
from services.matching.loads import Load
from services.matching.regions import resolve
from services.matching.snapshot import Snapshot
from services.matching.topics import Guess
from tests.services.matching.test_decide import AT, DRESDEN, LEGAL, RULES, about, an_advisor

TODAY = date(2026, 11, 23)


def said(*who, language="en", served=()):
    directory = Snapshot(who, 12)
    for id_, share in dict(served).items():
        directory.roster.put(directory.row[id_], Load(served=share, last=AT))
    question = Question("WW-1", resolve("01067"), about(Guess(*LEGAL, 1.0)), "de")
    return explain(decide(question, directory, RULES, AT), language)


def test_the_chosen_one_is_named_with_what_speaks_for_them():
    topics = said(an_advisor("ada", topics=LEGAL), language="de")
    assert "Zuerst gefragt wird ada: nennt „Datenschutz (DSGVO), WhatsApp, Einwilligungen“ unter den eigenen " in topics
    assert "Themen, ist in der Nähe, hat freie Plätze und ist in der Sprache der Anfrage zu Hause." in topics


def test_a_deputy_is_named_with_whom_they_stand_in_for():
    away = replace(an_advisor("away"), absences=(Absence(TODAY, TODAY, "bea"),))
    assert "bea is asked first: stands in for “away”" in said(away, an_advisor("bea", "Handwerkskammer Trier"))


@pytest.mark.parametrize(
    ("served", "words"),
    [
        ({"ada": 0.1, "bea": 0.2}, "ada is asked first: [^.]* is next in turn"),
        ({"ada": 0.1, "bea": 0.1}, "was drawn by lot among equals"),
    ],
)
def test_it_is_told_whose_turn_it_is(served, words):
    assert re.search(words, said(an_advisor("ada"), an_advisor("bea"), served=served))


def test_who_has_been_given_more_and_still_comes_first_is_told():
    who = an_advisor("ada", topics=LEGAL), an_advisor("bea")
    assert "has been given more than others, which the rest outweighs" in said(*who, served={"ada": 0.2, "bea": 0.1})


def test_the_others_are_counted_and_so_is_why_they_were_not_asked():
    who = [an_advisor(name) for name in "abc"]
    others = an_advisor("x", topics=("bim",)), an_advisor("y", topics=("bim",)), an_advisor("z", active=False)
    words = said(*who, *others)
    assert "2 more come after that. Not asked: other topics only (2), switched off (1)." in words


def test_the_rules_and_the_directory_are_named():
    assert said(an_advisor("ada")).endswith(f"Rules {RULES.version}, directory version 12.")
    assert said(an_advisor("ada"), language="de").endswith(f"Regeln {RULES.version}, Verzeichnis Fassung 12.")


def test_who_only_a_person_can_decide_about_has_no_chosen_one():
    words = said()
    assert DRESDEN in words
    assert "is asked first" not in words


def test_every_reason_not_to_ask_somebody_has_words():
    assert set(_WHY_NOT) == set(WHYS)
