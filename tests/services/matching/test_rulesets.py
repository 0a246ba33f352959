"""Rulesets in the database: proposed, put into force, and followed by every process."""

import asyncio
import re

import pytest

from services.matching.ruleset_file import load, packaged, packaged_text
from services.matching.rulesets import Activation, Rulesets, UnknownRuleset, VersionTaken, rulesets_of
from services.matching.yaml_document import BadDocument
from shared import mongo
from shared.service import Service

OTHER = packaged_text().replace("topic: 0.2 ", "topic: 0.3 ")
OTHERS = load(OTHER.encode())


@pytest.fixture
async def service(settings, clock):
    service = Service("matching", settings, clock)
    yield service
    client = mongo.connect(settings.mongodb_url, "motor")
    await client.drop_database(f"{settings.namespace}matching")
    await mongo.close(client)
    await service.stop()


@pytest.fixture
def process(service, clock):
    """What one more process knows about the rulesets."""
    collections = (service.collection("rulesets"), service.collection("revisions"))
    return lambda: Rulesets(*collections, clock, looks_every_s=0)


@pytest.fixture
def rulesets(process):
    return process()


async def test_the_packaged_rules_are_in_force_until_others_are_activated(rulesets):
    assert await rulesets.active() == packaged()
    await rulesets.propose(OTHER, "koordination", "zu viele Fehler")
    await rulesets.watch()
    assert await rulesets.active() == packaged()


async def test_what_is_activated_is_in_force_in_every_process(process):
    one, other = process(), process()
    await other.active()
    await one.propose(OTHER, "koordination", "zu viele Fehler")
    await one.activate(OTHERS.version, "koordination")
    await other.watch()
    assert await other.active() == OTHERS
    assert await process().active() == OTHERS


async def test_the_packaged_rules_can_be_put_into_force_again(rulesets):
    await rulesets.propose(OTHER, "koordination", "zu viele Fehler")
    for version in (OTHERS.version, packaged().version):
        await rulesets.activate(version, "koordination")
        await rulesets.watch()
        assert (await rulesets.active()).version == version


async def test_rules_are_not_read_again_while_nobody_activates_others(rulesets):
    await rulesets.propose(OTHER, "koordination", "weil")
    await rulesets.activate(OTHERS.version, "koordination")
    before = await rulesets.active()
    await rulesets.watch()
    assert await rulesets.active() is before


async def test_a_proposal_is_kept_with_who_and_why(rulesets, clock):
    kept = await rulesets.propose(OTHER, "koordination", "zu viele Fehler")
    assert (kept.version, kept.name, kept.text, kept.activations) == (OTHERS.version, "2026-11", OTHER, ())
    assert (kept.proposed_at, kept.proposed_by, kept.why) == (clock.now(), "koordination", "zu viele Fehler")
    assert kept.ruleset() == OTHERS
    assert await rulesets.get(OTHERS.version) == kept


async def test_what_was_proposed_once_never_changes(rulesets, clock):
    first = await rulesets.propose(OTHER, "koordination", "zu viele Fehler")
    clock.forward(hours=1)
    assert await rulesets.propose("# noch einmal\n" + OTHER, "Max", "anders") == first


async def test_each_activation_is_named(rulesets, clock):
    await rulesets.propose(OTHER, "koordination", "weil")
    await rulesets.activate(OTHERS.version, "koordination")
    before = clock.now()
    clock.forward(hours=1)
    kept = await rulesets.activate(OTHERS.version, "Max")
    assert kept.activations == (Activation(before, "koordination"), Activation(clock.now(), "Max"))


async def test_rules_that_were_never_proposed_cannot_be_activated(rulesets):
    with pytest.raises(UnknownRuleset, match=re.escape("no rules of version '2026-12.abcdef'")):
        await rulesets.activate("2026-12.abcdef", "koordination")
    assert await rulesets.get("2026-12.abcdef") is None
    assert await rulesets.active() == packaged()


async def test_rules_with_flaws_are_not_kept(rulesets):
    with pytest.raises(BadDocument):
        await rulesets.propose("name: x", "koordination", "weil")
    assert await rulesets.listed() == ()


async def test_rules_are_listed_in_the_order_in_which_they_were_proposed(rulesets, clock):
    await rulesets.active()
    clock.forward(hours=1)
    await rulesets.propose(OTHER, "koordination", "weil")
    assert [kept.version for kept in await rulesets.listed()] == [packaged().version, OTHERS.version]


async def test_rules_that_come_with_the_program_are_kept_once_they_were_in_force(rulesets, service):
    await rulesets.active()
    document = await service.collection("rulesets").find_one({"_id": packaged().version})
    assert document["text"] == packaged_text()


async def test_other_rules_of_the_same_version_are_refused(rulesets, service):
    taken = {"_id": OTHERS.version, "name": "x", "text": packaged_text(), "proposed_at": None}
    await service.collection("rulesets").insert_one({**taken, "proposed_by": "", "why": ""})
    with pytest.raises(VersionTaken):
        await rulesets.propose(OTHER, "koordination", "weil")


async def test_rules_that_this_program_cannot_read_are_waited_for_until_others_are_activated(process, service):
    rulesets = process()
    await rulesets.propose(OTHER, "koordination", "weil")
    await rulesets.activate(OTHERS.version, "koordination")
    changed = {"$set": {"text": OTHER + "later: true\n"}}
    await service.collection("rulesets").update_one({"_id": OTHERS.version}, changed)
    with pytest.raises(mongo.Unavailable, match="this program cannot read the rules"):
        await process().active()
    assert await rulesets.active_version() == OTHERS.version
    await rulesets.activate(packaged().version, "koordination")
    assert await process().active() == packaged()


async def test_two_activations_at_once_end_in_one_that_everybody_follows(process):
    one, other = process(), process()
    await one.propose(OTHER, "koordination", "weil")
    await asyncio.gather(one.activate(OTHERS.version, "koordination"), other.activate(packaged().version, "Max"))
    await asyncio.gather(one.watch(), other.watch())
    assert await one.active() == await other.active()
    assert sum(len(kept.activations) for kept in await one.listed()) == 2


async def test_the_service_looks_after_its_rulesets(service, process):
    held = rulesets_of(service)
    assert await held.active() == packaged()
    await process().propose(OTHER, "koordination", "weil")
    await process().activate(OTHERS.version, "koordination")
    await service.start()
    async with asyncio.timeout(5):
        while await held.active() != OTHERS:
            await asyncio.sleep(0.02)


async def test_without_a_database_nothing_is_guessed(settings):
    away = settings.model_copy(update={"mongodb_url": "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200"})
    service = Service("matching", away)
    with pytest.raises(mongo.Unavailable):
        await rulesets_of(service).active()
    await service.stop()
