from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify import notice
from services.notify.notice import NoSuchAttempt, NotQueued
from tests.services.notify.builders import NOON, a_notice

SOON = NOON + timedelta(seconds=5)


def claimed(by="p-1", each=None):
    return notice.claimed(each or a_notice(), by, "beratung@example.org", NOON)


def test_the_id_follows_from_event_purpose_and_recipient_and_names_nobody():
    ids = {
        notice.notice_id("WW-1/2", purpose, who) for purpose in ("receipt", "offer") for who in ("a@example.org", "b")
    }
    assert len(ids) == 4
    assert not any("@" in id_ for id_ in ids)
    assert notice.notice_id("WW-1/2", "offer", "b") in ids


def test_a_notice_is_claimed_by_one_process():
    with pytest.raises(NotQueued):
        claimed("p-2", claimed("p-1"))


def test_the_servers_answer_is_kept_with_its_attempt_and_names_nobody():
    sent = notice.sent(claimed(), 1, "p-1", SOON, "250 taken for <beratung@example.org>")
    assert (sent.state, sent.claimed_by) == ("sent", None)
    assert sent.attempts[0].answer == "250 taken for <b…@example.org>"


def test_keeping_the_same_end_twice_changes_nothing():
    sent = notice.sent(claimed(), 1, "p-1", SOON, "250 ok")
    assert notice.sent(sent, 1, "p-1", SOON, "250 ok") is sent


def test_refused_for_good_is_failed():
    failed = notice.refused(claimed(), 1, "p-1", SOON, 550, "550 no such user")
    assert (failed.state, failed.attempts[0].code) == ("failed", 550)


def test_later_is_queued_again():
    queued = notice.later(claimed(), 1, "p-1", SOON, "451 busy", SOON)
    assert (queued.state, queued.not_before) == ("queued", SOON)


def test_a_second_attempt_records_why():
    second = claimed("p-2", notice.taken_over(claimed("p-1"), "p-1", "it was killed", SOON))
    assert [(each.n, each.by, each.outcome) for each in second.attempts] == [(1, "p-1", "unknown"), (2, "p-2", "open")]
    assert "it was killed" in second.attempts[0].answer


def test_an_answer_that_comes_after_the_takeover_spares_the_second_copy():
    queued = notice.taken_over(claimed("p-1"), "p-1", "silent", SOON)
    assert notice.sent(queued, 1, "p-1", SOON, "250 ok").state == "sent"


def test_an_answer_that_comes_during_the_second_attempt_counts_when_that_fails():
    second = claimed("p-2", notice.taken_over(claimed("p-1"), "p-1", "silent", SOON))
    late = notice.sent(second, 1, "p-1", SOON, "250 ok")
    assert (late.state, late.claimed_by) == ("sending", "p-2")
    assert notice.refused(late, 2, "p-2", SOON, 550, "550 no").state == "sent"


def test_only_the_claim_of_the_process_that_is_gone_is_taken_over():
    mine = claimed("p-2")
    assert notice.taken_over(mine, "p-1", "gone", SOON) is mine


def test_another_process_cannot_end_an_attempt():
    with pytest.raises(NoSuchAttempt):
        notice.sent(claimed("p-1"), 1, "p-2", SOON, "250 ok")


def test_a_claim_given_back_says_that_nothing_was_sent():
    queued = notice.released(claimed(), "p-1", "given back", SOON)
    assert (queued.state, queued.attempts[0].outcome) == ("queued", "later")


def test_withheld_is_failed_with_the_reason():
    failed = notice.withheld(a_notice(), "withdrawn", "p-1", SOON)
    assert (failed.state, failed.attempts[0].answer) == ("failed", "not sent: withdrawn")
    assert not notice.may_have_arrived(failed)


def test_only_what_is_done_is_told_again():
    assert notice.asked_again(a_notice()).asked == 0
    assert notice.asked_again(replace(a_notice(), state="sent")).asked == 1


def test_hundreds_of_attempts_do_not_fill_the_document():
    each = a_notice()
    for _ in range(200):
        each = claimed(each=each)
        each = notice.later(each, each.attempts[-1].n, "p-1", SOON, "452 full", SOON)
    assert len(each.attempts) == 50
    assert (each.attempts[0].n, each.attempts[-1].n) == (1, 200)


@given(st.integers(0, 10_000))
def test_pauses_grow_to_five_minutes(attempts):
    assert timedelta(seconds=5) <= notice.pause_after(attempts) <= timedelta(minutes=5)
    assert notice.pause_after(attempts) <= notice.pause_after(attempts + 1)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("anna@example.org", "a…@example.org"),
        ("<a@example.org>: unknown", "<a…@example.org>: unknown"),
        ("ü.x+y@mail.example.org,b@example.org", "ü…@mail.example.org,b…@example.org"),
        ("no address", "no address"),
    ],
)
def test_addresses_are_masked(text, masked):
    assert notice.masked(text) == masked


def test_copies_that_may_have_arrived_get_rarer_and_rarer():
    pauses = [notice.pause_after_unknown(n).total_seconds() for n in range(1, 12)]
    assert pauses[:4] == [5, 20, 80, 320]
    assert pauses[-1] == 24 * 60 * 60
    assert pauses == sorted(pauses)
