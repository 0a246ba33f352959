"""Logs: one event a line with stable names and ids, never with personal data."""

import asyncio
import json
import logging
import re
import sys
import time
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import structlog
from pydantic_core import to_json

from shared import trace

_PERSONAL = frozenset({
    "address", "authorization", "body", "contact", "cookie", "email", "enquirer", "from", "name", "note", "password",
    "phone", "secret", "text", "to", "token", "url",
})  # fmt: skip
_FREE = frozenset({"event", "reason", "error", "exception"})
"""Fields that may quote somebody: a mail server's answer, an error's message."""
_SUSPECT = _PERSONAL | _FREE
_PLAIN = frozenset({str, int, float, bool, type(None)})
_ADDRESS = re.compile(r"[^\s<>\"'(),;:=\[\]]+@[^\s<>\"'(),;:=\[\]]+")
_INPUT = re.compile(r"input_value=.*?, input_type=", re.DOTALL)
_HIDDEN = "[redacted]"
_QUIET_S = 30.0


def configure(log_format: str, service: str) -> None:
    """Send all logs, also those of the libraries, to standard output as JSON lines or, for people, as text."""
    structlog.contextvars.bind_contextvars(service=service)
    render: structlog.types.Processor = (
        _json
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    )
    ending: list[structlog.types.Processor] = [structlog.processors.format_exc_info, redacted, render]
    structlog.configure(
        processors=[_completed, *ending],
        logger_factory=lambda *_: _Lines(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), _completed],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
        )
    )
    handler.addFilter(SeldomRepeated())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("aiokafka").setLevel(logging.WARNING)


class _Lines:
    """Where our own events go as lines: past ``logging``, which costs ten times what is in them."""

    def __init__(self) -> None:
        self._flushes_soon = False

    def info(self, line: str) -> None:
        """Write a line; where nothing can be written any more, that is no end of what it was to tell of."""
        with suppress(OSError, ValueError):
            sys.stdout.write(f"{line}\n")
            self._flush_soon()

    warning = error = critical = info

    def _flush_soon(self) -> None:
        """Once a turn of the event loop: the lines of many requests are one call of the system."""
        if self._flushes_soon:
            return
        try:
            asyncio.get_running_loop().call_soon(self._flush)
            self._flushes_soon = True
        except RuntimeError:  # no loop, or another thread
            self._flush()

    def _flush(self) -> None:
        self._flushes_soon = False
        with suppress(OSError):
            sys.stdout.flush()


def _completed(logger: Any, level: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """How grave it is, when it happened, and what it belongs to."""
    structlog.contextvars.merge_contextvars(logger, level, event)
    event["level"] = level
    event["timestamp"] = f"{datetime.now(UTC).replace(tzinfo=None).isoformat()}Z"
    correlation = trace.correlation_id()
    if correlation is not None:
        event["correlation_id"] = correlation
    return event


def _json(_: Any, __: str, event: Mapping[str, Any]) -> str:
    try:
        return to_json(event, fallback=str).decode()
    except ValueError:  # half a letter, for one
        return json.dumps({name: repr(value) for name, value in event.items()})


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
    event.pop("color_message", None)  # uvicorn says everything twice
    for name, value in event.items():
        if type(value) not in _PLAIN or name.lower() in _SUSPECT:
            event[name] = _without_persons(name, value)
    return event


def _without_persons(name: str, value: Any) -> Any:
    if name.lower() in _PERSONAL:
        return _HIDDEN
    if isinstance(value, str):
        if name not in _FREE:
            return value
        value = _INPUT.sub(f"input_value={_HIDDEN}, input_type=", value) if "input_value=" in value else value
        return _ADDRESS.sub(_HIDDEN, value) if "@" in value else value
    if isinstance(value, Mapping):
        return {str(key): _without_persons(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_persons("", inner) for inner in value]
    return value
