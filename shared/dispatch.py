"""A batch from Kafka to single events, and the ends of a record: the only place that waits, sets aside and stops.

Each record ends as *done* (or seen before), *ignored* (a type this service passes by on purpose), or *set aside* in
``<topic>.dead`` because it can never work. What cannot work now waits, with growing pauses, for as long as it takes.
When too many in a row had to be set aside, the line stops instead of emptying the topic.
"""

import asyncio
import inspect
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from importlib.metadata import version
from typing import Any, Protocol, get_type_hints

import structlog
from pydantic import ValidationError

from shared import metrics, mongo, trace
from shared.envelope import Envelope, Undecodable, open_envelope
from shared.events import EVENTS, Event
from shared.kafka import KafkaAway, Record, Unsendable

log = structlog.get_logger()

Handler = Callable[..., Awaitable[None]]

TARGET_GROUP = "wegweiser-target-group"
_MOST_IN_A_ROW = 10
_BEGUN_AT_ONCE = 25
_TRIES_OF_A_BUG = 3
_PAUSES_FOR_A_PREDECESSOR_S = (0.2, 0.5, 1.0, 2.0)
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 5.0


class Refused(Exception):
    """The domain refuses this event: it can never work."""


class GivenBack(Exception):
    """The batch is not finished: whoever gets the partitions next starts it again."""


class LineStopped(Exception):
    """Too many records in a row could not be handled."""


