"""What an enquirer agrees to. The version is stored with each enquiry; a changed text needs a new one."""

VERSION = "2026-11"

TEXT = {
    "de": (
        "Ich bin einverstanden, dass meine Angaben gespeichert und an die Stelle weitergegeben werden, die mich "
        "beraten soll: an die Beratung meiner Handwerkskammer oder einer anderen Handwerksorganisation meiner Region "
        "und, wenn es nötig ist, an eines der vier nationalen Schaufenster für digitales Handwerk. Wer angefragt wird, "
        "liest zuerst nur Thema, Gewerk, Ort und Text; meinen Namen, meinen Betrieb und meine Kontaktdaten bekommt "
        "erst, wer die Anfrage übernimmt. Muss eine Person klären, wer zuständig ist, liest auch die Koordination des "
        "Netzwerks meine Anfrage. Ich kann die Anfrage jederzeit über den Link zu ihrem Stand zurückziehen."
    ),
    "en": (
        "I agree that my details are stored and passed on to those who are to advise me: the advisors of my chamber of "
        "crafts or of another crafts organisation in my region and, if need be, one of the four national showcases for "
        "digital crafts. Whoever is asked reads only topic, trade, place and text at first; my name, my business and "
        "my contact details go to those who take the enquiry, and not before. If a person has to find out who is in "
        "charge, the network's coordinators read my enquiry, too. I can withdraw the enquiry at any time through the "
        "link to its status."
    ),
}
