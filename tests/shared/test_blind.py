"""What a text says before acceptance."""

import pytest

from services.matching.handlers import enquiry_of
from shared.blind import blinded
from shared.events import Business, Contact
from tests.services.matching.builders import an_enquiry


def read(text, name="Holzwurm Kornfeld", business="Tischlerei Kornfeld GmbH", trade="Tischler", language="de"):
    enquiry = an_enquiry(
        text=text,
        business=Business(name=business, trade=trade, postal_code="01067", place="Dresden"),
        contact=Contact(name=name, email="holz-kornfeld@example.org"),
    )
    return blinded(enquiry_of(enquiry), language)


@pytest.mark.parametrize(
    "number",
    ["0351 1234567", "0351/123456-7", "+49 351 1234567", "+49 (0)171 555 66 77", "(0351) 12 34 56", "Tel. 4711 22"],
)
def test_telephone_numbers_are_hidden(number):
    assert read(f"Bitte rufen Sie an: {number}. Danke.") == "Bitte rufen Sie an: [Telefonnummer]. Danke."


@pytest.mark.parametrize("address", ["info@kornfeld.de", "holzwurm+web@mail.example.org", "info(at)kornfeld.de"])
def test_e_mail_addresses_are_hidden(address):
    assert read(f"Schreiben Sie an {address} bitte") == "Schreiben Sie an [E-Mail-Adresse] bitte"


def test_a_name_that_was_typed_in_small_letters_is_a_name_all_the_same():
    assert read("Frau Kornfeld oder Holzwurm anrufen", name="holzwurm kornfeld", business="zimmerei") == (
        "Frau [Name] oder [Name] anrufen"
    )


def test_websites_are_hidden():
    assert read("Siehe www.holz-kornfeld.de und kornfeld.shop/neu") == "Siehe [Website] und [Website]"


@pytest.mark.parametrize(
    "written",
    ["Tischlerei Kornfeld GmbH", "KORNFELD", "kornfeld", "Kornfelds", "Holzwurm Kornfeld", "Holzwurm", "holz-kornfeld"],
)
def test_the_enquirers_names_are_hidden(written):
    assert read(f"Wir ({written}) fragen.") == "Wir ([Name]) fragen."


@pytest.mark.parametrize(
    "sentence",
    [
        "Seit dem 01.02.2024 gilt die E-Rechnung.",
        "Es geht um 10.000 Euro und 2 000 000 Datensätze, 24/7.",
        "Unsere Tischlerei in Dresden sucht ein Programm.",
        "Wir haben 12 Leute, Baujahr 1998, ISO 9001.",
    ],
)
def test_what_names_nobody_stays(sentence):
    assert read(sentence) == sentence


@pytest.mark.parametrize("surname", ["Stein", "Hofmeister", "Holz", "Koch"])
def test_surnames_that_are_words_are_hidden_too(surname):
    assert read(f"Frau {surname} fragt", name=f"Eva {surname}", trade="Steinmetz") == "Frau [Name] fragt"


def test_roles_are_no_names():
    text = "Das Büro der Werkstatt will papierlos werden."
    assert read(text, name="Büro, Werkstatt", business="Werkstatt Muster") == text


def test_the_marks_speak_the_receivers_language():
    assert read("Call Kornfeld, 0351 1234567", language="en") == "Call [name], [telephone number]"
