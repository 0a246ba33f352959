"""Matching without telemetry: no metrics, no logs, no trace; to be measured beside matching as it is."""

import logging
from typing import Any

from prometheus_client import Counter, Gauge, Histogram

from services.matching.app import create_app
from services.matching.settings import MatchingSettings
from shared import logs, trace
from shared.web import serve


class _Deaf:
    """A metric that counts nothing."""

    def __getattr__(self, _: str) -> Any:
        return lambda *_, **__: self


def _without_telemetry() -> None:
    for kind in (Counter, Gauge, Histogram):
        kind.labels = lambda self, *_, **__: _Deaf()  # type: ignore[method-assign,assignment,misc] # noqa: ARG005
        for note in ("inc", "dec", "set", "observe"):
            if hasattr(kind, note):
                setattr(kind, note, lambda *_, **__: None)
    trace.begin = lambda _: None
    trace.current = lambda: ""
    logs.configure = lambda *_: logging.disable()


if __name__ == "__main__":
    _without_telemetry()
    serve(create_app, MatchingSettings, "matching")
