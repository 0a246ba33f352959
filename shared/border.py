"""Around every request: its trace, the limit of its body, the headers of its answer, and its line in the log."""

import functools
import time
from collections.abc import Iterable

import structlog
from fastapi import Request
from prometheus_client import Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import problems, trace
from shared.problems import Problem

log = structlog.get_logger()

LARGEST_BODY = 256 * 1024
"""Bytes; the longest valid enquiry needs a quarter of it. A form whose text is too long can still be shown again."""
_PROBES = frozenset({"/livez", "/readyz", "/healthz", "/metrics"})

_seconds = Histogram(
    "wegweiser_http_request_seconds",
    "Time from a request to its answer; grows when MongoDB is slow. Status 500 is a bug, 503 means MongoDB is away.",
    ["route", "status"],
)
_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"x-robots-tag": b"noindex",
    b"cache-control": b"no-store",
    b"content-security-policy": b"default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    b"base-uri 'none'; frame-ancestors 'none'",
}.items()


class Border:
    """Around an application. ``public_path``: what the public address may have before the application's own paths."""

    def __init__(self, app: ASGIApp, public_path: str) -> None:
        self._app = app
        self._public_path = public_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method = "GET" if scope["method"] == "HEAD" else scope["method"]  # the server leaves the body out
        scope = {**scope, "method": method, "path": self._own(scope["path"])}
        began, status = time.perf_counter(), 0

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _completed(message["headers"])
            await send(message)

        trace.begin(_header(scope, b"traceparent"))
        try:
            await self._app(scope, _limited(receive, _header(scope, b"content-length")), send_and_note)
        except Exception:
            log.exception("request_failed", method=scope["method"], route=_route(scope))
            if status:  # the answer has begun: nothing else can be said any more
                raise
            await problems.answer(Request(scope), _BUG)(scope, receive, send_and_note)
        finally:
            _note(scope, status, time.perf_counter() - began)

    def _own(self, path: str) -> str:
        inside = self._public_path and f"{path}/".startswith(f"{self._public_path}/")
        return path.removeprefix(self._public_path) or "/" if inside else path


def _header(scope: Scope, wanted: bytes) -> str:
    """The header's value, or nothing; the last where it comes twice."""
    found = [value for name, value in scope["headers"] if name == wanted]
    return str(found[-1], "latin-1") if found else ""


def _completed(given: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers of an answer, and those of ours that it does not set itself."""
    names = {name.lower() for name, _ in given}
    return [*given, *(header for header in _HEADERS if header[0] not in names)]


def _route(scope: Scope) -> str:
    """The template of the route: paths hold tokens, and are written down nowhere."""
    return getattr(scope.get("route"), "path", "(none)")


def _note(scope: Scope, status: int, seconds: float) -> None:
    route = _route(scope)
    if route in _PROBES:
        return
    _seconds_of(route, status).observe(seconds)
    log.info("request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1))


@functools.cache
def _seconds_of(route: str, status: int) -> Histogram:
    return _seconds.labels(route, status)


def _limited(receive: Receive, announced: str) -> Receive:
    too_large = announced.isdigit() and int(announced) > LARGEST_BODY
    taken = 0

    async def limited() -> Message:
        nonlocal taken
        if too_large:
            raise _TOO_LARGE
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST_BODY:
            raise _TOO_LARGE
        return message

    return limited


_TOO_LARGE = Problem(
    413,
    "too_large",
    {"de": "Zu groß", "en": "Too large"},
    {
        "de": f"Eine Anfrage darf höchstens {LARGEST_BODY // 1024} KB haben.",
        "en": f"A request may have {LARGEST_BODY // 1024} KB at most.",
    },
)
_BUG = Problem(
    500,
    "internal",
    {"de": "Da ist etwas schiefgegangen", "en": "Something went wrong"},
    {
        "de": "Der Fehler liegt bei uns und ist vermerkt. Bitte versuchen Sie es später noch einmal.",
        "en": "The fault is ours and has been noted. Please try again later.",
    },
)
