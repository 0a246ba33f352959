"""Why a receiver was offered a case: told to the receiver, and as a code to the enquirer."""

from dataclasses import replace
from datetime import date

import pytest

from services.matching.because import Because, because, why_you
from services.matching.decide import decide, decision_for
from services.matching.directory import Absence
from services.matching.handlers import enquiry_of, facts_of
from services.matching.referral import accepted, opened
from services.matching.ruleset_file import packaged
from services.matching.store import announce
from services.matching.topics import Guess, Understanding
from shared.events import Business
from tests.services.matching.builders import (
    AT,
    DRESDEN,
    OST,
    WEST,
    a_directory,
    a_referral,
    a_showcase,
    an_advisor,
    an_enquiry,
    assigning,
    chosen,
    later,
)

INVOICES = ("e_rechnung",)
CHEMNITZ = "Handwerkskammer Chemnitz"
TODAY = date(2026, 11, 23)
AWAY = replace(an_advisor("away"), absences=(Absence(TODAY, TODAY, "deputy"),))


def offered(*who, topics=INVOICES, **changes):
    """A referral that was offered to the first of them who can help, and its offer."""
    referral = a_referral(a_directory(*who), topics=topics, **changes)
    return referral, referral.offers[0]


@pytest.mark.parametrize(
    ("who", "topics", "why", "words"),
    [
        ([an_advisor("ada")], INVOICES, Because("advises_in", (), DRESDEN), "belongs to Handwerkskammer Dresden"),
        (
            [replace(an_advisor("ada"), topics=INVOICES)],
            INVOICES,
            Because("advises_on", INVOICES, DRESDEN),
            "You advise on “E-invoicing",
        ),
        ([an_advisor("ada", chamber=CHEMNITZ)], INVOICES, Because("near", (), DRESDEN), "near where you advise"),
        ([OST], INVOICES, Because("serves"), "serves the federal state"),
        ([a_showcase("nord")], ("bim",), Because("leads", ("bim",)), "Your showcase leads on “"),
        ([WEST], ("zeiterfassung",), Because("helps_with", ("zeiterfassung",)), "can help with “"),
        ([AWAY, an_advisor("deputy")], INVOICES, Because("stands_in"), "stand in for an office"),
    ],
)
def test_a_receiver_is_told_why_it_was_asked(who, topics, why, words):
    referral, offer = offered(*(replace(each, language="en") for each in who), topics=topics)
    assert because(referral, offer) == why
    assert words in why_you(referral, offer)


def test_whom_a_coordinator_chose_is_told_so():
    referral = assigning(a_referral(), "west")
    assert because(referral, referral.offers[1]) == Because("chosen")
    assert why_you(referral, referral.offers[1]) == "Die Koordination hat Sie ausgewählt."


def test_nobody_else_and_nobody_who_asks_is_named():
    referral, offer = offered(AWAY, an_advisor("deputy"), an_advisor("other"))
    for name in ("away", "Beratung other", "Kornfeld"):
        assert name not in why_you(referral, offer)


def understood(**changes):
    """A referral whose text is about e-invoices, as far as one can tell."""
    words = ("E-Rechnungen", "Kornfeld")
    about = Understanding((Guess("e_rechnung", 0.8, words),), False, 0.9, Guess("press", 0.0), 0.0)
    enquiry, directory = an_enquiry(), a_directory(an_advisor("ada"))
    decision = decision_for(facts_of(enquiry), directory, packaged(), AT)
    question = replace(decision.question, about=replace(about, **changes))
    return opened(enquiry_of(enquiry), chosen(decide(question, directory, packaged(), AT), directory), at=AT)


def test_a_guessed_topic_names_the_words_that_a_receiver_may_read():
    referral = understood()
    words = why_you(referral, referral.offers[0])
    assert words.endswith("es ist aus dem Text erschlossen, vor allem aus: „E-Rechnungen“.")


def test_a_guess_from_names_alone_names_no_words():
    referral = understood(topics=(Guess("e_rechnung", 0.8, ("Kornfeld",)),))
    assert why_you(referral, referral.offers[0]).endswith("es ist aus dem Text erschlossen.")


def test_a_text_that_contradicts_the_ticks_is_told():
    referral = understood(topics=(Guess("e_rechnung", 1.0),), ticked=True, text_says=Guess("bim", 0.9))
    assert "Der Text spricht allerdings eher von „" in why_you(referral, referral.offers[0])


def test_the_acceptance_says_why_for_the_enquirer():
    before = a_referral()
    (event,) = announce(before, accepted(before, 1, "advisor", at=later()))
    assert event.because.model_dump() == {"code": "advises_in", "topics": (), "chamber": DRESDEN}


def test_a_business_that_is_nowhere_can_be_given_to_somebody_all_the_same():
    nowhere = Business(name="Tischlerei", trade="Tischler", postal_code="00000")
    referral = assigning(a_referral(business=nowhere), "west")
    assert because(referral, referral.offers[0]) == Because("chosen")
