"""What the desk's pages say, in German and English."""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any, Literal

from services.matching.topics import Guess
from shared.topics import TOPICS

Language = Literal["de", "en"]

DECLINE_REASONS = {
    "de": {
        "no_capacity": "Zurzeit keine Kapazität",
        "wrong_topic": "Nicht unser Thema",
        "wrong_region": "Nicht unsere Region",
        "conflict_of_interest": "Interessenkonflikt",
        "absent": "Abwesend",
        "duplicate": "Doppelt: Diese Anfrage liegt uns schon vor",
        "not_eligible": "Gehört nicht zu denen, die wir beraten dürfen",
        "other": "Anderer Grund (bitte erläutern)",
    },
    "en": {
        "no_capacity": "No capacity at present",
        "wrong_topic": "Not our topic",
        "wrong_region": "Not our region",
        "conflict_of_interest": "Conflict of interest",
        "absent": "Absent",
        "duplicate": "Duplicate: we have this enquiry already",
        "not_eligible": "Not among those we may advise",
        "other": "Another reason (please explain)",
    },
}

ENDED_BECAUSE = {
    "de": {
        "undeliverable": "E-Mail nicht zustellbar",
        "reassigned": "von der Koordination anders vergeben",
        "withdrawn": "vom Betrieb zurückgezogen",
    },
    "en": {
        "undeliverable": "e-mail could not be delivered",
        "reassigned": "given to somebody else by the coordinator",
        "withdrawn": "withdrawn by the business",
    },
}
"""Why an offer ended without an answer."""

OFFER_STATES = {
    "de": {
        "offered": "wartet auf Antwort",
        "accepted": "übernommen",
        "declined": "abgelehnt",
        "expired": "ohne Antwort beendet",
        "withdrawn": "zurückgezogen",
    },
    "en": {
        "offered": "waits for an answer",
        "accepted": "accepted",
        "declined": "declined",
        "expired": "ended without an answer",
        "withdrawn": "withdrawn",
    },
}

