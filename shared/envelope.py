"""The CloudEvents envelope around each event: read from a record's headers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


class Undecodable(Exception):
    """The record is no CloudEvent in Kafka binary mode."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a CloudEvent says about itself."""

    id: str
    """``<aggregate id>/<sequence>``."""
    source: str
    type: str
    subject: str
    """The enquiry's id."""
    sequence: int
    """Counts the events of one aggregate from 1."""
    time: datetime
    traceparent: str | None


def open_envelope(headers: Iterable[tuple[str, bytes]]) -> Envelope:
    """Read the headers of a record. Raises ``Undecodable`` with the reason."""
    try:
        said = {name: value.decode() for name, value in headers if name.startswith("ce_") or name == "traceparent"}
        return Envelope(
            id=said["ce_id"],
            source=said["ce_source"],
            type=said["ce_type"],
            subject=said["ce_subject"],
            sequence=int(said["ce_sequence"]),
            time=datetime.fromisoformat(said["ce_time"]),
            traceparent=said.get("traceparent"),
        )
    except KeyError as error:
        raise Undecodable(f"header {error} is missing") from error
    except (ValueError, AttributeError) as error:
        raise Undecodable(f"a header is malformed: {error}") from error
