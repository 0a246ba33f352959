"""What the pages of receivers and of coordinators have in common."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request

from services.matching.forms import Flaw
from services.matching.words import Language, spoken
from shared import web
from shared.problems import Problem, language_of
from shared.settings import Settings
from shared.times import for_people

templates = web.templates(Path(__file__).parent / "templates")
templates.filters["for_people"] = for_people


def base_of(settings: Settings) -> str:
    """The path under which people reach the desk: empty, or what ``DESK_URL`` carries."""
    return urlsplit(settings.desk_url).path.rstrip("/")


def language_in(request: Request) -> Language:
    """The language that a request asks for."""
    return "en" if language_of(request) == "en" else "de"


def invalid(flaw: Flaw, language: Language) -> Problem:
    """What is wrong with a form, for programs."""
    return Problem(
        422,
        "invalid",
        {"de": "Ungültige Angaben", "en": "Invalid request"},
        {"de": "Bitte prüfen Sie die genannten Angaben.", "en": "Please check what is named."},
        errors=[{"pointer": f"/{flaw.field}", "code": flaw.code, "detail": spoken(language).say[flaw.code]}],
    )


def form_described(**fields: dict[str, Any]) -> dict[str, Any]:
    """What a route takes as a form, for the OpenAPI document: the JSON schema of each field."""
    schema = {"type": "object", "properties": fields, "required": [next(iter(fields))]}
    return {"requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": schema}}}}


def described(meanings: dict[int, str], shown: type | None = None) -> dict[int | str, dict[str, Any]]:
    """What a route answers, for the OpenAPI document. ``shown``: what programs get with 200."""
    answers: dict[int | str, dict[str, Any]] = {status: {"description": text} for status, text in meanings.items()}
    if shown is not None:
        answers[200] = {**answers.get(200, {"description": "A page, or JSON as Accept says."}), "model": shown}
    return answers
