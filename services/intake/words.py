"""What intake says, in German and English."""

from services.intake.enquiry import Enquiry, State

LANGUAGES = ("de", "en")

_ERRORS = {
    "required": ("Diese Angabe fehlt.", "This is missing."),
    "unknown_field": ("Dieses Feld gibt es nicht.", "There is no such field."),
    "too_short": ("Bitte mindestens {min_length} Zeichen.", "At least {min_length} characters, please."),
    "too_long": ("Bitte höchstens {max_length} Zeichen.", "At most {max_length} characters, please."),
    "too_many": ("Bitte höchstens {max_length} auswählen.", "Choose {max_length} at most, please."),
    "postal_code": (
        "Eine Postleitzahl hat fünf Ziffern, zum Beispiel 01067.",
        "A postal code has five digits, like 01067.",
    ),
    "choice": ("Möglich ist nur: {expected}.", "Possible are only: {expected}."),
    "control_characters": (
        "Hier stehen Steuerzeichen, die wir nicht annehmen können. Bitte tippen Sie den Text neu.",
        "There are control characters in here that we cannot take. Please type it again.",
    ),
    "email": (
        "Das ist keine E-Mail-Adresse. Sie sieht aus wie name@example.org.",
        "This is no e-mail address. It looks like name@example.org.",
    ),
    "phone": (
        "Das ist keine Telefonnummer. Bitte mit Vorwahl, zum Beispiel 0351 123456.",
        "This is no telephone number. Please give the area code, like 0351 123456.",
    ),
    "unknown_topic": ("Dieses Thema gibt es nicht.", "There is no such topic."),
    "consent": (
        "Ohne Ihre Einwilligung dürfen wir die Anfrage nicht weitergeben.",
        "Without your consent we may not pass the enquiry on.",
    ),
    "wrong_type": ("Diese Angabe hat die falsche Art.", "This is of the wrong type."),
}

_NEXT: dict[State, tuple[str, str]] = {
    "received": ("Wir suchen die passende Ansprechstelle.", "We are looking for the right contact."),
    "offered": (
        "Wir haben Ihre Anfrage einer Ansprechstelle angeboten und warten auf ihre Antwort.",
        "We have offered your enquiry to a contact and are waiting for their answer.",
    ),
    "accepted": ("{receiver} meldet sich bei Ihnen.", "{receiver} will get in touch with you."),
    "in_progress": ("{receiver} ist mit Ihnen im Gespräch.", "{receiver} is in touch with you."),
    "completed": ("Die Beratung ist abgeschlossen.", "The advice is completed."),
    "closed": ("Diese Anfrage ist abgeschlossen.", "This enquiry is closed."),
    "triage": (
        "Unsere Koordination kümmert sich persönlich darum, wer Ihnen helfen kann.",
        "Our coordinators are finding out in person who can help you.",
    ),
    "withdrawn": (
        "Sie haben die Anfrage zurückgezogen. Es geschieht nichts weiter.",
        "You have withdrawn the enquiry. Nothing more will happen.",
    ),
    "erased": ("Die Daten dieser Anfrage sind gelöscht.", "The data of this enquiry has been erased."),
}

_STATES: dict[State, tuple[str, str]] = {
    "received": ("Eingegangen", "Received"),
    "offered": ("Angeboten", "Offered"),
    "accepted": ("Angenommen", "Accepted"),
    "in_progress": ("In Beratung", "In progress"),
    "completed": ("Beraten", "Completed"),
    "closed": ("Abgeschlossen", "Closed"),
    "triage": ("In Klärung", "Being clarified"),
    "withdrawn": ("Zurückgezogen", "Withdrawn"),
    "erased": ("Gelöscht", "Erased"),
}


def said(key: str, language: str, **values: object) -> str:
    """The words for an error's code (``error.<code>``) in this language."""
    return _ERRORS[key.removeprefix("error.")][LANGUAGES.index(language)].format(**values)


def next_step(enquiry: Enquiry) -> str:
    """What happens next, a sentence in the enquiry's language."""
    receiver = enquiry.receiver.name if enquiry.receiver else ""
    return _NEXT[enquiry.state][LANGUAGES.index(enquiry.language)].format(receiver=receiver)


def state_name(state: State, language: str) -> str:
    """A state's name for people."""
    return _STATES[state][LANGUAGES.index(language)]


