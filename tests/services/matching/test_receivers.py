"""The directory in the database and in memory, and the list of waiting cases."""

import asyncio
from dataclasses import replace

import pytest

from services.matching.receivers import Summary, receivers_of
from shared.service import Service
from tests.services.matching.builders import ADVISOR, NOBODY, OST, WEST, a_referral, an_advisor

NEW = an_advisor("new")


def active(receivers):
    return [receiver.id for receiver in receivers if receiver.active]


async def test_an_import_says_what_it_did(matching):
    moved = replace(OST, email="moved@example.org")
    assert await matching.receivers.keep([moved, WEST, NEW], prune=False) == Summary(1, 1, 1, 0)
    assert active(await matching.receivers.all()) == ["advisor", "new", "ost", "west"]


async def test_an_import_done_again_changes_nothing(matching):
    assert await matching.receivers.keep([ADVISOR, OST, WEST], prune=True) == Summary(0, 0, 3, 0)


async def test_pruning_switches_off_who_is_absent_and_deletes_nobody(matching):
    assert await matching.receivers.keep([OST, WEST], prune=True) == Summary(0, 0, 2, 1)
    everybody = await matching.receivers.all()
    assert (active(everybody), len(everybody)) == (["ost", "west"], 3)


async def test_who_was_switched_off_once_is_not_counted_again(matching):
    await matching.receivers.keep([OST], prune=True)
    assert (await matching.receivers.keep([OST], prune=True)).switched_off == 0


async def test_who_comes_back_is_switched_on(matching):
    await matching.receivers.keep([OST, WEST], prune=True)
    assert (await matching.receivers.keep([ADVISOR], prune=False)).changed == 1
    assert "advisor" in active(await matching.receivers.all())


async def test_what_is_kept_is_read_as_it_was(matching):
    full = replace(NEW, topics=("e_rechnung",), phone="+49 351 0", language="en")
    await matching.receivers.keep([full], prune=False)
    assert full in await matching.receivers.all()


async def test_each_change_is_dated(matching):
    matching.clock.forward(hours=1)
    await matching.receivers.keep([replace(OST, phone="1")], prune=False)
    documents = {d["_id"]: d async for d in matching.service.collection("receivers").find()}
    assert documents["ost"]["changed_at"] > documents["ost"]["created_at"] == documents["west"]["changed_at"]


async def test_two_imports_at_once_both_arrive(matching):
    await asyncio.gather(*(matching.receivers.keep([NEW, an_advisor(id_)], prune=False) for id_ in ("a", "b")))
    assert {"a", "b", "new"} <= set(active(await matching.receivers.all()))


async def test_the_directory_in_memory_follows_what_another_process_imports(matching, settings, clock):
    assert (await matching.receivers.snapshot()).get("new") is None
    other = Service("matching", settings, clock)
    await receivers_of(other).keep([NEW], prune=False)
    await matching.receivers.watch()
    assert (await matching.receivers.snapshot()).get("new") == NEW
    await other.stop()


async def test_the_directory_is_not_read_again_while_nobody_changes_it(matching):
    before = await matching.receivers.snapshot()
    await matching.receivers.watch()
    assert await matching.receivers.snapshot() is before


@pytest.mark.parametrize("at_most", [1, 5])
async def test_waiting_cases_come_oldest_first_with_their_number(matching, at_most):
    for n, hours in enumerate((2, 0, 1)):
        waiting = a_referral(NOBODY, reference=f"WW-{n}")
        await matching.referrals.open(replace(waiting, since=waiting.since.replace(hour=9 + hours)))
    await matching.referrals.open(a_referral(reference="WW-offered"))
    cases, number = await matching.referrals.waiting(at_most)
    assert [case.reference for case in cases] == ["WW-1", "WW-2", "WW-0"][:at_most]
    assert number == 3
