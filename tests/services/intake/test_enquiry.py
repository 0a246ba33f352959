"""An enquiry's reference and what may happen to it."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.enquiry import (
    Business,
    Contact,
    Enquiry,
    NothingToWithdraw,
    Receiver,
    Step,
    followed,
    reference_of,
    unreachable,
    withdrawn,
)
from services.intake.words import next_step

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DRESDEN = Receiver("hwk-dresden-1", "Beratung Dresden")
STATES = ["offered", "accepted", "in_progress", "completed", "closed", "triage"]


def an_enquiry():
    return Enquiry(
        reference="WW-7K2M-0000-9QXZ",
        received_at=NOON,
        consent_version="1",
        fingerprint="f",
        business=Business("Tischlerei", "Tischler", "01067"),
        contact=Contact("Büro", "t@example.org"),
        topics=(),
        text="Wir möchten online verkaufen.",
        language="de",
        state="received",
        since=NOON,
        history=(Step(NOON, "received"),),
    )


def later(minutes):
    return NOON + timedelta(minutes=minutes)


@given(st.text())
def test_a_key_always_gives_the_same_reference(key):
    assert reference_of(key) == reference_of(key)
    assert re.fullmatch(r"WW(-[0-9A-HJKMNP-TV-Z]{4}){3}", reference_of(key))


def test_the_reference_is_60_bits_of_the_keys_sha256():
    assert reference_of("a") == "WW-SABR-24PA-3EYW"


def test_without_a_key_references_differ():
    assert len({reference_of(None) for _ in range(1000)}) == 1000


def test_the_receiver_is_not_told_before_somebody_accepted():
    offered = followed(an_enquiry(), 1, "offered", later(1), DRESDEN)
    assert (offered.state, offered.receiver) == ("offered", None)
    assert followed(offered, 2, "accepted", later(2), DRESDEN).receiver == DRESDEN


def test_the_next_offer_is_no_news_to_the_enquirer():
    first = followed(an_enquiry(), 1, "offered", later(1), DRESDEN)
    assert followed(first, 3, "offered", later(9), DRESDEN).history == first.history


def test_a_withdrawn_enquiry_does_not_come_back():
    gone = withdrawn(an_enquiry(), later(1))
    assert followed(gone, 5, "accepted", later(2), DRESDEN).state == "withdrawn"


def test_withdrawing_twice_is_withdrawing_once():
    gone = withdrawn(an_enquiry(), later(1))
    assert withdrawn(gone, later(2)) == gone


@pytest.mark.parametrize("state", ["completed", "closed"])
def test_what_has_come_to_its_end_cannot_be_withdrawn(state):
    ended = followed(an_enquiry(), 1, state, later(1), DRESDEN)
    assert not ended.may_be_withdrawn
    with pytest.raises(NothingToWithdraw):
        withdrawn(ended, later(2))


def test_an_accepted_enquiry_can_be_withdrawn():
    taken = followed(an_enquiry(), 1, "accepted", later(1), DRESDEN)
    assert withdrawn(taken, later(2)).state == "withdrawn"


def test_what_makes_no_difference_to_the_enquirer_is_heard_all_the_same():
    taken = followed(an_enquiry(), 1, "accepted", later(1), DRESDEN)
    reminded = followed(taken, 2, None, later(2), DRESDEN)
    assert (reminded.heard, reminded.history, reminded.receiver) == (2, taken.history, DRESDEN)


def test_an_event_said_again_changes_nothing():
    offered = followed(an_enquiry(), 1, "offered", later(1), DRESDEN)
    assert followed(offered, 1, "offered", later(1), DRESDEN) is offered


def test_back_in_triage_nobody_is_named_any_more():
    taken = followed(an_enquiry(), 1, "accepted", later(1), DRESDEN)
    assert followed(taken, 2, "triage", later(2), None).receiver is None


def test_closed_after_acceptance_still_names_who_took_it():
    taken = followed(an_enquiry(), 1, "accepted", later(1), DRESDEN)
    assert followed(taken, 2, "closed", later(2), None).receiver == DRESDEN


def test_closed_without_acceptance_names_nobody():
    offered = followed(an_enquiry(), 1, "offered", later(1), DRESDEN)
    assert followed(offered, 2, "closed", later(2), DRESDEN).receiver is None


def test_the_history_tells_each_state_with_its_time():
    enquiry = followed(an_enquiry(), 1, "offered", later(1), DRESDEN)
    enquiry = followed(enquiry, 2, "accepted", later(2), DRESDEN)
    told = [(step.state, step.at) for step in enquiry.history]
    assert told == [("received", NOON), ("offered", later(1)), ("accepted", later(2))]
    assert enquiry.since == later(2)


def test_an_address_that_bounces_changes_no_state():
    assert unreachable(an_enquiry()).state == "received"


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("state", ["received", *STATES, "withdrawn", "erased"])
def test_every_state_has_a_next_step_in_a_sentence(state, language):
    enquiry = replace(an_enquiry(), state=state, language=language)
    assert next_step(enquiry).endswith(".")


def test_who_took_it_is_named_in_the_next_step():
    taken = followed(an_enquiry(), 1, "accepted", later(1), DRESDEN)
    assert next_step(taken) == "Beratung Dresden hat Ihre Anfrage übernommen und meldet sich bei Ihnen."


@given(st.lists(st.tuples(st.integers(1, 8), st.sampled_from(STATES))))
def test_events_said_again_or_late_change_nothing(events):
    enquiry, told = an_enquiry(), {}
    for sequence, state in events:
        always = told.setdefault(sequence, state)
        enquiry = followed(enquiry, sequence, always, later(sequence), DRESDEN)
        assert enquiry.heard == max(told)
        assert enquiry.state == told[max(told)]
