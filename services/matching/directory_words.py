"""What the directory's pages say, in German and English."""

from collections.abc import Iterable
from datetime import date, time

from services.matching.directory import Absence, Hours, Receiver
from services.matching.regions import districts
from services.matching.words import PAGE, Language
from shared.topics import TOPICS

FIELDS: dict[Language, dict[str, str]] = {
    "de": {
        "active": "Bekommt Anfragen",
        "name": "Name",
        "organisation": "Organisation",
        "kind": "Art",
        "lead": "Leitet als Schaufenster",
        "email": "E-Mail",
        "phone": "Telefon",
        "language": "Sprache unserer E-Mails",
        "chambers": "Kammerbezirke",
        "districts": "Weitere Kreise",
        "states": "Ganze Länder",
        "topics": "Themen",
        "languages": "Sprachen der Beratung",
        "most_open": "Höchstens offene Fälle",
        "most_a_week": "Höchstens Fälle je Woche",
        "hours": "Arbeitszeit",
        "absences": "Abwesenheiten",
        "valid_from": "Gültig ab",
        "valid_until": "Gültig bis",
    },
    "en": {
        "active": "Gets enquiries",
        "name": "Name",
        "organisation": "Organisation",
        "kind": "Kind",
        "lead": "Leads as showcase",
        "email": "E-mail",
        "phone": "Telephone",
        "language": "Language of our e-mails",
        "chambers": "Chamber districts",
        "districts": "Further Kreise",
        "states": "Whole states",
        "topics": "Topics",
        "languages": "Languages of advice",
        "most_open": "Open cases at most",
        "most_a_week": "Cases a week at most",
        "hours": "Working hours",
        "absences": "Absences",
        "valid_from": "Valid from",
        "valid_until": "Valid until",
    },
}
"""The fields of a receiver, in the order in which they are told."""

_VALUES: dict[Language, dict[str, str]] = {
    "de": {
        "yes": "ja",
        "no": "nein",
        "advisor": "Beratung",
        "showcase": "Schaufenster",
        "de": "Deutsch",
        "en": "Englisch",
        "nord": "Nord",
        "ost": "Ost",
        "sued": "Süd",
        "west": "West",
        "any_topic": "alle",
        "any_language": "alle",
        "any_number": "ohne Grenze",
        "days": "Mo Di Mi Do Fr Sa So",
        "whole_day": "ganztags",
        "until": "bis",
        "deputy": "Vertretung",
        "clock": "Uhr",
    },
    "en": {
        "yes": "yes",
        "no": "no",
        "advisor": "Advisor",
        "showcase": "Showcase",
        "de": "German",
        "en": "English",
        "nord": "North",
        "ost": "East",
        "sued": "South",
        "west": "West",
        "any_topic": "all",
        "any_language": "all",
        "any_number": "no limit",
        "days": "Mon Tue Wed Thu Fri Sat Sun",
        "whole_day": "all day",
        "until": "to",
        "deputy": "deputy",
        "clock": "",
    },
}

