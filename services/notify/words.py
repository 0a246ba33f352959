"""The sentences of each message, in German and English. What varies is in braces."""

from dataclasses import dataclass

from services.notify.notice import Language, Purpose


@dataclass(frozen=True, slots=True)
class Words:
    """What one kind of message says."""

    subject: str
    opening: str
    action: str
    after: str
    """What happens then, under the one thing to do."""


WORDS: dict[Language, dict[Purpose, Words]] = {
    "de": {
        "receipt": Words(
            subject="Ihre Anfrage ist angekommen ({reference})",
            opening="vielen Dank für Ihre Anfrage. Sie ist bei uns angekommen, und wir suchen jetzt die Stelle, die Ihnen "
            "am besten helfen kann. Sobald jemand Ihre Anfrage übernimmt, schreiben wir Ihnen, wer sich bei Ihnen meldet.",
            action="Stand Ihrer Anfrage ansehen",
            after="Auf dieser Seite sehen Sie jederzeit, wie weit wir sind, und können die Anfrage auch zurückziehen. Der "
            "Link ist nur für Sie: Bitte geben Sie ihn nicht weiter. Sie haben gar nichts angefragt? Dann hat sich jemand "
            "bei der Adresse vertippt; antworten Sie bitte kurz auf diese E-Mail.",
        ),
        "offer": Words(
            subject="Neue Anfrage, bitte antworten bis {respond_by} ({reference})",
            opening="ein Handwerksbetrieb sucht Rat, und nach unserem Verzeichnis sind Sie dafür die richtige Stelle. Bitte "
            "sagen Sie uns bis {respond_by}, ob Sie die Anfrage übernehmen.",
            action="Anfrage ansehen und antworten",
            after="Wenn Sie übernehmen, sehen Sie sofort, wer anfragt, und der Betrieb erfährt, dass Sie sich melden. Wenn "
            "Sie ablehnen oder nicht antworten, geht die Anfrage an die nächste Stelle. Der Link ist nur für Sie.",
        ),
        "disclosure": Words(
            subject="Sie haben die Anfrage übernommen: die Kontaktdaten ({reference})",
            opening="danke, dass Sie diese Anfrage übernommen haben. Bitte melden Sie sich jetzt bei dem Betrieb: Er weiß, "
            "dass Sie sich melden.",
            action="Anfrage öffnen",
            after="Auf dieser Seite finden Sie alles noch einmal. Bitte verwenden Sie die Angaben nur für diese Beratung.",
        ),
        "introduction": Words(
            subject="{receiver} meldet sich bei Ihnen ({reference})",
            opening="gute Nachrichten: Ihre Anfrage ist in guten Händen. Diese Stelle hat sie übernommen und meldet sich bei "
            "Ihnen:",
            action="Stand Ihrer Anfrage ansehen",
            after="Sie müssen jetzt nichts tun. Damit man Sie beraten kann, hat die Stelle Ihre Kontaktdaten und Ihren Text "
            "bekommen. Wenn Sie in den nächsten Tagen nichts hören, antworten Sie bitte auf diese E-Mail: Wir kümmern uns "
            "darum.",
        ),
        "triage_alarm": Words(
            subject="Bitte klären: Anfrage {reference}",
            opening="für diese Anfrage haben wir niemanden gefunden. Bitte entscheiden Sie, wer sie bekommt: Bis dahin wartet "
            "der Betrieb.",
            action="Zur Klärungsliste",
            after="Dort stehen der Text und die Kontaktdaten. Die Seite öffnet sich mit dem Link der Koordination, den Sie "
            "schon haben.",
        ),
        "emergency": Words(
            subject="Läuft bei Ihnen gerade ein Angriff? Das hilft jetzt ({reference})",
            opening="Ihre Anfrage klingt danach, dass Ihr Betrieb gerade angegriffen wird. Wir haben sie sofort an einen "
            "Menschen weitergegeben, der sich so bald wie möglich bei Ihnen meldet. Bis dahin:",
            action="Stand Ihrer Anfrage ansehen",
            after="Haben wir Sie falsch verstanden? Dann müssen Sie nichts tun: Ihre Anfrage liest auf jeden Fall ein Mensch.",
        ),
        "withdrawal": Words(
            subject="Ihre Anfrage ist zurückgezogen ({reference})",
            opening="Sie haben Ihre Anfrage zurückgezogen. Wir haben das vermerkt und suchen nicht weiter. Wer sie schon "
            "hatte, bekommt Bescheid, damit sich niemand mehr bei Ihnen meldet. Sie müssen nichts weiter tun.",
            action="Neue Anfrage stellen",
            after="Sie können uns jederzeit wieder schreiben. Das waren nicht Sie? Dann antworten Sie bitte auf diese "
            "E-Mail.",
        ),
        "offer_withdrawn": Words(
            subject="Zurückgezogen: Anfrage {reference}",
            opening="der Betrieb hat die Anfrage {reference} zurückgezogen, die wir Ihnen angeboten hatten. Sie müssen nichts "
            "weiter tun. Danke, dass Sie sich dafür Zeit genommen haben.",
            action="",
            after="",
        ),
        "undelivered": Words(
            subject="Nicht zustellbar: bitte anrufen ({reference})",
            opening="eine E-Mail zu dieser Anfrage wurde endgültig abgewiesen: {message}. Bitte sagen Sie es auf einem "
            "anderen Weg weiter, am besten telefonisch.",
            action="",
            after="Der Vorgang läuft sonst weiter. Wir versuchen nicht noch einmal, diese E-Mail zuzustellen.",
        ),
    },
    "en": {
        "receipt": Words(
            subject="Your enquiry has arrived ({reference})",
            opening="Thank you for your enquiry. It has reached us, and we are now looking for the office that can help you "
            "best. As soon as somebody takes it, we will write to tell you who will contact you.",
            action="See where your enquiry stands",
            after="That page always shows how far we are, and there you can also withdraw your enquiry. The link is for you "
            "alone: please do not pass it on. You have not asked for anything? Then somebody mistyped an address; please "
            "send a short reply to this e-mail.",
        ),
        "offer": Words(
            subject="New enquiry, please answer by {respond_by} ({reference})",
            opening="A craft business is looking for advice, and by our directory you are the right office to ask. Please "
            "tell us by {respond_by} whether you take the enquiry.",
            action="See the enquiry and answer",
            after="If you accept, you see at once who is asking, and the business learns that you will be in touch. If you "
            "decline or do not answer, the enquiry goes to the next office. The link is for you alone.",
        ),
        "disclosure": Words(
            subject="You have taken the enquiry: contact details ({reference})",
            opening="Thank you for taking this enquiry. Please contact the business now: they know that you will be in "
            "touch.",
            action="Open the enquiry",
            after="That page has everything once more. Please use these details for this advice alone.",
        ),
        "introduction": Words(
            subject="{receiver} will be in touch with you ({reference})",
            opening="Good news: your enquiry is in good hands. This office has taken it and will contact you:",
            action="See where your enquiry stands",
            after="You need do nothing now. So that they can advise you, the office has received your contact details and "
            "your text. If you hear nothing in the next few days, please reply to this e-mail: we will see to it.",
        ),
        "triage_alarm": Words(
            subject="Please decide: enquiry {reference}",
            opening="We found nobody for this enquiry. Please decide who gets it: until then the business is waiting.",
            action="To the list",
            after="The text and the contact details are there. The page opens with the coordinators' link that you already "
            "have.",
        ),
        "emergency": Words(
            subject="Is an attack going on at your business? What helps now ({reference})",
            opening="Your enquiry reads as if your business were under attack right now. We have passed it on at once to a "
            "person, who will contact you as soon as they can. Until then:",
            action="See where your enquiry stands",
            after="Did we misunderstand you? Then you need do nothing: a person reads your enquiry in any case.",
        ),
        "withdrawal": Words(
            subject="Your enquiry is withdrawn ({reference})",
            opening="You have withdrawn your enquiry. We have noted it and have stopped looking. Whoever had it already is "
            "told, so that nobody contacts you any more. You need do nothing else.",
            action="Send a new enquiry",
            after="You can write to us again at any time. That was not you? Then please reply to this e-mail.",
        ),
        "offer_withdrawn": Words(
            subject="Withdrawn: enquiry {reference}",
            opening="The business has withdrawn enquiry {reference}, which we had offered to you. You need do nothing else. "
            "Thank you for the time you took.",
            action="",
            after="",
        ),
        "undelivered": Words(
            subject="Not delivered: please call ({reference})",
            opening="An e-mail about this enquiry was refused for good: {message}. Please pass it on in another way, best by "
            "telephone.",
            action="",
            after="Otherwise the case goes on. We do not try to deliver this e-mail again.",
        ),
    },
}

