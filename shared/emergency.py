"""What a business under attack should do before anybody can call: shown and mailed at once.

After the advice of the Federal Office for Information Security (BSI) for small firms: its IT emergency card, and the
free hotline of its Cyber-Sicherheitsnetzwerk. The police of each federal state have a contact for businesses (ZAC).
"""

TITLE = {
    "de": "Läuft gerade ein Angriff? Das hilft jetzt",
    "en": "Is an attack going on? What helps now",
}

_DE = """
Ruhe bewahren. Betroffene Geräte vom Netz trennen: Netzwerkkabel ziehen, WLAN aus. Nicht ausschalten, nichts löschen.
Ihre IT-Betreuung anrufen. Haben Sie keine? Das Bundesamt für Sicherheit in der Informationstechnik hilft kostenfrei: \
0800 274 1000.
Ist Geld geflossen oder umgeleitet? Sofort die Bank anrufen.
Kein Lösegeld zahlen. Die Polizei jedes Bundeslands hat eine Zentrale Ansprechstelle Cybercrime (ZAC) für Betriebe.
Passwörter nur von einem Gerät aus ändern, das nicht betroffen ist.
"""
_EN = """
Stay calm. Take affected devices off the network: pull the network cable, switch off WLAN. Do not switch them off, \
delete nothing.
Call whoever looks after your IT. Is there nobody? The Federal Office for Information Security helps free of charge: \
0800 274 1000.
Was money sent or diverted? Call your bank at once.
Pay no ransom. The police of every federal state have a contact for businesses: the Zentrale Ansprechstelle Cybercrime \
(ZAC).
Change passwords only from a device that is not affected.
"""

STEPS = {"de": tuple(_DE.strip().splitlines()), "en": tuple(_EN.strip().splitlines())}
"""One after the other."""