_PAGE: dict[Language, dict[str, str]] = {
    "de": {
        # the list
        "directory_title": "Verzeichnis",
        "directory_intro": "Alle Stellen, die Anfragen bekommen können. Wählen Sie eine, um ihre Angaben zu sehen "
        "und zu ändern.",
        "search": "Suchen",
        "search_hint": "Name, Organisation, Kennung, Kammer, Land, Kreis oder Thema; mehrere Wörter müssen alle "
        "vorkommen.",
        "search_all": "Alle zeigen",
        "directory_empty": "Das Verzeichnis ist leer. „wegweiser directory import DATEI“ füllt es.",
        "nothing_found": "Zu „{q}“ gibt es niemanden im Verzeichnis. Prüfen Sie die Schreibweise, oder suchen Sie nach "
        "weniger Wörtern.",
        "found_one": "1 Stelle.",
        "found_many": "{number} Stellen.",
        "found_cut": "Gezeigt werden die ersten {shown}. Suchen Sie, um die übrigen zu sehen.",
        "showcases": "Schaufenster",
        "advisors": "Beratung",
        "elsewhere": "Ohne Kammerbezirk",
        "state_active": "aktiv",
        "state_inactive": "bekommt keine Anfragen",
        "state_absent": "abwesend bis {day}",
        "state_absent_deputy": "abwesend bis {day}, Vertretung: {deputy}",
        "state_not_yet": "ab {day}",
        "state_over": "war gültig bis {day}",
        # one receiver
        "id": "Kennung",
        "state": "Stand",
        "details": "Angaben",
        "load": "Zurzeit",
        "load_now": "{open} offen (angebotene zählen mit), {in_week} in dieser Woche",
        "saved": "Die Änderung ist gespeichert und gilt in wenigen Sekunden überall.",
        "other_fields": "Name, Adresse, Gebiet und Arbeitszeit ändern Sie in der Verzeichnisdatei: „wegweiser "
        "directory export“ und „import“.",
        "none": "keine",
        "change_title": "Ändern",
        "active_label": "Bekommt neue Anfragen",
        "yes": "ja",
        "no": "nein",
        "active_hint": "Bei „nein“ bleibt der Eintrag mit seiner Geschichte stehen. Angebotene Fälle, die noch nicht "
        "beantwortet sind, gehen gleich an die nächste Stelle, übernommene bleiben.",
        "limits": "Wie viel",
        "most_open_hint": "Angebotene Fälle zählen mit. Leer: ohne Grenze.",
        "most_a_week_hint": "Von Montag bis Sonntag. Leer: ohne Grenze.",
        "valid_until_hint": "Der letzte Tag, an dem es neue Anfragen gibt. Leer: ohne Ende.",
        "languages_hint": "Ohne Auswahl: alle.",
        "topics_hint": "Ohne Auswahl: alle Themen. Mit Auswahl bekommt eine Beratung nur Fälle mit diesen Themen.",
        "topics_chosen_none": "Themen: alle",
        "topics_chosen": "Themen: {number} gewählt",
        "absences_hint": "An diesen Tagen gibt es keine neuen Fälle; der erste und der letzte Tag gehören dazu. Die "
        "Vertretung bekommt sie stattdessen: schreiben Sie deren Kennung, oder lassen Sie das Feld leer. Auch "
        "angebotene Fälle, die noch nicht beantwortet sind, gehen am ersten Tag weiter; übernommene bleiben. Zum "
        "Hinzufügen füllen Sie die leere Zeile aus.",
        "absence": "Abwesenheit {number}",
        "absence_new": "Neue Abwesenheit",
        "absence_first": "Erster Tag",
        "absence_last": "Letzter Tag",
        "absence_deputy": "Vertretung (Kennung)",
        "absence_remove": "Diese Abwesenheit entfernen",
        "who_and_why": "Wer und warum",
        "by": "Ihr Name",
        "by_hint": "Steht in der Geschichte dieses Eintrags, damit andere nachfragen können.",
        "why_label": "Warum",
        "why_hint": "In einer Zeile, zum Beispiel: „Urlaub, telefonisch gemeldet“.",
        "save": "Speichern",
        "history": "Geschichte",
        "history_new": "Neu im Verzeichnis.",
        "history_version": "Version {number}",
        "changed_meanwhile_title": "Der Eintrag hat sich inzwischen geändert",
        "changed_meanwhile": "Ihre Änderung ist noch nicht gespeichert. Unter „Angaben“ steht, was jetzt gilt, unter "
        "„Geschichte“, wer was geändert hat. Ihre Eingaben stehen noch im Formular: Prüfen Sie sie, und speichern Sie "
        "noch einmal.",
        # flaws
        "by_missing": "Schreiben Sie Ihren Namen, damit andere nachfragen können.",
        "why_missing": "Schreiben Sie kurz, warum Sie den Eintrag ändern.",
        "line_long": "Das ist zu lang: Es gehen höchstens 200 Zeichen.",
        "line_characters": "Das enthält Steuerzeichen, die nicht gespeichert werden können.",
        "number_wrong": "Schreiben Sie eine ganze Zahl ab 1, oder lassen Sie das Feld leer.",
        "day_wrong": "Das ist kein Tag. Schreiben Sie ihn zum Beispiel so: 21.12.2026.",
        "day_missing": "Hier fehlt der Tag. Schreiben Sie ihn zum Beispiel so: 21.12.2026.",
        "language_wrong": "Diese Sprache gibt es hier nicht. Wählen Sie aus der Liste.",
        "topic_wrong": "Dieses Thema gibt es nicht. Wählen Sie aus der Liste.",
        "active_missing": "Wählen Sie „ja“ oder „nein“.",
        "lead_taken": "Dieses Schaufenster leitet schon jemand anderes: {named}. Schalten Sie den anderen Eintrag "
        "zuerst ab.",
        "needed_as_deputy": "Diese Stelle ist noch als Vertretung eingetragen bei: {named}. Ändern Sie das zuerst.",
        "until_before_from": "Dieser Tag liegt vor „Gültig ab“. Schreiben Sie einen späteren.",
        "absence_backwards": "Der letzte Tag liegt vor dem ersten. Berichtigen Sie einen der beiden.",
        "absence_overlap": "Diese Abwesenheit überschneidet sich mit einer anderen. Ändern Sie eine der beiden.",
        "deputy_itself": "Niemand kann sich selbst vertreten. Nennen Sie eine andere Stelle.",
        "deputy_unknown": "Diese Kennung steht nicht im Verzeichnis. Prüfen Sie die Schreibweise.",
        "deputy_inactive": "Diese Stelle bekommt keine Anfragen mehr. Nennen Sie eine andere.",
        "deputy_circle": "Am selben Tag wären alle abwesend, die sich gegenseitig vertreten: {named}. Nennen Sie eine "
        "andere Vertretung.",
    },
    "en": {
        "directory_title": "Directory",
        "directory_intro": "Everybody who can get enquiries. Choose one to see and change what is known about it.",
        "search": "Search",
        "search_hint": "Name, organisation, id, chamber, state, Kreis or topic; of several words, all must occur.",
        "search_all": "Show all",
        "directory_empty": "The directory is empty. “wegweiser directory import FILE” fills it.",
        "nothing_found": "Nobody in the directory matches “{q}”. Check the spelling, or search for fewer words.",
        "found_one": "1 receiver.",
        "found_many": "{number} receivers.",
        "found_cut": "The first {shown} are shown. Search to see the others.",
        "showcases": "Showcases",
        "advisors": "Advisors",
        "elsewhere": "Without a chamber district",
        "state_active": "active",
        "state_inactive": "gets no enquiries",
        "state_absent": "absent until {day}",
        "state_absent_deputy": "absent until {day}, deputy: {deputy}",
        "state_not_yet": "from {day} on",
        "state_over": "was valid until {day}",
        "id": "Id",
        "state": "State",
        "details": "What is known",
        "load": "At the moment",
        "load_now": "{open} open (offered ones count too), {in_week} this week",
        "saved": "The change is saved, and holds everywhere within seconds.",
        "other_fields": "Name, address, region and working hours are changed in the directory's file: “wegweiser "
        "directory export” and “import”.",
        "none": "none",
        "change_title": "Change",
        "active_label": "Gets new enquiries",
        "yes": "yes",
        "no": "no",
        "active_hint": "With “no”, the entry stays with its history. Offered cases that are not answered yet go to the "
        "next office at once, accepted ones stay.",
        "limits": "How much",
        "most_open_hint": "Offered cases count too. Empty: no limit.",
        "most_a_week_hint": "From Monday to Sunday. Empty: no limit.",
        "valid_until_hint": "The last day with new enquiries. Empty: no end.",
        "languages_hint": "None chosen: all.",
        "topics_hint": "None chosen: all topics. Otherwise an advisor gets cases with these topics only.",
        "topics_chosen_none": "Topics: all",
        "topics_chosen": "Topics: {number} chosen",
        "absences_hint": "No new cases come on these days, the first and the last one included. The deputy gets them "
        "instead: write its id, or leave the field empty. Offered cases that are not answered yet go on too, on the "
        "first day; accepted ones stay. To add an absence, fill in the empty row.",
        "absence": "Absence {number}",
        "absence_new": "New absence",
        "absence_first": "First day",
        "absence_last": "Last day",
        "absence_deputy": "Deputy (id)",
        "absence_remove": "Remove this absence",
        "who_and_why": "Who and why",
        "by": "Your name",
        "by_hint": "Stands in this entry's history, so that others can ask you.",
        "why_label": "Why",
        "why_hint": "In one line, for example: “holiday, told by telephone”.",
        "save": "Save",
        "history": "History",
        "history_new": "New in the directory.",
        "history_version": "Version {number}",
        "changed_meanwhile_title": "Somebody has changed this entry meanwhile",
        "changed_meanwhile": "Your change is not saved yet. “What is known” says what holds now, “History” who changed "
        "what. What you entered is still in the form: check it, and save once more.",
        "by_missing": "Write your name, so that others can ask you.",
        "why_missing": "Write briefly why you change the entry.",
        "line_long": "This is too long: at most 200 characters are possible.",
        "line_characters": "This contains control characters that cannot be stored.",
        "number_wrong": "Write a whole number from 1 on, or leave the field empty.",
        "day_wrong": "This is no day. Write it like this: 2026-12-21.",
        "day_missing": "The day is missing. Write it like this: 2026-12-21.",
        "language_wrong": "This language is not known here. Choose from the list.",
        "topic_wrong": "There is no such topic. Choose from the list.",
        "active_missing": "Choose “yes” or “no”.",
        "lead_taken": "Somebody else leads this showcase already: {named}. Switch the other entry off first.",
        "needed_as_deputy": "This receiver is still named as deputy by: {named}. Change that first.",
        "until_before_from": "This day is before “Valid from”. Write a later one.",
        "absence_backwards": "The last day is before the first. Correct one of the two.",
        "absence_overlap": "This absence overlaps with another one. Change one of the two.",
        "deputy_itself": "Nobody can be their own deputy. Name somebody else.",
        "deputy_unknown": "This id is not in the directory. Check the spelling.",
        "deputy_inactive": "This receiver gets no enquiries any more. Name another one.",
        "deputy_circle": "All who stand in for each other would be absent on the same day: {named}. Name another "
        "deputy.",
    },
}