URGENT_ALARM: dict[Language, Words] = {
    "de": Words(
        subject="DRINGEND, bitte anrufen: Angriff auf einen Betrieb? ({reference})",
        opening="dieser Betrieb wird vielleicht gerade angegriffen. Bitte rufen Sie ihn sofort an. Was er tun soll, bis "
        "jemand anruft, haben wir ihm schon geschrieben.",
        action="Zur Klärungsliste",
        after="Dort steht die Anfrage ganz oben. Die Seite öffnet sich mit dem Link der Koordination, den Sie schon haben.",
    ),
    "en": Words(
        subject="URGENT, please call: attack on a business? ({reference})",
        opening="This business may be under attack right now. Please call it at once. We have already written to tell it "
        "what to do until somebody calls.",
        action="To the list",
        after="The enquiry is at the top there. The page opens with the coordinators' link that you already have.",
    ),
}
"""Instead of ``triage_alarm``, when the business may be under attack."""

TAKEN_BACK: dict[Language, str] = {
    "de": "der Betrieb hat die Anfrage {reference} zurückgezogen, die Sie übernommen hatten. Bitte melden Sie sich nicht mehr "
    "bei ihm, und löschen Sie die Kontaktdaten. Danke, dass Sie helfen wollten.",
    "en": "The business has withdrawn enquiry {reference}, which you had taken. Please do not contact them any more, and "
    "delete their contact details. Thank you for being ready to help.",
}
"""Instead of the opening of ``offer_withdrawn``, to a receiver who knows who asked."""

