"""What went wrong with a request, for programs (RFC 9457) and for people (a small page), in German or English."""

from collections.abc import Mapping, Sequence
from html import escape
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

Words = str | Mapping[str, str]
"""A sentence in the reader's language, or one for each language (``de``, ``en``)."""


_STRING = {"type": "string"}
_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": _STRING,
        "title": _STRING,
        "status": {"type": "integer"},
        "detail": _STRING,
        "errors": {
            "type": "array",
            "items": {"type": "object", "properties": {"pointer": _STRING, "code": _STRING, "detail": _STRING}},
        },
    },
}


class Problem(Exception):
    """A request cannot be served as it is. ``errors``: one ``{pointer, code, detail}`` for each field at fault.

    Each line of ``detail`` is a paragraph of the page.
    """

    def __init__(
        self,
        status: int,
        code: str,
        title: Words,
        detail: Words = "",
        *,
        errors: Sequence[Mapping[str, Words]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.errors = errors
        self.headers = dict(headers or {})


def language_of(request: Request) -> str:
    """``de`` or ``en``: which of them ``Accept-Language`` prefers; German where it does not say."""
    wanted = [(q, language[:2]) for language, q in _weighed(request.headers.get("accept-language", ""))]
    known = [(q, language) for q, language in wanted if language in {"de", "en"} and q > 0]
    return max(known, key=lambda weighed: weighed[0])[1] if known else "de"


def wants_json(request: Request) -> bool:
    """Whether the client asks for JSON rather than for a page."""
    accepted = dict(_weighed(request.headers.get("accept", "")))
    json = max(accepted.get("application/json", 0.0), accepted.get("application/problem+json", 0.0))
    return json > accepted.get("text/html", 0.0)


def wants_page(request: Request) -> bool:
    """Whether the client asks for a page, as browsers do."""
    return "text/html" in request.headers.get("accept", "") and not wants_json(request)


def answer(request: Request, problem: Problem) -> Response:
    """The problem, as a page for browsers and as ``application/problem+json`` for everybody else."""
    language = language_of(request)
    title, detail = _said(problem.title, language), _said(problem.detail, language)
    errors = [{name: _said(words, language) for name, words in error.items()} for error in problem.errors]
    if wants_page(request):
        root = "../" * (request.scope["path"].count("/") - 1)
        page = _page(language, title, detail, [error.get("detail", "") for error in errors], root)
        return HTMLResponse(page, problem.status, problem.headers)
    body: dict[str, Any] = {
        "type": f"urn:wegweiser:problem:{problem.code}",
        "title": title,
        "status": problem.status,
        "detail": " ".join(detail.split("\n")),
    }
    if errors:
        body["errors"] = errors
    headers = {"Content-Language": language, **problem.headers}
    return JSONResponse(body, problem.status, headers, media_type="application/problem+json")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How a route's problems stand in the OpenAPI document."""
    content = {"application/problem+json": {"schema": _SCHEMA}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def _weighed(header: str) -> list[tuple[str, float]]:
    weighed = []
    for part in header.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        q = next((parameter[2:] for parameter in parameters if parameter.startswith("q=")), "1")
        try:
            weighed.append((name, float(q)))
        except ValueError:
            continue
    return weighed


def _said(words: Words, language: str) -> str:
    return words if isinstance(words, str) else words[language]


def _page(language: str, title: str, detail: str, errors: Sequence[str], root: str) -> str:
    """``root``: the way from the page's address to where the service's addresses begin, whatever proxy is in front."""
    told = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in detail.split("\n"))
    listed = "".join(f"<li>{escape(error)}</li>" for error in errors)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f'<title>{escape(title)} &ndash; Wegweiser</title><link rel="stylesheet" href="{root}static/plain.css"></head>'
        f"<body><header><p><strong>Wegweiser</strong></p></header><main><h1>{escape(title)}</h1>"
        f"{told}{f'<ul>{listed}</ul>' if listed else ''}</main></body></html>"
    )
