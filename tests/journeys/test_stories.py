"""What Wegweiser does, told as stories."""

import pytest

from tests.journeys.world import DESK_URL, NOTIFY_URL, TOKEN, doubled, shuffled

FIRM, ADVISOR, SHOWCASE, COORDINATORS = (
    f"{name}@example.org" for name in ("tischlerei", "dresden", "ost", "koordination")
)


async def test_a_firm_asks_and_an_advisor_helps(world):
    confirmed = await world.ask()
    await world.settle()
    assert confirmed["status_url"] in world.mails(FIRM)[0]
    assert (await world.status(confirmed))["state"] == "offered"

    accepted = await world.answer(world.offer(ADVISOR), "accept")
    assert accepted.json()["enquirer"]["email"] == FIRM
    await world.settle()
    status = await world.status(confirmed)
    assert (status["state"], status["receiver"]["name"]) == ("accepted", "Beratung dresden")
    assert status["receiver"]["why"].startswith("Diese Stelle berät für die Handwerkskammer Dresden")
    assert "Beratung dresden" in world.mails(FIRM)[1]
    assert FIRM in world.mails(ADVISOR)[1]


async def test_nobody_knows_who_asks_before_they_accept(world):
    await world.ask(text="Melden Sie sich bei tischlerei@example.org oder 0351 4640123, Tischlerei Muster.")
    await world.settle()
    offer = world.smtp.mails[-1].as_string() + str((await world.web.get(world.offer(ADVISOR))).json())
    assert not any(known in offer for known in (FIRM, "Muster", "4640123", "+49 351 000000"))


async def test_declined_goes_to_the_showcase_and_then_to_a_coordinator(world):
    confirmed = await world.ask()
    await world.settle()
    await world.answer(world.offer(ADVISOR), "decline", reason="no_capacity")
    await world.settle()
    await world.answer(world.offer(SHOWCASE), "decline", reason="other", note="Nicht unser Thema.")
    await world.settle()
    status = await world.status(confirmed)
    assert (status["state"], status["receiver"]) == ("triage", None)
    assert confirmed["reference"] in world.mails(COORDINATORS)[0]


async def test_a_coordinator_assigns_what_nobody_took(world):
    confirmed = await world.ask(business={"name": "X GmbH", "trade": "Tischler", "postal_code": "00000"})
    await world.settle()
    waiting = await world.web.get(f"{DESK_URL}/triage", params={"token": TOKEN}, headers={"Accept": "text/html"})
    assert confirmed["reference"] in waiting.text
    await world.web.post(
        f"{DESK_URL}/triage/{confirmed['reference']}/assign",
        data={"receiver": "ost", "note": "Bitte übernehmen."},
        headers={"Authorization": f"Bearer {TOKEN}"},
    )
    await world.settle()
    assert (await world.status(confirmed))["state"] == "offered"
    assert len(world.mails(SHOWCASE)) == 1


async def test_a_topic_that_a_showcase_leads_goes_to_the_showcase(world):
    await world.ask(topics=["online_shop"])
    await world.settle()
    assert (len(world.mails(SHOWCASE)), len(world.mails(ADVISOR))) == (1, 0)


async def test_an_offer_whose_mail_is_refused_goes_to_the_next(world):
    world.smtp.refuse("RCPT", "550 5.1.1 no such user", to=ADVISOR)
    confirmed = await world.ask()
    await world.settle()
    assert len(world.mails(SHOWCASE)) == 1
    assert (await world.status(confirmed))["state"] == "offered"


async def test_a_receipt_that_cannot_be_delivered_does_not_stop_the_case(world):
    world.smtp.refuse("RCPT", "550 5.1.1 no such user", to=FIRM)
    confirmed = await world.ask()
    await world.settle()
    assert len(world.mails(ADVISOR)) == 1
    assert any(confirmed["reference"] in text for text in world.mails(COORDINATORS))


