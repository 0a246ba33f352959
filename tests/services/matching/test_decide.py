from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.matching.decide import Decision, Facts, Question, decide, decision_for, summary
from services.matching.directory import Receiver
from services.matching.explain import explain
from services.matching.reasons import SENTENCES
from services.matching.regions import chambers, known_codes, resolve
from services.matching.ruleset import ruleset
from services.matching.ruleset_file import packaged
from services.matching.snapshot import Snapshot
from services.matching.topics import Guess, Understanding
from shared.topics import TOPICS

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
DRESDEN = "Handwerkskammer Dresden"
RULES = packaged()
SHOWCASES = ("nord", "ost", "sued", "west")
LEGAL = ("dsgvo_datenschutz",)


def an_advisor(name: str, *chambers: str, topics: tuple[str, ...] = (), active: bool = True) -> Receiver:
    works_in = chambers or (DRESDEN,)
    return Receiver(name, "advisor", name, name, f"{name}@example.org", "", "de", works_in, None, topics, active)


def a_showcase(lead: str, name: str = "", *, active: bool = True) -> Receiver:
    name = name or lead
    return Receiver(name, "showcase", name, name, f"{name}@example.org", "", "de", (), lead, (), active)


def facts(*ticked: str, postal_code: str = "01067", place: str | None = None, reference: str = "WW-1") -> Facts:
    return Facts(reference, postal_code, place, "Tischler", "de", ticked, "Guten Tag")


NOTHING_ELSE = Guess("press", 0.0)


def about(*topics: Guess, clear: float = 0.9, **changes: object) -> Understanding:
    ticked = all(topic.p == 1 for topic in topics) and bool(topics)
    told = {"clear": clear, "not_for_us": NOTHING_ELSE, "attack": 0.0} | changes
    return Understanding(topics or (Guess("bim", 0.1),), ticked, **told)


ALL = (an_advisor("advisor"), *map(a_showcase, SHOWCASES))


def decided(*ticked: str, who: tuple[Receiver, ...] = ALL, postal_code: str = "01067") -> Decision:
    return decision_for(facts(*ticked, postal_code=postal_code), Snapshot(who), RULES, AT)


def ids(decision: Decision) -> list[str]:
    return [candidate.receiver for candidate in decision.candidates]


def test_a_regional_topic_goes_to_the_chambers_advisors_then_to_the_showcase_of_the_state():
    decision = decided("e_rechnung")
    assert (decision.target, ids(decision), decision.reason) == ("regional", ["advisor", "ost"], "led_by_chambers")


def test_a_topic_that_a_showcase_leads_goes_there_then_to_who_can_help_too_then_to_the_chamber():
    decision = decided("zeiterfassung")
    assert (decision.target, ids(decision)) == ("nord", ["nord", "west", "advisor"])
    assert [candidate.pool for candidate in decision.candidates] == ["lead", "second_leads", "region"]
    assert decision.candidates[1].reason == "helps_with:zeiterfassung"
    assert decision.reasons == ("led_by_showcase:nord",)


def test_the_chambers_advisors_may_be_second_lead():
    assert RULES.topics["dms_papierlos"].second_leads == ("regional",)
    assert [(candidate.receiver, candidate.pool) for candidate in decided("dms_papierlos").candidates] == [
        ("nord", "lead"),
        ("advisor", "second_leads"),
    ]


def test_a_regional_topic_that_nobody_in_the_chamber_takes_goes_to_the_nearest_chamber_that_does():
    here, near = an_advisor("here", topics=("bim",)), an_advisor("near", "Handwerkskammer zu Leipzig")
    far, not_this = (
        an_advisor("far", "Handwerkskammer Trier"),
        an_advisor("not", "Handwerkskammer Chemnitz", topics=("bim",)),
    )
    decision = decided("e_rechnung", who=(here, near, far, not_this, *map(a_showcase, SHOWCASES)))
    assert (decision.target, ids(decision)) == ("regional", ["near", "ost"])
    assert "nobody_covers:e_rechnung" in decision.reasons
    assert {one.receiver: one.reason for one in decision.excluded} == {"here": "other_topics", "not": "other_topics"}
    assert "Nobody in Handwerkskammer Dresden advises on" in explain(decision, "en")


