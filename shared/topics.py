"""What an enquiry can be about: forty topics, in the words that a craftsperson uses.

Their ids are part of the contract.
Source: the project's own taxonomy of topics in digitalisation of the crafts, in its order.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that businesses ask about."""

    id: str
    """Stands in the API and in events; never changes."""
    de: str
    en: str

    def label(self, language: str) -> str:
        """The topic in words: English for ``en``, German for every other language."""
        return self.en if language == "en" else self.de


TOPICS: dict[str, Topic] = {
    topic.id: topic
    for topic in (
        Topic(
            "web_praesenz", "Website, bei Google gefunden werden, Portale", "Website, being found on Google, portals"
        ),
        Topic("social_media", "Social Media, Azubis online gewinnen", "Social media, winning apprentices online"),
        Topic("e_rechnung", "E-Rechnung (XRechnung, ZUGFeRD)", "E-invoicing (XRechnung, ZUGFeRD)"),
        Topic(
            "dsgvo_datenschutz",
            "Datenschutz (DSGVO), WhatsApp, Einwilligungen",
            "Data protection (GDPR), WhatsApp, consents",
        ),
        Topic("foerderung", "Förderprogramme und Zuschüsse", "Funding programmes and grants"),
        Topic("kasse_gobd", "Kasse, TSE, Vorgaben des Finanzamts (GoBD)", "Till, TSE, tax office rules (GoBD)"),
        Topic(
            "digi_check", "Wo stehen wir, wo anfangen? Einstieg und Digi-Check", "Where do we stand, where to start?"
        ),
        Topic("breitband", "Schnelles Internet, Glasfaser, Mobilfunk", "Fast internet, fibre, mobile network"),
        Topic(
            "erp_handwerkersoftware",
            "Handwerkersoftware: Angebote, Kalkulation, Aufträge",
            "Trade software: quotes, costing, orders",
        ),
        Topic("zeiterfassung", "Zeiterfassung, Stundenzettel", "Time tracking, timesheets"),
        Topic(
            "mobile_baustelle",
            "Apps für die Baustelle: Rapporte, Fotos, Pläne",
            "Apps for the site: reports, photos, plans",
        ),
        Topic("dms_papierlos", "Papierloses Büro, Dokumente digital ablegen", "Paperless office, filing documents"),
        Topic("it_sicherheit", "IT-Sicherheit, Datensicherung, Schadsoftware", "IT security, backups, malware"),
        Topic("cloud_itinfra", "Cloud, Server, Arbeiten von unterwegs", "Cloud, servers, working from anywhere"),
        Topic("lager_rfid", "Lager und Werkzeug im Griff (QR, RFID)", "Keeping track of stock and tools (QR, RFID)"),
        Topic("fuhrpark_touren", "Fuhrpark, Ortung, Tourenplanung", "Vehicles, tracking, route planning"),
        Topic("e_vergabe", "Elektronische Ausschreibungen (E-Vergabe)", "Electronic tendering"),
        Topic("smart_home", "Smart Home und Gebäudetechnik beim Kunden", "Smart homes and buildings for customers"),
        Topic(
            "energiemonitoring", "Energie messen und sparen im Betrieb", "Measuring and saving energy in the business"
        ),
        Topic("aufmass_3d", "Digitales Aufmaß, Drohne, Laserscan", "Digital surveying, drone, laser scan"),
        Topic("bim", "Digitales Bauen, BIM", "Digital construction, BIM"),
        Topic("ar_assistenz", "Datenbrille, Anleitung bei der Montage", "Smart glasses, guided assembly"),
        Topic("e_learning", "Digital lernen und schulen", "Digital learning and training"),
        Topic("geschaeftsmodell", "Neue Geschäftsidee, neue Einnahmen", "New business model, new income"),
        Topic(
            "online_shop", "Online verkaufen: Shop, Automat, 24-Stunden-Laden", "Selling online: shop, vending, 24/7"
        ),
        Topic("konfigurator", "Kunden stellen ihr Produkt online zusammen", "Customers configure products online"),
        Topic(
            "plattform_kooperation",
            "Plattformen, Marktplätze, Zusammenarbeit mit anderen Betrieben",
            "Platforms, marketplaces, working with other businesses",
        ),
        Topic(
            "smart_service",
            "Fernwartung und Wartungsverträge beim Kunden",
            "Remote maintenance and service contracts for customers",
        ),
        Topic("robotik_cobot", "Roboter, Cobots, automatisches Schweißen", "Robots, cobots, automated welding"),
        Topic("cnc_cam", "CNC, CAD/CAM, Abbund", "CNC, CAD/CAM, joinery machines"),
        Topic("additive_fertigung", "3D-Druck und 3D-Scan in der Fertigung", "3D printing and scanning in production"),
        Topic(
            "maschinendaten",
            "Eigene Maschinen vernetzen, Sensoren nachrüsten",
            "Connecting our machines, retrofitting sensors",
        ),
        Topic(
            "produktionsplanung",
            "Produktion planen, Mengen vorhersagen",
            "Planning production, forecasting quantities",
        ),
        Topic("exoskelett", "Exoskelette, weniger schwer heben", "Exoskeletons, less heavy lifting"),
        Topic(
            "prozess_transformation",
            "Abläufe durchgängig digital, ohne Doppelarbeit",
            "Digital workflows from end to end, no double work",
        ),
        Topic("smarte_produkte", "Eigene Produkte mit Sensoren und App", "Our own products with sensors and an app"),
        Topic("prototyping_design", "Musterbau, Prototypen, Gestaltung", "Samples, prototypes, design"),
        Topic(
            "vr_visualisierung",
            "Kunden das Ergebnis vorher zeigen (VR, 3D-Bilder)",
            "Showing customers the result beforehand (VR, 3D images)",
        ),
        Topic("ki_generativ", "ChatGPT und KI im Büro", "ChatGPT and AI in the office"),
        Topic(
            "kundenkommunikation",
            "Online-Termine, Chatbot, Telefonassistent",
            "Online appointments, chatbot, phone assistant",
        ),
    )
}
"""By id, in the order in which they are offered to people."""
