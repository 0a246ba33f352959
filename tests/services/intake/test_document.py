"""What makes an enquiry acceptable, and what is said where it is not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.intake.document import EnquiryDocument, Unreadable, errors_of
from shared.topics import TOPICS
from tests.services.intake.builders import a_document


def read(document):
    return EnquiryDocument.model_validate_json(json.dumps(document))


def failures(document, language="de"):
    with pytest.raises(ValidationError) as caught:
        read(document)
    return {error["pointer"]: error for error in errors_of(caught.value, language)}


def test_the_least_that_is_needed_is_acceptable():
    document = read(a_document())
    assert (document.topics, document.language, document.business.place) == ([], "de", None)


def test_everything_that_can_be_said_is_acceptable():
    business = {"place": "Dresden", "employees": "5-9", "member": "unclear"}
    contact = {"phone": "0351 4640-30", "preferred": "phone", "time": "vormittags"}
    document = a_document(topics=list(TOPICS)[:5], language="en")
    document["business"] |= business
    document["contact"] |= contact
    assert read(document).contact.phone == "+49 351 464030"


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"business__name": None}, "/business/name", "required"),
        ({"business__name": "   "}, "/business/name", "too_short"),
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
        ({"contact__email": "nobody"}, "/contact/email", "email"),
        ({"contact__email": "a@example.org\nBcc: b@example.org"}, "/contact/email", "control_characters"),
        ({"contact__phone": "call me"}, "/contact/phone", "phone"),
        ({"contact__phone": "12"}, "/contact/phone", "phone"),
        ({"contact__fax": "1"}, "/contact/fax", "unknown_field"),
        ({"topics": ["cooking"]}, "/topics/0", "unknown_topic"),
        ({"topics": ["online_shop"] * 6}, "/topics", "too_many"),
        ({"topics": "online_shop"}, "/topics", "wrong_type"),
        ({"text": "kurz"}, "/text", "too_short"),
        ({"text": "x" * 5001}, "/text", "too_long"),
        ({"text": "x" * 20 + "\u0007"}, "/text", "control_characters"),
        ({"language": "fr"}, "/language", "choice"),
        ({"consent": False}, "/consent", "consent"),
        ({"consent": "true"}, "/consent", "consent"),
        ({"consent": None}, "/consent", "required"),
        ({"urgent": True}, "/urgent", "unknown_field"),
    ],
)
def test_what_is_not_acceptable_is_named_with_its_place(change, pointer, code):
    found = failures(a_document(**change))
    assert (set(found), found[pointer]["code"]) == ({pointer}, code)


@pytest.mark.parametrize(("language", "told"), [("de", "Diese Angabe fehlt."), ("en", "This is missing.")])
def test_it_is_said_in_the_language_asked_for(language, told):
    assert failures(a_document(text=None), language)["/text"]["detail"] == told


def test_all_that_is_wrong_is_said_at_once():
    assert len(failures(a_document(text=None, business__name=None, contact__email="x"))) == 3


def test_a_text_keeps_its_line_breaks():
    assert read(a_document(text="Erstens dies,\r\n\tzweitens das.")).text == "Erstens dies,\n\tzweitens das."


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"text": "\\ud800"}'])
def test_what_is_no_json_is_told_apart(body):
    with pytest.raises(ValidationError) as caught:
        EnquiryDocument.model_validate_json(body)
    with pytest.raises(Unreadable):
        errors_of(caught.value, "de")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_whatever_json_comes_is_either_accepted_or_told(body):
    try:
        EnquiryDocument.model_validate_json(json.dumps(body))
    except ValidationError as error:
        told = errors_of(error, "de")
        if not told:
            pytest.fail("refused without a word")


def test_the_same_content_has_the_same_fingerprint():
    assert read(a_document()).fingerprint() == read(a_document(text=" " + a_document()["text"])).fingerprint()
    assert read(a_document()).fingerprint() != read(a_document(text="Etwas ganz anderes.")).fingerprint()
