"""A referral's states, and what may happen to it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.referral import (
    REASONS,
    NoSuchOffer,
    NotAssignable,
    OfferNotOpen,
    Refusal,
    accepted,
    undeliverable,
    withdrawn,
)
from tests.services.matching.builders import (
    EVERYBODY,
    NOBODY,
    a_referral,
    assigning,
    declining,
    gone_on,
    later,
    next_choice,
    without,
)

BUSY = Refusal("no_capacity")


def accept(referral, round_=1, who="advisor"):
    return accepted(referral, round_, who, at=later())


def decline(referral, round_=1, who="advisor", refusal=BUSY, directory=EVERYBODY):
    return declining(referral, round_, who, refusal, directory)


def refuse_mail(referral, round_=1, directory=EVERYBODY):
    ended = undeliverable(referral, round_, at=later())
    return gone_on(referral, ended, next_choice(ended, directory))


def in_triage():
    return a_referral(NOBODY)


def told(referral):
    return [(entry.kind, entry.round, entry.receiver and entry.receiver.id) for entry in referral.history]


# --- it begins --------------------------------------------------------------------------------------------------------


def test_a_new_referral_is_offered_to_the_first_candidate():
    referral = a_referral()
    assert (referral.state, referral.round) == ("offered", 1)
    assert told(referral) == [("offered", 1, "advisor")]


def test_an_offer_has_two_working_days():
    assert a_referral().current.respond_by == later(48)


def test_without_candidates_a_person_must_decide():
    referral = in_triage()
    assert (referral.state, referral.reason, referral.round) == ("triage", "nobody_left", 0)
    assert told(referral) == [("triaged", 0, None)]


def test_an_impossible_postal_code_goes_to_triage_with_that_reason():
    enquiry = {"business": {"name": "X", "trade": "Y", "postal_code": "00000"}}
    assert a_referral(**enquiry).reason == "impossible_postal_code"


# --- answers ----------------------------------------------------------------------------------------------------------


def test_whoever_accepts_has_the_case():
    referral = accept(a_referral())
    assert (referral.state, referral.current.receiver.id, referral.since) == ("accepted", "advisor", later())
    assert told(referral)[1:] == [("accepted", 1, "advisor")]


def test_accepting_again_changes_nothing():
    referral = accept(a_referral())
    assert accept(referral) is referral


def test_a_declined_offer_goes_to_the_next_candidate_at_once():
    referral = decline(a_referral())
    assert (referral.state, referral.current.receiver.id) == ("offered", "ost")
    assert [decision.question.asked for decision in (*referral.earlier, referral.decision)] == [(), ("advisor",)]
    assert told(referral)[1:] == [("declined", 1, "advisor"), ("offered", 2, "ost")]


def test_declining_again_changes_nothing():
    referral = decline(a_referral())
    assert decline(referral, refusal=Refusal("absent")) is referral


def test_reason_and_note_of_a_refusal_are_kept():
    referral = decline(a_referral(), refusal=Refusal("other", "Umzug"))
    assert (referral.offers[0].reason, referral.offers[0].note) == ("other", "Umzug")


def test_when_everybody_declined_a_person_must_decide():
    referral = decline(decline(a_referral()), 2, "ost")
    assert (referral.state, referral.reason, referral.current) == ("triage", "nobody_left", None)
    assert told(referral)[3:] == [("declined", 2, "ost"), ("triaged", 2, None)]


def test_a_candidate_who_left_meanwhile_is_passed_over():
    assert decline(a_referral(), directory=without("ost")).state == "triage"


def test_who_declined_cannot_accept_any_more():
    with pytest.raises(OfferNotOpen) as late:
        accept(decline(a_referral()))
    assert late.value.state == "declined"


def test_who_accepted_cannot_decline_any_more():
    with pytest.raises(OfferNotOpen) as late:
        decline(accept(a_referral()))
    assert late.value.state == "accepted"


@pytest.mark.parametrize(("round_", "who"), [(0, "advisor"), (2, "advisor"), (1, "ost"), (-1, "advisor")])
def test_an_offer_that_was_never_made_cannot_be_answered(round_, who):
    with pytest.raises(NoSuchOffer):
        accept(a_referral(), round_, who)


# --- mails that do not arrive -----------------------------------------------------------------------------------------


def test_an_offer_whose_mail_is_refused_goes_to_the_next_candidate():
    referral = refuse_mail(a_referral())
    assert told(referral)[1:] == [("expired", 1, "advisor"), ("offered", 2, "ost")]
    assert referral.offers[0].reason == "undeliverable"


@pytest.mark.parametrize("after", [accept, decline, lambda referral: withdrawn(referral, at=later())])
def test_a_refused_mail_changes_nothing_after_an_answer(after):
    referral = after(a_referral())
    assert refuse_mail(referral) is referral


def test_an_offer_that_ended_by_itself_cannot_be_accepted():
    with pytest.raises(OfferNotOpen) as late:
        accept(refuse_mail(a_referral()))
    assert late.value.state == "expired"


# --- coordinators -----------------------------------------------------------------------------------------------------


def test_a_coordinator_gives_a_waiting_case_to_a_receiver_with_a_remark():
    referral = assigning(in_triage(), "west", "Bitte bald")
    assert (referral.state, referral.current.receiver.id, referral.current.remark) == ("offered", "west", "Bitte bald")
    assert told(referral)[1:] == [("offered", 1, "west")]


def test_an_open_case_can_be_given_to_somebody_else():
    referral = assigning(a_referral(), "west")
    assert told(referral)[1:] == [("expired", 1, "advisor"), ("offered", 2, "west")]
    assert (referral.offers[0].state, referral.offers[0].reason) == ("void", "reassigned")


def test_giving_a_case_to_whom_it_is_offered_changes_nothing():
    referral = a_referral()
    assert assigning(referral, "advisor") is referral


def test_when_the_chosen_receiver_declines_the_remaining_candidates_get_the_case():
    referral = decline(assigning(a_referral(), "west"), 2, "west")
    assert referral.current.receiver.id == "ost"


def test_a_candidate_who_was_chosen_is_not_asked_again_after_declining():
    assert decline(assigning(a_referral(), "ost"), 2, "ost").state == "triage"


@pytest.mark.parametrize("end", [accept, lambda referral: withdrawn(referral, at=later())])
def test_a_case_that_somebody_has_or_nobody_needs_cannot_be_assigned(end):
    with pytest.raises(NotAssignable):
        assigning(end(a_referral()), "west")


# --- withdrawal -------------------------------------------------------------------------------------------------------


def test_a_withdrawn_enquiry_closes_the_open_offer():
    referral = withdrawn(a_referral(), at=later())
    assert (referral.state, referral.reason, referral.offers[0].state) == ("closed", "withdrawn", "void")
    assert told(referral)[1:] == [("closed", 1, "advisor")]


def test_a_withdrawn_enquiry_that_was_accepted_keeps_who_had_it():
    referral = withdrawn(accept(a_referral()), at=later())
    assert (referral.state, referral.offers[0].state) == ("closed", "accepted")
    assert told(referral)[2:] == [("closed", 1, "advisor")]


def test_a_waiting_case_can_be_withdrawn():
    assert told(withdrawn(in_triage(), at=later()))[1:] == [("closed", 0, None)]


def test_withdrawing_again_changes_nothing():
    referral = withdrawn(a_referral(), at=later())
    assert withdrawn(referral, at=later(2)) is referral


def test_a_withdrawn_offer_cannot_be_accepted():
    with pytest.raises(OfferNotOpen) as late:
        accept(withdrawn(a_referral(), at=later()))
    assert late.value.state == "void"


# --- whatever happens -------------------------------------------------------------------------------------------------

rounds, people = st.integers(1, 6), st.sampled_from(["advisor", "ost", "west"])
directories = st.sampled_from([EVERYBODY, NOBODY, without("ost"), without("west")])
commands = st.one_of(
    st.builds(lambda n, who: lambda r: accepted(r, n, who, at=later()), rounds, people),
    st.builds(
        lambda n, who, why, d: lambda r: declining(r, n, who, Refusal(why), d),
        rounds,
        people,
        st.sampled_from(REASONS),
        directories,
    ),
    st.builds(lambda n, d: lambda r: refuse_mail(r, n, d), rounds, directories),
    st.builds(lambda who: lambda r: assigning(r, who), people),
    st.just(lambda r: withdrawn(r, at=later())),
)


def whatever_happens(directory, sequence):
    """Each state on the way, from the first to the last; refused commands change nothing."""
    states = [a_referral(directory)]
    for command in sequence:
        try:
            states.append(command(states[-1]))
        except (NoSuchOffer, OfferNotOpen, NotAssignable):
            continue
    return states


stories = st.builds(whatever_happens, directories, st.lists(commands, max_size=12))


@given(stories)
def test_at_most_one_offer_is_open_or_accepted_and_it_is_the_last(states):
    for referral in states:
        held = [offer.round for offer in referral.offers if offer.state in {"open", "accepted"}]
        assert held in ([], [referral.round])


@given(stories)
def test_somebody_is_responsible_until_the_case_is_closed(states):
    for referral in states:
        offer = referral.current
        responsible = {"offered": "open", "accepted": "accepted", "triage": None}
        if referral.state != "closed":
            assert (offer and offer.state) == responsible[referral.state]


@given(stories)
def test_rounds_count_up_and_no_fact_is_ever_taken_back(states):
    for before, after in pairwise(states):
        assert [offer.round for offer in after.offers] == list(range(1, after.round + 1))
        assert after.history[: len(before.history)] == before.history
        assert (after == before) == (len(after.history) == len(before.history))


@given(stories)
def test_what_is_closed_or_accepted_stays_with_whom_it_was(states):
    for before, after in pairwise(states):
        if before.state == "closed":
            assert after == before
        if before.state == "accepted":
            assert after.state in {"accepted", "closed"}
            assert after.offers == before.offers


@given(stories)
def test_every_end_has_its_reason(states):
    for referral in states:
        assert (referral.reason is not None) == (referral.state in {"triage", "closed"})
        for offer in referral.offers:
            assert (offer.answered_at is None) == (offer.state == "open")
            assert (offer.reason is not None) == (offer.state in {"declined", "expired", "void"})


@given(stories, commands)
def test_the_same_command_again_changes_nothing_more(states, command):
    before = states[-1]
    try:
        once = command(before)
    except (NoSuchOffer, OfferNotOpen, NotAssignable):
        return
    assert command(once) == once