async def test_a_withdrawn_enquiry_is_over_for_everybody(world):
    confirmed = await world.ask()
    await world.settle()
    await world.web.post(confirmed["status_url"] + "/withdraw")
    await world.settle()
    too_late = await world.answer(world.offer(ADVISOR), "accept")
    assert too_late.status_code == 409
    assert (await world.status(confirmed))["state"] == "withdrawn"
    assert len(world.mails(ADVISOR)) == 2


async def test_a_withdrawal_that_overtakes_the_offer_stops_the_mail(world):
    confirmed = await world.ask()
    await world.web.post(confirmed["status_url"] + "/withdraw")
    await world.settle()
    assert (await world.status(confirmed))["state"] == "withdrawn"


async def test_everything_sent_is_on_record(world):
    confirmed = await world.ask()
    await world.settle()
    listed = await world.web.get(
        f"{NOTIFY_URL}/api/v1/notices",
        params={"enquiry": confirmed["reference"]},
        headers={"Authorization": f"Bearer {TOKEN}"},
    )
    items = {item["purpose"]: item for item in listed.json()["items"]}
    assert set(items) == {"receipt", "offer"}
    assert items["offer"]["state"] == "sent"
    assert ADVISOR not in items["offer"]["to"]
    assert items["receipt"]["message_id"] in {mail["Message-ID"] for mail in world.smtp.mails}


ORDERS = {"as said": list, "doubled": doubled} | {f"shuffled {seed}": shuffled(seed) for seed in range(6)}


@pytest.mark.parametrize("reorder", ORDERS.values(), ids=ORDERS)
async def test_repetition_and_disorder_between_enquiries_change_nothing(world, reorder):
    confirmed = [await world.ask(str(n)) for n in range(8)]
    await world.settle(reorder)
    offers = dict.fromkeys(world.offer(ADVISOR, n) for n in range(8))
    for n, offer in enumerate(offers):
        await world.answer(offer, ("accept", "decline")[n % 2], reason="no_capacity")
    await world.settle(reorder)
    states = sorted([(await world.status(each))["state"] for each in confirmed])
    assert states == ["accepted"] * 4 + ["offered"] * 4
    assert len(world.mails(FIRM)) == 8 + 4
    assert len(world.mails(ADVISOR)) == 8 + 4
    assert len(world.mails(SHOWCASE)) == 4
    assert not [topic for topic in world.hall.topics if topic.endswith(".dead")]


async def without_first(world, service, topic):
    """Let the first steps happen, but for this service lose the first record of this topic."""
    for _ in range(2):
        for each in world.services:
            await each.relay.sweep()
            await each.relay.drain()
        for each in world.services:
            for dispatcher in each.dispatchers:
                if dispatcher.topic == "enquiries" and (each.name, "enquiries") not in world._read:
                    world._read[each.name, "enquiries"] = 1
                    await dispatcher.take(world.hall.topics["enquiries"])
    assert len(world.hall.topics[topic]) == 1
    world._read[service, topic] = 1


async def test_an_offer_that_was_taken_away_is_not_mailed_when_it_is_said_again(world):
    confirmed = await world.ask()
    await without_first(world, "notify", "referrals")
    await world.web.post(
        f"{DESK_URL}/triage/{confirmed['reference']}/assign",
        data={"receiver": "ost"},
        headers={"Authorization": f"Bearer {TOKEN}"},
    )
    await world.settle()
    world.hall.topics["referrals"].append(world.hall.topics["referrals"][0])
    await world.settle()
    assert (len(world.mails(SHOWCASE)), world.mails(ADVISOR)) == (1, [])


async def test_whoever_missed_the_answer_gets_it_when_they_ask_again(world):
    confirmed = await world.ask()
    await without_first(world, "intake", "referrals")
    await world.settle()
    assert (await world.status(confirmed))["state"] == "received"
    world.forward(hours=1)
    await world.settle()
    assert (await world.status(confirmed))["state"] == "offered"
