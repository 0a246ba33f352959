"""The whole way on real parts, and what is left of it after something on the way was killed."""

import re
from collections import Counter
from urllib.parse import urlsplit

import httpx
import pytest
from aiokafka import AIOKafkaConsumer

from shared.events import TOPICS
from tests.real.stack import TOKEN, Stack, until

ENQUIRIES = 300


@pytest.fixture
def stack(kafka, mongodb, smtp, namespace, tmp_path):
    stack = Stack(tmp_path, namespace, kafka=kafka.url, mongodb=mongodb.url, smtp=smtp.url)
    stack.setup()
    yield stack
    stack.end()


def link_in(mail, base):
    """The first link in a mail's text that leads to this place."""
    text = mail.get_body(("plain",)).get_content()
    return re.search(rf"{re.escape(base)}\S+", text).group()


def mails_to(smtp, address):
    return [mail for mail in smtp.mails if address in mail["To"]]


async def a_mail_to(smtp, address, number=1):
    return (await until(lambda: (found := mails_to(smtp, address))[number - 1 :] and found))[number - 1]


FORM = {
    "business.name": "Tischlerei Muster",
    "business.trade": "Tischler",
    "business.postal_code": "01067",
    "contact.name": "Büro",
    "contact.email": "tischlerei@example.org",
    "topics": "e_rechnung",
    "text": "Wir möchten unsere Rechnungen künftig elektronisch stellen.",
    "consent": "true",
}


async def test_from_the_form_to_acceptance_through_the_mails_link(stack, smtp):
    stack.start()
    async with httpx.AsyncClient(timeout=20) as browser:
        form = (await browser.get(stack.urls["intake"] + "/", headers={"Accept": "text/html"})).text
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
        sent = await browser.post(stack.urls["intake"] + "/", data=FORM | hidden)
        assert sent.status_code == 303, sent.text
        status_url = sent.headers["location"]
        receipt = await a_mail_to(smtp, "tischlerei@example.org")
        assert link_in(receipt, stack.urls["intake"]).endswith(urlsplit(status_url).path)

        offer = await until(lambda: next((m for m in smtp.mails if "tischlerei" not in m["To"]), None))
        assert "Muster" not in offer.as_string()
        offer_url = link_in(offer, stack.urls["matching"] + "/offers/")
        before = (await browser.get(offer_url, headers={"Accept": "application/json"})).json()
        assert (before["state"], before["enquirer"]) == ("offered", None)
        accepted = await browser.post(offer_url + "/accept", headers={"Accept": "application/json"})
        assert accepted.json()["enquirer"]["email"] == "tischlerei@example.org"

        introduction = await a_mail_to(smtp, "tischlerei@example.org", 2)
        assert introduction["References"] or introduction["In-Reply-To"]
        await until(lambda: len(mails_to(smtp, offer["To"])) == 2)

        async def status():
            url = httpx.URL(stack.urls["intake"]).join(status_url)
            return (await browser.get(url, headers={"Accept": "application/json"})).json()

        async def is_accepted():
            return (await status())["state"] == "accepted"

        await until(is_accepted)
        assert (await status())["receiver"]["name"]


async def test_declined_goes_to_the_next_and_in_the_end_to_triage(stack, smtp):
    stack.start()
    async with httpx.AsyncClient(timeout=20, headers={"Accept": "application/json"}) as browser:
        answer = (await stack.post(1, browser)).json()
        for n in range(10):
            offers = await until(lambda n=n: (f := [m for m in smtp.mails if "/offers/" in text_of(m)])[n:] and f)
            url = link_in(offers[n], stack.urls["matching"] + "/offers/")
            declined = await browser.post(url + "/decline", data={"reason": "no_capacity"})
            assert declined.status_code == 200, declined.text
            state = (await browser.get(answer["status_url"])).json()["state"]
            if (await matching_state(stack, answer["reference"])) == "triage":
                break
        alarm = await a_mail_to(smtp, "koordination@example.org")
        assert answer["reference"] in alarm["Subject"]
        triage = await browser.get(stack.urls["matching"] + "/triage", params={"token": TOKEN})
        assert answer["reference"] in triage.text
        assert state in {"offered", "triage"}


