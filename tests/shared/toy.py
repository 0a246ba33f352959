"""A small aggregate for tests of the plumbing: a case with steps, each of which is an event."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from shared import mongo
from shared.aggregates import Aggregates
from shared.events import EnquiryWithdrawn, Event, ReferralReminded
from shared.kafka import KafkaAway

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Case:
    reference: str
    steps: tuple[str, ...] = ()
    note: Any = None


def step(name):
    """A command: take this step once."""
    return lambda case: case if name in case.steps else replace(case, steps=(*case.steps, name))


def announce(before: Case | None, after: Case) -> Sequence[Event]:
    new = after.steps[len(before.steps) if before else 0 :]
    return [
        EnquiryWithdrawn(reference=after.reference, withdrawn_at=NOON)
        if name.startswith("ask")
        else ReferralReminded(reference=after.reference, round=int(name.strip("r")), at=NOON)
        for name in new
    ]


class SetClock:
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


class Recorder:
    """A sender that keeps what it is given, and is away as often as it is told to be."""

    def __init__(self, away: Sequence[bool] = ()) -> None:
        self.sent: list[tuple[str, bytes | None, bytes | None, dict[str, str]]] = []
        self._away = list(away)

    async def send(self, record) -> None:
        if self._away and self._away.pop(0):
            raise KafkaAway("away")
        headers = {name: text.decode(errors="replace") for name, text in record.headers}
        self.sent.append((record.topic, record.key, record.value, headers))

    async def send_all(self, records) -> list[KafkaAway | None]:
        answers: list[KafkaAway | None] = []
        for record in records:
            try:
                answers.append(await self.send(record))
            except KafkaAway as away:
                answers.append(away)
        return answers


def cases_in(collection, clock=None, wake=lambda _, __: None) -> Aggregates[Case]:
    return Aggregates(
        collection,
        Case,
        source="/wegweiser/test",
        announce=announce,
        clock=clock or SetClock(),
        say_again_after=timedelta(minutes=10),
        wake=wake,
    )


async def declared(database):
    await mongo.declare(database, "cases", [], aggregates=True)
    return database["cases"]
