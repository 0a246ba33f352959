"""Why a decision is as it is: the codes that are recorded, and the sentences in which people read them.

A recorded reason is a code, and where it is about something, a colon and what: ``led_by_showcase:ost``; several things
are separated by ``|``. The first reason of a decision says how it was taken, the others what else mattered.
"""

from typing import Literal

from shared.topics import TOPICS

SENTENCES: dict[str, dict[str, str]] = {
    "led_by_showcase": {
        "de": "{topics}: Hier ist das {about} federführend.",
        "en": "{topics}: {about} leads here.",
    },
    "led_by_chambers": {
        "de": "{topics}: Dazu beraten die Handwerkskammern, hier die {chamber}.",
        "en": "{topics}: The chambers of crafts advise on this, here {chamber}.",
    },
    "several_leads": {
        "de": "{topics}: Hier sind mehrere federführend ({about}). Deshalb hilft zuerst die {chamber}.",
        "en": "{topics}: Several lead here ({about}). So the first contact is {chamber}.",
    },
    "attack": {
        "de": "Der Betrieb wird vielleicht gerade angegriffen. Bitte sofort anrufen.",
        "en": "The business may be under attack at this moment. Please call at once.",
    },
    "not_for_us": {
        "de": "Das ist vermutlich keine Anfrage eines Betriebs, der Beratung sucht, sondern {about}.",
        "en": "This is probably no enquiry of a business that wants advice, but {about}.",
    },
    "unclear": {
        "de": "Aus der Anfrage geht nicht klar hervor, worum es geht.",
        "en": "The enquiry does not make clear what it is about.",
    },
    "impossible_postal_code": {
        "de": "Zur Postleitzahl {about} ist kein Ort bekannt, auch keiner in der Nähe. Wo ist der Betrieb?",
        "en": "No place is known for the postal code {about}, nor one near it. Where is the business?",
    },
    "nobody_left": {
        "de": "Im Verzeichnis steht niemand, der diesen Fall bekommen kann.",
        "en": "There is nobody in the directory who can get this case.",
    },
    "nobody_free": {
        "de": "Wer helfen könnte, hat gerade keinen freien Platz. Sobald einer frei wird, geht der Fall weiter.",
        "en": "Everybody who could help is full at the moment. As soon as there is a free place, the case goes on.",
    },
    "topics_guessed": {
        "de": "Das Thema ist aus dem Text erschlossen, nicht angekreuzt.",
        "en": "The topic was guessed from the text, not ticked.",
    },
    "text_says": {
        "de": "Angekreuzt ist anderes, aber der Text spricht eher von {about}.",
        "en": "Something else was ticked, but the text rather speaks of {about}.",
    },
    "region_by_place": {
        "de": "Die Postleitzahl {postal_code} liegt in zwei Kammerbezirken; der Ort hat entschieden.",
        "en": "The postal code {postal_code} lies in two chambers' districts; the place decided.",
    },
    "region_ambiguous": {
        "de": "Die Postleitzahl {postal_code} liegt in zwei Kammerbezirken, und der Ort fehlt oder ist nicht bekannt. "
        "Angenommen ist der größere Teil, die {chamber}; möglich ist auch: {about}.",
        "en": "The postal code {postal_code} lies in two chambers' districts, and the place is missing or not known. "
        "{chamber}, the larger part, is assumed; it could also be: {about}.",
    },
    "region_estimated": {
        "de": "Die Postleitzahl {postal_code} steht in keiner Tabelle, vielleicht gehört sie zu einem Postfach. Die "
        "{chamber} ist aus den nächsten Postleitzahlen geschätzt.",
        "en": "The postal code {postal_code} is in no table, it may be a post-office box. {chamber} is estimated from "
        "the nearest postal codes.",
    },
    "without_advisor": {
        "de": "Für die {about} bekommt niemand im Verzeichnis Anfragen.",
        "en": "Nobody in the directory gets enquiries for {about}.",
    },
    "nobody_covers": {
        "de": "In der {chamber} berät niemand zu {about}.",
        "en": "Nobody in {chamber} advises on {about}.",
    },
    "without_showcase": {
        "de": "Das {about} steht nicht im Verzeichnis oder bekommt keine Anfragen.",
        "en": "{about} is not in the directory, or gets no enquiries.",
    },
}
"""What each code says, in German and English. ``{about}`` is what stands after the colon."""

_SHOWCASES = {
    "nord": "Schaufenster Nord",
    "ost": "Schaufenster Ost",
    "sued": "Schaufenster Süd",
    "west": "Schaufenster West",
}
_KINDS = {
    "complaint": {"de": "das Anliegen einer Kundin oder eines Kunden", "en": "something that a customer wants"},
    "advertising": {"de": "Werbung", "en": "advertising"},
    "press": {"de": "eine Anfrage der Presse", "en": "a question from the press"},
    "applicant": {"de": "eine Bewerbung", "en": "an application for a job"},
    "student": {"de": "eine Arbeit für Schule oder Hochschule", "en": "work for a school or university"},
    "offer": {"de": "ein Angebot an das Netzwerk", "en": "an offer to the network"},
    "foreign": {"de": "eine Anfrage aus dem Ausland", "en": "an enquiry from abroad"},
    "not_craft": {"de": "etwas außerhalb des Handwerks oder seiner Digitalisierung", "en": "outside of the crafts"},
    "unclear": {"de": "ein Text, der nichts erkennen lässt", "en": "a text that tells nothing"},
    "attack": {"de": "ein Angriff auf den Betrieb", "en": "an attack on the business"},
}
_QUOTES = {"de": ("„", "“"), "en": ("“", "”")}
_CHAMBERS = {"de": "Handwerkskammern", "en": "the chambers of crafts"}


def recorded(code: str, *about: str) -> str:
    """A reason as it is recorded."""
    return f"{code}:{'|'.join(about)}" if about else code


def code_of(reason: str) -> str:
    """The code of a recorded reason."""
    return reason.partition(":")[0]


def worded(
    reasons: tuple[str, ...], language: Literal["de", "en"], *, postal_code: str, chamber: str, topics: tuple[str, ...]
) -> str:
    """Recorded reasons as sentences, in their order. ``topics`` are ids."""
    labels = ", ".join(named(topic, language) for topic in topics)
    sentences = []
    for reason in reasons:
        code, _, data = reason.partition(":")
        about = ", ".join(named(part, language) for part in data.split("|"))
        sentence = SENTENCES[code][language]
        sentences.append(sentence.format(about=about, postal_code=postal_code, chamber=chamber, topics=labels))
    return " ".join(sentences)


def quoted(words: str, language: Literal["de", "en"]) -> str:
    """The words in the language's quotation marks."""
    opening, closing = _QUOTES[language]
    return f"{opening}{words}{closing}"


def named(part: str, language: Literal["de", "en"]) -> str:
    """What stands after a code's colon, in words: a topic, a lead, a chamber, a kind of what is not for us."""
    if part in TOPICS:
        return quoted(TOPICS[part].label(language), language)
    if part in _KINDS:
        return _KINDS[part][language]
    return _CHAMBERS[language] if part == "regional" else _SHOWCASES.get(part, part)
