"""The thread that ties a request, its events and its mails together: W3C trace context, without a tracing back end."""

import random
import re
from contextvars import ContextVar

_FORM = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_ids = random.Random()  # noqa: S311 - no secret, and the system's random numbers cost a call of the system each
_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


def current() -> str:
    """The ``traceparent`` of what is being done now; a new one where nothing was begun."""
    return _current.get() or _new()


def correlation_id() -> str | None:
    """The trace id (32 hexadecimal digits) of what is being done now, or None outside of any trace."""
    traceparent = _current.get()
    return traceparent.split("-")[1] if traceparent else None


def begin(traceparent: str | None) -> None:
    """What this task does from here on is a part of the given trace; absent or malformed, it begins a new trace."""
    _current.set(_part_of(traceparent))


def _part_of(traceparent: str | None) -> str:
    return _child(traceparent) if traceparent and _FORM.fullmatch(traceparent) else _new()


def _new() -> str:
    return f"00-{_ids.getrandbits(128):032x}-{_ids.getrandbits(64):016x}-01"


def _child(traceparent: str) -> str:
    version, trace, _, flags = traceparent.split("-")
    return f"{version}-{trace}-{_ids.getrandbits(64):016x}-{flags}"
