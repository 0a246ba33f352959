"""What would have led a case elsewhere, and where to: recorded like reasons, and as sentences."""

from dataclasses import dataclass
from typing import Literal

from services.matching.reasons import code_of, named
from services.matching.rule_book import percent

Language = Literal["de", "en"]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that would have led a case elsewhere."""

    what: str
    """A code, a colon, and what it is about: ``most_open:<receiver>|6|5``, 6 instead of 5; see ``_IF``."""
    target: str
    """Where the case would have gone, as ``Decision.target`` says it."""
    receiver: str | None
    """To whom, by id; None for a person, or for somebody who is not in the directory."""
    to: str
    """To whom, for people; empty for a person."""
    who: str = ""
    """Whom the change is about, for people."""


_IF: dict[str, dict[Language, str]] = {
    "most_open": {
        "de": "Wenn {who} {1} Fälle statt {2} zugleich haben könnte",
        "en": "If {who} could have {1} cases at once instead of {2}",
    },
    "most_a_week": {
        "de": "Wenn {who} {1} Fälle statt {2} in der Woche bekommen könnte",
        "en": "If {who} could get {1} cases a week instead of {2}",
    },
    "present": {"de": "Wenn {who} nicht abwesend wäre", "en": "If {who} were not absent"},
    "active": {"de": "Wenn {who} nicht abgeschaltet wäre", "en": "If {who} were not switched off"},
    "begun": {"de": "Wenn {who} schon Fälle bekäme", "en": "If {who} got cases already"},
    "not_ended": {"de": "Wenn {who} noch Fälle bekäme", "en": "If {who} still got cases"},
    "takes": {"de": "Wenn {who} auch zu {1} beriete", "en": "If {who} also advised on {1}"},
    "speaks": {"de": "Wenn {who} auch auf {1} beriete", "en": "If {who} also advised in {1}"},
    "busier": {"de": "Wenn {who} einen Fall mehr hätte", "en": "If {who} had one case more"},
    "away": {"de": "Wenn {who} abwesend wäre", "en": "If {who} were absent"},
    "text_says": {
        "de": "Wenn {0} angekreuzt wäre, wovon der Text eher spricht",
        "en": "If {0} had been ticked, of which the text rather speaks",
    },
    "ticked": {"de": "Wenn {0} angekreuzt wäre", "en": "If {0} had been ticked"},
    "region": {"de": "Wenn der Betrieb zur {0} gehörte", "en": "If the business belonged to {0}"},
    "advisor": {
        "de": "Wenn in der {0} jemand zu {1} beriete",
        "en": "If somebody in {0} advised on {1}",
    },
    "topic": {
        "de": "Wenn nach den Regeln schon ab {0} Wahrscheinlichkeit (nicht erst ab {1}) klar wäre, wer führt",
        "en": "If by the rules a probability of {0} (instead of {1}) were enough to tell who leads",
    },
    "not_for_us": {
        "de": "Wenn es nach den Regeln mehr als {0} Wahrscheinlichkeit brauchte (statt {1}), um etwas auszusortieren",
        "en": "If by the rules it took more than {0} probability (instead of {1}) to take something as not for us",
    },
}
"""What would have to be different. ``{0}``, ``{1}``, ... stand after the colon; ``{who}`` is a receiver."""
_THEN: dict[Language, tuple[str, str, str]] = {
    "de": (
        "{condition}, dann wäre die Anfrage an {to} gegangen.",
        "{condition}, dann wäre die Anfrage dorthin gegangen.",
        "{condition}, dann hätte ein Mensch entschieden.",
    ),
    "en": (
        "{condition}, the enquiry would have gone to {to}.",
        "{condition}, the enquiry would have gone there.",
        "{condition}, a person would have decided.",
    ),
}
_LANGUAGES: dict[str, dict[Language, str]] = {
    "de": {"de": "Deutsch", "en": "German"},
    "en": {"de": "Englisch", "en": "English"},
}
_SHARES = frozenset({"topic", "not_for_us"})
"""About probabilities."""


def sentence(change: Change, language: Language) -> str:
    """What would have had to be different, and where the case would have gone then."""
    code, about = code_of(change.what), change.what.partition(":")[2].split("|")
    if code in _SHARES:
        about = [percent(float(part), language) for part in about]
    elif code == "speaks":
        about = [_LANGUAGES.get(part, {}).get(language, part) for part in about]
    elif code == "advisor":
        about = [about[0], ", ".join(named(part, language) for part in about[1:])]
    else:
        about = [named(part, language) for part in about]
    elsewhere, there, a_person = _THEN[language]
    if not change.to:
        then = a_person if change.target == "triage" else there
    else:
        then = there if change.to == change.who else elsewhere
    return then.format(condition=_IF[code][language].format(*about, who=change.who), to=change.to)