class Taken(Protocol):
    """A record as aiokafka hands it over."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class Hears:
    """What a service hears on one topic: a handler for each type, and the types it passes by on purpose."""

    def __init__(self, topic: str, *, ignores: Iterable[type[Event]] = (), patient: bool = False) -> None:
        """``patient``: nobody waits for what follows from these events, so that many may be taken together."""
        self.topic = topic
        self.patient = patient
        self.ignores = frozenset(event.type for event in ignores)
        self.handlers: dict[str, Handler] = {}

    def on(self, *events: type[Event]) -> Callable[[Handler], Handler]:
        """The decorated function handles these events, one at a time; the rest of its parameters is bound by type."""

        def register(handler: Handler) -> Handler:
            for event in events:
                self.handlers[event.type] = handler
            return handler

        return register


class DeadLetters(Protocol):
    """Whatever takes one record and waits until it is safe."""

    async def send(self, record: Record) -> None:
        """Raises ``KafkaAway``, ``Unsendable``."""


class InARow(Protocol):
    """Remembers, across restarts, how many records in a row were set aside."""

    async def load(self) -> int:
        """The number kept last."""

    async def keep(self, number: int) -> None:
        """Keep this number."""


class _SetAside(Exception):
    """This record can never work."""

    def __init__(self, reason: str, error: str, attempts: int = 1) -> None:
        super().__init__(reason, error, attempts)
        self.reason = reason
        self.error = error
        self.attempts = attempts


class Dispatcher:
    """Hands the events of a batch to the handlers: one enquiry's in their order, different enquiries side by side."""

    def __init__(
        self, hears: Hears, bound: Sequence[object], *, group: str, dead: DeadLetters, in_a_row: InARow
    ) -> None:
        self.topic = hears.topic
        self.patient = hears.patient
        self.group = group
        self._ignores = hears.ignores
        self._handlers = {kind: _bind(handler, bound) for kind, handler in hears.handlers.items()}
        self._dead = dead
        self._memory = in_a_row
        self._in_a_row: int | None = None
        self._setting_aside = asyncio.Lock()
        self._stopped = False
        self._proven = False
        """In the batch in hand something worked after a stop: what is set aside now does not stop the line again."""

    async def take(self, records: Sequence[Taken]) -> None:
        """Bring every record of the batch to an end. Raises ``LineStopped``; cancelled, it leaves the rest undone."""
        if self._in_a_row is None:
            self._in_a_row = await _for_as_long_as_it_takes(self._memory.load, self.topic)
        chains: defaultdict[object, list[Taken]] = defaultdict(list)
        for record in records:
            chains[record.key if record.key is not None else (record.partition, record.offset)].append(record)
        self._proven = self._in_a_row >= _MOST_IN_A_ROW and await self._something_works(records)
        try:
            async with asyncio.TaskGroup() as side_by_side:
                for n, chain in enumerate(chains.values(), 1):
                    side_by_side.create_task(self._one_after_the_other(chain))
                    if n % _BEGUN_AT_ONCE == 0:
                        await asyncio.sleep(0)  # what these write and say is on its way while the next are decided
        except* LineStopped as stopped:
            raise stopped.exceptions[0] from None

    def forget(self) -> None:
        """Other partitions are ours now: ask anew how many records in a row were set aside, here or elsewhere."""
        self._in_a_row = None

    async def _one_after_the_other(self, chain: Sequence[Taken]) -> None:
        for record in chain:
            try:
                end = await self._end_of(record)
            except _SetAside as failure:
                await self._set_aside(record, failure)
                end = failure.reason
            else:
                if end == "done":
                    await self._worked()
            metrics.records.labels(self.topic, end).inc()

    async def _end_of(self, record: Taken) -> str:
        """Handle one record, waiting for as long as it takes. Raises ``_SetAside``."""
        targets = [value for name, value in record.headers if name == TARGET_GROUP]
        if targets and targets[0] != self.group.encode():
            return "ignored"
        try:
            envelope, event = self._decoded(record)
        except _SetAside:
            raise
        except Exception as error:
            raise _SetAside("undecodable", f"{type(error).__name__}: {error}") from error
        if event is None:
            return "ignored"
        # Each chain of records is a task, whose context nobody else sees: the next record's values replace these.
        trace.begin(envelope.traceparent)
        structlog.contextvars.bind_contextvars(reference=envelope.subject, event_id=envelope.id)
        return await self._handled(self._handlers[envelope.type], event, envelope)

    def _decoded(self, record: Taken) -> tuple[Envelope, Event | None]:
        try:
            envelope = open_envelope(record.headers)
        except Undecodable as error:
            raise _SetAside("undecodable", str(error)) from error
        if envelope.type in self._ignores:
            return envelope, None
        if envelope.type not in self._handlers:
            raise _SetAside("unknown_type", envelope.type)
        try:
            return envelope, EVENTS[envelope.type].model_validate_json(record.value or b"")
        except ValidationError as error:
            invalid = any(failure["type"] != "json_invalid" for failure in error.errors())
            told = "; ".join(f"{'.'.join(map(str, f['loc']))}: {f['type']}" for f in error.errors()[:5])
            raise _SetAside("invalid" if invalid else "undecodable", told) from error

    async def _handled(self, handler: Handler, event: Event, envelope: Envelope) -> str:
        bugs, missed, pause = 0, 0, _FIRST_PAUSE_S
        while True:
            try:
                await handler(event, envelope)
            except mongo.Unavailable as away:
                log.warning("handler_waits", topic=self.topic, reason=str(away), pause_s=round(pause, 1))
                metrics.record_waits.labels(self.topic).inc()
                await _sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_S)
            except Refused as error:
                raise _SetAside("refused", str(error)) from error
            except mongo.Unstorable as error:
                raise _SetAside("refused", f"unstorable: {error}") from error
            except mongo.Missing as error:
                if missed == len(_PAUSES_FOR_A_PREDECESSOR_S):
                    raise _SetAside("refused", "predecessor missing", missed + 1) from error
                await _sleep(_PAUSES_FOR_A_PREDECESSOR_S[missed])
                missed += 1
            except Exception as error:
                bugs += 1
                log.exception("handler_failed", topic=self.topic, attempt=bugs)
                if bugs == _TRIES_OF_A_BUG:
                    raise _SetAside("bug", f"{type(error).__name__}: {error}", bugs) from error
                await _sleep(_FIRST_PAUSE_S * 2**bugs)
            else:
                return "done"

    async def _set_aside(self, record: Taken, failure: _SetAside) -> None:
        """Take the record to the dead letters; only when Kafka has it does the line go on. Raises ``LineStopped``."""
        async with self._setting_aside:
            if not self._proven and (self._in_a_row or 0) >= _MOST_IN_A_ROW:
                raise self._stop(f"{self._in_a_row} records in a row could not be handled; the last: {failure.reason}")
            log.error(
                "record_set_aside",
                topic=record.topic,
                partition=record.partition,
                offset=record.offset,
                reason=failure.reason,
                error=failure.error,
            )
            await _for_as_long_as_it_takes(lambda: self._bury(record, failure), self.topic)
            if failure.reason != "unknown_type":
                await self._remember((self._in_a_row or 0) + 1)

    async def _bury(self, record: Taken, failure: _SetAside) -> None:
        headers = [*_without_ours(record.headers), *self._why(record, failure)]
        try:
            await self._dead.send(Record(f"{self.topic}.dead", record.key, record.value, headers))
        except Unsendable as never:  # with our headers it is too large: its own topic has it whole, at the place named
            log.critical("dead_letter_without_value", topic=record.topic, offset=record.offset, reason=str(never))
            try:
                await self._dead.send(Record(f"{self.topic}.dead", record.key, None, self._why(record, failure)))
            except Unsendable as still:
                raise self._stop(f"a record cannot even be set aside: {still}") from still

    def _why(self, record: Taken, failure: _SetAside) -> list[tuple[str, bytes]]:
        why = {
            "reason": failure.reason,
            "error": failure.error[:1000],
            "group": self.group,
            "topic": record.topic,
            "partition": str(record.partition),
            "offset": str(record.offset),
            "attempts": str(failure.attempts),
            "version": version("wegweiser"),
        }
        return [(f"wegweiser-{name}", value.encode(errors="backslashreplace")) for name, value in why.items()]

    async def _worked(self) -> None:
        if self._in_a_row:
            async with self._setting_aside:
                if not self._stopped:
                    await self._remember(0)

    def _stop(self, why: str) -> LineStopped:
        self._stopped = True
        return LineStopped(why)

    async def _remember(self, number: int) -> None:
        if number != self._in_a_row:
            await _for_as_long_as_it_takes(lambda: self._memory.keep(number), self.topic)
            self._in_a_row = number

    async def _something_works(self, records: Sequence[Taken]) -> bool:
        """After a stop: whether anything in this batch can be handled again. Nothing is set aside to find out.

        False if nothing had to be handled at all. Raises ``LineStopped`` if all that had to be could not.
        """
        failed = False
        for record in records:
            try:
                if await self._end_of(record) == "done":
                    await self._worked()
                    return True
            except _SetAside as failure:
                failed = True
                log.critical("line_still_stopped", topic=self.topic, reason=failure.reason, error=failure.error)
        if failed:
            raise LineStopped("still nothing can be handled since the line was stopped")
        return False


