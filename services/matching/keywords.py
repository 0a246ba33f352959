"""The words that give a topic away, in German and English.

Separated by commas; how they are compared: ``vocabulary.py``.
"""

from services.matching.vocabulary import Words


def _listed(strong: str, weak: str = "") -> Words:
    return Words(*(tuple(word.strip() for word in words.split(",") if word.strip()) for words in (strong, weak)))


KEYWORDS: dict[str, Words] = {
    "web_praesenz": _listed(
        "webseite, website, web site, homepage, webauftritt, internetauftritt, internetseite, web presence, "
        "webpraesenz, suchmaschine, search engine, google business, google eintrag, google maps, googeln, =seo, my "
        "business",
        "google, gefunden, sichtbar, bewertungen, branchenportal, domain, visible, found online, relaunch",
    ),
    "social_media": _listed(
        "social media, soziale medien, sozialen medien, sozialen netzwerken, instagram, facebook, tiktok, youtube, "
        "linkedin, azubi marketing, online recruiting, karriereseite, azubis finden, azubis gewinnen",
        "azubi, nachwuchs, lehrling, auszubildende, bewerber, fachkraefte gewinnen, apprentice, posten, reichweite, "
        "videos, follower, kanal",
    ),
    "e_rechnung": _listed(
        "e rechnung, elektronische rechnung, elektronischen rechnung, xrechnung, x rechnung, zugferd, e invoic, "
        "electronic invoic, peppol, rechnungen elektronisch, e rechnungspflicht",
        "rechnungen, rechnungseingang, leitweg, invoices, invoicing, =xml, datev",
    ),
    "dsgvo_datenschutz": _listed(
        "datenschutz, dsgvo, gdpr, data protection, whatsapp, einwilligung, auftragsverarbeitung, "
        "verarbeitungsverzeichnis",
        "messenger, kundendaten, abmahn, personenbezogen, privacy, consent, loeschfrist",
    ),
    "foerderung": _listed(
        "foerderung, foerderprogramm, foerdermittel, zuschuss, zuschuesse, digital jetzt, go digital, digitalbonus, "
        "digitalpraemie, gefoerdert, funding, subsidy, subsidies, =grant, =grants, innovationsgutschein, "
        "foerderfaehig",
        "antrag, bezuschuss, =kfw, bafa, finanzier, programm vom land",
    ),
    "kasse_gobd": _listed(
        "registrierkasse, kassensystem, kassensoftware, kassennachschau, kassenbuch, =tse, gobd, bonpflicht, "
        "fiskal, cash register, cash till, =till, kassensicherung, ladenkasse, offene ladenkasse",
        "kasse, finanzamt, betriebspruefung, =bon, =bons, belegausgabe, tax office, kartenzahlung, =ec",
    ),
    "digi_check": _listed(
        "digi check, digicheck, standortbestimmung, digitalisierungscheck, wo anfangen, wo wir anfangen, wo soll "
        "ich anfangen, womit anfangen, wo wir stehen, where to start, where to begin, where do we start, "
        "reifegrad, erstberatung, "
        "digital maturity",
        "anfangen, einstieg, ueberblick, orientierung, digitalisieren, digitalisierung allgemein, beratung, "
        "grundsaetzlich, keine ahnung, get started, overview, kein plan",
    ),
    "breitband": _listed(
        "breitband, glasfaser, mobilfunk, funkloch, internetanschluss, internetverbindung, schnelles internet, "
        "langsames internet, broadband, fibre, fiber optic, internet connection, =dsl, =vdsl, mbit, starlink, kein "
        "netz",
        "=internet, empfang, leitung, telekom, gewerbegebiet, =lte, =5g, upload, bandbreite, bandwidth",
    ),
    "erp_handwerkersoftware": _listed(
        "handwerkersoftware, branchensoftware, branchenloesung, handwerksprogramm, =erp, warenwirtschaft, "
        "kalkulationsprogramm, angebotssoftware, datanorm, =gaeb, auftragsverwaltung, auftragssoftware, trade "
        "software, craft software, angebotsprogramm, quoting software, software fuer angebote, programm fuer "
        "angebote",
        "kalkulation, kalkulier, angebote schreib, nachkalkulation, softwarewechsel, auftraege, software, quotes, "
        "quotation, costing, leistungsverzeichnis, excel, einkaufspreise, faktura, angebote",
    ),
    "zeiterfassung": _listed(
        "zeiterfassung, stundenzettel, stundenerfassung, zeiterfass, arbeitszeiten, stempeluhr, time tracking, "
        "timesheet, time sheet, working hours, stundennachweis, time recording, zeitwirtschaft, "
        "arbeitszeiterfassung, wochenzettel",
        "stunden, lohnabrechnung, ueberstunden, stempeln, lohnbuchhaltung, payroll, pausen, aufschreib",
    ),
    "mobile_baustelle": _listed(
        "baustellenapp, baustellen app, bautagebuch, rapportzettel, regiebericht, fotodoku, baustellendoku, "
        "baudokumentation, monteursapp, tagesbericht, site diary, site app, mangelerfassung, digitale baustelle, "
        "regiezettel, arbeitsschein, construction site app, job sheet, rapporte, montagebericht",
        "baustelle, monteur, tablet, =app, fotos, vor ort, rapport, kolonne, site photos, on site, unterschrift, "
        "handy, whatsapp gruppe",
    ),
    "dms_papierlos": _listed(
        "papierlos, dokumentenmanagement, =dms, digitale ablage, digitales archiv, paperless, document management, "
        "einscannen, aktenordner, digitale akte, leitz ordner, papierkram, dokumentenablage, belege scannen",
        "ordner, ablage, papier, archiv, scannen, scanner, lieferscheine, dokumente, filing, paper, wiederfinden, "
        "zettelwirtschaft",
    ),
    "it_sicherheit": _listed(
        "it sicherheit, cyber, ransomware, verschluesselungstrojaner, trojaner, datensicherung, backup, phishing, "
        "firewall, virenschutz, hacker, gehackt, hacked, it security, malware, passwortmanager, schadsoftware, "
        "erpress, notfallplan",
        "passwort, passwoerter, password, =virus, viren, sicherheit, angriff, security, versicherung",
    ),
    "cloud_itinfra": _listed(
        "=cloud, cloudloesung, in die cloud, microsoft 365, office 365, neuer server, server im keller, serverraum, "
        "homeoffice, home office, fernzugriff, remote access, =vpn, netzlaufwerk, mobiles arbeiten, nextcloud, it "
        "infrastruktur, it infrastructure, edv anlage, terminalserver",
        "server, von unterwegs, von zuhause, systemhaus, netzwerk, =edv, =nas, work from home, from anywhere, "
        "hosting, wlan, standorte",
    ),
    "lager_rfid": _listed(
        "lagerverwaltung, lagerbestand, lagerhaltung, werkzeugverwaltung, werkzeugausgabe, =rfid, inventur, "
        "bestandsfuehrung, stock management, inventory, tool tracking, warehouse, barcode, lagersoftware, werkzeug "
        "verfolgen, kommissionier",
        "lager, qr code, werkzeug, maschinen verschwinden, bestand, magazin, nachbestell, material, stock, tools, "
        "verschwind, geruest",
    ),
    "fuhrpark_touren": _listed(
        "fuhrpark, tourenplanung, routenplanung, fahrzeugortung, gps, flottenmanagement, fleet, route planning, "
        "fahrtenbuch, telematik, fahrzeugverwaltung, einsatzplanung der fahrzeuge, vehicle tracking, touren",
        "fahrzeug, transporter, lieferwagen, ortung, routen, =vans, vehicles, sprinter, liefertour, tour, driving, "
        "kilometer",
    ),
    "e_vergabe": _listed(
        "e vergabe, evergabe, elektronische vergabe, elektronische ausschreibung, vergabeplattform, vergabeportal, "
        "oeffentliche ausschreibung, oeffentlichen ausschreibung, public tender, tendering, e tender, submission, "
        "vergabeverfahren, ausschreibungsportal, elektronisch abgeben",
        "ausschreibung, vergabe, kommune, oeffentliche auftrag, oeffentliche auftraggeber, tender, bieter, "
        "signatur, =vob, praequalifi, gemeinde",
    ),
    "smart_home": _listed(
        "smart home, smart building, =knx, gebaeudeautomation, gebaeudesteuerung, hausautomation, intelligente "
        "gebaeude, vernetzte gebaeude, =aal, ambient assisted, building automation, gebaeudesystemtechnik, "
        "vernetztes haus, home automation, loxone",
        "rollladen, lichtsteuerung, heizungssteuerung, beschattung, wallbox, waermepumpe, matter, gateway, "
        "barrierefrei, thermostat",
    ),
    "energiemonitoring": _listed(
        "energieeffizienz, energiemonitoring, energiemanagement, stromverbrauch, energieverbrauch, stromkosten, "
        "energiekosten, lastspitze, lastmanagement, energy efficiency, energy consumption, power consumption, "
        "energy monitoring, energy costs, energie sparen, electricity bill, stromfresser, co2 bilanz",
        "=strom, energie, photovoltaik, druckluft, zaehler, kwh, electricity, energy, =pv, gasverbrauch",
    ),
    "aufmass_3d": _listed(
        "aufmass, drohne, laserscan, 3d laser, photogrammetrie, =drone, =drones, laser scan, punktwolke, point "
        "cloud, dachvermessung, digital survey, aufmessen, raumscan, ausmessen",
        "vermess, dachflaeche, fassade, =3d, lidar, measuring, tachymeter, survey, flugverbot",
    ),
    "bim": _listed(
        "=bim, building information, digitales bauen, =ifc, bauwerksmodell, digital construction, bim modell, bim "
        "faehig",
        "=revit, autodesk, architekt, modell, generalunternehmer, =gu, planungsbuero, fachmodell",
    ),
    "ar_assistenz": _listed(
        "datenbrille, augmented reality, =ar, smart glasses, hololens, montageanleitung, remote experte, "
        "assistenzsystem, ar brille, montagehilfe, einblenden",
        "brille, montage, anleitung, freie haende, hands free, step by step, servicetechniker",
    ),
    "e_learning": _listed(
        "e learning, elearning, lernplattform, digitales lernen, online schulung, online kurs, lernvideo, webinar, "
        "digital lernen, lern app, online training, learning platform, online course, =lms, schulungsvideo, "
        "berichtsheft",
        "schulung, weiterbildung, unterweisung, fortbildung, lernen, training, einarbeitung, schulen, ueberbetrieblich",
    ),
    "geschaeftsmodell": _listed(
        "geschaeftsmodell, business model, geschaeftsidee, neue einnahme, neues standbein, zweites standbein, "
        "plattformkonkurrenz, new revenue, business idea, neu erfinden, laufkundschaft, wettbewerber aus dem "
        "internet, konkurrenz aus dem internet, mitbewerber aus dem internet",
        "konkurrenz, umsatz, standbein, einnahmen, abo, preisdruck, myhammer, idee, zukunft, competition, wegbrech, "
        "discounter, laeuft nicht mehr",
    ),
    "online_shop": _listed(
        "online shop, webshop, web shop, internetshop, e commerce, ecommerce, shopify, woocommerce, onlinehandel, "
        "online verkauf, online verkaufen, uebers internet verkaufen, im internet verkaufen, ueber das internet "
        "verkaufen, sell online, selling online, verkaufsautomat, warenautomat, brotautomat, vending, 24 7, smart "
        "store, selbstbedienungsladen, click collect, vorbestell, sb laden",
        "=shop, automat, versand, paypal, verkaufen, bestell, warenkorb, =etsy, =amazon, verkaeuferin, rund um die "
        "uhr, orders online, sell, oeffnungszeit",
    ),
    "konfigurator": _listed(
        "konfigurator, configurator, konfigurier, selbst zusammenstellen, massanfertigung online, configure, "
        "zusammenklicken, selber zusammenstell, selbst gestalten",
        "massanfertigung, nach mass, variante, individuell, preis sofort, made to measure, custom made, eigene "
        "masse, zusammenstell, sofortpreis",
    ),
    "plattform_kooperation": _listed(
        "kooperationsboerse, kooperationsplattform, marktplatz, marketplace, kooperationspartner, gemeinsame "
        "plattform, zusammenschluss, maschinenring, bietergemeinschaft, cooperation platform, mit anderen "
        "betrieben, other businesses, auftragsboerse, kapazitaeten teilen",
        "kooperation, plattform, partnerbetrieb, netzwerk von, genossenschaft, platform, cooperat, gemeinsam, "
        "kollegenbetrieb, vermittlungsportal, auslasten, teilen",
    ),
    "smart_service": _listed(
        "fernwartung, wartungsvertrag, wartungsvertraege, wartungsabo, wartungs abo, remote maintenance, service "
        "contract, maintenance contract, ferndiagnose, fernueberwachung, stoermeldung, smart service, remote "
        "monitoring, anlagen beim kunden, customers installations, predictive service",
        "wartung, aus der ferne, abo, anlagen, notdienst, maintenance, heizungsanlage, aufzug, remotely, kundenanlagen",
    ),
    "robotik_cobot": _listed(
        "roboter, cobot, robotik, robotics, =robot, =robots, schweissrobot, greifer, lackierrobot, automatisch "
        "schweissen, leichtbauroboter",
        "schweissen, automatisierung, automatisieren, welding, palettier, handling, eintoenig, monoton, bestueck",
    ),
    "cnc_cam": _listed(
        "=cnc, cncs, cnc maschine, cnc fraes, =cam, cad cam, cadcam, abbund, bearbeitungszentrum, "
        "bearbeitungscenter, fraesmaschine, =cad, postprozessor, milling machine, fraeszentrum, nesting, "
        "drehmaschine",
        "fraese, fraesen, zeichnung, plattensaege, programmier, werkstattzeichn, laserschneid, milling, drawings, "
        "wasserstrahl, 5 achs",
    ),
    "additive_fertigung": _listed(
        "3d druck, 3d druk, 3d print, additive fertigung, additive manufacturing, 3d scan, lasersinter, filament, "
        "3d gedruckt, generative fertigung, resin",
        "gedruckt, drucker, ersatzteile, scannen, einzelteile, spare parts, abdruck, modellguss",
    ),
    "maschinendaten": _listed(
        "maschinendaten, maschinenvernetzung, maschinen vernetzen, predictive maintenance, betriebsdatenerfassung, "
        "sensoren nachruesten, nachruesten mit sensor, retrofit, machine data, maschinenpark vernetz, "
        "maschinenstillstand, =bde, =mde, =opc, condition monitoring, connect our machines, maschinenueberwachung, "
        "auslastung der maschinen, sensorik",
        "sensor, maschinen, stillstand, altmaschine, anlage vernetz, ausfall, machines, downtime, sps, "
        "schnittstelle, vernetz",
    ),
    "produktionsplanung": _listed(
        "produktionsplanung, fertigungsplanung, produktionssteuerung, absatzprognose, mengenplanung, backmengen, "
        "prognose, forecast, production planning, kapazitaetsplanung, fertigungssteuerung, plantafel, "
        "retourenquote, maschinenbelegung, =mes, leitstand",
        "retouren, planung, liefertermin, wegwerfen, wegschmeissen, production, scheduling, auslastung, "
        "reihenfolge, durchlaufzeit, vorhersag",
    ),
    "exoskelett": _listed(
        "exoskelett, exoskeleton, exoskellet, ergonomie, ergonomics, hebehilfe, ueberkopfarbeit, ueberkopf",
        "ruecken, schulter, schwer heb, koerperlich, bandscheibe, heavy lifting, berufsgenossenschaft, =bg, "
        "krankenstand, back pain, gelenk",
    ),
    "prozess_transformation": _listed(
        "prozessdigitalisierung, durchgaengig, doppelerfassung, doppelt erfass, medienbruch, medienbrueche, "
        "digitale transformation, digital transformation, end to end, doppelarbeit, workflow, prozesse digital, "
        "prozesslandkarte, prozessoptimierung, von der anfrage bis zur rechnung, insellosung, insel loesung, "
        "insellosungen, abgetippt, mehrfach eingegeben, doppelt eingegeben, doppelt eintippen, typed twice",
        "prozess, ablaeufe, abtippen, ineinander, doppelt, processes, schnittstelle, automatisiert, von vorne bis "
        "hinten, zettel, chaos, gesamten ablauf, mehrfach",
    ),
    "smarte_produkte": _listed(
        "smarte produkte, smarte moebel, smartes produkt, intelligente produkte, smart product, =iot, internet of "
        "things, sensor im produkt, produkt mit sensor, in unser produkt, vernetztes produkt, connected product, "
        "intelligentes moebel, our product, our products, mikrocontroller",
        "sensoren, bluetooth, elektronik ein, induktiv, ladefunktion, prototyp, app dazu, intelligent, schuh, "
        "einlage, microcontroller",
    ),
    "prototyping_design": _listed(
        "prototyp, prototype, prototyping, musterbau, produktdesign, gestaltung, produktgestaltung, product design, "
        "designberatung, design thinking, formgebung, produktentwicklung, modellbau",
        "muster, design, entwurf, entwickeln, neues produkt, new product, serie, formen, patent",
    ),
    "vr_visualisierung": _listed(
        "virtual reality, =vr, vr brille, visualisier, visualisation, visualization, rendering, virtueller "
        "rundgang, 3d planung, 3d bild, virtuell zeigen, fotorealistisch, 3d ansicht",
        "rundgang, vorstellen, vorher sehen, kundenberatung, badplanung, kuechenplanung, showroom, ausstellung, "
        "imagine, see beforehand, =3d",
    ),
    "ki_generativ": _listed(
        "chatgpt, chat gpt, =gpt, kuenstliche intelligenz, =ki, =ai, generative ai, generative ki, artificial "
        "intelligence, copilot, sprachmodell, language model, =llm, prompt, ki tools, ki im buero",
        "texte schreiben, mails beantworten, automatisch beantwort, write texts, bilder erzeugen, angebotstexte, "
        "halluzin",
    ),
    "kundenkommunikation": _listed(
        "online termin, terminbuchung, terminvergabe, termine online, chatbot, telefonassistent, anrufbeantworter, "
        "ki telefon, book appointments, online booking, appointment booking, online buchung, buchungssystem, "
        "buchungstool, kundenportal, telefonisch erreichbar, erreichbarkeit, phone assistant, terminkalender "
        "online, appointments online, telefon klingelt, telefonzentrale",
        "termin, telefon, anrufe, appointment, kundenkontakt, buchen, rueckruf, calls, hotline, newsletter, phone, "
        "kundenanfrag, no show",
    ),
}
"""The words of every topic, chosen by reading what businesses write."""
