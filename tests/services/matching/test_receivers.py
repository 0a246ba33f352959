"""The directory in the database and in memory, and the list of waiting cases."""

import asyncio
from dataclasses import replace
from datetime import date, time

import pytest

from services.matching.directory import Absence, Hours
from services.matching.receivers import ChangedMeanwhile, Summary, UnknownVersion, receivers_of
from shared.service import Service
from tests.services.matching.builders import ADVISOR, NOBODY, OST, WEST, a_referral, an_advisor
from tests.services.matching.conftest import SAID

NEW = an_advisor("new")
MOVED = replace(OST, email="moved@example.org")
FULL = replace(
    NEW,
    topics=("e_rechnung",),
    phone="+49 351 0",
    language="en",
    districts=("14612",),
    states=("Sachsen",),
    languages=("en",),
    most_open=6,
    most_a_week=3,
    hours=Hours((0, 2), time(8, 30), time(16)),
    absences=(Absence(date(2026, 12, 21), date(2027, 1, 6), "ost"),),
    valid_from=date(2026, 1, 1),
    valid_until=date(2027, 12, 31),
)


def active(directory):
    return [receiver.id for receiver in directory.receivers if receiver.active]


async def keep(matching, *receivers, prune=False, by="Herr Voss", why="new in December"):
    return await matching.receivers.keep(receivers, prune=prune, by=by, why=why)


@pytest.fixture
async def other(matching, settings, clock):
    """The directory as another process knows it."""
    service = Service("matching", settings, clock)
    receivers = receivers_of(service)
    receivers._looks_every_s = 0
    yield receivers
    await service.stop()


# --- imports ----------------------------------------------------------------------------------------------------------


async def test_an_import_says_what_it_did(matching):
    assert await keep(matching, MOVED, WEST, NEW) == Summary(2, added=1, changed=1, unchanged=1, switched_off=0)
    assert active(await matching.receivers.newest()) == ["advisor", "new", "ost", "west"]


async def test_an_import_done_again_changes_nothing_and_makes_no_version(matching):
    summary = await keep(matching, ADVISOR, OST, WEST, prune=True)
    assert summary == Summary(1, added=0, changed=0, unchanged=3, switched_off=0)
    assert len(await matching.receivers.versions()) == 1


async def test_pruning_switches_off_who_is_absent_and_deletes_nobody(matching):
    assert (await keep(matching, OST, WEST, prune=True)).switched_off == 1
    everybody = await matching.receivers.newest()
    assert (active(everybody), len(everybody.receivers)) == (["ost", "west"], 3)


async def test_who_was_switched_off_once_is_not_counted_again(matching):
    await keep(matching, OST, prune=True)
    assert (await keep(matching, OST, prune=True)).switched_off == 0


async def test_who_comes_back_is_switched_on(matching):
    await keep(matching, OST, WEST, prune=True)
    assert (await keep(matching, ADVISOR)).changed == 1
    assert "advisor" in active(await matching.receivers.newest())


async def test_what_is_kept_is_read_as_it_was(matching, other):
    await keep(matching, FULL)
    assert (await other.newest()).get("new") == FULL


async def test_two_imports_at_once_both_arrive(matching, other):
    both = [(matching.receivers, "a"), (other, "b")]
    await asyncio.gather(*(who.keep([NEW, an_advisor(id_)], prune=False, **SAID) for who, id_ in both))
    assert {"a", "b", "new"} <= set(active(await matching.receivers.newest()))
    assert [version.number for version in await other.versions()] == [3, 2, 1]


async def test_an_import_that_was_cut_off_leaves_no_trace(matching, other):
    entry = {"_id": "cut-off/ost", "import": "cut-off", "receiver": "ost"}
    await matching.service.collection("receivers").insert_one(entry)
    await keep(matching, NEW)
    for directory in (await other.newest(), await other.at(1)):
        assert directory.get("ost") == OST
    assert [entry.receiver for entry in await other.history_of("ost")] == [OST]


async def test_an_import_tells_how_far_it_is(matching, monkeypatch):
    monkeypatch.setattr("services.matching.receivers._PORTION", 2)
    told = []
    three = [an_advisor(id_) for id_ in ("x", "y", "z")]
    await matching.receivers.keep(three, prune=False, **SAID, told=lambda done, of: told.append((done, of)))
    assert told == [(2, 3), (3, 3)]


# --- versions ---------------------------------------------------------------------------------------------------------


async def test_each_version_says_who_made_it_when_and_why(matching, clock):
    clock.forward(hours=1)
    await keep(matching, MOVED, NEW)
    newest, first = await matching.receivers.versions()
    assert (newest.number, newest.by, newest.why, newest.at) == (2, "Herr Voss", "new in December", clock.now())
    assert (newest.added, newest.changed, newest.switched_off) == (1, 1, 0)
    assert (first.number, first.by, first.added) == (1, "Frau Kern", 3)


async def test_the_directory_of_every_version_can_be_read_again(matching, other):
    await keep(matching, MOVED, NEW)
    await keep(matching, OST, prune=True)
    first, second, third = [await other.at(number) for number in (1, 2, 3)]
    assert (first.version, first.get("ost"), first.get("new")) == (1, OST, None)
    assert (second.version, second.get("ost"), second.get("new")) == (2, MOVED, NEW)
    assert (third.version, third.get("ost"), active(third)) == (3, OST, ["ost"])
    assert (await other.at(0)).receivers == ()


