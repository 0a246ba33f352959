"""What every service's HTTP side has in common: probes, metrics, problems, limits, private headers, request log."""

import asyncio
import gc
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs

import structlog
import uvicorn
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from prometheus_client import CONTENT_TYPE_LATEST, Histogram, generate_latest
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import logs, mongo, problems, trace
from shared.problems import Problem
from shared.service import Service
from shared.settings import Settings

log = structlog.get_logger()

S = TypeVar("S", bound=Settings)

LARGEST_BODY = 256 * 1024
"""Bytes; the longest valid enquiry needs a quarter of it. A form whose text is too long can still be shown again."""
_RETRY_AFTER_S = "5"
_PROBES = frozenset({"/livez", "/readyz", "/healthz", "/metrics"})
_OBJECTS_A_COLLECTION = 50_000
"""New objects after which the garbage collector runs; Python's 700 are an eighth of a service's time in a burst."""
_READY_WITHIN_S, _HEALTHY_WITHIN_S = 0.8, 10.0
"""Whoever asks whether we are ready does not wait for a Kafka that does not answer."""

_seconds = Histogram(
    "wegweiser_http_request_seconds",
    "Time from a request to its answer; grows when MongoDB is slow. Status 500 is a bug, 503 means MongoDB is away.",
    ["route", "status"],
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
}


def application(
    service: Service,
    *routers: APIRouter,
    title: str,
    description: str,
    static: Path | None = None,
    allowed_origins: Sequence[str] = (),
    public_path: str = "",
) -> FastAPI:
    """The service's HTTP side; its life is the service's.

    ``allowed_origins``: websites whose pages may call it. ``public_path``: what the public address has before the
    service's own paths; the proxy in front may take it away or leave it.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await service.start()
        try:
            yield
        finally:
            await service.stop()

    app = FastAPI(
        title=title,
        description=description,
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers={
            error: _answered(as_problem)
            for error, as_problem in (
                (Problem, lambda problem: problem),
                (HTTPException, _of_http),
                (RequestValidationError, _of_validation),
                (mongo.Unavailable, lambda _: _UNAVAILABLE),
            )
        },
    )
    app.state.service = service
    app.include_router(_probes(service))
    for router in routers:
        app.include_router(router)
    if static is not None:
        app.mount("/static", _Static(directory=static))
    if allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(allowed_origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Content-Type", "Idempotency-Key", "Accept-Language", "traceparent"],
            expose_headers=["Retry-After"],
        )
    app.add_middleware(_Border, public_path=public_path.rstrip("/"))
    return app


def templates(folder: Path) -> Environment:
    """The templates of a folder: everything is escaped, and a value that is not given is an error."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(environment: Environment, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page for people."""
    return HTMLResponse(environment.get_template(template).render(values), status)


async def form_of(request: Request) -> Mapping[str, list[str]]:
    """The fields of a posted form, each with all its values. Raises ``Problem`` (413, 415, 400)."""
    if not request.headers.get("content-type", "").lower().startswith("application/x-www-form-urlencoded"):
        raise Problem(
            415,
            "wrong_type",
            {"de": "Falscher Medientyp", "en": "Wrong media type"},
            {"de": "Erwartet wird ein Formular.", "en": "A form is expected: application/x-www-form-urlencoded."},
        )
    try:
        return parse_qs((await request.body()).decode(), keep_blank_values=True, max_num_fields=200)
    except ValueError as error:
        raise Problem(
            400,
            "bad_form",
            {"de": "Das Formular ist nicht lesbar", "en": "The form cannot be read"},
            {"de": "Bitte senden Sie es noch einmal.", "en": "Please send it again."},
        ) from error


def serve(create_app: Callable[[S], FastAPI], settings_type: type[S], name: str) -> None:
    """Run a service until it is told to end; settings that are missing or wrong are said in a sentence each."""
    try:
        settings = settings_type()
    except (ValidationError, OSError) as error:
        for sentence in _sentences(error):
            print(sentence, file=sys.stderr)  # noqa: T201 - before there are logs
        sys.exit(2)
    logs.configure(settings.log_format, name)
    app = create_app(settings)
    _collect_less()
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=5,
    )


