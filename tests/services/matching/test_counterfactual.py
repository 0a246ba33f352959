"""What would have led a case elsewhere: told only where deciding again leads there."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.changes import sentence
from services.matching.counterfactual import what_if
from services.matching.decide import Decision, Question, decide
from services.matching.directory import Absence
from services.matching.loads import Load, Place
from services.matching.regions import resolve
from services.matching.roster import Busy
from services.matching.snapshot import Snapshot
from services.matching.topics import Guess
from tests.services.matching.test_decide import (
    ALL,
    AT,
    DRESDEN,
    RULES,
    SHOWCASES,
    a_showcase,
    about,
    an_advisor,
    asked,
    enquiries,
    receivers,
    understandings,
)

TODAY = date(2026, 11, 23)
CHEMNITZ = "Handwerkskammer Chemnitz"
LEADS = tuple(map(a_showcase, SHOWCASES))
INVOICES = about(Guess("e_rechnung", 1.0))


def decided(*who, what=INVOICES, postal_code="01067", busy=(), language="de") -> tuple[Decision, Snapshot]:
    """The decision about e-invoices in Dresden, and the directory; ``busy``: who has how many cases."""
    directory = Snapshot((*who, *LEADS))
    for id_, cases in dict(busy).items():
        directory.roster.put(
            directory.row[id_], Load(tuple(Place(str(n), AT) for n in range(cases)), served=cases / 5, last=AT)
        )
    question = Question("WW-1", resolve(postal_code), what, language)
    return decide(question, directory, RULES, AT), directory


def told(*who, **case) -> dict[str, str | None]:
    """To whom each change leads."""
    decision, directory = decided(*who, **case)
    return {change.what: change.receiver for change in what_if(decision, directory, RULES)}


def said(change_to: str, *who, language="en", **case) -> str:
    decision, directory = decided(*who, **case)
    (change,) = [change for change in what_if(decision, directory, RULES) if change.what == change_to]
    return sentence(change, language)


def named(name: str, **changes):
    return replace(an_advisor(name), **changes)


FULL = named("full", most_open=5)


def test_somebody_full_would_have_got_it_with_one_place_more():
    assert told(FULL, busy={"full": 5})["most_open:full|6|5"] == "full"
    assert said("most_open:full|6|5", FULL, busy={"full": 5}) == (
        "If full could have 6 cases at once instead of 5, the enquiry would have gone there."
    )


def test_who_would_not_be_first_with_one_place_more_is_not_named():
    assert "most_open:full|6|5" not in told(FULL, named("free"), busy={"full": 5})


def test_somebody_whose_week_is_full_would_have_got_it_with_one_case_more():
    week = named("week", most_a_week=2)
    directory = Snapshot((week, *LEADS))
    directory.roster.has(directory.row["week"], Busy(2, 202648, 2, 1.0, 1))
    decision = decide(Question("WW-1", resolve("01067"), INVOICES, "de"), directory, RULES, AT)
    assert ("most_a_week:week|3|2", "week") in {
        (change.what, change.receiver) for change in what_if(decision, directory, RULES)
    }


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"absences": (Absence(TODAY, TODAY),)}, "present:ada"),
        ({"active": False}, "active:ada"),
        ({"valid_from": date(2026, 12, 1)}, "begun:ada"),
        ({"valid_until": date(2026, 11, 1)}, "not_ended:ada"),
        ({"topics": ("bim",)}, "takes:ada|e_rechnung"),
        ({"languages": ("en",)}, "speaks:ada|de"),
    ],
)
def test_somebody_who_was_not_asked_would_have_got_it_without_what_was_in_the_way(changes, what):
    assert told(named("ada", **changes))[what] == "ada"


def test_what_is_easiest_to_change_comes_first():
    others = named("ada", topics=("bim",)), named("bea", absences=(Absence(TODAY, TODAY),))
    changes = told(*others, FULL, busy={"full": 5})
    assert list(changes)[:3] == ["most_open:full|6|5", "present:bea", "takes:ada|e_rechnung"]


def test_whom_a_deputy_stood_in_for_would_have_got_it_if_present():
    away = named("away", absences=(Absence(TODAY, TODAY, "deputy"),))
    assert told(away, an_advisor("deputy", CHEMNITZ))["present:away"] == "away"


def test_who_is_next_is_told():
    who, busy = (an_advisor("ada"), an_advisor("bea")), {"ada": 1, "bea": 1}
    first, second = decided(*who, busy=busy)[0].candidates[:2]
    assert told(*who, busy=busy)[f"busier:{first.receiver}"] == second.receiver


def test_where_one_case_more_changes_nothing_the_first_would_have_to_be_absent():
    changes = told(an_advisor("ada"))
    assert (changes["away:ada"], "busier:ada" in changes) == ("ost", False)


def test_with_nobody_after_the_first_a_person_would_decide():
    directory = Snapshot((an_advisor("ada"),))
    decision = decide(Question("WW-1", resolve("01067"), INVOICES, "de"), directory, RULES, AT)
    (change,) = [change for change in what_if(decision, directory, RULES) if change.what == "away:ada"]
    assert (change.target, change.receiver) == ("triage", None)
    assert sentence(change, "de") == "Wenn ada abwesend wäre, dann hätte ein Mensch entschieden."


def test_another_of_the_guessed_topics_leads_to_who_leads_that():
    guessed = about(Guess("it_sicherheit", 0.5), Guess("cnc_cam", 0.3))
    assert told(what=guessed)["ticked:cnc_cam"] == "sued"


def test_what_the_text_says_against_the_tick_leads_to_who_leads_that():
    ticked = about(Guess("bim", 1.0), text_says=Guess("online_shop", 0.9))
    assert told(what=ticked)["text_says:online_shop"] == "ost"
    assert said("text_says:online_shop", what=ticked, language="de").endswith("dann wäre die Anfrage an ost gegangen.")


def test_the_other_chamber_of_a_postal_code_leads_to_its_advisor():
    halle, magdeburg = "Handwerkskammer Halle (Saale)", "Handwerkskammer Magdeburg"
    who = an_advisor("halle", halle), an_advisor("magdeburg", magdeburg)
    assert told(*who, postal_code="06333")[f"region:{magdeburg}"] == "magdeburg"


def test_what_was_unclear_would_have_been_decided_at_a_lower_confidence_or_with_a_tick():
    unclear = about(Guess("bim", 0.1), clear=0.15)
    assert told(what=unclear) == {"topic:0.15|0.2": "nord", "ticked:bim": "nord"}
    assert said("topic:0.15|0.2", what=unclear).startswith("If by the rules a probability of 15% (instead of 20%)")


def test_what_was_not_for_us_would_have_been_decided_at_a_higher_confidence():
    press = about(Guess("bim", 0.5), not_for_us=Guess("press", 0.4))
    assert told(what=press) == {"not_for_us:0.4|0.3": "nord", "ticked:bim": "nord"}


def test_a_chamber_where_nobody_covers_the_topic_would_need_one_advisor():
    other = named("other", topics=("bim",), languages=("en",))
    what = f"advisor:{DRESDEN}|e_rechnung"
    assert told(other)[what] is None
    assert said(what, other) == (
        "If somebody in Handwerkskammer Dresden advised on “E-invoicing (XRechnung, ZUGFeRD)”, "
        "the enquiry would have gone there."
    )


@pytest.mark.parametrize("case", [{"what": about(Guess("bim", 1.0), attack=0.9)}, {"postal_code": "00000"}])
def test_nothing_would_have_kept_an_attack_or_a_business_that_is_nowhere_from_a_person(case):
    assert told(an_advisor("ada"), **case) == {}


def test_nothing_is_told_where_the_directory_is_another_one():
    decision, _ = decided(an_advisor("ada"))
    assert what_if(decision, Snapshot(ALL, 7), RULES) == ()


def test_nobody_else_sees_what_was_tried():
    decision, directory = decided(FULL, busy={"full": 5})
    before = list(directory.roster.busy)
    what_if(decision, directory, RULES)
    assert (directory.roster.busy, directory.get("full")) == (before, FULL)


@given(enquiries, understandings, receivers, st.sampled_from(["de", "en"]))
def test_every_change_leads_elsewhere_and_can_be_said(enquiry, topics, who, language):
    directory = Snapshot(who)
    decision = decide(asked(enquiry, topics), directory, RULES, AT)
    changes = what_if(decision, directory, RULES)
    first = decision.candidates[0].receiver if decision.candidates else None
    assert len(changes) <= 8
    for change in changes:
        assert (change.target, change.receiver) != (decision.target, first)
        assert "{" not in sentence(change, language)
