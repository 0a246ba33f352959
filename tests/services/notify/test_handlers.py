import itertools

import pytest

from shared.events import NoticeSent
from tests.services.notify.builders import (
    REFERENCE,
    a_closing,
    a_refusal,
    a_triage,
    a_withdrawal,
    an_acceptance,
    an_enquiry_event,
    an_expiry,
    an_offer_event,
)


async def told(notify):
    return sorted((document["purpose"], document["to"]) for document in await notify.documents())


async def test_an_enquiry_is_confirmed_to_the_firm(notify):
    await notify.hear(an_enquiry_event())
    assert await told(notify) == [("receipt", "betrieb@example.org")]


async def test_an_offer_is_told_to_the_receiver(notify):
    await notify.hear(an_offer_event())
    notice = await notify.the("offer")
    assert (notice.to, notice.round, notice.cause) == ("beratung@example.org", 1, f"{REFERENCE}/1")


async def test_acceptance_introduces_both_to_each_other(notify):
    for n, event in enumerate((an_enquiry_event(), an_offer_event(), an_acceptance()), start=1):
        await notify.hear(event, n)
    purposes = dict(await told(notify))
    assert purposes["disclosure"] == "beratung@example.org"
    assert purposes["introduction"] == "betrieb@example.org"


async def test_coordinators_are_told_when_a_person_must_decide(notify):
    await notify.hear(a_triage(), 3)
    assert await told(notify) == [("triage_alarm", "koordination@example.org")]


async def test_a_business_under_attack_is_told_what_to_do(notify):
    await notify.hear(an_enquiry_event())
    await notify.hear(a_triage(reason="attack"), 3)
    assert await told(notify) == [
        ("emergency", "betrieb@example.org"),
        ("receipt", "betrieb@example.org"),
        ("triage_alarm", "koordination@example.org"),
    ]


async def test_a_withdrawal_is_told_to_both_when_matching_has_closed_the_case(notify):
    await notify.hear(an_enquiry_event())
    await notify.hear(a_withdrawal(), 2)
    assert [purpose for purpose, _ in await told(notify)] == ["receipt"]
    await notify.hear(a_closing(), 4)
    assert [purpose for purpose, _ in await told(notify)] == ["offer_withdrawn", "receipt", "withdrawal"]


async def test_a_withdrawal_from_triage_concerns_no_receiver(notify):
    await notify.hear(a_closing(receiver=None), 4)
    assert [purpose for purpose, _ in await told(notify)] == ["withdrawal"]


async def test_however_often_an_event_arrives_there_is_one_notice(notify):
    for _ in range(5):
        await notify.hear(an_offer_event())
        await notify.hear(an_enquiry_event())
    assert len(await told(notify)) == 2
    assert await notify.said() == []


_WAY = [
    (an_enquiry_event(), 1),
    (an_offer_event(1), 1),
    (a_refusal(1), 2),
    (an_offer_event(2), 3),
    (an_acceptance(2), 4),
    (a_withdrawal(), 2),
    (a_closing(2), 5),
]


@pytest.mark.parametrize(
    ("reason", "purposes"),
    [
        ("not_there", ["offer", "offer_withdrawn"]),
        ("reassigned", ["offer", "offer_withdrawn"]),
        ("undeliverable", ["offer"]),
    ],
)
async def test_who_is_not_waited_for_is_told_where_mail_reaches_them(notify, reason, purposes):
    await notify.hear(an_offer_event())
    await notify.hear(an_expiry(reason), 2)
    assert [purpose for purpose, _ in await told(notify)] == purposes


@pytest.mark.parametrize("turned", [0, 2, 5])
async def test_backwards_and_doubled_the_same_notices_follow(notify, turned):
    once = [_WAY[(n + turned) % len(_WAY)] for n in range(len(_WAY))]
    for event, n in itertools.chain(reversed(once), once):
        await notify.hear(event, n)
    assert sorted(purpose for purpose, _ in await told(notify)) == [
        "disclosure",
        "introduction",
        "offer",
        "offer",
        "offer_withdrawn",
        "receipt",
        "withdrawal",
    ]
    case = await notify.cases.of(REFERENCE)
    assert case.withdrawn_at is not None
    assert [offer.round for offer in case.offers] == [1, 2]


async def test_what_became_of_a_notice_is_said_again_when_its_event_is(notify):
    await notify.hear(an_enquiry_event())
    await notify.hear(an_offer_event())
    notify.start()
    await notify.the("offer", "sent")
    await notify.hear(an_offer_event())
    said = [event for event in await notify.said() if event.purpose == "offer"]
    assert [type(event) for event in said] == [NoticeSent, NoticeSent]
    assert len({(event.message_id, event.cause) for event in said}) == 1
