"""What the pages of receivers and of coordinators have in common."""

from pathlib import Path

from fastapi import Request

from services.matching.forms import Flaw
from services.matching.words import Language, spoken
from shared import web
from shared.problems import Problem, language_of
from shared.times import for_people

templates = web.templates(Path(__file__).parent / "templates")
templates.filters["for_people"] = for_people


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
