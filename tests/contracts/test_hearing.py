"""Every service has an answer to every type of the topics it hears: it handles it, or passes it by on purpose."""

import pytest

from services.intake import handlers as intake
from services.matching import handlers as matching
from services.notify import handlers as notify
from shared.dispatch import Hears
from shared.events import EVENTS

HEARD = [
    (module.__name__.split(".")[1], hears)
    for module in (intake, matching, notify)
    for hears in vars(module).values()
    if isinstance(hears, Hears)
]

NOBODY_SAYS_YET = {
    "wegweiser.enquiry.erased.v1",
    "wegweiser.referral.reminded.v1",
    "wegweiser.referral.contacted.v1",
    "wegweiser.referral.completed.v1",
}


@pytest.mark.parametrize(("service", "hears"), HEARD, ids=lambda value: getattr(value, "topic", value))
def test_no_type_that_is_said_is_unknown(service, hears):
    of_topic = {kind for kind, event in EVENTS.items() if event.topic == hears.topic}
    assert of_topic - hears.handlers.keys() - hears.ignores <= NOBODY_SAYS_YET


def test_each_service_hears_what_the_design_says():
    assert {(service, hears.topic) for service, hears in HEARD} == {
        ("intake", "referrals"),
        ("intake", "notifications"),
        ("matching", "enquiries"),
        ("matching", "notifications"),
        ("notify", "enquiries"),
        ("notify", "referrals"),
    }