EMPLOYEES = {
    "de": {"1": "1 Person", "50+": "50 Personen oder mehr"},
    "en": {"1": "1 person", "50+": "50 people or more"},
}
MEMBER = {
    "de": {"yes": "ja", "no": "nein", "unclear": "unklar"},
    "en": {"yes": "yes", "no": "no", "unclear": "unclear"},
}
PREFERRED = {
    "de": {"email": "per E-Mail", "phone": "per Telefon"},
    "en": {"email": "by e-mail", "phone": "by telephone"},
}
PAGE: dict[Language, dict[str, str]] = {
    "de": {
        # what every page has
        "skip": "Zum Inhalt",
        "reference": "Vorgang",
        "unknown_chamber": "nicht festzustellen",
        "error_summary": "Bitte prüfen Sie Ihre Angaben",
        # the offer
        "offer_title": "Anfrage zur Übernahme",
        "offer_intro": "Ein Handwerksbetrieb sucht Rat. Bitte sagen Sie, ob Sie die Anfrage übernehmen.",
        "respond_by": "Bitte antworten Sie bis",
        "about": "Worum es geht",
        "topics": "Themen",
        "no_topics": "noch offen: Der Betrieb hat kein Thema gewählt",
        "topics_guessed": "aus dem Text geschlossen",
        "trade": "Gewerk",
        "chamber": "Kammerbezirk",
        "place": "Ort",
        "text": "Was der Betrieb schreibt",
        "blind": "Wer anfragt, sehen Sie, sobald Sie die Anfrage übernommen haben. "
        "Namen und Adressen im Text sind bis dahin ersetzt.",
        "remark": "Hinweis der Koordination",
        "accept_title": "Übernehmen",
        "accept_explained": "Sie sehen dann sofort die Kontaktdaten und bekommen sie auch per E-Mail. "
        "Dem Betrieb sagen wir, dass Sie sich melden.",
        "accept": "Anfrage übernehmen",
        "decline_title": "Ablehnen",
        "decline_explained": "Die Anfrage geht dann sofort an die nächste Stelle. "
        "Der Betrieb erfährt nicht, wer abgelehnt hat.",
        "decline_reason": "Grund",
        "choose": "Bitte wählen",
        "decline_note": "Erläuterung",
        "decline_note_hint": "Nötig bei „Anderer Grund“, sonst freiwillig. Nur die Koordination liest sie.",
        "decline": "Anfrage ablehnen",
        "reason_missing": "Wählen Sie einen Grund.",
        "reason_unknown": "Diesen Grund gibt es nicht. Wählen Sie einen aus der Liste.",
        "note_missing": "Schreiben Sie bei „Anderer Grund“ kurz, warum.",
        "note_long": "Die Erläuterung ist zu lang: Es gehen höchstens 2000 Zeichen.",
        "note_characters": "Die Erläuterung enthält Steuerzeichen, die nicht gespeichert werden können.",
        # after an answer
        "accepted_title": "Sie haben die Anfrage übernommen",
        "accepted_next": "Bitte melden Sie sich beim Betrieb. Er weiß, dass Sie sich melden.",
        "declined_title": "Sie haben die Anfrage abgelehnt",
        "declined_next": "Danke für Ihre Antwort. Die Anfrage ist bei einer anderen Stelle, "
        "Sie müssen nichts weiter tun.",
        "your_reason": "Ihr Grund",
        "your_note": "Ihre Erläuterung",
        "expired_title": "Dieses Angebot ist beendet",
        "expired_next": "Wir haben keine Antwort bekommen, oder unsere E-Mail kam nicht an. Die Anfrage ist bei "
        "einer anderen Stelle, Sie müssen nichts weiter tun.",
        "withdrawn_title": "Diese Anfrage braucht Sie nicht mehr",
        "withdrawn_next": "Der Betrieb hat sie zurückgezogen, oder die Koordination hat sie anders vergeben. "
        "Sie müssen nichts weiter tun.",
        "closed_title": "Der Betrieb hat die Anfrage zurückgezogen",
        "closed_next": "Sie hatten sie übernommen. Bitte melden Sie sich nicht mehr; die Kontaktdaten zeigen wir nicht "
        "mehr an.",
        "answered_at": "Zeitpunkt",
        # who asks
        "enquirer": "Wer anfragt",
        "business": "Betrieb",
        "name": "Ansprechperson",
        "email": "E-Mail",
        "phone": "Telefon",
        "preferred": "Am liebsten",
        "time": "Gut erreichbar",
        "address": "Postleitzahl und Ort",
        "employees": "Beschäftigte",
        "member": "Mitglied der Handwerkskammer",
        "answers_in": "Sprache der Anfrage",
        "lang_de": "Deutsch",
        "lang_en": "Englisch",
        # an answer that came to nothing
        "conflict_title": "Ihre Antwort ändert nichts mehr",
        "conflict_accept": "Sie wollten diese Anfrage übernehmen.",
        "conflict_decline": "Sie wollten diese Anfrage ablehnen.",
        "conflict_accepted": "Sie ist schon übernommen: mit diesem Link, vielleicht von jemandem in Ihrem Haus.",
        "conflict_declined": "Sie ist schon abgelehnt: mit diesem Link, vielleicht von jemandem in Ihrem Haus. "
        "Sie ist jetzt bei einer anderen Stelle.",
        "conflict_expired": "Das Angebot ist ohne Antwort zu Ende gegangen. Die Anfrage ist bei einer anderen Stelle.",
        "conflict_withdrawn": "Der Betrieb hat sie zurückgezogen, oder die Koordination hat sie anders vergeben.",
        "conflict_help": "Wenn etwas nicht stimmt, antworten Sie bitte auf unsere E-Mail, "
        "und nennen Sie die Vorgangsnummer.",
        "to_offer": "Zum Angebot",
        # triage
        "triage_title": "Anfragen zur Klärung",
        "triage_intro": "Diese Anfragen warten auf Ihre Entscheidung: dringende zuerst, dann die ältesten.",
        "urgent": "Dringend",
        "triage_empty": "Keine Anfrage wartet auf Klärung.",
        "triage_one": "1 Anfrage wartet.",
        "triage_many": "{number} Anfragen warten.",
        "triage_cut": "Gezeigt werden die {shown} ältesten. Die übrigen folgen, sobald diese vergeben sind.",
        "since": "Wartet seit",
        "received": "Eingegangen",
        "why": "Warum",
        "nobody_took_it": "Alle, die infrage kamen, wurden gefragt, und niemand hat die Anfrage übernommen.",
        "asked": "Wer schon gefragt wurde",
        "asked_none": "noch niemand",
        "assign_title": "Vergeben",
        "assign_to": "An wen",
        "assign_note": "Hinweis für die Ansprechstelle",
        "assign_note_hint": "Freiwillig. Sie liest ihn, bevor sie übernimmt: Nennen Sie darin keine Namen.",
        "assign": "Anfrage anbieten",
        "advisors_here": "Beratung im Kammerbezirk",
        "showcases": "Schaufenster",
        "others": "Weitere Ansprechstellen",
        "assigned": "Die Anfrage {reference} wurde angeboten: {receiver}. Die E-Mail ist unterwegs.",
        "receiver_missing": "Wählen Sie eine Ansprechstelle.",
        "receiver_unknown": "Diese Ansprechstelle bekommt keine Anfragen mehr. Wählen Sie eine andere.",
        "receiver_away": "Diese Ansprechstelle ist gerade abwesend. Wählen Sie eine andere, zum Beispiel ihre Vertretung.",
        "receiver_full": "Diese Ansprechstelle hat keinen freien Platz. Wählen Sie eine andere, oder erhöhen Sie im "
        "Verzeichnis, wie viele Fälle sie haben kann.",
        "not_assignable_accepted": "Sie ist schon übernommen.",
        "not_assignable_closed": "Sie ist abgeschlossen, weil der Betrieb sie zurückgezogen hat.",
        "to_triage": "Zur Klärungsliste",
        # coordinators' pages
        "coordination": "Koordination",
        "nav_triage": "Klärung",
        "nav_gaps": "Lücken",
        "nav_rules": "Regeln",
        # the rules
        "rules_title": "Regeln",
        "rules_in_force": "Diese Regeln gelten.",
        "rules_not_in_force": "Diese Regeln gelten nicht.",
        "rules_to_active": "Zu den geltenden Regeln",
        "rules_versions": "Alle Versionen",
        "rules_changes": "Was sich ändert, wenn diese Version gilt",
        "rules_no_changes": "Nichts: Die geltenden Regeln sagen dasselbe.",
        "rules_unreadable": "Diese Version des Programms kann diese Regeln nicht mehr lesen. So wurden sie vorgeschlagen:",
        "rules_how": "Neue Regeln werden mit „wegweiser rules propose“ vorgeschlagen und mit „wegweiser rules activate“ in Kraft gesetzt. Jede Entscheidung nennt die Version, nach der sie getroffen wurde.",
        "rules_is_active": "gilt",
        "rules_proposed": "Vorgeschlagen",
        "rules_why": "Warum",
        "rules_activated": "In Kraft gesetzt",
        "rules_from_the_start": "gilt, solange keine anderen in Kraft gesetzt sind",
        "rules_never": "noch nie",
    },
    "en": {
        "skip": "Skip to content",
        "reference": "Reference",
        "unknown_chamber": "cannot be told",
        "error_summary": "Please check what you entered",
        "offer_title": "An enquiry for you",
        "offer_intro": "A craft business is looking for advice. Please tell us whether you take the enquiry.",
        "respond_by": "Please answer by",
        "about": "What it is about",
        "topics": "Topics",
        "no_topics": "still open: the business has not chosen a topic",
        "topics_guessed": "taken from the text",
        "trade": "Trade",
        "chamber": "Chamber district",
        "place": "Place",
        "text": "What the business writes",
        "blind": "You see who is asking as soon as you have taken the enquiry. "
        "Until then, names and addresses in the text are replaced.",
        "remark": "Remark by the coordinator",
        "accept_title": "Accept",
        "accept_explained": "You see the contact details at once and also get them by e-mail. "
        "We tell the business that you will be in touch.",
        "accept": "Accept the enquiry",
        "decline_title": "Decline",
        "decline_explained": "The enquiry goes to the next office at once. The business does not learn who declined.",
        "decline_reason": "Reason",
        "choose": "Please choose",
        "decline_note": "Explanation",
        "decline_note_hint": "Needed with “Another reason”, otherwise optional. Only the coordinators read it.",
        "decline": "Decline the enquiry",
        "reason_missing": "Choose a reason.",
        "reason_unknown": "There is no such reason. Choose one from the list.",
        "note_missing": "With “Another reason”, please write briefly why.",
        "note_long": "The explanation is too long: at most 2000 characters are possible.",
        "note_characters": "The explanation contains control characters that cannot be stored.",
        "accepted_title": "You have taken the enquiry",
        "accepted_next": "Please contact the business. They know that you will be in touch.",
        "declined_title": "You have declined the enquiry",
        "declined_next": "Thank you for your answer. The enquiry is with another office; you need do nothing more.",
        "your_reason": "Your reason",
        "your_note": "Your explanation",
        "expired_title": "This offer has ended",
        "expired_next": "We had no answer, or our e-mail did not arrive. The enquiry is with another office; "
        "you need do nothing more.",
        "withdrawn_title": "This enquiry does not need you any more",
        "withdrawn_next": "The business has withdrawn it, or the coordinator has given it to somebody else. "
        "You need do nothing more.",
        "closed_title": "The business has withdrawn the enquiry",
        "closed_next": "You had taken it. Please do not contact them any more; we no longer show the contact details.",
        "answered_at": "When",
        "enquirer": "Who is asking",
        "business": "Business",
        "name": "Contact person",
        "email": "E-mail",
        "phone": "Telephone",
        "preferred": "Prefers contact",
        "time": "Best time",
        "address": "Postal code and place",
        "employees": "Employees",
        "member": "Member of the chamber of crafts",
        "answers_in": "Language of the enquiry",
        "lang_de": "German",
        "lang_en": "English",
        "conflict_title": "Your answer no longer changes anything",
        "conflict_accept": "You wanted to accept this enquiry.",
        "conflict_decline": "You wanted to decline this enquiry.",
        "conflict_accepted": "The enquiry was accepted already: with this link, perhaps by somebody in your office.",
        "conflict_declined": "The enquiry was declined already: with this link, perhaps by somebody in your office. "
        "It is with another office now.",
        "conflict_expired": "This offer ended without an answer. The enquiry is with another office.",
        "conflict_withdrawn": "The business has withdrawn the enquiry, or the coordinator gave it to somebody else.",
        "conflict_help": "If something is wrong, please reply to our e-mail and name the reference.",
        "to_offer": "To the offer",
        "triage_title": "Enquiries to be decided",
        "triage_intro": "These enquiries wait for your decision: urgent ones first, then the oldest.",
        "urgent": "Urgent",
        "triage_empty": "No enquiry is waiting for a decision.",
        "triage_one": "1 enquiry is waiting.",
        "triage_many": "{number} enquiries are waiting.",
        "triage_cut": "The {shown} oldest are shown. The others follow when these have been assigned.",
        "since": "Waiting since",
        "received": "Received",
        "why": "Why",
        "nobody_took_it": "Everybody who came into question was asked, and nobody took the enquiry.",
        "asked": "Who was asked already",
        "asked_none": "nobody yet",
        "assign_title": "Assign",
        "assign_to": "To whom",
        "assign_note": "Remark for the receiver",
        "assign_note_hint": "Optional. They read it before they accept: please name nobody in it.",
        "assign": "Offer the enquiry",
        "advisors_here": "Advisors in the chamber's district",
        "showcases": "Showcases",
        "others": "Others",
        "assigned": "The enquiry {reference} was offered to {receiver}. The e-mail is on its way.",
        "receiver_missing": "Choose a receiver.",
        "receiver_unknown": "This receiver gets no enquiries any more. Choose another one.",
        "receiver_away": "This receiver is absent at the moment. Choose another one, its deputy perhaps.",
        "receiver_full": "This receiver has no free place. Choose another one, or raise in the directory how many cases "
        "it can have.",
        "not_assignable_accepted": "It has been accepted already.",
        "not_assignable_closed": "It is closed, because the business has withdrawn it.",
        "to_triage": "To the list",
        "coordination": "Coordination",
        "nav_triage": "Decisions",
        "nav_gaps": "Gaps",
        "nav_rules": "Rules",
        "rules_title": "Rules",
        "rules_in_force": "These rules are in force.",
        "rules_not_in_force": "These rules are not in force.",
        "rules_to_active": "To the rules in force",
        "rules_versions": "All versions",
        "rules_changes": "What changes if this version is put into force",
        "rules_no_changes": "Nothing: the rules in force say the same.",
        "rules_unreadable": "This version of the program cannot read these rules any more. They were proposed like this:",
        "rules_how": "New rules are proposed with “wegweiser rules propose” and put into force with “wegweiser rules activate”. Every decision names the version by which it was taken.",
        "rules_is_active": "in force",
        "rules_proposed": "Proposed",
        "rules_why": "Why",
        "rules_activated": "Put into force",
        "rules_from_the_start": "in force as long as no others were put into force",
        "rules_never": "never yet",
    },
}


def spoken(language: Language) -> SimpleNamespace:
    """All words of one language, for the templates."""
    return SimpleNamespace(
        say=PAGE[language],
        decline_reasons=DECLINE_REASONS[language],
        offer_states=OFFER_STATES[language],
        ended_because=ENDED_BECAUSE[language],
        employees=EMPLOYEES[language],
        member=MEMBER[language],
        preferred=PREFERRED[language],
    )


def topics_in_words(topics: Iterable[Guess], language: Language) -> list[dict[str, Any]]:
    """Each topic's label, and whether it was guessed from the text."""
    return [{"label": TOPICS[topic.id].label(language), "guessed": topic.p < 1} for topic in topics]