def test_other_rules_ask_in_another_order():
    pools = replace(RULES.pools, led_by_showcase=("region", "lead"))
    rules = ruleset("other", RULES.topics, pools, RULES.confidence, RULES.weights)
    decision = decision_for(facts("bim"), Snapshot(ALL), rules, AT)
    assert (ids(decision), decision.ruleset) == (["advisor", "nord"], rules.version)


def test_a_showcase_that_leads_the_topic_and_serves_the_state_is_asked_once():
    assert ids(decided("online_shop")) == ["ost", "advisor"]


def test_two_topics_with_the_same_lead_go_to_that_showcase():
    assert decided("it_sicherheit", "bim").target == "nord"


def test_topics_with_different_leads_go_to_the_chamber_first_then_to_their_showcases():
    decision = decided("cnc_cam", "it_sicherheit")
    assert (decision.target, decision.reason) == ("regional", "several_leads")
    assert ids(decision) == ["advisor", "sued", "nord", "ost"]


def decided_about(what: Understanding, postal_code: str = "01067") -> Decision:
    return decide(Question("WW-1", resolve(postal_code), what, "de"), Snapshot(ALL), RULES, AT)


def test_a_guessed_topic_goes_to_its_lead_and_then_to_who_leads_what_else_may_be_meant():
    decision = decided_about(about(Guess("it_sicherheit", 0.5), Guess("cnc_cam", 0.3)))
    assert ids(decision) == ["nord", "sued", "advisor"]
    assert decision.reasons[:2] == ("led_by_showcase:nord", "topics_guessed")
    said = explain(decision, "en")
    assert "Schaufenster Nord leads here. The topic was guessed from the text, not ticked." in said


def test_a_guessed_topic_of_the_chambers_goes_to_the_chamber_first():
    decision = decided_about(about(Guess("e_rechnung", 0.5), Guess("cnc_cam", 0.3)))
    assert (ids(decision), decision.reason) == (["advisor", "ost"], "led_by_chambers")


def test_an_attack_that_is_going_on_goes_to_a_person_whatever_was_ticked_and_wherever_from():
    for postal_code in ("01067", "00000"):
        decision = decided_about(about(Guess("it_sicherheit", 1.0), attack=0.9), postal_code)
        assert (decision.target, decision.candidates, decision.reason) == ("triage", (), "attack")


def test_what_is_not_for_us_goes_to_a_person_unless_a_topic_was_ticked():
    press = Guess("press", 0.8, ("Redaktion",))
    guessed = decided_about(about(Guess("bim", 0.2), not_for_us=press))
    assert (guessed.target, guessed.reasons[0]) == ("triage", "not_for_us:press")
    assert "eine Anfrage der Presse" in explain(guessed, "de")
    assert decided_about(about(Guess("bim", 1.0), not_for_us=press)).target == "nord"


def test_what_makes_nothing_clear_goes_to_a_person():
    decision = decided_about(about(Guess("bim", 0.1), clear=0.15))
    assert (decision.target, decision.reason) == ("triage", "unclear")


def test_a_text_that_contradicts_the_ticks_changes_nothing_but_is_recorded():
    decision = decided_about(about(Guess("bim", 1.0), text_says=Guess("online_shop", 0.9)))
    assert (decision.target, decision.reasons) == ("nord", ("led_by_showcase:nord", "text_says:online_shop"))
    assert "rather speaks of “Selling online" in explain(decision, "en")


@pytest.mark.parametrize("topic", ["online_shop", "e_rechnung"])
def test_an_impossible_postal_code_goes_to_triage_whatever_the_topic(topic):
    decision = decided(topic, postal_code="00000")
    assert (decision.target, decision.candidates, decision.reason) == ("triage", (), "impossible_postal_code")
    assert decision.reasons == ("impossible_postal_code:00000",)


