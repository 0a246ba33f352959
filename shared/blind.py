"""An enquiry's text without who wrote it: what a receiver may read before taking the case.

Addresses, telephone numbers and the enquirer's own names are replaced by what they were. Rather too much goes than too
little; nobody can promise that a text in free words names nobody, so the form asks people to leave names out.
"""

import re
from collections.abc import Callable, Iterator
from typing import Protocol

_EMAIL = re.compile(r"[\w.+\-]+\s?(?:@|\(at\)|\[at\])\s?[\w\-]+(?:\.[\w\-]+)+", re.IGNORECASE)
_WEBSITE = re.compile(r"(?:https?://|www\.)\S+|\b[\w\-]+\.(?:de|com|net|org|eu|info|shop)\b\S*", re.IGNORECASE)
_NEXT_DIGIT = r"[\s/().\u2013-]{0,3}\d"
_PHONE = re.compile(
    r"(?<![\w,.])(?<!\d\s)"
    r"(?!\d{1,2}\.\s?\d{1,2}\.\s?(?:19|20)\d\d(?!\d))"  # a date is no telephone number
    rf"(?:\+|\(?0)\(?(?:{_NEXT_DIGIT}){{5,}}"
    rf"|\b(?:tel|telefon|fon|phone|handy|mobil|fax)\b[.:\s]*\d(?:{_NEXT_DIGIT}){{3,}}",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_SHORTEST_NAME = 3
_LONGER_THAN_MOST_NAMES = 8
"""Letters from which a word like the trade's is rather the trade than a person's name: Stein, but Steinmetzbetrieb."""
_ROLES = (
    "abteilung ag allgemein and annahme ansprechpartner atelier ausbildung ausstellung azubi bauleitung betrieb "
    "buero büro café chef chefin co company das datenschutz der des die digital digitalisierung disposition dr "
    "edv eg einkauf ek ev fach fachgeschäft familie firma frau fuer für gbr geschäftsführer geschäftsführerin "
    "geschäftsführung gesellschaft gmbh gruppe handel handwerk herr ing inh inhaber inhaberin innung it kanzlei "
    "kg kundendienst labor lager leiter leiterin leitung management manager manufaktur marketing meister "
    "meisterbetrieb mr mrs ms office ohg owner partner personal planung produktion prof sales service sohn sons "
    "studio söhne team technik the tochter töchter ug und verkauf vertrieb verwaltung von werkstatt "
    "werkstattleitung zentrale zimmer zum zur "
)
"""Words in the names of many, persons and businesses: a text without them could not be understood."""
_TRADES = (
    "anlagen auto bad dach elektro energie fenster garten haus heizung holz klima küche metall möbel sanitär solar "
    "stahl stein "
)
"""Words in the names of many businesses; persons are called so too, and they alone."""
_KINDS_OF_BUSINESS = (
    "bau",
    "bäckerei",
    "betrieb",
    "betriebe",
    "erei",
    "meister",
    "meisterin",
    "handwerk",
    "laden",
    "leitung",
    "service",
    "studio",
    "technik",
    "werk",
    "werkstatt",
    "werkstätte",
    "werkstätten",
)
_MARKS = {
    "de": {"email": "[E-Mail-Adresse]", "website": "[Website]", "phone": "[Telefonnummer]", "name": "[Name]"},
    "en": {"email": "[e-mail address]", "website": "[website]", "phone": "[telephone number]", "name": "[name]"},
}


class Enquiry(Protocol):
    """What an enquiry says, and the names in it that must not be told."""

    @property
    def text(self) -> str: ...
    @property
    def business(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def trade(self) -> str: ...
    @property
    def place(self) -> str | None: ...


def blinded(enquiry: Enquiry, language: str) -> str:
    """The text with addresses, numbers and the enquirer's names replaced by words in this language."""
    marks = _MARKS[language]
    text = _EMAIL.sub(marks["email"], enquiry.text)
    text = _WEBSITE.sub(marks["website"], text)
    text = _PHONE.sub(marks["phone"], text)
    for name in sorted(_names(enquiry), key=len, reverse=True):
        text = _whole_word(name).sub(marks["name"], text)
    return re.sub(rf"{re.escape(marks['name'])}(?:[\s,&-]+{re.escape(marks['name'])})+", marks["name"], text)


def _names(enquiry: Enquiry) -> Iterator[str]:
    """The business's and the person's names whole, and the words in them that are theirs alone."""
    for whole, telling in (
        (_as_names(enquiry.business), _of_the_business(enquiry)),
        (_as_names(enquiry.name), _of_the_person(enquiry)),
        (enquiry.email.partition("@")[0], _of_the_business(enquiry)),
    ):
        words = [word for word in _WORD.findall(whole) if len(word) >= _SHORTEST_NAME and telling(word.casefold())]
        yield from (word for word in words if word[0].isupper() or "-" in word)
        if words:
            yield whole.strip()


def _as_names(whole: str) -> str:
    """Somebody who types everything in small letters has a name all the same."""
    return whole.title() if whole.islower() else whole


def _of_the_person(enquiry: Enquiry) -> Callable[[str], bool]:
    known = _known(enquiry)
    return lambda word: (
        word not in _ROLES.split()
        and not word.endswith("leitung")
        and (len(word) < _LONGER_THAN_MOST_NAMES or _stem(word) not in known)
    )


def _of_the_business(enquiry: Enquiry) -> Callable[[str], bool]:
    known, shared = _known(enquiry), {*_ROLES.split(), *_TRADES.split()}
    return lambda word: word not in shared and not word.endswith(_KINDS_OF_BUSINESS) and _stem(word) not in known


def _known(enquiry: Enquiry) -> str:
    """What the receiver is told anyway."""
    return f"{enquiry.trade} {enquiry.place or ''}".casefold()


def _stem(word: str) -> str:
    """The word without an ending: ``tischl`` of ``tischlerei``."""
    return word[: max(5, len(word) - 3)]


def _whole_word(name: str) -> re.Pattern[str]:
    """The name as a word of its own, in the genitive too, with any space or hyphen between its parts."""
    parts = r"[\s\-]+".join(map(re.escape, name.split()))
    return re.compile(rf"(?<!\w){parts}(?:'?s)?(?!\w)", re.IGNORECASE)
