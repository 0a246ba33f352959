import asyncio
import json
from datetime import UTC, datetime

import pytest

from shared import mongo

AT = datetime(2025, 11, 24, 8, tzinfo=UTC)


@pytest.fixture
def books(mongodb, namespace):
    """Write documents as the services would: ``books(intake=[...], matching=[...], notify=[...])``."""
    collections = {"intake": "enquiries", "matching": "referrals", "notify": "notices"}

    async def write(**documents: list[dict]) -> None:
        client = mongo.connect(mongodb.url, "motor")
        for service, written in documents.items():
            for document in written:
                await client[f"{namespace}{service}"][collections[service]].insert_one(document)
        await mongo.close(client)

    return lambda **documents: asyncio.run(write(**documents))


@pytest.fixture
def audit(wegweiser, mongodb, namespace):
    return lambda *options: wegweiser("audit", *options, mongodb_url=mongodb.url, namespace=namespace)


def an_enquiry(reference: str, **more: object) -> dict:
    return {"_id": reference, "state": "offered", "created_at": AT} | more


def a_referral(reference: str, **more: object) -> dict:
    return {"_id": reference, "state": "offered", "reason": None, "history": [{"kind": "offered"}]} | more


def a_notice(reference: str) -> dict:
    return {"_id": f"{reference}-offer", "purpose": "offer", "cause": f"{reference}/1"}


def test_what_balances_is_exit_code_0(audit, books):
    books(
        intake=[an_enquiry("A"), an_enquiry("B")],
        matching=[a_referral("A"), a_referral("B", state="closed", reason="withdrawn")],
        notify=[a_notice("A"), a_notice("B")],
    )
    ended = audit("--json")
    said = json.loads(ended.out)
    assert ended.code == 0
    assert (said["balances"], said["received"], said["open"], said["withdrawn"]) == (True, 2, 1, 1)
    assert "It balances." in audit().out


def test_what_is_missing_is_named_and_exit_code_1(audit, books):
    books(intake=[an_enquiry("A"), an_enquiry("B")], matching=[a_referral("B")])
    ended = audit()
    assert ended.code == 1
    assert "A was accepted, and there is no referral for it." in ended.said
    assert "B was offered (event B/1), and there is no notice about it." in ended.said


def test_the_second_offer_has_the_id_of_its_place_in_the_history(audit, books):
    history = [{"kind": kind} for kind in ("offered", "declined", "offered")]
    books(intake=[an_enquiry("A")], matching=[a_referral("A", history=history)], notify=[a_notice("A")])
    assert "event A/3" in audit().said


def test_what_waits_for_kafka_is_counted_with_its_age_and_is_no_loss(audit, books):
    books(intake=[an_enquiry("A", state="received", outbox=[{"id": "A/1", "at": AT}])])
    ended = audit("--json")
    waiting = json.loads(ended.out)["outboxes"]["intake"]
    assert ended.code == 0
    assert waiting["waiting"] == 1
    assert waiting["oldest_s"] > 0
    assert "intake: 1 events wait for Kafka" in audit().out


def test_what_nobody_has_answered_yet_is_on_its_way(audit, books):
    books(intake=[an_enquiry("A", state="received", unanswered=[{"id": "A/1"}])])
    assert json.loads(audit("--json").out)["states"] == {"on_its_way": 1}


def test_an_empty_stack_balances(audit):
    assert audit().code == 0


def test_a_database_that_is_away_is_exit_code_3(wegweiser):
    assert wegweiser("audit", mongodb_url="mongodb://127.0.0.1:9").code == 3
