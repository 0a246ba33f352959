"""The forty topics in groups, as the form shows them."""

from dataclasses import dataclass

from shared.topics import TOPICS, Topic


@dataclass(frozen=True, slots=True)
class Group:
    """Topics that a business looks for in the same place."""

    id: str
    de: str
    en: str
    topics: tuple[Topic, ...]

    def label(self, language: str) -> str:
        """The group in words."""
        return self.en if language == "en" else self.de


def _group(id_: str, de: str, en: str, *topics: str) -> Group:
    return Group(id_, de, en, tuple(TOPICS[topic] for topic in topics))


GROUPS = (
    _group(
        "start", "Anfangen, Pflichten, Fördermittel", "Starting out, duties, funding",
        "digi_check", "foerderung", "e_rechnung", "kasse_gobd", "dsgvo_datenschutz", "it_sicherheit", "breitband",
    ),
    _group(
        "customers", "Kundschaft und Verkauf", "Customers and sales",
        "web_praesenz", "social_media", "kundenkommunikation", "online_shop", "konfigurator", "vr_visualisierung",
        "plattform_kooperation", "e_vergabe",
    ),
    _group(
        "office", "Büro und Abläufe", "Office and workflows",
        "erp_handwerkersoftware", "zeiterfassung", "dms_papierlos", "cloud_itinfra", "ki_generativ",
        "prozess_transformation", "e_learning",
    ),
    _group(
        "site", "Baustelle, Lager, Fahrzeuge", "Building site, stock, vehicles",
        "mobile_baustelle", "aufmass_3d", "bim", "ar_assistenz", "lager_rfid", "fuhrpark_touren", "exoskelett",
    ),
    _group(
        "workshop", "Werkstatt und Fertigung", "Workshop and production",
        "cnc_cam", "robotik_cobot", "additive_fertigung", "maschinendaten", "produktionsplanung", "prototyping_design",
        "energiemonitoring",
    ),
    _group(
        "offers", "Neue Produkte und Leistungen", "New products and services",
        "geschaeftsmodell", "smart_service", "smarte_produkte", "smart_home",
    ),
)  # fmt: skip
