"""An enquiry's reference and what may happen to it."""

import re
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.intake.enquiry import Business, Contact, Enquiry, Receiver, Step, followed, reference_of, withdrawn

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


@given(st.lists(st.tuples(st.integers(1, 8), st.sampled_from(STATES))))
def test_events_said_again_or_late_change_nothing(events):
    enquiry, told = an_enquiry(), {}
    for sequence, state in events:
        always = told.setdefault(sequence, state)
        enquiry = followed(enquiry, sequence, always, later(sequence), DRESDEN)
        assert enquiry.heard == max(told)
        assert enquiry.state == told[max(told)]
