"""The ends of a record, one after the other."""

import asyncio
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import mongo, outbox
from shared.dispatch import TARGET_GROUP, Dispatcher, Hears, LineStopped, Refused
from shared.envelope import Envelope
from shared.events import EnquiryErased, EnquiryReceived, EnquiryWithdrawn
from shared.kafka import Unsendable
from tests.shared.toy import NOON, Recorder


@dataclass(frozen=True)
class Taken:
    """A record as it comes from Kafka."""

    key: bytes | None
    value: bytes | None
    headers: tuple
    offset: int = 0
    partition: int = 0
    topic: str = "enquiries"


def a_record(reference="a", n=1, **changes):
    event = EnquiryWithdrawn(reference=reference, withdrawn_at=NOON)
    waiting = outbox.entry(event, aggregate=reference, n=n, source="/x", at=NOON, traceparent="")
    said = outbox.record(waiting)
    return replace(Taken(said.key, said.value, said.headers, offset=n), **changes)


def with_header(record, name, value):
    kept = tuple(header for header in record.headers if header[0] != name)
    return replace(record, headers=(*kept, (name, value)))


class Memory:
    """Remembers a number, as MongoDB would."""

    def __init__(self, number=0) -> None:
        self.number = number

    async def load(self):
        return self.number

    async def keep(self, number):
        self.number = number


class Diary:
    """What a handler did."""

    def __init__(self) -> None:
        self.lines: list[str] = []


def a_dispatcher(work, *, dead=None, memory=None, diary=None):
    hears = Hears("enquiries", ignores=[EnquiryErased])

    @hears.on(EnquiryWithdrawn)
    async def handle(event: EnquiryWithdrawn, envelope: Envelope, diary: Diary) -> None:
        await work(event, envelope)
        diary.lines.append(envelope.id)

    return Dispatcher(
        hears,
        [diary or Diary()],
        group="test.enquiries",
        dead=dead or Recorder(),
        in_a_row=memory or Memory(),
    )


async def fine(event, envelope) -> None:
    await asyncio.sleep(0)


def failing(error, times=10**9):
    left = [times]

    async def work(event, envelope) -> None:
        if left[0] > 0:
            left[0] -= 1
            raise error

    return work


def reasons(dead):
    return [headers["wegweiser-reason"] for *_, headers in dead.sent]


async def test_a_good_record_is_done():
    dispatcher = a_dispatcher(fine, dead=(dead := Recorder()), diary=(diary := Diary()))
    await dispatcher.take([a_record()])
    assert (diary.lines, dead.sent) == (["a/1"], [])


async def test_a_type_that_is_ignored_on_purpose_passes_by():
    dispatcher = a_dispatcher(fine, dead=(dead := Recorder()), diary=(diary := Diary()))
    await dispatcher.take([with_header(a_record(), "ce_type", EnquiryErased.type.encode())])
    assert (diary.lines, dead.sent) == ([], [])


POISON = {
    "undecodable": [
        replace(a_record(), value=b"{no json"),
        replace(a_record(), value=None),
        replace(a_record(), headers=()),
        with_header(a_record(), "ce_sequence", b"first"),
        with_header(a_record(), "ce_id", b"\xff\xfe"),
        with_header(a_record(), "ce_time", b"yesterday"),
    ],
    "unknown_type": [
        with_header(a_record(), "ce_type", b"wegweiser.enquiry.sold.v1"),
        with_header(a_record(), "ce_type", EnquiryReceived.type.encode()),
    ],
    "invalid": [replace(a_record(), value=b'{"reference": 7}'), replace(a_record(), value=b"[]")],
}


@pytest.mark.parametrize(("reason", "record"), [(reason, record) for reason in POISON for record in POISON[reason]])
async def test_what_can_never_work_is_set_aside_whole_and_the_line_goes_on(reason, record):
    dispatcher = a_dispatcher(fine, dead=(dead := Recorder()), diary=(diary := Diary()))
    await dispatcher.take([record, a_record(n=2)])
    ((topic, key, value, headers),) = dead.sent
    assert (topic, key, value, headers["wegweiser-reason"]) == ("enquiries.dead", record.key, record.value, reason)
    assert (headers["wegweiser-group"], headers["wegweiser-offset"]) == ("test.enquiries", "1")
    assert diary.lines == ["a/2"]


