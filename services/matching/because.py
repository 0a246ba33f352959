"""Why a receiver was offered a case: as a code, which the enquirer's status page words, and in words for the receiver.

Neither names another receiver or who asks.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from services.matching.decide import Decision
from services.matching.reasons import code_of, named, quoted
from services.matching.referral import Offer, Referral
from shared.blind import blinded

Language = Literal["de", "en"]
Code = Literal["leads", "helps_with", "advises_on", "advises_in", "near", "serves", "stands_in", "chosen"]


_MOST_WORDS = 3
"""From which a topic was guessed: the weaker ones say little."""


@dataclass(frozen=True, slots=True)
class Because:
    """Why somebody was offered a case."""

    code: Code
    """``leads`` the topics, or ``helps_with`` them; ``advises_on`` the topics in the firm's chamber; ``advises_in``
    that chamber; ``near``: in one beside it; ``serves`` the federal state; ``stands_in`` for somebody absent;
    ``chosen`` by a coordinator."""
    topics: tuple[str, ...] = ()
    """By id."""
    chamber: str | None = None
    """The firm's."""


_YOU: dict[Code, dict[Language, str]] = {
    "leads": {
        "de": "Ihr Schaufenster ist bei {topics} federführend.",
        "en": "Your showcase leads on {topics}.",
    },
    "helps_with": {"de": "Ihr Schaufenster kann bei {topics} helfen.", "en": "Your showcase can help with {topics}."},
    "advises_on": {
        "de": "Sie beraten zu {topics}, und der Betrieb gehört zur {chamber}, in der Sie beraten.",
        "en": "You advise on {topics}, and the business belongs to {chamber}, where you advise.",
    },
    "advises_in": {
        "de": "Der Betrieb gehört zur {chamber}, in der Sie beraten.",
        "en": "The business belongs to {chamber}, where you advise.",
    },
    "near": {
        "de": "Der Betrieb gehört zur {chamber}, in der Nähe von dort, wo Sie beraten.",
        "en": "The business belongs to {chamber}, near where you advise.",
    },
    "serves": {
        "de": "Ihr Schaufenster ist für das Bundesland des Betriebs zuständig.",
        "en": "Your showcase serves the federal state of the business.",
    },
    "stands_in": {
        "de": "Sie vertreten eine Stelle, die gerade abwesend ist.",
        "en": "You stand in for an office that is absent at the moment.",
    },
    "chosen": {"de": "Die Koordination hat Sie ausgewählt.", "en": "The coordinators have chosen you."},
}
_GUESSED: dict[Language, str] = {
    "de": "Ein Thema ist nicht angekreuzt; es ist aus dem Text erschlossen.",
    "en": "No topic was ticked; it was guessed from the text.",
}
_GUESSED_FROM: dict[Language, str] = {
    "de": "Ein Thema ist nicht angekreuzt; es ist aus dem Text erschlossen, vor allem aus: {words}.",
    "en": "No topic was ticked; it was guessed from the text, above all from: {words}.",
}
_TEXT_SAYS: dict[Language, str] = {
    "de": "Der Text spricht allerdings eher von {topic}; angekreuzt ist anderes.",
    "en": "The text rather speaks of {topic}, though; something else was ticked.",
}
_CODES: dict[str, Code] = {"leads": "leads", "helps_with": "helps_with", "serves": "serves"}
"""Of those reasons of a candidate that are told as they are."""


def because(referral: Referral, offer: Offer) -> Because:
    """Why this offer's receiver was offered the case."""
    decision = decision_of(referral, offer)
    if decision is None:
        return Because("chosen")
    first = decision.candidates[0]
    if first.deputy_of is not None:
        return Because("stands_in")
    code, topics = code_of(first.reason), tuple(first.reason.partition(":")[2].split("|"))
    if code in _CODES:
        return Because(_CODES[code], () if code == "serves" else topics)
    chamber = decision.region.chamber
    if first.pool == "neighbours":
        return Because("near", chamber=chamber)
    return Because("advises_on", topics, chamber) if code == "names_topic" else Because("advises_in", chamber=chamber)


def why_you(referral: Referral, offer: Offer) -> str:
    """Why, in sentences for this offer's receiver, in its language."""
    return " ".join(_sentences(referral, offer, offer.receiver.language))


def decision_of(referral: Referral, offer: Offer) -> Decision | None:
    """The decision by which an offer was made; None where a coordinator chose the receiver."""
    return next(
        (
            decision
            for decision in (referral.decision, *referral.earlier)
            if decision.decided_at == offer.at
            and decision.candidates
            and decision.candidates[0].receiver == offer.receiver.id
        ),
        None,
    )


def _sentences(referral: Referral, offer: Offer, language: Language) -> Iterator[str]:
    why, about = because(referral, offer), referral.decision.about
    topics = ", ".join(named(topic, language) for topic in why.topics)
    yield _YOU[why.code][language].format(topics=topics, chamber=why.chamber)
    if not about.ticked:
        words = _visible(tuple(word for guess in about.topics[:1] for word in guess.words), referral, language)
        template = _GUESSED_FROM if words else _GUESSED
        yield template[language].format(words=", ".join(quoted(word, language) for word in words))
    elif about.text_says is not None:
        yield _TEXT_SAYS[language].format(topic=named(about.text_says.id, language))


def _visible(words: tuple[str, ...], referral: Referral, language: Language) -> tuple[str, ...]:
    """Those words that the receiver may read before acceptance, the strongest first."""
    text = blinded(referral.enquiry, language)
    readable = (word for word in words if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text))
    return tuple(islice(readable, _MOST_WORDS))