PASSED_ON: dict[Language, tuple[str, str]] = {
    "de": (
        "Weitergegeben: Anfrage {reference}",
        (
            "die Anfrage {reference}, die wir Ihnen angeboten hatten, haben wir weitergegeben: Die Koordination hat es so "
            "entschieden, oder Sie stehen im Verzeichnis als abwesend oder nicht mehr dabei. Sie müssen nichts weiter tun. "
            "Stimmt das so nicht, antworten Sie bitte auf diese E-Mail."
        ),
    ),
    "en": (
        "Passed on: enquiry {reference}",
        (
            "We have passed on enquiry {reference}, which we had offered to you: the coordinators decided so, or the directory "
            "has you as absent or no longer taking part. You need do nothing else. If this is not right, please answer this "
            "e-mail."
        ),
    ),
}
"""Subject and opening of ``offer_withdrawn``, where somebody else gets the case."""

BLIND: dict[Language, str] = {
    "de": "Wer anfragt, sehen Sie, sobald Sie übernommen haben. Namen und Adressen im Text sind bis dahin ersetzt.",
    "en": "You see who is asking as soon as you have accepted. Until then, names and addresses in the text are replaced.",
}

TRIAGE_REASONS: dict[Language, dict[str, str]] = {
    "de": {
        "impossible_postal_code": "Die Postleitzahl gibt es nicht, und auch keine ähnliche. Wo sitzt der Betrieb?",
        "nobody_left": "Es ist niemand mehr übrig, dem wir die Anfrage anbieten können.",
        "nobody_free": "Wer helfen könnte, hat gerade keinen freien Platz. Sobald einer frei wird, geht die Anfrage weiter.",
        "attack": "Der Betrieb wird vielleicht gerade angegriffen.",
        "not_for_us": "Es ist vermutlich keine Anfrage eines Betriebs, der Beratung sucht.",
        "unclear": "Aus der Anfrage geht nicht klar hervor, worum es geht.",
        "other": "Die Regeln führen zu keiner Stelle.",
    },
    "en": {
        "impossible_postal_code": "The postal code does not exist, nor does one like it. Where is the business?",
        "nobody_left": "There is nobody left to whom we can offer the enquiry.",
        "nobody_free": "Everybody who could help is full at the moment. As soon as there is a free place, it goes on.",
        "attack": "The business may be under attack at this moment.",
        "not_for_us": "It is probably no enquiry of a business that wants advice.",
        "unclear": "The enquiry does not make clear what it is about.",
        "other": "The rules lead to no office.",
    },
}
"""By the code with which matching's reason begins; ``other`` for the rest."""

