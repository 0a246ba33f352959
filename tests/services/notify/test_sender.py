import asyncio
from collections import Counter

import pytest

from services.notify.mail import Patience
from shared.events import NoticeFailed, NoticeSent
from tests.services.notify.builders import (
    REFERENCE,
    a_closing,
    a_triage,
    a_withdrawal,
    an_acceptance,
    an_enquiry_event,
    an_expiry,
    an_offer_event,
)

FIRM, RECEIVER, COORDINATION = "betrieb@example.org", "beratung@example.org", "koordination@example.org"


async def many(notify, number):
    references = [f"WW-{n:04}-0000-0000" for n in range(number)]
    await asyncio.gather(*(notify.hear(an_enquiry_event(reference=reference)) for reference in references))


async def all_sent(process, number, within_s=20):
    async with asyncio.timeout(within_s):
        while sum(document["state"] == "sent" for document in await process.documents()) < number:
            await asyncio.sleep(0.05)


async def test_a_notice_leaves_at_once_and_is_announced(notify, smtp):
    notify.start()
    await asyncio.sleep(0.2)
    await notify.hear(an_enquiry_event())
    notice = await notify.the("receipt", "sent", within_s=0.8)
    (event,) = await notify.said()
    assert isinstance(event, NoticeSent)
    assert (event.notice, event.cause, event.attempt) == (notice.id, f"{REFERENCE}/1", 1)
    assert [mail["Message-ID"] for mail in smtp.mails_to(FIRM)] == [notice.message_id]


async def test_what_another_process_made_is_found(notify, process_of, smtp):
    await notify.hear(an_enquiry_event())
    process_of().start()
    await notify.the("receipt", "sent")
    assert len(smtp.taken) == 1


async def test_an_offer_waits_for_its_enquiry(notify, smtp):
    notify.start()
    await notify.hear(an_offer_event())
    await asyncio.sleep(0.5)
    assert (await notify.the("offer")).state == "queued"
    await notify.hear(an_enquiry_event())
    await notify.the("offer", "sent")
    assert (await notify.the("offer")).attempts[0].n == 1


async def test_an_offer_that_comes_after_the_withdrawal_is_not_sent(notify, smtp):
    for event, n in ((an_enquiry_event(), 1), (a_withdrawal(), 2), (an_offer_event(), 1), (a_closing(), 2)):
        await notify.hear(event, n)
    notify.start()
    await notify.the("offer_withdrawn", "failed")
    await notify.the("withdrawal", "sent")
    assert smtp.mails_to(RECEIVER) == []
    failed = {event.purpose for event in await notify.said() if isinstance(event, NoticeFailed)}
    assert failed == {"offer", "offer_withdrawn", "receipt"}


async def test_an_offer_that_was_sent_is_taken_back(notify, smtp):
    notify.start()
    await notify.hear(an_enquiry_event())
    await notify.hear(an_offer_event())
    await notify.the("offer", "sent")
    await notify.hear(a_closing(), 2)
    await notify.the("offer_withdrawn", "sent")
    offer, taken_back = smtp.mails_to(RECEIVER)
    assert taken_back["References"] == offer["Message-ID"]


async def test_an_offer_that_was_sent_and_passed_on_is_taken_back_without_a_word_of_the_firm(notify, smtp):
    notify.start()
    await notify.hear(an_enquiry_event())
    await notify.hear(an_offer_event())
    await notify.the("offer", "sent")
    await notify.hear(an_expiry("not_there"), 2)
    await notify.the("offer_withdrawn", "sent")
    _, passed_on = smtp.mails_to(RECEIVER)
    assert passed_on["Subject"] == f"Weitergegeben: Anfrage {REFERENCE}"
    text = passed_on.get_body(("plain",)).get_content()
    assert "haben wir weitergegeben" in " ".join(text.split())
    assert "zurückgezogen" not in text


async def test_refused_for_good_is_told(notify, smtp):
    smtp.refuse("RCPT", f"550 5.1.1 <{RECEIVER}> unknown", to=RECEIVER)
    await notify.hear(an_enquiry_event())
    await notify.hear(an_offer_event())
    notify.start()
    await notify.the("offer", "failed")
    (failed,) = [event for event in await notify.said() if isinstance(event, NoticeFailed)]
    assert (failed.code, failed.round, failed.cause) == (550, 1, f"{REFERENCE}/1")
    assert "unknown" in failed.reason
    assert RECEIVER not in failed.reason


