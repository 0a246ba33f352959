"""What intake says about an enquiry and about what is wrong with one, in German and English."""

from typing import Any

from services.intake.document import Flaw
from services.intake.enquiry import Enquiry, State
from shared.emergency import STEPS
from shared.topics import TOPICS

LANGUAGES = ("de", "en")

_FLAWS = {
    "required": ("Diese Angabe fehlt.", "This is missing."),
    "unknown_field": ("Dieses Feld gibt es nicht.", "There is no such field."),
    "too_short": ("Bitte mindestens {at_least} Zeichen.", "At least {at_least} characters, please."),
    "too_long": (
        "Bitte höchstens {at_most} Zeichen; es sind {has}.",
        "At most {at_most} characters, please; these are {has}.",
    ),
    "too_many": ("Bitte höchstens {at_most} auswählen.", "Choose {at_most} at most, please."),
    "postal_code": (
        "Eine Postleitzahl hat fünf Ziffern, zum Beispiel 01067.",
        "A postal code has five digits, for example 01067.",
    ),
    "choice": ("Möglich ist: {expected}.", "Possible: {expected}."),
    "control_characters": (
        "Hier stehen unsichtbare Steuerzeichen, die wir nicht annehmen können. Bitte tippen Sie diese Angabe neu ein.",
        "There are invisible control characters in here that we cannot take. Please type this in again.",
    ),
    "email": (
        "Das ist keine vollständige E-Mail-Adresse. Richtig wäre zum Beispiel name@example.org.",
        "This is not a complete e-mail address. A right one would be name@example.org.",
    ),
    "email_letters": (
        "Vor dem @ stehen Umlaute oder Sonderzeichen. Dorthin können wir nicht zustellen: bitte eine andere Adresse.",
        "There are letters before the @ that we cannot deliver to. Please give another address.",
    ),
    "phone": (
        "Das ist keine vollständige Telefonnummer. Bitte mit Vorwahl, zum Beispiel 0351 123456.",
        "This is not a complete telephone number. Please add the area code, for example 0351 123456.",
    ),
    "phone_needed": (
        "Sie möchten angerufen werden: Bitte geben Sie eine Telefonnummer an.",
        "You would like to be called: please give a telephone number.",
    ),
    "unknown_topic": ("Dieses Thema gibt es nicht.", "There is no such topic."),
    "consent": (
        "Ohne Ihr Einverständnis dürfen wir die Anfrage nicht weitergeben.",
        "Without your consent we may not pass the enquiry on.",
    ),
    "wrong_type": ("Hier gehört {wanted} hin.", "{wanted} is expected here."),
}

_WANTED = {"text": ("ein Text", "A text"), "list": ("eine Liste", "A list"), "object": ("ein Objekt", "An object")}

_STATES: dict[State, tuple[str, str]] = {
    "received": ("Eingegangen", "Received"),
    "offered": ("Beratungsstelle angefragt", "Advisor asked"),
    "accepted": ("Übernommen", "Taken"),
    "in_progress": ("In Beratung", "Being advised"),
    "completed": ("Abgeschlossen", "Completed"),
    "closed": ("Beendet", "Closed"),
    "triage": ("Wird persönlich geklärt", "Looked at in person"),
    "withdrawn": ("Zurückgezogen", "Withdrawn"),
    "erased": ("Gelöscht", "Erased"),
}

