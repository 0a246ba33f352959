"""Past decisions seen with the directory and the rules of their time."""

from dataclasses import replace

import pytest

from services.matching.decide import decision_for
from services.matching.handlers import facts_of
from services.matching.hindsight import Hindsight
from services.matching.ruleset_file import packaged, packaged_text
from tests.services.matching.builders import AT, an_advisor, an_enquiry
from tests.services.matching.conftest import SAID


@pytest.fixture
def hindsight(matching):
    return Hindsight(matching.receivers, matching.rulesets)


async def decided(matching):
    rules = await matching.rulesets.active()
    return decision_for(facts_of(an_enquiry()), await matching.receivers.newest(), rules, AT)


def whats(changes):
    return [change.what for change in changes]


async def test_a_decision_is_seen_with_the_directory_of_its_time(matching, hindsight):
    decision = await decided(matching)
    await matching.receivers.keep([an_advisor("ada"), an_advisor("bea")], prune=True, **SAID)
    assert whats(await hindsight.what_if(decision)) == ["away:advisor"]


async def test_a_decision_is_seen_with_the_rules_of_its_time(matching, hindsight):
    decision = await decided(matching)
    new = await matching.rulesets.propose(
        packaged_text().replace('name: "2026-11"', "name: new"), "Frau Kern", "to try"
    )
    await matching.rulesets.activate(new.version, "Frau Kern")
    await matching.rulesets.watch()
    assert (await matching.rulesets.active()).version != packaged().version
    assert whats(await hindsight.what_if(decision)) == ["away:advisor"]


@pytest.mark.parametrize("unknown", [{"ruleset": "2020-01.000000"}, {"directory": 99}])
async def test_nothing_is_told_where_that_time_cannot_be_read_any_more(matching, hindsight, unknown):
    assert await hindsight.what_if(replace(await decided(matching), **unknown)) == ()


async def test_another_question_at_the_same_moment_is_another_decision(matching, hindsight):
    decision = await decided(matching)
    await hindsight.what_if(decision)
    again = replace(decision, question=replace(decision.question, asked=("advisor",)), candidates=())
    assert await hindsight.what_if(again) == ()