def _bind(handler: Handler, bound: Sequence[object]) -> Handler:
    """The handler as a function of event and envelope alone; what else it needs is found in ``bound`` by its type."""
    hints = get_type_hints(handler)
    _, *others = inspect.signature(handler).parameters
    fixed: dict[str, Any] = {}
    enveloped: str | None = None
    for name in others:
        if hints[name] is Envelope:
            enveloped = name
            continue
        fitting = [thing for thing in bound if _fits(thing, hints[name])]
        if len(fitting) != 1:
            raise TypeError(f"{handler.__qualname__}: {len(fitting)} things fit parameter {name}: {hints[name]}")
        fixed[name] = fitting[0]

    async def bound_handler(event: Event, envelope: Envelope) -> None:
        await handler(event, **fixed, **({enveloped: envelope} if enveloped else {}))

    return bound_handler


def _fits(thing: object, hint: Any) -> bool:
    if getattr(hint, "_is_protocol", False):
        return all(hasattr(thing, name) for name in hint.__dict__ if not name.startswith("_"))
    return isinstance(thing, hint)


def _without_ours(headers: Iterable[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    return [(name, value) for name, value in headers if not name.startswith("wegweiser-")]


async def _for_as_long_as_it_takes(step: Callable[[], Awaitable[Any]], topic: str) -> Any:
    pause = _FIRST_PAUSE_S
    while True:
        try:
            return await step()
        except (KafkaAway, mongo.Unavailable) as away:
            log.warning("line_waits", topic=topic, reason=str(away), pause_s=round(pause, 1))
            metrics.record_waits.labels(topic).inc()
            await _sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_S)


async def _sleep(pause: float) -> None:
    await asyncio.sleep(pause * random.uniform(0.9, 1.1))  # noqa: S311 - no secret