MESSAGES: dict[Language, dict[Purpose, str]] = {
    "de": {
        "receipt": "die Eingangsbestätigung an den Betrieb",
        "emergency": "der Rat an den Betrieb, was bei einem Angriff zu tun ist",
        "introduction": "die Nachricht an den Betrieb, wer sich bei ihm meldet",
        "disclosure": "die Kontaktdaten an die Ansprechstelle, die übernommen hat",
    },
    "en": {
        "receipt": "the receipt to the business",
        "emergency": "the advice to the business on what to do under attack",
        "introduction": "the message that tells the business who will call",
        "disclosure": "the contact details for the receiver who has accepted",
    },
}
"""What was not delivered."""

LABELS: dict[Language, dict[str, str]] = {
    "de": {
        "hello": "Guten Tag,",
        "hello_you": "Guten Tag {name},",
        "reference": "Vorgang",
        "business": "Betrieb",
        "name": "Ansprechperson",
        "email": "E-Mail",
        "phone": "Telefon",
        "preferred": "Am liebsten",
        "time": "Gut erreichbar",
        "address": "Ort",
        "place": "Ort",
        "postal_code": "Postleitzahl",
        "employees": "Beschäftigte",
        "member": "Kammermitglied",
        "answers_in": "Sprache",
        "topics": "Themen",
        "topics_open": "noch offen",
        "trade": "Gewerk",
        "chamber": "Kammerbezirk",
        "respond_by": "Antwort bis",
        "received": "Eingegangen",
        "reason": "Grund",
        "receiver": "Ansprechstelle",
        "answer": "Antwort des Mailservers",
        "text": "Was der Betrieb schreibt",
        "text_of_yours": "Ihr Text",
        "by_email": "per E-Mail",
        "by_phone": "per Telefon",
        "yes": "ja",
        "no": "nein",
        "unclear": "unklar",
        "lang_de": "Deutsch",
        "lang_en": "Englisch",
        "regards": "Freundliche Grüße",
        "network": "Wegweiser, das Beratungsnetzwerk für das Handwerk",
        "automatic": "Vorgang {reference}. Diese E-Mail wurde automatisch verschickt, Ihre Antwort liest ein Mensch.",
        "privacy": "Datenschutz:",
        "imprint": "Impressum:",
    },
    "en": {
        "hello": "Hello,",
        "hello_you": "Hello {name},",
        "reference": "Reference",
        "business": "Business",
        "name": "Contact person",
        "email": "E-mail",
        "phone": "Telephone",
        "preferred": "Prefers contact",
        "time": "Best time",
        "address": "Place",
        "place": "Place",
        "postal_code": "Postal code",
        "employees": "Employees",
        "member": "Chamber member",
        "answers_in": "Language",
        "topics": "Topics",
        "topics_open": "still open",
        "trade": "Trade",
        "chamber": "Chamber district",
        "respond_by": "Answer by",
        "received": "Received",
        "reason": "Reason",
        "receiver": "Receiver",
        "answer": "The mail server's answer",
        "text": "What the business writes",
        "text_of_yours": "Your text",
        "by_email": "by e-mail",
        "by_phone": "by telephone",
        "yes": "yes",
        "no": "no",
        "unclear": "unclear",
        "lang_de": "German",
        "lang_en": "English",
        "regards": "Kind regards",
        "network": "Wegweiser, the advisory network for the crafts",
        "automatic": "Reference {reference}. This e-mail was sent automatically; a person reads your reply.",
        "privacy": "Privacy notice:",
        "imprint": "Imprint:",
    },
}