async def test_what_the_domain_refuses_is_set_aside():
    dispatcher = a_dispatcher(failing(Refused("no such round"), 1), dead=(dead := Recorder()))
    await dispatcher.take([a_record(), a_record(n=2)])
    assert [headers["wegweiser-error"] for *_, headers in dead.sent] == ["no such round"]


async def test_what_cannot_work_now_waits_and_is_never_a_dead_letter():
    dispatcher = a_dispatcher(
        failing(mongo.Unavailable("away"), 4), dead=(dead := Recorder()), diary=(diary := Diary())
    )
    await dispatcher.take([a_record()])
    assert (diary.lines, dead.sent) == (["a/1"], [])


async def test_a_bug_is_tried_a_few_times_and_then_set_aside():
    dispatcher = a_dispatcher(failing(KeyError("oops"), 3), dead=(dead := Recorder()), diary=(diary := Diary()))
    await dispatcher.take([a_record(), a_record(n=2)])
    assert (reasons(dead), diary.lines) == (["bug"], ["a/2"])
    assert dead.sent[0][3]["wegweiser-attempts"] == "3"


async def test_a_missing_predecessor_is_waited_for_a_little():
    dispatcher = a_dispatcher(failing(mongo.Missing("a"), 2), diary=(diary := Diary()))
    await dispatcher.take([a_record()])
    assert diary.lines == ["a/1"]


async def test_a_predecessor_that_never_comes_is_a_reason_to_set_aside():
    dispatcher = a_dispatcher(failing(mongo.Missing("a")), dead=(dead := Recorder()))
    await dispatcher.take([a_record()])
    assert dead.sent[0][3]["wegweiser-error"] == "predecessor missing"


async def test_the_line_goes_on_only_when_kafka_has_the_dead_letter():
    dead = Recorder(away=[True, True])
    dispatcher = a_dispatcher(failing(Refused("no"), 1), dead=dead, diary=(diary := Diary()))
    await dispatcher.take([a_record(), a_record(n=2)])
    assert (len(dead.sent), diary.lines) == (1, ["a/2"])


async def test_one_enquirys_events_are_handled_in_order_while_others_go_on():
    seen: list[str] = []

    async def slow_for_a(event, envelope) -> None:
        await asyncio.sleep(0.05 if event.reference == "a" else 0)
        seen.append(envelope.id)

    dispatcher = a_dispatcher(slow_for_a)
    await dispatcher.take([a_record("a", 1), a_record("a", 2), a_record("b", 1), a_record("a", 3)])
    assert seen == ["b/1", "a/1", "a/2", "a/3"]


async def test_too_many_in_a_row_stop_the_line_instead_of_emptying_the_topic():
    dispatcher = a_dispatcher(failing(Refused("no")), dead=(dead := Recorder()), memory=(memory := Memory()))
    with pytest.raises(LineStopped):
        await dispatcher.take([a_record(str(n)) for n in range(500)])
    assert (len(dead.sent), memory.number) == (10, 10)


async def test_unknown_types_do_not_stop_the_line():
    dispatcher = a_dispatcher(fine, dead=(dead := Recorder()))
    unknown = with_header(a_record(), "ce_type", b"wegweiser.enquiry.received.v2")
    await dispatcher.take([replace(unknown, key=str(n).encode()) for n in range(50)])
    assert len(dead.sent) == 50


async def test_a_success_in_between_starts_the_count_anew():
    dead, memory = Recorder(), Memory()
    dispatcher = a_dispatcher(fine, dead=dead, memory=memory)
    for _ in range(3):
        bad = [replace(a_record(str(n)), value=b"?") for n in range(9)]
        await dispatcher.take(bad)
        await dispatcher.take([a_record("good")])
    assert (len(dead.sent), memory.number) == (27, 0)


async def test_a_restart_after_a_stop_sets_nothing_more_aside():
    dispatcher = a_dispatcher(failing(Refused("no")), dead=(dead := Recorder()), memory=Memory(10))
    with pytest.raises(LineStopped):
        await dispatcher.take([a_record(str(n)) for n in range(50)])
    assert dead.sent == []


async def test_a_restart_with_the_fault_mended_goes_on():
    dispatcher = a_dispatcher(fine, memory=(memory := Memory(10)), diary=(diary := Diary()))
    await dispatcher.take([a_record(str(n)) for n in range(50)])
    assert (memory.number, len(set(diary.lines))) == (0, 50)