@pytest.mark.parametrize("number", [-1, 2])
async def test_a_version_that_never_was_is_refused(matching, number):
    with pytest.raises(UnknownVersion, match=f"no version {number}"):
        await matching.receivers.at(number)


async def test_what_a_lost_version_changed_is_not_told_wrongly(matching):
    for each in (NEW, MOVED, replace(MOVED, phone="+49 351 1")):
        await keep(matching, each)
    await matching.service.collection("directories").delete_one({"_id": 3})
    for number in (3, 4):
        with pytest.raises(UnknownVersion, match=f"no version {number}"):
            await matching.receivers.at(number)
    assert [*await matching.receivers.those({1, 2, 3, 4})] == [0, 1, 2]


async def test_many_versions_are_read_as_each_of_them_was(matching):
    await keep(matching, NEW)
    await keep(matching, MOVED)
    read = await matching.receivers.those({3, 1})
    assert {number: each.receivers for number, each in read.items() if number} == {
        number: (await matching.receivers.at(number)).receivers for number in (1, 3)
    }


async def test_the_history_of_a_receiver_names_each_change_of_it_and_no_other(matching):
    await keep(matching, NEW)
    await keep(matching, MOVED)
    entries = await matching.receivers.history_of("ost")
    assert [(entry.version.number, entry.receiver) for entry in entries] == [(3, MOVED), (1, OST)]
    assert await matching.receivers.history_of("nobody") == ()


# --- in memory --------------------------------------------------------------------------------------------------------


async def test_the_directory_in_memory_follows_what_another_process_imports(matching, other):
    assert (await matching.receivers.snapshot()).get("new") is None
    await other.keep([NEW], prune=False, **SAID)
    await matching.receivers.watch()
    snapshot = await matching.receivers.snapshot()
    assert (snapshot.get("new"), snapshot.version) == (NEW, 2)


async def test_only_what_is_new_is_read(matching, other):
    await other.newest()
    await keep(matching, NEW)
    await matching.service.collection("receivers").delete_many({"receiver": {"$ne": "new"}})
    await other.watch()
    assert active(await other.snapshot()) == ["advisor", "new", "ost", "west"]


async def test_the_directory_is_not_read_again_while_nobody_changes_it(matching):
    before = await matching.receivers.snapshot()
    await matching.receivers.watch()
    assert await matching.receivers.snapshot() is before


async def test_an_empty_directory_has_version_0(matching, other):
    for name in ("receivers", "directories"):
        await matching.service.collection(name).drop()
    assert ((await other.snapshot()).version, (await other.snapshot()).receivers) == (0, ())


# --- one receiver -----------------------------------------------------------------------------------------------------


def moving(directory):
    return replace(directory.get("ost"), email="moved@example.org")


async def test_one_receiver_is_changed_by_somebody_for_a_reason(matching):
    await matching.receivers.change("ost", moving, since=1, by="Herr Voss", why="they moved")
    (newest, _) = await matching.receivers.history_of("ost")
    assert (newest.receiver, newest.version.by, newest.version.why) == (MOVED, "Herr Voss", "they moved")
    assert (await matching.receivers.snapshot()).get("ost") == MOVED


async def test_a_change_made_from_an_old_state_is_refused(matching):
    await keep(matching, replace(OST, phone="1"))
    with pytest.raises(ChangedMeanwhile):
        await matching.receivers.change("ost", moving, since=1, **SAID)


async def test_changes_of_others_do_not_matter(matching, other):
    await keep(matching, NEW)
    await other.change("ost", moving, since=1, **SAID)
    assert (await other.newest()).get("ost") == MOVED


async def test_two_changes_of_one_receiver_at_once_do_not_overwrite_each_other(matching, other):
    def calling(phone):
        return lambda directory: replace(directory.get("ost"), phone=phone)

    both = (
        matching.receivers.change("ost", calling("1"), since=1, **SAID),
        other.change("ost", calling("2"), since=1, **SAID),
    )
    done = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(end).__name__ for end in done) == ["ChangedMeanwhile", "NoneType"]
    assert len(await other.history_of("ost")) == 2


async def test_a_change_that_changes_nothing_makes_no_version(matching):
    await matching.receivers.change("ost", lambda directory: directory.get("ost"), since=1, **SAID)
    assert (await matching.receivers.newest()).version == 1


# --- waiting cases ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at_most", [1, 5])
async def test_waiting_cases_come_oldest_first_with_their_number(matching, at_most):
    for n, hours in enumerate((2, 0, 1)):
        waiting = a_referral(NOBODY, reference=f"WW-{n}")
        await matching.referrals.open(replace(waiting, since=waiting.since.replace(hour=9 + hours)))
    await matching.referrals.open(a_referral(reference="WW-offered"))
    cases, number = await matching.referrals.waiting(at_most)
    assert [case.reference for case in cases] == ["WW-1", "WW-2", "WW-0"][:at_most]
    assert number == 3
