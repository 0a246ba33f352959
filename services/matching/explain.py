"""A decision in plain sentences, for coordinators: why it goes where it goes, who was chosen, and who was not asked."""

from collections.abc import Iterator
from typing import Literal

from services.matching.candidates import Candidate
from services.matching.decide import Decision
from services.matching.reasons import code_of, named, worded

Language = Literal["de", "en"]

_FOR: dict[str, dict[Language, str]] = {
    "names_topic": {"de": "nennt {about} unter den eigenen Themen", "en": "names {about} among their own topics"},
    "advises_in": {"de": "berät in der {about}", "en": "advises in {about}"},
    "leads": {"de": "ist bei {about} federführend", "en": "leads on {about}"},
    "helps_with": {"de": "kann bei {about} auch helfen", "en": "can help with {about} too"},
    "serves": {"de": "ist für {about} zuständig", "en": "serves {about}"},
    "deputy": {"de": "vertritt „{about}“", "en": "stands in for “{about}”"},
    "near": {"de": "ist in der Nähe", "en": "is near"},
    "free": {"de": "hat freie Plätze", "en": "has free places"},
    "language": {"de": "ist in der Sprache der Anfrage zu Hause", "en": "is at home in the enquiry's language"},
    "due": {"de": "ist der Reihe nach dran", "en": "is next in turn"},
    "ahead": {
        "de": "hat schon mehr bekommen als andere, was das Übrige aber aufwiegt",
        "en": "has been given more than others, which the rest outweighs",
    },
    "drawn": {"de": "hat unter Gleichen das Los", "en": "was drawn by lot among equals"},
}
"""What speaks for a candidate."""
_WHY_NOT: dict[str, dict[Language, str]] = {
    "inactive": {"de": "abgeschaltet", "en": "switched off"},
    "another_showcase_leads": {"de": "ein anderes Schaufenster führt", "en": "another showcase leads"},
    "not_valid": {"de": "noch nicht oder nicht mehr dabei", "en": "not there yet, or any more"},
    "other_topics": {"de": "nur andere Themen", "en": "other topics only"},
    "language": {"de": "andere Sprache", "en": "another language"},
    "absent": {"de": "abwesend", "en": "absent"},
    "asked": {"de": "schon gefragt", "en": "asked already"},
    "full": {"de": "kein freier Platz", "en": "no free place"},
    "week_full": {"de": "diese Woche voll", "en": "full this week"},
}
_CHOSEN: dict[Language, str] = {"de": "Zuerst gefragt wird {name}: {speaks}.", "en": "{name} is asked first: {speaks}."}
_AND: dict[Language, str] = {"de": " und ", "en": " and "}
_AFTER: dict[Language, tuple[str, str, str]] = {
    "de": (
        "Danach kommt niemand mehr infrage.",
        "Danach kommt noch 1 Stelle infrage.",
        "Danach kommen noch {number} Stellen infrage.",
    ),
    "en": ("Nobody comes after that.", "1 more comes after that.", "{number} more come after that."),
}
_NOT_ASKED: dict[Language, str] = {"de": "Nicht gefragt: {reasons}.", "en": "Not asked: {reasons}."}
_BY: dict[Language, str] = {
    "de": "Regeln {ruleset}, Verzeichnis Fassung {directory}.",
    "en": "Rules {ruleset}, directory version {directory}.",
}


def explain(decision: Decision, language: Language) -> str:
    """Why the decision is as it is, in plain sentences."""
    return " ".join(_sentences(decision, language))


def _sentences(decision: Decision, language: Language) -> Iterator[str]:
    yield worded(
        decision.reasons,
        language,
        postal_code=decision.region.postal_code,
        chamber=decision.region.chamber or "",
        topics=decision.decisive,
    )
    if decision.candidates:
        first, *others = decision.candidates
        *most, last = _speaks_for(first, others, language)
        speaks = f"{', '.join(most)}{_AND[language]}{last}" if most else last
        yield _CHOSEN[language].format(name=first.name, speaks=speaks)
        number = len(others) + decision.more
        yield _AFTER[language][min(number, 2)].format(number=number)
    if decision.excluded_for:
        counted = (
            f"{_WHY_NOT[why][language]} ({number})"
            for why, number in sorted(decision.excluded_for.items(), key=lambda entry: -entry[1])
        )
        yield _NOT_ASKED[language].format(reasons=", ".join(counted))
    yield _BY[language].format(ruleset=decision.ruleset, directory=decision.directory)


def _speaks_for(first: Candidate, others: list[Candidate], language: Language) -> Iterator[str]:
    """What speaks for the first, each in a few words."""
    about = ", ".join(named(part, language) for part in first.reason.partition(":")[2].split("|"))
    if first.deputy_of is not None:
        yield _FOR["deputy"][language].format(about=first.deputy_of)
    yield _FOR[code_of(first.reason)][language].format(about=about)
    for code in _beside(first, [other for other in others if other.pool == first.pool]):
        yield _FOR[code][language]


def _beside(first: Candidate, rivals: list[Candidate]) -> Iterator[str]:
    """What else speaks for the first; ``rivals`` come after it in the same pool."""
    score = first.score
    if first.pool in {"region", "neighbours"}:
        yield "near"
    if first.kind == "advisor" and score.free_capacity > 0:
        yield "free"
    if score.language:
        yield "language"
    if score.ahead > 0:
        yield "ahead"
    elif rivals and rivals[0].score.total == score.total:
        yield "drawn"
    elif any(rival.score.ahead > 0 for rival in rivals):
        yield "due"
