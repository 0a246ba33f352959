"""What makes an enquiry acceptable, and what is said where it is not."""

import hashlib
import json

import pytest
from email_validator import validate_email
from hypothesis import given
from hypothesis import strategies as st

from services.intake import consent, document, fields
from services.intake.document import Invalid, Unreadable
from services.intake.topic_groups import GROUPS
from services.intake.words import said
from shared.topics import TOPICS
from tests.services.intake.builders import a_document


def read(content):
    return document.read(json.dumps(content).encode())


def flaws(content):
    with pytest.raises(Invalid) as caught:
        read(content)
    return {flaw.pointer: flaw for flaw in caught.value.flaws}


def flaws_if_any(content):
    try:
        read(content)
    except Invalid as invalid:
        return invalid.flaws
    return ()


def test_the_least_that_is_needed_is_acceptable():
    least = read(a_document())
    assert (least.topics, least.language, least.business.place) == ([], "de", None)


def test_everything_that_can_be_said_is_acceptable():
    business = {"place": "Dresden", "employees": "5-9", "member": "unclear"}
    contact = {"phone": "0351 4640-30", "preferred": "phone", "time": "vormittags"}
    content = a_document(topics=list(TOPICS)[:5], language="en")
    content["business"] |= business
    content["contact"] |= contact
    assert read(content).contact.phone == "+49 351 464030"


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"business__name": None}, "/business/name", "required"),
        ({"business__name": "   "}, "/business/name", "required"),
        ({"business__name": "\u200b-"}, "/business/name", "required"),
        ({"business__name": "x" * 201}, "/business/name", "too_long"),
        ({"business__name": "Tisch\u0000lerei"}, "/business/name", "control_characters"),
        ({"business__name": "Tisch\u202elerei"}, "/business/name", "control_characters"),
        ({"business__name": "Tisch\nlerei"}, "/business/name", "control_characters"),
        ({"business__name": 7}, "/business/name", "wrong_type"),
        ({"business__postal_code": "1067"}, "/business/postal_code", "postal_code"),
        ({"business__postal_code": "D-01067"}, "/business/postal_code", "postal_code"),
        ({"business__postal_code": "٠١٠٦٧"}, "/business/postal_code", "postal_code"),
        ({"business__postal_code": 1067}, "/business/postal_code", "wrong_type"),
        ({"business__employees": "many"}, "/business/employees", "choice"),
        ({"contact__email": "müller@example.org"}, "/contact/email", "email_letters"),
        ({"contact__email": "a@localhost"}, "/contact/email", "email"),
        ({"contact__email": "a" * 250 + "@example.org"}, "/contact/email", "too_long"),
        ({"contact__email": "nobody"}, "/contact/email", "email"),
        ({"contact__email": "a@example.org\nBcc: b@example.org"}, "/contact/email", "control_characters"),
        ({"contact__phone": "call me"}, "/contact/phone", "phone"),
        ({"contact__phone": "12"}, "/contact/phone", "phone"),
        ({"contact__phone": "1" * 60}, "/contact/phone", "too_long"),
        ({"contact__preferred": "fax"}, "/contact/preferred", "choice"),
        ({"contact__fax": "1"}, "/contact/fax", "unknown_field"),
        ({"topics": ["cooking"]}, "/topics/0", "unknown_topic"),
        ({"topics": ["online_shop"] * 6}, "/topics", "too_many"),
        ({"topics": "online_shop"}, "/topics", "wrong_type"),
        ({"text": " \n "}, "/text", "required"),
        ({"text": ["x"]}, "/text", "wrong_type"),
        ({"contact": None}, "/contact", "required"),
        ({"contact": "Büro"}, "/contact", "wrong_type"),
        ({"text": "kurz"}, "/text", "too_short"),
        ({"text": "x" * 5001}, "/text", "too_long"),
        ({"text": "x" * 20 + "\u0007"}, "/text", "control_characters"),
        ({"language": "fr"}, "/language", "choice"),
        ({"consent": False}, "/consent", "consent"),
        ({"consent": "true"}, "/consent", "consent"),
        ({"consent": 1}, "/consent", "consent"),
        ({"consent": None}, "/consent", "required"),
        ({"urgent": True}, "/urgent", "unknown_field"),
    ],
)
def test_what_is_not_acceptable_is_named_with_its_place(change, pointer, code):
    found = flaws(a_document(**change))
    assert (set(found), found[pointer].code) == ({pointer}, code)


@pytest.mark.parametrize(
    ("change", "german", "english"),
    [
        ({"text": None}, "Diese Angabe fehlt.", "This is missing."),
        (
            {"text": "x" * 6210},
            "Bitte höchstens 5.000 Zeichen; es sind 6.210.",
            "At most 5,000 characters, please; these are 6,210.",
        ),
        (
            {"business__member": "maybe"},
            "Möglich ist: 'yes', 'no' oder 'unclear'.",
            "Possible: 'yes', 'no' or 'unclear'.",
        ),
        ({"business": []}, "Hier gehört ein Objekt hin.", "An object is expected here."),
        ({"topics": ["e_rechnung"] * 6}, "Bitte höchstens 5 auswählen.", "Choose 5 at most, please."),
    ],
)
def test_it_is_said_in_both_languages(change, german, english):
    (flaw,) = flaws(a_document(**change)).values()
    assert (said(flaw, "de"), said(flaw, "en")) == (german, english)