_NEXT: dict[State, tuple[str, str]] = {
    "received": (
        "Wir suchen die passende Ansprechstelle; Sie müssen nichts weiter tun.",
        "We are looking for the right advisor; there is nothing else you have to do.",
    ),
    "offered": (
        "Eine Beratungsstelle prüft, ob sie Ihre Anfrage übernimmt; kann sie nicht, fragen wir die nächste.",
        "An advisor is looking at whether they can take your enquiry; if they cannot, we ask the next.",
    ),
    "accepted": (
        "{receiver} hat Ihre Anfrage übernommen und meldet sich bei Ihnen.",
        "{receiver} has taken your enquiry and will get in touch with you.",
    ),
    "in_progress": ("{receiver} ist mit Ihnen im Gespräch.", "{receiver} is in touch with you."),
    "completed": ("Die Beratung ist abgeschlossen.", "The advice is completed."),
    "closed": (
        "Diese Anfrage ist beendet; es geschieht nichts weiter.",
        "This enquiry is closed; nothing more happens.",
    ),
    "triage": (
        "Unsere Koordination klärt persönlich, wer Ihnen helfen kann; Sie müssen nichts weiter tun.",
        "Our coordinators are finding out in person who can help you; there is nothing else you have to do.",
    ),
    "withdrawn": (
        "Sie haben die Anfrage zurückgezogen; es geschieht nichts weiter.",
        "You have withdrawn the enquiry; nothing more happens.",
    ),
    "erased": ("Die Daten dieser Anfrage sind gelöscht.", "The data of this enquiry has been erased."),
}
_WHY = {
    "leads": ("Diese Stelle ist in unserem Netzwerk für {topics} zuständig.", "They lead on {topics} in our network."),
    "helps_with": ("Diese Stelle kann bei {topics} helfen.", "They can help with {topics}."),
    "advises_on": (
        "Diese Stelle berät zu {topics}. Sie ist für die {chamber} da, zu der Ihre Postleitzahl {postal_code} gehört.",
        "They advise on {topics}, and they are there for {chamber}, which your postal code {postal_code} belongs to.",
    ),
    "advises_in": (
        "Diese Stelle berät für die {chamber}, zu der Ihre Postleitzahl {postal_code} gehört.",
        "They advise for {chamber}, which your postal code {postal_code} belongs to.",
    ),
    "near": ("Diese Stelle berät in Ihrer Nähe.", "They advise near you."),
    "serves": ("Diese Stelle ist für Ihr Bundesland zuständig.", "They serve your federal state."),
    "stands_in": (
        "Diese Stelle vertritt eine andere, die gerade abwesend ist.",
        "They stand in for another office that is absent at the moment.",
    ),
    "chosen": (
        "Unsere Koordination hat diese Stelle für Sie ausgesucht.",
        "Our coordinators have chosen them for you.",
    ),
}
_QUOTED = ("„{}“", "“{}”")
_WAITS = ("Wartet auf einen freien Platz", "Waits for a free place")
_NEXT_WHEN_IT_WAITS = (
    (
        "Alle, die Ihnen helfen können, haben gerade viele Anfragen. Ihre ist vorgemerkt und geht an die erste Stelle, die "
        "wieder Zeit hat; Sie müssen nichts weiter tun."
    ),
    (
        "Everybody who can help you has many enquiries at the moment. Yours is in the line and goes to the first who has "
        "time again; there is nothing else you have to do."
    ),
)
_EMERGENCY = ("Wir rufen Sie so bald wie möglich an. Bis dahin:", "We will call you as soon as we can. Until then:")
_SOMEBODY = ("Eine Beratungsstelle", "An advisor")

