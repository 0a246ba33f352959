"""What every service's HTTP side has in common: probes, metrics, problems, limits, private headers, request log."""

import asyncio
import gc
import inspect
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import parse_qs

import structlog
import uvicorn
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from shared import logs, mongo, problems
from shared.border import Border
from shared.problems import Problem
from shared.service import Service
from shared.settings import Settings
from shared.wire import Protocol

log = structlog.get_logger()

S = TypeVar("S", bound=Settings)

_RETRY_AFTER_S = "5"
_OBJECTS_A_COLLECTION = 50_000
"""New objects after which the garbage collector runs; Python's 700 are an eighth of a service's time in a burst."""
_READY_WITHIN_S, _HEALTHY_WITHIN_S = 0.8, 10.0
"""Whoever asks whether we are ready does not wait for a Kafka that does not answer."""


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

    app = _Application(
        title=title,
        description=description,
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers=dict.fromkeys(_TOLD, _answered),
    )
    app.state.service = service
    app.include_router(_probes(service))
    for router in routers:
        app.include_router(router)
    if static is not None:
        app.mount("/static", _Static(directory=static))
    inside: ASGIApp = _Straight(app.by_fastapi, [route for router in routers for route in router.routes])
    if allowed_origins:
        inside = CORSMiddleware(
            inside,
            allow_origins=list(allowed_origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Content-Type", "Idempotency-Key", "Accept-Language", "traceparent"],
            expose_headers=["Retry-After"],
        )
    app.border = Border(inside, public_path.rstrip("/"))
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
        http=Protocol,
        ws="none",
        proxy_headers=False,  # nobody asks for the client's address, nor for the scheme
        timeout_graceful_shutdown=5,
    )


def _collect_less() -> None:
    """What is there by now stays for good: the garbage collector need not look at it, nor at each small batch."""
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


class _Application(FastAPI):
    """FastAPI with our border around it."""

    border: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.border(scope, receive, send)

    async def by_fastapi(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What is inside the border."""
        await super().__call__(scope, receive, send)

    def build_middleware_stack(self) -> ASGIApp:
        """FastAPI's own, without its answer to bugs: the border has ours."""
        handlers = cast("dict[Any, Any]", self.exception_handlers)
        return ExceptionMiddleware(AsyncExitStackMiddleware(self.router), handlers=handlers)


class _Straight:
    """Answers routes that need nothing but the request without FastAPI, which costs more than most of them do."""

    def __init__(self, by_fastapi: ASGIApp, routes: Iterable[BaseRoute]) -> None:
        self._by_fastapi = by_fastapi
        self._routes = {
            (method, route.path): route
            for route in routes
            if isinstance(route, APIRoute) and _needs_only_the_request(route)
            for method in route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._routes.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if route is None:
            await self._by_fastapi(scope, receive, send)
            return
        scope["route"] = route
        request = _Request(scope, receive, send)
        try:
            response = await route.endpoint(request)
        except tuple(_TOLD) as error:
            response = await _answered(request, error)
        await response(scope, receive, send)


class _Request(Request):
    """A request whose body is read in a simple loop: it is there in one piece, nearly always."""

    async def body(self) -> bytes:
        """All of it. Raises ``Problem`` (413) when it is too large, and ``ClientDisconnect``."""
        if not hasattr(self, "_body"):
            self._body, more = b"", True
            while more:
                message = await self.receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                self._body += message.get("body", b"")
                more = message.get("more_body", False)
        return self._body


def _needs_only_the_request(route: APIRoute) -> bool:
    asked = inspect.signature(route.endpoint, eval_str=True)
    return (
        [parameter.annotation for parameter in asked.parameters.values()] == [Request]
        and isinstance(asked.return_annotation, type)
        and issubclass(asked.return_annotation, Response)
        and not route.dependencies
        and "{" not in route.path
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


_TOLD: Mapping[type[Exception], Callable[[Any], Problem]] = {
    Problem: lambda problem: problem,
    HTTPException: _of_http,
    RequestValidationError: _of_validation,
    mongo.Unavailable: lambda _: _UNAVAILABLE,
}
"""What is no bug, and what is told about it."""


async def _answered(request: Request, error: Exception) -> Response:
    told = next(as_problem for kind, as_problem in _TOLD.items() if isinstance(error, kind))
    return problems.answer(request, told(error))
