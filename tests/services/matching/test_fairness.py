"""What is promised about fairness is watched, and what breaks it is told."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from services.matching.candidates import Candidate, Score
from services.matching.fairness import Fairness
from services.matching.ruleset_file import packaged
from tests.services.matching.builders import AT, an_advisor
from tests.services.matching.conftest import SAID
from tests.services.matching.story import another, comes

BOUND = packaged().weights.bound
BROKEN = "wegweiser_fairness_broken_total"


class Clock:
    def __init__(self):
        self.at = AT

    def now(self):
        return self.at


def candidate(ahead):
    score = Score(topic_fit=1, distance=1, free_capacity=1, language=1, ahead=ahead, total=0)
    return Candidate("a", "advisor", "A", "region", "advises_in:Ulm", score, open=0, served=0, credited=0)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def fairness(clock):
    return Fairness(clock)


async def test_who_is_as_far_ahead_as_the_bound_is_no_fault(fairness):
    before = REGISTRY.get_sample_value(BROKEN)
    fairness.offered("WW-1", candidate(BOUND), packaged())
    assert await fairness.check() is None
    assert REGISTRY.get_sample_value(BROKEN) == before
    assert REGISTRY.get_sample_value("wegweiser_fairness_bound") == BOUND


async def test_who_is_farther_ahead_is_an_alarm_for_a_day(fairness, clock):
    before = REGISTRY.get_sample_value(BROKEN)
    fairness.offered("WW-1", candidate(BOUND + 0.01), packaged())
    assert "WW-1 to a, offered at " in await fairness.check()
    assert REGISTRY.get_sample_value(BROKEN) == before + 1
    clock.at += timedelta(days=1, seconds=1)
    assert await fairness.check() is None


async def test_other_rules_have_another_bound(fairness):
    stricter = replace(packaged(), weights=replace(packaged().weights, fairness=100.0))
    fairness.offered("WW-1", candidate(BOUND), stricter)
    assert await fairness.check() is not None


async def test_processes_that_know_little_of_each_other_keep_to_the_bound_together(matching):
    capacity = {"one": 4, "two": 10, "three": 20, "four": 40}
    receivers = [replace(an_advisor(id_), most_a_week=most) for id_, most in capacity.items()]
    await matching.receivers.keep(receivers, prune=True, **SAID)
    processes = [another(matching) for _ in range(4)]
    before = REGISTRY.get_sample_value(BROKEN)

    async def hears(process, numbers):
        for n in numbers:
            await comes(process, n)

    await asyncio.gather(*(hears(process, range(start, 60, 4)) for start, process in enumerate(processes)))
    assert REGISTRY.get_sample_value(BROKEN) == before
    assert await matching.documents.count_documents({"state": "offered"}) == 60
    served = {each["_id"]: each["served"] async for each in matching.service.collection("places").find()}
    least = min(served.values())
    assert served.keys() == capacity.keys()
    assert all(share - least <= BOUND + 1 / capacity[id_] for id_, share in served.items())
