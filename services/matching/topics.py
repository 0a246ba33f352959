"""What an enquiry is about: what was ticked, or else an honest guess from the words it is written in."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.matching.keywords import KEYWORDS

_LED_BY = {
    "regional": "web_praesenz social_media e_rechnung dsgvo_datenschutz foerderung kasse_gobd digi_check breitband",
    "nord": "erp_handwerkersoftware zeiterfassung mobile_baustelle dms_papierlos it_sicherheit cloud_itinfra lager_rfid"
    " fuhrpark_touren e_vergabe smart_home energiemonitoring aufmass_3d bim ar_assistenz e_learning",
    "ost": "geschaeftsmodell online_shop konfigurator plattform_kooperation smart_service",
    "sued": "robotik_cobot cnc_cam additive_fertigung maschinendaten produktionsplanung exoskelett",
    "west": "prozess_transformation smarte_produkte prototyping_design vr_visualisierung ki_generativ"
    " kundenkommunikation",
}

LEADS: dict[str, str] = {topic: lead for lead, topics in _LED_BY.items() for topic in topics.split()}
"""Who leads each topic: ``regional`` (the chamber's advisors) or a showcase. Source: the project's own taxonomy."""

_STRONG, _WEAK = 2, 1
_ENOUGH = 2
"""Evidence from which a topic is named at all: one strong keyword, or two weak ones."""
_BY_CHANCE = 250
"""Letters of text among which one weak keyword means nothing."""
_CLOSE = 0.5
"""A topic with less than this share of the best one's evidence is left out."""
_AT_MOST = 3
_INSIDE_COMPOUNDS = 7
"""Letters from which a keyword counts in the middle of a word too."""


@dataclass(frozen=True, slots=True)
class Guess:
    """One topic that an enquiry is about."""

    id: str
    p: float
    """1 for what was ticked; for a guess how likely it is, 0.5 to 0.9, more with more evidence."""
    words: tuple[str, ...] = ()
    """The keywords that spoke for a guess; empty for what was ticked."""


def find_topics(ticked: Iterable[str], text: str, trade: str = "") -> tuple[Guess, ...]:
    """What an enquiry is about, the likeliest first; empty if neither ticks nor words tell.

    What was ticked counts alone. Else the words of ``text`` are compared with the keywords of each topic, without
    regard to case, and with umlauts spelled either way. Ids that do not exist are passed over.
    """
    known = tuple(topic for topic in dict.fromkeys(ticked) if topic in LEADS)
    if known:
        return tuple(Guess(topic, 1.0) for topic in known)
    return _guess(text, trade)


def _guess(text: str, trade: str) -> tuple[Guess, ...]:
    written, practised = f" {_plain(text)} ", f" {_plain(trade)} "
    told = [
        (evidence, topic, tuple(words))
        for topic, keywords in _LOOKED_FOR
        if (words := _found(keywords, written, practised)) and (evidence := _evidence(words, len(written))) >= _ENOUGH
    ]
    told.sort(key=lambda found: -found[0])
    best = told[0][0] if told else 0
    return tuple(
        Guess(topic, _likely(evidence), words) for evidence, topic, words in told[:_AT_MOST] if evidence > best * _CLOSE
    )


def _evidence(words: dict[str, int], length: int) -> int:
    weak = sum(weight for weight in words.values() if weight == _WEAK)
    return sum(words.values()) - weak + max(0, weak - length // _BY_CHANCE)


def _likely(evidence: int) -> float:
    """0.5 for what is just enough, and never more than 0.9: it stays a guess."""
    return round(0.9 - 0.8 / evidence, 2)


def _found(keywords: tuple[tuple[str, str, int], ...], written: str, practised: str) -> dict[str, int]:
    """The keywords that were written, with their weight; of a keyword within another one only the longer one.

    A word that names the business's own trade says less about what it needs: "CNC-Dreherei sucht Zeiterfassung".
    """
    hits = {
        keyword: _WEAK if needle in practised else weight for keyword, needle, weight in keywords if needle in written
    }
    return {
        keyword: weight
        for keyword, weight in hits.items()
        if not any(keyword != longer and keyword in longer for longer in hits)
    }


def _plain(text: str) -> str:
    """Small letters and digits, one blank between words; ``ae`` for ``ä``, ``ss`` for ``ß``, ``e`` for ``é``."""
    spelled = text.casefold()
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        spelled = spelled.replace(umlaut, letters).replace(unicodedata.normalize("NFD", umlaut), letters)
    bare = (letter for letter in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(letter))
    return " ".join("".join(letter if letter.isalnum() else " " for letter in bare).split())


def _needles(keywords: str, weight: int) -> Iterator[tuple[str, str, int]]:
    for entry in keywords.split(","):
        whole = entry.strip().startswith("=")
        keyword = _plain(entry)
        for spelling in dict.fromkeys((keyword, keyword.replace(" ", ""))):
            if not spelling:
                continue
            if whole:
                needle = f" {spelling} "
            elif len(spelling) >= _INSIDE_COMPOUNDS:
                needle = spelling
            else:
                needle = f" {spelling}"
            yield keyword, needle, weight


_LOOKED_FOR = tuple(
    (topic, (*_needles(keywords.strong, _STRONG), *_needles(keywords.weak, _WEAK)))
    for topic, keywords in KEYWORDS.items()
)
