"""What every process knows of the receivers' places, on a real MongoDB."""

import asyncio
from dataclasses import replace

import pytest

from services.matching.directory import Absence
from services.matching.loads import Load, NoPlace, Place, Wish
from services.matching.offering import NotReachable
from services.matching.places import Places
from shared import mongo
from tests.services.matching.builders import AT, REFERENCE, an_advisor, an_enquiry
from tests.services.matching.conftest import SAID

TWO = replace(an_advisor("two"), most_open=2)
NOWHERE = {"business": {"name": "Tischlerei", "trade": "Tischler", "postal_code": "00000"}}


def another(matching):
    return Places(matching.service.aggregates("places", Load), matching.clock, looks_every_s=0)


async def take(places, token):
    served = places.loads.get("two", Load()).served
    await places.take(Wish(TWO, token, AT, served, served))


async def test_of_many_processes_no_more_get_a_place_than_there_are(matching):
    processes = [another(matching) for _ in range(8)]
    took = await asyncio.gather(
        *(take(each, f"WW-{n}/1/x") for n, each in enumerate(processes)), return_exceptions=True
    )
    assert sum(isinstance(each, NoPlace) for each in took) >= 6
    document = await matching.service.collection("places").find_one({"_id": "two"})
    assert len(document["places"]) == 8 - sum(isinstance(each, NoPlace) for each in took)


async def test_who_counts_late_what_a_receiver_had_brings_no_case_back_that_is_over(matching):
    mine, other = another(matching), another(matching)
    read_by_other = [Place("WW-1/1/x", AT)]
    await mine.complete("two", read_by_other)
    await mine.give_back("two", "WW-1/1/x", had_it=False)
    for token in ("WW-2/1/x", "WW-3/1/x"):
        await take(mine, token)
    await other.complete("two", read_by_other)
    assert [place.token for place in other.loads["two"].places] == ["WW-2/1/x", "WW-3/1/x"]


async def test_what_one_process_changes_the_others_see(matching):
    mine, other = another(matching), another(matching)
    await take(mine, "WW-1/1/x")
    await other.watch()
    assert other.knows("two", "WW-1/1/x")
    freed = other.freed
    await mine.give_back("two", "WW-1/1/x", had_it=False)
    await other.watch()
    assert (other.knows("two", "WW-1/1/x"), other.freed) == (False, freed + 1)


async def test_after_a_write_of_unknown_fate_all_is_read_again_though_a_look_was_on_its_way(matching):
    places = another(matching)
    await take(places, "WW-1/1/x")
    matching.clock.forward(minutes=1)
    await places.watch()
    change, look = places._kept.change, places._kept.collection.find

    async def cut_off(*_):
        raise mongo.Unavailable("away")

    def late(*query):
        """The look has begun; before its answer is here, a write fails."""
        places._forget("two")
        return look(*query)

    places._kept.change = cut_off
    with pytest.raises(mongo.Unavailable):
        await take(places, "WW-2/1/x")
    await places.upon(await matching.receivers.snapshot())
    places._kept.change, places._kept.collection = change, replaced(late)
    await places.watch()
    places._kept.collection = replaced(look)
    await places.upon(await matching.receivers.snapshot())
    assert places.knows("two", "WW-1/1/x")


def replaced(find):
    class Collection:
        """Only what a look needs."""

        def find(self, *query):
            return find(*query)

    return Collection()


async def test_a_coordinator_cannot_give_a_case_to_who_is_full_or_away(matching):
    today = matching.clock.now().date()
    away = replace(an_advisor("away"), absences=(Absence(today, today),))
    await matching.receivers.keep([TWO, away], prune=True, **SAID)
    for n in (1, 2):
        await matching.hear(an_enquiry(f"WW-0000-0000-100{n}"))
    await matching.hear(an_enquiry(**NOWHERE))
    for who, why in (("two", "receiver_full"), ("away", "receiver_away"), ("gone", "receiver_unknown")):
        with pytest.raises(NotReachable) as refused:
            await matching.offering.assign(REFERENCE, who, None)
        assert refused.value.why == why