def test_all_that_is_wrong_is_said_at_once():
    assert len(flaws(a_document(text=None, business__name=None, contact__email="x"))) == 3


def test_a_place_in_the_document_is_escaped_as_pointers_are():
    assert set(flaws(a_document(**{"a/b~c": 1}))) == {"/a~1b~0c"}


def test_a_text_keeps_its_line_breaks():
    assert read(a_document(text="Erstens dies,\r\n\tzweitens\rdas.")).text == "Erstens dies,\n\tzweitens\ndas."


def test_a_line_break_counts_as_one_character_as_browsers_count():
    assert len(read(a_document(text="zehn Zeilen\r\n" * 416 + "12345678")).text) == 5000


def test_letters_are_the_same_however_they_are_composed():
    assert read(a_document(business__name="Mu\u0308ller")).business.name == "Müller"


def test_what_may_be_left_out_may_be_left_empty():
    read_ = read(a_document(business__place=" ", business__employees="", contact__phone=""))
    assert (read_.business.place, read_.business.employees, read_.contact.phone) == (None, None, None)


def test_a_topic_named_twice_counts_once():
    assert read(a_document(topics=["e_rechnung", "bim", "e_rechnung"])).topics == ["e_rechnung", "bim"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0351 123456", "+49 351 123456"),
        ("+49 351 000000", "+49 351 000000"),
        ("0049 (0)351/12 34 56", "+49 351 123456"),
        ("0171-1234567", "+49 171 1234567"),
        ("+43 1 5880", "+43 1 5880"),
    ],
)
def test_a_telephone_number_is_kept_in_its_international_form(typed, kept):
    assert read(a_document(contact__phone=typed)).contact.phone == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" a.muster@example.org ", "a.muster@example.org"),
        ("A.Muster+x@EXAMPLE.org", "A.Muster+x@example.org"),
        ("info@müller.example.org", "info@xn--mller-kva.example.org"),
    ],
)
def test_an_address_is_kept_so_that_every_mail_server_knows_it(typed, kept):
    assert read(a_document(contact__email=typed)).contact.email == kept


@given(
    st.from_regex(r"[a-z0-9_.+-]{1,8}@([a-z0-9-]{1,8}\.){0,3}(org|test|local|example|arpa|c-m|1)", fullmatch=True)
    | st.emails()
)
def test_an_address_that_is_plain_is_one_that_the_library_takes_as_it_is(address):
    if fields.is_plain_email(address):
        assert validate_email(address, check_deliverability=False, allow_smtputf8=False).ascii_email == address


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b'{"text": "\\ud800"}', b"[" * 100_000, b'{"a": 1} {}', b"\xef\xbb\xbf{"]
)
def test_what_is_no_json_is_told_apart(body):
    with pytest.raises(Unreadable):
        document.read(body)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_whatever_json_comes_is_either_accepted_or_told(body):
    assert all(said(flaw, language) for flaw in flaws_if_any(body) for language in ("de", "en"))


@pytest.mark.parametrize("field", ["business.name", "contact.time", "text"])
@given(value=st.text(max_size=30) | st.integers() | st.none() | st.lists(st.text(max_size=3), max_size=2))
def test_whatever_a_field_holds_is_either_accepted_or_told(field, value):
    content = a_document()
    *parents, name = field.split(".")
    (content[parents[0]] if parents else content)[name] = value
    assert {flaw.pointer for flaw in flaws_if_any(content)} <= {"/" + field.replace(".", "/")}


def test_the_same_content_has_the_same_fingerprint():
    assert read(a_document()).fingerprint() == read(a_document(text=" " + a_document()["text"])).fingerprint()
    assert read(a_document()).fingerprint() == read(a_document(language="de", topics=[])).fingerprint()
    assert read(a_document()).fingerprint() != read(a_document(text="Etwas ganz anderes.")).fingerprint()


def test_the_fingerprint_stays_the_same_from_version_to_version():
    assert read(a_document()).fingerprint() == "d968f36a3feaff1fda3364cd9cf3d4906671023f8ed8f92bc3b306949f963751"


def test_a_changed_consent_text_needs_a_new_version():
    told = hashlib.sha256(json.dumps(consent.TEXT, sort_keys=True).encode()).hexdigest()[:16]
    assert {consent.VERSION: told} == {"2026-11": "5db5dc7091da95a9"}, "give the text a new version, and name both here"


def test_every_topic_stands_in_one_group():
    grouped = [topic.id for group in GROUPS for topic in group.topics]
    assert sorted(grouped) == sorted(TOPICS)