@pytest.mark.parametrize(("address", "purpose"), [(FIRM, "introduction"), (RECEIVER, "disclosure")])
async def test_coordinators_are_told_of_what_nothing_else_makes_up_for(notify, smtp, address, purpose):
    await notify.hear(an_enquiry_event())
    await notify.hear(an_offer_event())
    notify.start()
    await notify.the("receipt", "sent")
    await notify.the("offer", "sent")
    smtp.refuse("RCPT", "550 no such user", to=address)
    await notify.hear(an_acceptance(), 2)
    await notify.the(purpose, "failed")
    await notify.the("undelivered", "sent")
    (alarm,) = smtp.mails_to(COORDINATION)
    assert REFERENCE in alarm["Subject"]
    assert address in alarm.get_body(("plain",)).get_content()


async def test_the_alarm_names_an_address_that_was_learned_after_the_notice_was_made(notify, smtp):
    smtp.refuse("RCPT", "550 no such user", to=FIRM)
    await notify.hear(an_acceptance(), 2)
    await notify.hear(an_enquiry_event())
    notify.start()
    await notify.the("introduction", "failed")
    async with asyncio.timeout(10):
        while len(smtp.mails_to(COORDINATION)) < 2:  # the receipt's, too
            await asyncio.sleep(0.05)
    assert all(FIRM in mail.get_body(("plain",)).get_content() for mail in smtp.mails_to(COORDINATION))


async def test_later_is_tried_again(notify, smtp):
    smtp.refuse("RCPT", "451 4.7.1 greylisted", times=1)
    await notify.hear(an_enquiry_event())
    notify.start()
    notice = await notify.the("receipt", "sent", within_s=15)
    assert [attempt.answer.split()[0] for attempt in notice.attempts] == ["451", "250"]
    assert len(smtp.taken) == 1


async def test_an_answer_that_never_came_is_a_second_attempt_with_the_same_id(notify, smtp):
    smtp.hang_up("dot", times=1)
    await notify.hear(an_enquiry_event())
    notify.start()
    notice = await notify.the("receipt", "sent", within_s=15)
    assert [attempt.outcome for attempt in notice.attempts] == ["unknown", "sent"]
    assert [mail["Message-ID"] for mail in smtp.mails] == [notice.message_id] * 2


async def test_while_the_server_is_away_nothing_is_attempted_and_nothing_lost(notify, smtp):
    smtp.stop()
    notify.start()
    await many(notify, 40)
    await asyncio.sleep(1)
    assert {document["state"] for document in await notify.documents()} == {"queued"}
    assert "no connection" in await notify.post.check()
    before = smtp.connections
    smtp.start()
    await all_sent(notify, 40)
    assert smtp.connections - before <= 8
    assert {len(document["attempts"]) for document in await notify.documents()} == {1}


async def test_many_leave_over_few_connections_each_once(notify, smtp):
    notify.start()
    await many(notify, 300)
    await all_sent(notify, 300)
    assert Counter(mail["Message-ID"] for mail in smtp.mails).most_common(1)[0][1] == 1
    assert smtp.most_open <= 8


async def test_two_processes_share_the_work_and_send_nothing_twice(notify, process_of, smtp):
    await many(notify, 200)
    notify.start()
    second = process_of().start()
    await all_sent(notify, 200)
    assert Counter(len(document["attempts"]) for document in await notify.documents()) == {1: 200}
    assert len(smtp.taken) == 200
    await second.stop()


async def test_the_mail_of_a_killed_process_goes_again_and_says_why(process_of, notify, smtp):
    dying = process_of(lease_s=1.0, patience=Patience()).start()
    held = smtp.hold("dot", times=1)
    await notify.hear(an_enquiry_event())
    await notify.the("receipt", "sending")
    async with asyncio.timeout(5):
        while not smtp.taken:
            await asyncio.sleep(0.01)
    await dying.die()
    smtp.release(held)
    notify.start()
    notice = await notify.the("receipt", "sent", within_s=15)
    assert [attempt.outcome for attempt in notice.attempts] == ["unknown", "sent"]
    assert "ended or fell silent" in notice.attempts[0].answer
    assert len(smtp.taken) == 2


async def test_a_slow_answer_is_waited_for_while_the_process_lives(process_of, notify, smtp):
    slow = process_of(lease_s=0.6, patience=Patience()).start()
    notify.start()
    await asyncio.sleep(0.2)
    smtp.dawdle("dot", 3, times=1)
    await slow.hear(an_enquiry_event())
    notice = await notify.the("receipt", "sent", within_s=15)
    assert (len(notice.attempts), len(smtp.taken)) == (1, 1)
    await slow.stop()


async def test_a_process_without_a_lease_sends_nothing(process_of, notify, smtp):
    silent = process_of(lease_s=0.2)
    await silent.lease.renew()
    silent.start(renewing=False)
    await asyncio.sleep(0.5)
    await notify.hear(an_enquiry_event())
    await asyncio.sleep(1.5)
    assert smtp.taken == []


