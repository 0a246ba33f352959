"""Several processes offer cases at once, and are killed at any moment: limits hold, no place and no case is lost."""

import asyncio
import random
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from services.matching.loads import week_of
from tests.services.matching.builders import an_advisor
from tests.services.matching.conftest import SAID

RECEIVERS = [
    replace(an_advisor("one"), most_open=1),
    replace(an_advisor("five"), most_open=5),
    replace(an_advisor("both"), most_open=8, most_a_week=12),
    replace(an_advisor("week"), most_a_week=20),
]
LIMITS = {receiver.id: receiver for receiver in RECEIVERS}


async def a_worker(matching, seed, references, *, dies):
    settings = matching.service.settings
    command = (sys.executable, "-m", "tests.services.matching.worker", settings.mongodb_url, settings.namespace)
    worker = await asyncio.create_subprocess_exec(
        *command, str(seed), str(int(dies)), *references, stdout=asyncio.subprocess.PIPE
    )
    assert await worker.stdout.readline() == b"ready\n"
    return worker


async def killed_and_started_again(matching, seed, references):
    """A process is killed four times in the middle; what it has not finished comes to the next, as from Kafka."""
    chance = random.Random(seed)
    for dies in (True, True, False, True):
        worker = await a_worker(matching, seed, references, dies=dies)
        await asyncio.wait([asyncio.create_task(worker.wait())], timeout=0.1 + chance.random() * 1.5)
        if worker.returncode is None:
            worker.kill()
        await worker.wait()
    worker = await a_worker(matching, seed, references, dies=False)
    assert await worker.stdout.read() == b"done\n"
    assert await worker.wait() == 0


async def no_limit_is_exceeded(matching):
    """Look again and again at what is taken."""
    looks = 0
    while True:
        async for document in matching.service.collection("places").find():
            load, receiver = matching.places._kept.load(document), LIMITS[document["_id"]]
            looks += 1
            assert len(load.places) <= (receiver.most_open or 1000), receiver.id
            assert load.in_week <= (receiver.most_a_week or 1000), receiver.id
        await asyncio.sleep(0.01)


async def offers(matching):
    """What every receiver has to do, by the referrals; and the referrals."""
    all_ = [matching.referrals._kept.load(each) async for each in matching.documents.find()]
    needed = [(it, offer) for it in all_ for offer in it.offers if it.needs(offer)]
    return Counter((offer.receiver.id, offer.place) for _, offer in needed), all_


@pytest.mark.timeout(240)
async def test_no_limit_is_exceeded_and_no_place_leaks_whenever_processes_are_killed(matching):
    await matching.receivers.keep(RECEIVERS, prune=True, **SAID)
    matching.clock.at = datetime.now(UTC).replace(microsecond=0)
    references = [f"WW-0000-0000-{n:04}" for n in range(150)]
    looking = asyncio.create_task(no_limit_is_exceeded(matching))
    await asyncio.gather(
        *(killed_and_started_again(matching, seed, references[seed * 40 : seed * 40 + 70]) for seed in range(3))
    )
    assert not looking.done(), looking.exception()
    looking.cancel()

    matching.clock.at = datetime.now(UTC).replace(microsecond=0)
    matching.clock.forward(minutes=6)
    for _ in range(3):
        matching.places._looked = None
        await matching.offering.snapshot()
        await matching.offering.sweep()
        await matching.offering.drain()
    needed, all_ = await offers(matching)
    assert max(needed.values(), default=1) == 1
    assert set(needed) == {
        (receiver, place.token) for receiver, load in matching.places.loads.items() for place in load.places
    }
    assert sorted(each.reference for each in all_) == references
    for receiver, load in matching.places.loads.items():
        kept = [offer for it in all_ for offer in it.offers if offer.receiver.id == receiver]
        this_week = [each for each in kept if each.state in {"open", "accepted"} or each.reason == "withdrawn"]
        counted = [each for each in this_week if each.state != "void" and week_of(each.at) == load.week]
        assert load.in_week == len(counted), receiver
    rooms = {id_ for id_, load in matching.places.loads.items() if len(load.places) < (LIMITS[id_].most_open or 1000)}
    week_left = {id_ for id_ in rooms if matching.places.loads[id_].in_week < (LIMITS[id_].most_a_week or 1000)}
    for it in all_:
        assert it.state in {"offered", "accepted", "closed", "triage"}
        if it.waits:
            assert week_left <= {offer.receiver.id for offer in it.offers}
        told = [entry.kind for entry in it.history]
        assert ("triaged", "triaged") not in pairwise(told)