FORM = {
    "de": {
        "title": "Digitalisierung im Handwerk: Anfrage stellen",
        "lead": "Beschreiben Sie kurz, worum es geht. Wir leiten Ihre Anfrage an die passende Beratungsstelle weiter: kostenlos, neutral und in Ihrer Nähe.",
        "required": "Felder mit * brauchen wir.",
        "errors_title": "Bitte prüfen Sie diese Angaben",
        "unavailable": "Ihre Anfrage ist noch nicht gespeichert. Ihre Eingaben stehen noch hier: Bitte senden Sie sie in einigen Sekunden noch einmal ab. Doppelt zählt es nicht.",
        "earlier": "Dieses Formular haben Sie schon einmal abgeschickt. Wenn Sie das Geänderte als neue Anfrage senden wollen, schicken Sie es noch einmal ab.",
        "earlier_link": "Zur früheren Anfrage",
        "other_language": "English",
        "business": "Ihr Betrieb",
        "contact": "Ansprechperson",
        "topic": "Thema",
        "matter": "Ihr Anliegen",
        "consent_group": "Einwilligung",
        "business.name": "Betrieb",
        "business.trade": "Gewerk",
        "business.trade.help": "Zum Beispiel Tischler, Bäckerin, Elektrotechnik.",
        "business.postal_code": "Postleitzahl",
        "business.place": "Ort",
        "business.employees": "Beschäftigte",
        "business.member": "Mitglied der Handwerkskammer?",
        "contact.name": "Name",
        "contact.email": "E-Mail",
        "contact.email.help": "Dorthin kommt gleich die Bestätigung.",
        "contact.phone": "Telefon",
        "contact.preferred": "Wie sollen wir uns melden?",
        "contact.time": "Wann erreichen wir Sie am besten?",
        "topics.help": "Bis zu fünf. Wenn Sie unsicher sind, lassen Sie alles frei.",
        "text": "Worum geht es?",
        "text.help": "10 bis 5.000 Zeichen, gern in Stichworten. Bitte keine Passwörter und keine Namen anderer Personen.",
        "choose": "keine Angabe",
        "yes": "ja",
        "no": "nein",
        "unclear": "weiß nicht",
        "email": "per E-Mail",
        "phone": "per Telefon",
        "consent": "Ich willige ein, dass meine Angaben an die Handwerkskammer meiner Region oder eine andere zuständige Beratungsstelle und, wenn das Thema es verlangt, an das zuständige nationale Schaufenster weitergegeben werden, damit sie mich beraten. Wer ich bin, erfährt eine Stelle erst, wenn sie die Anfrage übernimmt. Lesen kann die Anfrage auch die Koordination des Netzwerks. Die Einwilligung kann ich jederzeit über den Statuslink widerrufen.",
        "privacy": "Datenschutzhinweise",
        "imprint": "Impressum",
        "send": "Anfrage absenden",
    },
    "en": {
        "title": "Going digital in the crafts: send an enquiry",
        "lead": "Tell us briefly what it is about. We pass your enquiry on to the right advisor: free of charge, neutral and close to you.",
        "required": "We need the fields marked *.",
        "errors_title": "Please check these fields",
        "unavailable": "Your enquiry is not stored yet. What you typed is still here: please send it again in some seconds. It will not count twice.",
        "earlier": "You have sent this form before. To send the changed text as a new enquiry, send it once more.",
        "earlier_link": "To the earlier enquiry",
        "other_language": "Deutsch",
        "business": "Your business",
        "contact": "Contact person",
        "topic": "Topic",
        "matter": "What you need",
        "consent_group": "Consent",
        "business.name": "Business",
        "business.trade": "Trade",
        "business.trade.help": "For example joiner, baker, electrician.",
        "business.postal_code": "Postal code",
        "business.place": "Place",
        "business.employees": "Employees",
        "business.member": "Member of the chamber of crafts?",
        "contact.name": "Name",
        "contact.email": "E-mail",
        "contact.email.help": "The confirmation goes there at once.",
        "contact.phone": "Telephone",
        "contact.preferred": "How shall we get in touch?",
        "contact.time": "When do we reach you best?",
        "topics.help": "Up to five. If you are not sure, leave all of them free.",
        "text": "What is it about?",
        "text.help": "10 to 5,000 characters, key words will do. No passwords and no names of other people, please.",
        "choose": "not said",
        "yes": "yes",
        "no": "no",
        "unclear": "don't know",
        "email": "by e-mail",
        "phone": "by telephone",
        "consent": "I agree that my details are passed on to the chamber of crafts of my region or another advisory body in charge, and where the topic asks for it to the national showcase in charge, so that they can advise me. Who I am is told to a body only when it takes the enquiry. The network's coordinators can read the enquiry, too. I can withdraw my consent at any time through the status link.",
        "privacy": "Privacy notice",
        "imprint": "Imprint",
        "send": "Send enquiry",
    },
}

STATUS = {
    "de": {
        "title": "Ihre Anfrage",
        "reference": "Aktenzeichen",
        "received": "Eingegangen",
        "email": "Ihre E-Mail-Adresse",
        "email_hint": "Stimmt sie nicht, ziehen Sie diese Anfrage bitte zurück und stellen Sie sie neu.",
        "receipt_failed": "An diese Adresse konnten wir keine Mail zustellen. Bitte merken Sie sich den Link zu dieser Seite.",
        "state": "Stand",
        "next": "Wie es weitergeht",
        "receiver": "Ihre Ansprechstelle",
        "history": "Verlauf",
        "keep": "Dieser Link gehört nur Ihnen. Sie finden ihn auch in der Bestätigungsmail.",
        "withdraw_title": "Anfrage zurückziehen",
        "withdraw_text": "Dann geschieht nichts weiter, und die Ansprechstelle erfährt davon. Das lässt sich nicht rückgängig machen.",
        "withdraw": "Anfrage zurückziehen",
        "privacy": "Datenschutzhinweise",
        "imprint": "Impressum",
    },
    "en": {
        "title": "Your enquiry",
        "reference": "Reference",
        "received": "Received",
        "email": "Your e-mail address",
        "email_hint": "If it is wrong, please withdraw this enquiry and send it anew.",
        "receipt_failed": "We could not deliver any mail to this address. Please keep the link to this page.",
        "state": "State",
        "next": "What happens next",
        "receiver": "Your contact",
        "history": "History",
        "keep": "This link is yours alone. It is also in the confirmation mail.",
        "withdraw_title": "Withdraw the enquiry",
        "withdraw_text": "Nothing more will happen then, and the contact is told. This cannot be undone.",
        "withdraw": "Withdraw enquiry",
        "privacy": "Privacy notice",
        "imprint": "Imprint",
    },
}