async def test_a_replayed_record_meant_for_another_group_passes_by():
    dispatcher = a_dispatcher(fine, diary=(diary := Diary()))
    theirs = with_header(a_record("theirs"), TARGET_GROUP, b"notify.enquiries")
    ours = with_header(a_record("ours"), TARGET_GROUP, b"test.enquiries")
    await dispatcher.take([theirs, ours])
    assert diary.lines == ["ours/1"]


async def test_a_header_without_a_value_does_not_stop_the_line():
    dispatcher = a_dispatcher(fine, dead=(dead := Recorder()), diary=(diary := Diary()))
    await dispatcher.take([with_header(a_record("odd"), TARGET_GROUP, None), a_record("good")])
    assert (diary.lines, dead.sent) == (["good/1"], [])


class SmallBox(Recorder):
    """Takes no dead letter with a value, and after that none at all if it is told so."""

    def __init__(self, *, takes_anything=True) -> None:
        super().__init__()
        self.takes_anything = takes_anything

    async def send(self, record) -> None:
        if record.value is not None or not self.takes_anything:
            raise Unsendable("MessageSizeTooLargeError")
        await super().send(record)


async def test_what_is_too_large_to_be_set_aside_whole_is_set_aside_by_its_place():
    dispatcher = a_dispatcher(failing(Refused("no"), 1), dead=(dead := SmallBox()))
    await dispatcher.take([a_record()])
    ((_, _, value, headers),) = dead.sent
    assert (value, headers["wegweiser-offset"], headers["wegweiser-reason"]) == (None, "1", "refused")


async def test_a_line_that_cannot_even_set_aside_stops():
    with pytest.raises(LineStopped, match="set aside"):
        await a_dispatcher(failing(Refused("no")), dead=SmallBox(takes_anything=False)).take([a_record()])


async def test_records_that_are_passed_by_are_no_reason_to_stay_stopped():
    ignored = [with_header(a_record(f"i{n}"), "ce_type", EnquiryErased.type.encode()) for n in range(20)]
    await a_dispatcher(fine, memory=Memory(10)).take(ignored)
    await a_dispatcher(fine, memory=(memory := Memory(10))).take([*ignored, a_record("good")])
    assert memory.number == 0


async def test_a_run_of_poison_is_passed_after_a_restart_if_anything_works():
    dead, memory, diary = Recorder(), Memory(), Diary()
    batch = [a_record("first"), *(replace(a_record(f"p{n}"), value=b"?") for n in range(25)), a_record("last")]
    with pytest.raises(LineStopped):
        await a_dispatcher(fine, dead=dead, memory=memory).take(batch)
    await a_dispatcher(fine, dead=dead, memory=memory, diary=diary).take(batch)
    assert {"first/1", "last/1"} <= set(diary.lines)
    assert {key for _, key, *_ in dead.sent} == {f"p{n}".encode() for n in range(25)}


def test_a_handler_that_needs_what_nobody_brings_is_an_error_at_the_start():
    hears = Hears("enquiries")

    @hears.on(EnquiryWithdrawn)
    async def handle(event: EnquiryWithdrawn, diary: Diary) -> None: ...

    with pytest.raises(TypeError, match="diary"):
        Dispatcher(hears, [], group="g", dead=Recorder(), in_a_row=Memory())


@settings(max_examples=40, deadline=None)
@given(kinds=st.lists(st.sampled_from(["good", "refused", "undecodable", "other group"]), max_size=9))
async def test_every_record_has_exactly_one_end(kinds):
    def record(n, kind):
        made = a_record(f"{kind}{n}")
        made = replace(made, value=b"?") if kind == "undecodable" else made
        return with_header(made, TARGET_GROUP, b"x") if kind == "other group" else made

    async def work(event, envelope) -> None:
        if event.reference.startswith("refused"):
            raise Refused("no")

    dispatcher = a_dispatcher(work, dead=(dead := Recorder()), diary=(diary := Diary()))
    await dispatcher.take([record(n, kind) for n, kind in enumerate(kinds)])
    assert len(diary.lines) == kinds.count("good")
    assert len(dead.sent) == kinds.count("refused") + kinds.count("undecodable")