def _collect_less() -> None:
    """What is there by now stays for good: the garbage collector need not look at it, nor at each small batch."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_A_COLLECTION, 10, 10)


def _sentences(error: ValidationError | OSError) -> list[str]:
    if isinstance(error, OSError):
        return [f"A setting's file cannot be read: {error}"]
    return [
        f"WEGWEISER_{'_'.join(str(part) for part in failure['loc']).upper()}: "
        f"{failure['msg'].removeprefix('Value error, ')}. "
        "Set it in the environment, or name a file that holds it with the same name and _FILE."
        for failure in error.errors()
    ]


def _probes(service: Service) -> APIRouter:
    router = APIRouter(tags=["operation"])

    under_way: asyncio.Task[dict[str, str | None]] | None = None
    last: dict[str, str | None] = {}

    async def checked(within_s: float) -> dict[str, str | None]:
        """What the checks say; where that takes longer (seconds), what they said last time."""
        nonlocal under_way, last
        if under_way is not None and under_way.done():
            last = under_way.result()
        if under_way is None or under_way.done():
            under_way = asyncio.create_task(service.checks())
        if (await asyncio.wait([under_way], timeout=within_s if last else _HEALTHY_WITHIN_S))[0]:
            last = under_way.result()
        return last

    def told(checks: dict[str, str | None], *, failing: bool) -> JSONResponse:
        body = {
            "status": "failing" if failing else "ok",
            "checks": {name: reason or "ok" for name, reason in checks.items()},
        }
        return JSONResponse(body, 503 if failing else 200)

    @router.get("/livez")
    async def livez() -> JSONResponse:
        """The process turns."""
        return JSONResponse({"status": "ok"})

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        """200 while requests can be served: MongoDB answers. What else is wrong is listed all the same."""
        mongodb, checks = await asyncio.gather(service.ready(), checked(_READY_WITHIN_S))
        return told({**checks, "mongodb": mongodb}, failing=mongodb is not None)

    @router.get("/healthz")
    async def healthz() -> JSONResponse:
        """503 if anything is wrong, with each check and its reason."""
        checks = await checked(_HEALTHY_WITHIN_S)
        return told(checks, failing=any(checks.values()) or not checks)

    @router.get("/metrics")
    async def metrics() -> Response:
        """Metrics for Prometheus."""
        return PlainTextResponse(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


class _Static(StaticFiles):
    """Files that are the same for everybody, and may be kept for an hour."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "public, max-age=3600"
        return response


class _Border:
    """Around every request: its trace, the limit of its body, the headers of its answer, and its line in the log."""

    def __init__(self, app: ASGIApp, public_path: str) -> None:
        self._app = app
        self._public_path = public_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        method = "GET" if scope["method"] == "HEAD" else scope["method"]  # the server leaves the body out
        scope = {**scope, "method": method, "path": self._own(scope["path"])}
        began, status = time.perf_counter(), 0

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _completed(message["headers"])
            await send(message)

        with trace.within(headers.get("traceparent")):
            try:
                await self._app(scope, _limited(receive, headers.get("content-length", "")), send_and_note)
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


def _completed(given: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers of an answer, and those of ours that it does not set itself."""
    names = {name.lower() for name, _ in given}
    ours = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]
    return [*given, *((name, value) for name, value in ours if name not in names)]


def _route(scope: Scope) -> str:
    """The template of the route: paths hold tokens, and are written down nowhere."""
    return getattr(scope.get("route"), "path", "(none)")


def _note(scope: Scope, status: int, seconds: float) -> None:
    route = _route(scope)
    if route in _PROBES:
        return
    _seconds.labels(route, status).observe(seconds)
    log.info("request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1))


def _limited(receive: Receive, announced: str) -> Receive:
    taken = 0

    async def limited() -> Message:
        nonlocal taken
        if announced.isdigit() and int(announced) > LARGEST_BODY:
            raise _TOO_LARGE
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST_BODY:
            raise _TOO_LARGE
        return message

    return limited


def _answered(as_problem: Callable[[Any], Problem]) -> Callable[[Request, Any], Coroutine[Any, Any, Response]]:
    async def answered(request: Request, error: Any) -> Response:
        return problems.answer(request, as_problem(error))

    return answered


_TOO_LARGE = Problem(
    413,
    "too_large",
    {"de": "Zu groß", "en": "Too large"},
    {
        "de": f"Eine Anfrage darf höchstens {LARGEST_BODY // 1024} KB haben.",
        "en": f"A request may have {LARGEST_BODY // 1024} KB at most.",
    },
)
_UNAVAILABLE = Problem(
    503,
    "unavailable",
    {"de": "Gerade nicht erreichbar", "en": "Not available right now"},
    {
        "de": "Das ist noch nicht bestätigt. Bitte senden Sie es gleich noch einmal; doppelt zählt es nicht.",
        "en": "This is not confirmed yet. Please send it again in some seconds; it will not count twice.",
    },
    headers={"Retry-After": _RETRY_AFTER_S},
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
_TITLES: dict[int, problems.Words] = {
    404: {"de": "Nicht gefunden", "en": "Not found"},
    405: {"de": "So nicht erlaubt", "en": "Not allowed this way"},
}
_DETAILS: dict[int, problems.Words] = {
    404: {"de": "Unter dieser Adresse gibt es nichts.", "en": "There is nothing at this address."},
    405: {"de": "Diese Adresse kennt diese Methode nicht.", "en": "This address does not know this method."},
}


_MISSING = {"de": "Diese Angabe fehlt.", "en": "This is missing."}


def _of_http(error: HTTPException) -> Problem:
    title = _TITLES.get(error.status_code, str(error.detail))
    detail = _DETAILS.get(error.status_code, str(error.detail))
    return Problem(error.status_code, f"http_{error.status_code}", title, detail, headers=error.headers)


def _of_validation(error: RequestValidationError) -> Problem:
    errors = [
        {
            "pointer": "/" + "/".join(str(part) for part in failure["loc"]),
            "code": failure["type"],
            "detail": _MISSING if failure["type"] == "missing" else {"de": "Das ist ungültig.", "en": failure["msg"]},
        }
        for failure in error.errors()
    ]
    return Problem(
        422,
        "invalid",
        {"de": "Ungültige Angaben", "en": "Invalid request"},
        {"de": "Bitte prüfen Sie die genannten Angaben.", "en": "Please check what is named."},
        errors=errors,
    )