async def test_a_process_that_finds_its_lease_gone_becomes_another(process_of, notify):
    frozen = process_of(lease_s=0.2)
    await frozen.lease.renew()
    before = frozen.lease.identity
    await asyncio.sleep(0.3)
    assert not frozen.lease.holds(before)
    assert await notify.lease.is_void(before)
    await frozen.lease.renew()
    assert frozen.lease.identity != before
    assert not frozen.lease.holds(before)


async def test_a_lease_that_ran_out_unseen_is_renewed(process_of, notify):
    slow = process_of(lease_s=0.2)
    await slow.lease.renew()
    before = slow.lease.identity
    await asyncio.sleep(0.3)
    await slow.lease.renew()
    assert slow.lease.holds(before)
    assert not await notify.lease.is_void(before)


async def test_shutdown_lets_the_message_in_hand_finish(notify, smtp):
    smtp.dawdle("dot", 0.7)
    await notify.hear(an_enquiry_event())
    notify.start()
    await notify.the("receipt", "sending")
    await notify.stop()
    notice = await notify.the("receipt")
    assert (notice.state, len(notice.attempts)) == ("sent", 1)
    assert await notify.processes.count_documents({}) == 0


async def test_what_shutdown_cannot_wait_for_is_unknown_and_free_for_others(notify, smtp):
    smtp.dawdle("dot", 30, times=1)
    await notify.hear(an_enquiry_event())
    notify.start()
    await notify.the("receipt", "sending")
    await asyncio.sleep(0.3)
    await asyncio.wait_for(notify.stop(), 8)
    notice = await notify.the("receipt")
    assert (notice.state, notice.attempts[0].outcome) == ("queued", "unknown")


async def test_what_cannot_be_written_is_failed_with_the_reason(notify, smtp):
    await notify.hear(an_enquiry_event())
    evil = {"id": "x", "name": "A\r\nBcc: b@example.org", "kind": "advisor", "email": RECEIVER}
    await notify.hear(an_acceptance(receiver=evil), 2)
    notify.start()
    notice = await notify.the("introduction", "failed")
    assert "cannot be written" in notice.attempts[0].answer
    await notify.the("undelivered", "sent")


async def test_mongodb_away_loses_no_outcome(process_of, own_mongodb, smtp):
    mongodb = own_mongodb()
    process = process_of(mongodb_url=mongodb.url, patience=Patience())
    await process.service.setup()
    await process.hear(an_enquiry_event())
    held = smtp.hold("dot", times=1)
    process.start()
    await process.the("receipt", "sending")
    async with asyncio.timeout(5):
        while not smtp.taken:
            await asyncio.sleep(0.01)
    mongodb.freeze()
    smtp.release(held)
    await asyncio.sleep(7)
    mongodb.thaw()
    notice = await process.the("receipt", "sent", within_s=20)
    assert (len(notice.attempts), len(smtp.taken)) == (1, 1)
    await process.end()


async def test_a_process_whose_lease_is_gone_goes_on_to_no_dot(process_of, smtp):
    patience = Patience(connect=5, command=30, data=30, dot=30)
    slow, other = process_of(lease_s=1.5, patience=patience), process_of(lease_s=1.5, patience=patience)
    await slow.service.setup()
    held = smtp.hold("RCPT", times=1)
    await slow.lease.renew()
    slow.start(renewing=False)
    await slow.hear(an_enquiry_event())
    await asyncio.sleep(2.5)
    other.start()
    await other.the("receipt", "sent", within_s=10)
    smtp.release(held)
    await asyncio.sleep(1)
    assert len(smtp.taken) == 1
    await slow.end()
    await other.end()


async def test_a_notice_that_this_version_cannot_read_does_not_stop_the_others(notify, smtp):
    await notify.hear(an_enquiry_event(reference="WW-0000-0000-0001"))
    notices = notify.service.collection("notices")
    claimed_by_a_newer_version = {"state": "sending", "claimed_by": "p-gone", "purpose": "invented_later"}
    await notices.update_one({}, {"$set": claimed_by_a_newer_version})
    notify.start()
    await notify.hear(an_enquiry_event(reference="WW-0000-0000-0002"))
    async with asyncio.timeout(10):
        while not smtp.taken:
            await asyncio.sleep(0.05)


async def test_an_alarm_that_is_refused_stays_in_the_queue_because_nobody_else_would_be_told(notify, smtp):
    smtp.refuse("RCPT", "554 5.7.1 client host rejected")
    await notify.hear(an_enquiry_event())
    await notify.hear(a_triage())
    notify.start()
    async with asyncio.timeout(10):
        while not (alarm := await notify.the("triage_alarm")).attempts or alarm.state != "queued":
            await asyncio.sleep(0.05)
    assert (alarm.attempts[0].outcome, alarm.not_before > alarm.at) == ("later", True)
    assert not [event for event in await notify.said() if event.purpose == "triage_alarm"]