SAY: dict[Language, dict[str, str]] = {language: PAGE[language] | _PAGE[language] for language in ("de", "en")}
"""With the words that every page has."""


def told(receiver: Receiver, language: Language) -> dict[str, tuple[str, ...]]:
    """What is known about a receiver, by field, in words; nothing where nothing is said."""
    words = _VALUES[language]
    kreise = districts()
    return {
        "active": (words["yes" if receiver.active else "no"],),
        "name": (receiver.name,),
        "organisation": (receiver.organisation,),
        "kind": (words[receiver.kind],),
        "lead": (words[receiver.lead],) if receiver.lead else (),
        "email": (receiver.email,),
        "phone": (receiver.phone,) if receiver.phone else (),
        "language": (words[receiver.language],),
        "chambers": receiver.chambers,
        "districts": tuple(f"{kreise.get(key, '?')} ({key})" for key in receiver.districts),
        "states": receiver.states,
        "topics": _topics(receiver.topics, language) or (words["any_topic"],),
        "languages": tuple(words[each] for each in receiver.languages) or (words["any_language"],),
        "most_open": (str(receiver.most_open or words["any_number"]),),
        "most_a_week": (str(receiver.most_a_week or words["any_number"]),),
        "hours": (_hours(receiver.hours, language),),
        "absences": tuple(_absence(absence, language) for absence in receiver.absences),
        "valid_from": (day_in_words(receiver.valid_from, language),) if receiver.valid_from else (),
        "valid_until": (day_in_words(receiver.valid_until, language),) if receiver.valid_until else (),
    }


def day_in_words(day: date, language: Language) -> str:
    """``21.12.2026`` or ``21 Dec 2026``."""
    return f"{day:%d.%m.%Y}" if language == "de" else f"{day.day} {day:%b %Y}"


def _topics(topics: Iterable[str], language: Language) -> tuple[str, ...]:
    return tuple(TOPICS[topic].label(language) if topic in TOPICS else topic for topic in topics)


def _hours(hours: Hours, language: Language) -> str:
    words = _VALUES[language]
    names = words["days"].split()
    days = ", ".join(names[day] for day in hours.days)
    if (hours.begin, hours.end) == (time(0), time.max):
        return f"{days}, {words['whole_day']}"
    end = "24:00" if hours.end == time.max else f"{hours.end:%H:%M}"
    return f"{days}, {hours.begin:%H:%M}-{end} {words['clock']}".rstrip()


def _absence(absence: Absence, language: Language) -> str:
    words = _VALUES[language]
    first, last = day_in_words(absence.first, language), day_in_words(absence.last, language)
    days = first if absence.first == absence.last else f"{first} {words['until']} {last}"
    return f"{days}, {words['deputy']}: {absence.deputy}" if absence.deputy else days