STATUS = {
    "de": {
        "title": "Ihre Anfrage",
        "sent": "Ihre Anfrage ist angekommen",
        "reference": "Nummer Ihrer Anfrage",
        "received": "Eingegangen",
        "email": "Ihre E-Mail-Adresse",
        "email_hint": "Dorthin schreiben wir Ihnen. Stimmt sie nicht, ziehen Sie diese Anfrage bitte zurück und senden "
        "Sie eine neue.",
        "undeliverable": "An Ihre E-Mail-Adresse konnten wir nicht zustellen. Vielleicht ist sie falsch geschrieben. "
        "Ihre Anfrage läuft weiter; bitte bewahren Sie den Link zu dieser Seite auf. Ist die Adresse falsch, ziehen "
        "Sie diese Anfrage bitte zurück und senden Sie eine neue.",
        "warning": "Bitte beachten",
        "state": "Stand",
        "since": "seit",
        "next": "Wie es weitergeht",
        "receiver": "Wer sich kümmert",
        "why": "Warum diese Stelle",
        "history": "Verlauf",
        "keep": "Diese Seite zeigt immer den neuesten Stand. Ihr Link ist privat: Wer ihn hat, sieht diese Seite. Er "
        "steht auch in der Bestätigung, die wir Ihnen per E-Mail senden.",
        "again": "Neue Anfrage senden",
        "emergency": "Wir rufen Sie so bald wie möglich an. Bitte beachten Sie bis dahin die Hinweise oben.",
        "withdraw": "Anfrage zurückziehen",
        "withdraw_intro": "Sie brauchen keine Beratung mehr, oder Sie möchten Ihr Einverständnis zurücknehmen?",
        "withdraw_sure": "Möchten Sie die Anfrage wirklich zurückziehen?",
        "withdraw_text": "Dann geschieht nichts weiter, und wer die Anfrage hat, erfährt davon. Rückgängig machen "
        "lässt sich das nicht; eine neue Anfrage können Sie jederzeit senden.",
        "withdraw_yes": "Ja, Anfrage zurückziehen",
        "withdraw_no": "Nein, zurück zum Stand",
        "skip": "Zum Inhalt",
        "privacy": "Datenschutz",
        "imprint": "Impressum",
        "footer": "Rechtliches",
    },
    "en": {
        "title": "Your enquiry",
        "sent": "Your enquiry has arrived",
        "reference": "Number of your enquiry",
        "received": "Received",
        "email": "Your e-mail address",
        "email_hint": "That is where we write to you. If it is wrong, please withdraw this enquiry and send a new one.",
        "undeliverable": "We could not deliver to your e-mail address. Perhaps it is misspelt. Your enquiry goes on; "
        "please keep the link to this page. If the address is wrong, please withdraw this enquiry and send a new one.",
        "warning": "Please note",
        "state": "State",
        "since": "since",
        "next": "What happens next",
        "receiver": "Who takes care of it",
        "why": "Why this contact",
        "history": "History",
        "keep": "This page always shows the latest state. Your link is private: whoever has it sees this page. It is "
        "also in the confirmation that we send you by e-mail.",
        "again": "Send a new enquiry",
        "emergency": "We will call you as soon as we can. Until then, please follow the advice above.",
        "withdraw": "Withdraw the enquiry",
        "withdraw_intro": "You do not need advice any more, or you would like to withdraw your consent?",
        "withdraw_sure": "Do you really want to withdraw the enquiry?",
        "withdraw_text": "Nothing more happens then, and whoever has the enquiry is told. It cannot be undone; you can "
        "send a new enquiry at any time.",
        "withdraw_yes": "Yes, withdraw the enquiry",
        "withdraw_no": "No, back to the status",
        "skip": "To the content",
        "privacy": "Privacy",
        "imprint": "Imprint",
        "footer": "Legal",
    },
}
"""The status page."""


def said(flaw: Flaw, language: str) -> str:
    """What is wrong with a field, in a sentence."""
    words = _FLAWS[flaw.code][LANGUAGES.index(language)]
    return words.format(**{name: _value(name, value, language) for name, value in flaw.values.items()})


def state_name(state: State, language: str) -> str:
    """The state in a word or two."""
    return _STATES[state][LANGUAGES.index(language)]


def standing(enquiry: Enquiry) -> str:
    """Where the enquiry stands, in a word or a few, in its language."""
    return _WAITS[LANGUAGES.index(enquiry.language)] if enquiry.waits else state_name(enquiry.state, enquiry.language)


def next_step(enquiry: Enquiry) -> str:
    """What happens next, a sentence in the enquiry's language; in an emergency what to do now, in several."""
    language = LANGUAGES.index(enquiry.language)
    if enquiry.emergency:
        return " ".join((_EMERGENCY[language], *STEPS[enquiry.language]))
    if enquiry.waits:
        return _NEXT_WHEN_IT_WAITS[language]
    who = enquiry.receiver
    receiver = (who.full_name or who.name) if who else _SOMEBODY[language]
    return _NEXT[enquiry.state][language].format(receiver=receiver)


def why(enquiry: Enquiry) -> str | None:
    """Why this receiver has it, in the enquiry's language; None where nothing was said that can be told."""
    because = enquiry.receiver.because if enquiry.receiver else None
    if because is None or because.code not in _WHY:
        return None
    language = LANGUAGES.index(enquiry.language)
    known = (TOPICS[topic].label(enquiry.language) for topic in because.topics if topic in TOPICS)
    topics = ", ".join(_QUOTED[language].format(label) for label in known)
    told = {"topics": topics, "chamber": because.chamber, "postal_code": enquiry.business.postal_code}
    sentence = _WHY[because.code][language]
    missing = any(f"{{{name}}}" in sentence and not value for name, value in told.items())
    return None if missing else sentence.format(**told)


def _value(name: str, value: Any, language: str) -> str:
    if name == "wanted":
        return _WANTED[value][LANGUAGES.index(language)]
    if isinstance(value, int):
        return f"{value:,}".replace(",", "." if language == "de" else ",")
    return str(value).replace(" or ", " oder ") if language == "de" else str(value)
