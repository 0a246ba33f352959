from dataclasses import replace

import pytest

from services.notify.case import (
    ASSIGNED,
    NEVER_TOLD,
    NOT_OPEN,
    Case,
    Send,
    Wait,
    Withhold,
    offered,
    received,
    settled,
    verdict,
    withdrawn,
)
from tests.services.notify.builders import NOON, REFERENCE, a_case, a_notice, an_enquiry, an_offer_heard

NOT_OF_WITHDRAWAL = ["receipt", "offer", "disclosure", "introduction", "triage_alarm", "emergency"]


@pytest.mark.parametrize("purpose", [*NOT_OF_WITHDRAWAL, "withdrawal"])
def test_nothing_leaves_before_the_enquiry_is_known(purpose):
    assert verdict(a_notice(purpose), Case(REFERENCE)) == Wait()
    assert verdict(a_notice(purpose), None) == Wait()


@pytest.mark.parametrize("purpose", NOT_OF_WITHDRAWAL)
def test_nothing_of_the_kind_leaves_after_the_withdrawal(purpose):
    case = withdrawn(settled(a_case(), 1, "accepted" if purpose == "disclosure" else "open"), NOON)
    assert verdict(a_notice(purpose), case) == Withhold("withdrawn")


def test_an_open_offer_may_leave():
    assert verdict(a_notice("offer"), a_case()) == Send()


@pytest.mark.parametrize("state", ["accepted", "over"])
def test_an_offer_that_is_not_open_any_more_is_not_sent(state):
    assert verdict(a_notice("offer"), settled(a_case(), 1, state)) == Withhold(NOT_OPEN)


def test_an_alarm_is_not_sent_once_somebody_has_the_case():
    assert verdict(a_notice("triage_alarm"), a_case()) == Send()
    assert verdict(a_notice("triage_alarm"), offered(a_case(), an_offer_heard(2))) == Withhold(ASSIGNED)


def test_the_withdrawal_is_confirmed():
    assert verdict(a_notice("withdrawal"), withdrawn(a_case(), NOON)) == Send()


@pytest.mark.parametrize(
    ("offer", "what"),
    [
        ({"state": "queued"}, Wait()),
        ({"state": "sending"}, Wait()),
        ({"state": "failed"}, Withhold(NEVER_TOLD)),
    ],
)
def test_an_offer_that_was_never_told_is_not_taken_back(offer, what):
    assert verdict(a_notice("offer_withdrawn"), a_case(), a_notice("offer", **offer)) == what


def test_who_had_accepted_is_told_in_any_case():
    notice = a_notice("offer_withdrawn", case=settled(a_case(), 1, "accepted"))
    assert notice.facts.had_accepted
    assert verdict(notice, None) == Send()


def test_the_order_of_the_topics_makes_no_difference():
    steps = (
        lambda case: received(case, an_enquiry()),
        lambda case: withdrawn(case, NOON),
        lambda case: offered(case, an_offer_heard()),
    )
    ends = set()
    for order in ((0, 1, 2), (2, 0, 1), (2, 1, 0), (1, 2, 0, 0, 1, 2)):
        case = Case(REFERENCE)
        for n in order:
            case = steps[n](case)
        ends.add(case)
    assert ends == {replace(a_case(), withdrawn_at=NOON)}
