"""What readers in any language rely on."""

import json
from pathlib import Path

import pytest

from shared import outbox
from shared.events import EVENTS, EnquiryReceived, ReceiverRef
from tests.shared.toy import NOON

HERE = Path(__file__).parent


def fixture(type_: str) -> str:
    return (HERE / "events" / f"{type_}.json").read_text("utf-8")


@pytest.mark.parametrize("type_", EVENTS)
def test_each_events_fixture_parses_and_comes_out_as_it_went_in(type_):
    event = EVENTS[type_].model_validate_json(fixture(type_))
    assert json.loads(event.model_dump_json(exclude_none=True)) == json.loads(fixture(type_)) | unsaid(event)


def unsaid(event):
    """Optional fields with a default other than null, which are always said."""
    said = json.loads(event.model_dump_json(exclude_none=True))
    return {name: said[name] for name in said if name not in event.model_fields_set}


@pytest.mark.parametrize("type_", EVENTS)
def test_a_reader_ignores_what_it_does_not_know(type_):
    more = json.loads(fixture(type_)) | {"invented_later": {"by": "somebody"}}
    assert EVENTS[type_].model_validate(more) == EVENTS[type_].model_validate_json(fixture(type_))


def test_no_version_1_loses_a_field_or_asks_for_more():
    written_down = json.loads((HERE / "fields_v1.json").read_text("utf-8"))
    for type_, fields in written_down.items():
        now = {
            name: "required" if info.is_required() else "optional" for name, info in EVENTS[type_].model_fields.items()
        }
        assert fields.items() <= now.items(), type_
        assert all(now[name] == "optional" for name in now.keys() - fields.keys()), type_


def test_contact_data_is_in_enquiry_received_alone():
    personal = {"contact", "business", "text", "phone"}
    assert [event for event in EVENTS.values() if personal & event.model_fields.keys()] == [EnquiryReceived]


def test_a_record_is_a_cloudevent_in_binary_mode():
    event = EnquiryReceived.model_validate_json(fixture(EnquiryReceived.type))
    entry = outbox.entry(
        event, aggregate=event.reference, n=1, source="/wegweiser/intake", at=NOON, traceparent="00-1-1-01"
    )
    record = outbox.record(entry)
    assert dict(record.headers) == {
        "ce_specversion": b"1.0",
        "ce_id": f"{event.reference}/1".encode(),
        "ce_type": b"wegweiser.enquiry.received.v1",
        "ce_source": b"/wegweiser/intake",
        "ce_subject": event.reference.encode(),
        "ce_sequence": b"1",
        "ce_time": b"2026-11-23T12:00:00Z",
        "content-type": b"application/json",
        "traceparent": b"00-1-1-01",
    }
    assert (record.topic, record.key) == ("enquiries", event.reference.encode())


def test_a_receiver_is_named_with_their_organisation_where_the_name_does_not_say_it():
    who = ReceiverRef(id="x", name="Digitalisierungsberatung", kind="advisor", email="x@example.org")
    assert who.full_name == "Digitalisierungsberatung"
    told = who.model_copy(update={"organisation": "Handwerkskammer Dresden"})
    assert told.full_name == "Digitalisierungsberatung, Handwerkskammer Dresden"
