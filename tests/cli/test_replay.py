import json
from datetime import datetime

import pytest

from tests.services.matching.story import comes, lived, ref


@pytest.fixture
def replay(wegweiser, mongodb, namespace):
    return lambda *arguments: wegweiser("replay", *arguments, mongodb_url=mongodb.url, namespace=namespace)


def changed(update, n=5):
    """Somebody changes what is kept."""

    async def change(matching):
        await matching.documents.update_one({"_id": ref(n)}, update, bypass_document_validation=True)

    return change


async def number(matching):
    documents = await matching.documents.find().to_list(None)
    return sum(1 + len(each["earlier"]) for each in documents)


def test_nothing_decided_yet_is_said_kindly(replay):
    ended = replay()
    assert (ended.code, ended.out) == (0, "Nothing was decided in that time, so there is nothing to take again.\n")


def test_all_that_was_decided_in_parallel_under_changing_rules_and_directories_is_decided_the_same_again(
    replay, during
):
    during(lambda matching: lived(matching, both=True))
    decisions = during(number)
    ended = replay()
    assert (ended.code, ended.out) == (0, f"{decisions} decisions taken again, 0 differences.\n")
    assert decisions > 50


def test_what_somebody_changed_is_named(replay, during):
    during(lambda matching: lived(matching, both=False))
    during(changed({"$set": {"decision.target": "nord", "decision.more": 7}}))
    ended = replay()
    assert ended.code == 1
    assert f"{ref(5)} at 2024-11-2" in ended.said
    assert ': target was "nord", and is "regional".\n' in ended.said
    assert ": more was 7, and is 0." in ended.said
    told = json.loads(replay("--json").out)
    assert {each["field"] for each in told["different"]} == {"target", "more"}
    assert {each["reference"] for each in told["different"]} == {ref(5)}


DAMAGES = [
    ({"$set": {"decision.question.region": None}}, "decision"),
    ({"$unset": {"decision": 1}}, "decision"),
    ({"$set": {"decision.decided_at": "yesterday"}}, "decision"),
    ({"$set": {"decision.seen": b"\xff" * 36}}, "decision"),
    ({"$set": {"decision.seen": b"odd"}}, "decision"),
    ({"$set": {"decision.directory": 99}}, "directory"),
    ({"$set": {"decision.ruleset": "no-such.123456"}}, "ruleset"),
    ({"$set": {"decision.candidates.0.score.total": 1.0000001}}, "candidates"),
]


def test_what_cannot_be_decided_again_is_a_difference_and_all_else_is_taken_again(replay, during):
    during(lambda matching: lived(matching, both=False))
    decisions = during(number)
    for n, (update, _) in enumerate(DAMAGES):
        during(changed(update, n * 4))
    ended = replay("--json")
    told = json.loads(ended.out)
    assert (ended.code, told["decisions"]) == (1, decisions)
    found = {(each["reference"], each["field"]) for each in told["different"]}
    assert found == {(ref(n * 4), field) for n, (_, field) in enumerate(DAMAGES)}


def test_a_version_of_the_directory_that_was_lost_is_named(replay, during):
    during(lambda matching: lived(matching, both=False))

    async def lose(matching):
        await matching.service.collection("directories").delete_one({"_id": 2})

    during(lose)
    ended = replay("--json")
    assert ended.code == 1
    fields = {each["field"] for each in json.loads(ended.out)["different"]}
    assert fields == {"directory"}


def test_rules_that_this_program_cannot_read_any_more_are_named(replay, during):
    during(lambda matching: lived(matching, both=False))

    async def outgrown(matching):
        text = {"$set": {"text": "name: later\n"}}
        await matching.service.collection("rulesets").update_one({"name": {"$regex": "^later"}}, text)

    during(outgrown)
    told = json.loads(replay("--json").out)["different"]
    assert {each["field"] for each in told} == {"ruleset"}
    assert "this program cannot read these rules" in told[0]["is"]


def test_days_are_german_days_with_their_first_and_last_moment(replay, during):
    async def around_midnight(matching):
        for n, at in enumerate(("22:59:59.999", "23:00:00.000")):
            matching.clock.at = datetime.fromisoformat(f"2024-11-25T{at}+00:00")
            await comes(matching.offering, n)

    during(around_midnight)
    assert replay("--to", "2024-11-25").out.startswith("1 decisions taken")
    assert replay("--from", "2024-11-26", "--to", "2024-11-26").out.startswith("1 decisions taken")
    assert replay("--from", "2024-11-25").out.startswith("2 decisions taken")
    assert replay("--from", "2024-11-27").out.startswith("Nothing was decided")
