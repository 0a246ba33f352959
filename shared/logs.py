"""Logs: one event a line with stable names and ids, never with personal data."""

import logging
import sys
import time
from collections.abc import MutableMapping
from typing import Any

import structlog

from shared import trace

_PERSONAL = frozenset({
    "address", "authorization", "body", "contact", "cookie", "email", "enquirer", "from", "name", "note", "password",
    "phone", "secret", "text", "to", "token", "url",
})  # fmt: skip
_QUIET_S = 30.0


def configure(log_format: str, service: str) -> None:
    """Send all logs, also those of the libraries, to standard output as JSON lines or, for people, as text."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _correlated,
        redacted,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
    last: list[structlog.types.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if log_format == "json"
        else [structlog.dev.ConsoleRenderer()]
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    handler.addFilter(SeldomRepeated())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("aiokafka").setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(service=service)


class SeldomRepeated(logging.Filter):
    """The libraries' warnings of one kind at most every half minute: aiokafka writes thousands while Kafka is away."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[tuple[str, int], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Let the first through, and one every half minute after."""
        if record.levelno < logging.WARNING or not record.name.startswith(("aiokafka", "pymongo", "faststream")):
            return True
        place, now = (record.pathname, record.lineno), time.monotonic()
        if now - self._last.get(place, -_QUIET_S) < _QUIET_S:
            return False
        self._last[place] = now
        return True


def redacted(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take out what could name a person or open a private page, should somebody have logged it."""
    event.pop("color_message", None)  # uvicorn says it twice
    for name in event.keys() & _PERSONAL:
        event[name] = "[redacted]"
    return event


def _correlated(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    correlation = trace.correlation_id()
    if correlation is not None:
        event["correlation_id"] = correlation
    return event