def test_nobody_in_the_directory_goes_to_triage():
    decision = decided("e_rechnung", who=())
    assert (decision.target, decision.reason) == ("triage", "nobody_left")
    assert decision.reasons[2:] == (f"without_advisor:{DRESDEN}", "without_showcase:ost")


def test_a_chamber_without_an_advisor_leaves_it_to_the_showcase_of_the_state_and_says_so():
    decision = decided("e_rechnung", who=ALL[1:])
    assert (decision.target, ids(decision)) == ("ost", ["ost"])
    assert f"without_advisor:{DRESDEN}" in decision.reasons


def test_the_target_is_the_lead_of_a_showcase_whatever_its_id():
    decision = decided("online_shop", who=(a_showcase("ost", "dresden"),))
    assert (decision.target, ids(decision)) == ("ost", ["dresden"])


def test_who_gets_no_cases_is_excluded_with_the_reason():
    left = an_advisor("left", active=False)
    closed, second = a_showcase("nord", "closed", active=False), a_showcase("ost", "zweite")
    elsewhere = an_advisor("elsewhere", "Handwerkskammer Trier", active=False)
    decision = decided("it_sicherheit", "bim", "online_shop", who=(*ALL, left, closed, second, elsewhere))
    assert {excluded.receiver: excluded.reason for excluded in decision.excluded} == {
        "left": "inactive",
        "closed": "inactive",
        "zweite": "another_showcase_leads",
    }


def test_an_advisor_who_names_the_topic_comes_before_one_who_takes_all_and_one_who_names_others_is_not_asked():
    who = tuple(
        an_advisor(name, topics=topics) for name, topics in (("other", ("bim",)), ("all", ()), ("named", LEGAL))
    )
    for reference in map(str, range(20)):
        decision = decision_for(facts(*LEGAL, reference=reference), Snapshot(who), RULES, AT)
        assert ids(decision) == ["named", "all"]
    assert decision.candidates[0].reason == "names_topic:dsgvo_datenschutz"


def test_among_equal_advisors_cases_are_spread_evenly():
    snapshot = Snapshot((an_advisor("a"), an_advisor("b"), an_advisor("c")))
    first = [ids(decision_for(facts(*LEGAL, reference=f"WW-{n}"), snapshot, RULES, AT))[0] for n in range(3000)]
    assert all(900 < first.count(name) < 1100 for name in "abc")


def test_a_place_can_decide_who_is_asked():
    who = (an_advisor("halle", "Handwerkskammer Halle (Saale)"), an_advisor("magdeburg", "Handwerkskammer Magdeburg"))
    snapshot = Snapshot(who)
    by_place = decision_for(facts(*LEGAL, postal_code="06333", place="Falkenstein/Harz"), snapshot, RULES, AT)
    without = decision_for(facts(*LEGAL, postal_code="06333"), snapshot, RULES, AT)
    assert (ids(by_place), ids(without)) == (["magdeburg", "halle"], ["halle", "magdeburg"])
    assert "region_by_place" in by_place.reasons
    assert "region_ambiguous:Handwerkskammer Magdeburg" in without.reasons


def test_an_estimated_region_is_marked():
    assert "region_estimated" in decided("bim", postal_code="01001").reasons


def test_a_summary_is_what_preview_prints():
    assert summary(decided("it_sicherheit")) == {
        "target": "nord",
        "receiver": "nord",
        "chamber": DRESDEN,
        "topics": [{"id": "it_sicherheit", "p": 1.0}],
        "reason": "led_by_showcase:nord",
    }


def test_a_decision_is_explained_in_german_and_english():
    decision = decided("it_sicherheit", postal_code="00000")
    assert "Zur Postleitzahl 00000 ist kein Ort bekannt" in explain(decision, "de")
    assert "No place is known for the postal code 00000" in explain(decision, "en")
    assert "Hier ist das Schaufenster Nord federführend." in explain(decided("it_sicherheit"), "de")
    assert "hier die Handwerkskammer Dresden" in explain(decided("e_rechnung"), "de")


# --- what holds for every decision ------------------------------------------------------------------------------------