def text_of(mail):
    return mail.get_body(("plain",)).get_content()


async def matching_state(stack, reference):
    return (await stack.documents("matching", "referrals"))[reference]["state"]


# --- killed in the middle ---------------------------------------------------------------------------------------------


async def everything_arrived(stack, references):
    """Each enquiry has its receipt and its offer (or its alarm) sent, and nothing waits any more."""
    query = {"state": "sent", "purpose": {"$in": ["receipt", "offer"]}, "reference": {"$in": references}}
    if await stack.count("notify", "notices", query) < 2 * len(references):
        return False
    kept = (("intake", "enquiries"), ("matching", "referrals"), ("notify", "notices"))
    return not any([await stack.count(*place, {"outbox.0": {"$exists": True}}) for place in kept])


async def check_nothing_was_lost(stack, smtp, references):
    enquiries = await stack.documents("intake", "enquiries")
    referrals = await stack.documents("matching", "referrals")
    notices = await stack.documents("notify", "notices")
    assert set(references) == enquiries.keys() == referrals.keys()
    copies = Counter(mail["Message-ID"] for mail in smtp.mails)
    attempts = {notice["message_id"]: len(notice["attempts"]) for notice in notices.values()}
    assert copies.keys() == attempts.keys()
    assert {mail: n for mail, n in copies.items() if n > attempts[mail]} == {}
    await check_order(stack)
    return sum(n - 1 for n in copies.values())


async def check_order(stack):
    """No event is said for the first time after its successor."""
    consumer = AIOKafkaConsumer(
        *(stack.namespace + topic for topic in TOPICS),
        bootstrap_servers=stack.environment["WEGWEISER_KAFKA_URL"],
        auto_offset_reset="earliest",
    )
    await consumer.start()
    seen: dict[tuple[bytes, str], int] = {}
    try:
        while batch := await consumer.getmany(timeout_ms=1500):
            for record in (record for records in batch.values() for record in records):
                headers = dict(record.headers)
                aggregate, sequence = headers["ce_id"].decode().rsplit("/", 1)
                last = seen.get((headers["ce_source"], aggregate), 0)
                assert int(sequence) <= last + 1, f"{headers['ce_id']} came after number {last}"
                seen[headers["ce_source"], aggregate] = max(last, int(sequence))
    finally:
        await consumer.stop()


@pytest.mark.parametrize("service", ["intake", "matching", "notify"])
async def test_a_service_killed_in_the_middle_loses_nothing(stack, smtp, service):
    stack.start()
    killed = []

    def kill(count):
        if count >= ENQUIRIES // 3 and not killed:
            killed.append(service)
            stack.process(service).kill()
            stack.process(service).start_soon()

    references = await stack.post_many(range(ENQUIRIES), meanwhile=kill)
    assert killed == [service]

    async def arrived():
        return await everything_arrived(stack, references)

    await until(arrived, timeout=100, every=0.5)
    doubled = await check_nothing_was_lost(stack, smtp, references)
    assert doubled <= 8, "more copies than mails in flight"


async def test_two_processes_of_matching_one_killed_one_joining(stack, smtp):
    stack.start("intake", "notify", "matching")
    second = stack.process("matching", "matching-2")
    third = stack.process("matching", "matching-3")
    second.start()

    def change(count):
        if count == ENQUIRIES // 3:
            second.kill()
        if count == ENQUIRIES // 2:
            third.start_soon()

    references = await stack.post_many(range(ENQUIRIES), meanwhile=change)

    async def arrived():
        return await everything_arrived(stack, references)

    await until(arrived, timeout=100, every=0.5)
    assert await check_nothing_was_lost(stack, smtp, references) == 0