FOR_A_PERSON = {"attack", "impossible_postal_code", "not_for_us", "unclear", "nobody_left"}
topic_ids = st.sampled_from(sorted(TOPICS))
shares = st.floats(0, 1)
guessed = st.lists(st.builds(Guess, topic_ids, shares), min_size=1, max_size=3, unique_by=lambda guess: guess.id)
ticked = st.lists(topic_ids, min_size=1, max_size=5, unique=True).map(lambda ids: [Guess(id_, 1.0) for id_ in ids])
understandings = st.builds(
    lambda topics, clear, off, attack: about(*topics, clear=clear, not_for_us=Guess("press", off), attack=attack),
    guessed | ticked,
    shares,
    shares,
    shares,
)
codes = st.sampled_from(known_codes()) | st.integers(0, 99999).map("{:05}".format)
receivers = st.lists(
    st.builds(
        an_advisor,
        st.text("abc", min_size=1, max_size=3),
        st.sampled_from(chambers()[:3]),
        topics=st.lists(topic_ids, max_size=3).map(tuple),
        active=st.booleans(),
    )
    | st.builds(a_showcase, st.sampled_from(SHOWCASES), st.text("de", min_size=1, max_size=3), active=st.booleans()),
    max_size=12,
    unique_by=lambda receiver: receiver.id,
).map(tuple)
few_codes = st.sampled_from([code for code in known_codes() if resolve(code).chamber in chambers()[:3]])
enquiries = st.builds(
    lambda code, reference: facts(postal_code=code, reference=reference), codes | few_codes, st.text()
)


def asked(enquiry: Facts, topics: Understanding) -> Question:
    return Question(enquiry.reference, resolve(enquiry.postal_code), topics, enquiry.language)


@given(enquiries, understandings, receivers)
def test_every_candidate_is_active_and_asked_once_and_only_triage_has_none(enquiry, topics, who):
    decision = decide(asked(enquiry, topics), Snapshot(who), RULES, AT)
    offered = ids(decision)
    assert len(offered) == len(set(offered))
    assert set(offered) <= {receiver.id for receiver in who if receiver.active}
    assert set(offered).isdisjoint(excluded.receiver for excluded in decision.excluded)
    assert (decision.target == "triage") == (offered == [])
    assert decision.target in {"regional", "triage", *SHOWCASES}
    assert (decision.reason in FOR_A_PERSON) == (offered == [])


@given(enquiries, understandings, receivers, st.randoms())
def test_the_same_question_has_the_same_answer_in_whatever_order_receivers_are_known(enquiry, topics, who, chance):
    shuffled = list(who)
    Random.shuffle(chance, shuffled)
    first = decide(asked(enquiry, topics), Snapshot(who), RULES, AT)
    assert decide(asked(enquiry, topics), Snapshot(tuple(shuffled)), RULES, AT) == first


@given(enquiries, understandings, receivers)
def test_who_leaves_does_not_change_the_order_of_the_others(enquiry, topics, who):
    before = decide(asked(enquiry, topics), Snapshot(who), RULES, AT)
    first = before.candidates[0].receiver if before.candidates else ""
    rest = tuple(replace(receiver, active=receiver.active and receiver.id != first) for receiver in who)
    after = decide(asked(enquiry, topics), Snapshot(rest), RULES, AT)
    assert [who for who in ids(before)[1:] if who in ids(after)] == [who for who in ids(after) if who in ids(before)]


@given(enquiries, understandings, receivers, st.sampled_from(["de", "en"]))
def test_every_decision_can_be_explained_and_stored(enquiry, topics, who, language):
    decision = decide(asked(enquiry, topics), Snapshot(who), RULES, AT)
    sentences = explain(decision, language)
    assert sentences
    assert "{" not in sentences
    stored = TypeAdapter(Decision)
    assert stored.validate_python(stored.dump_python(decision)) == decision
    assert stored.validate_json(stored.dump_json(decision)) == decision


def test_every_code_has_a_sentence_in_both_languages():
    assert all(set(sentences) == {"de", "en"} for sentences in SENTENCES.values())
