import email
import email.policy
import re
import textwrap
from dataclasses import replace
from datetime import timedelta
from email.headerregistry import Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.case import Case, settled
from services.notify.layout import Letter, Paragraph, as_text
from services.notify.letters import NotKnownYet
from services.notify.message import Message, Unwritable, composed
from services.notify.notice import Purpose
from services.notify.writing import writer
from shared.links import Links
from tests.services.notify.builders import NOON, REFERENCE, a_case, a_notice, a_receiver, an_enquiry, the_settings

PURPOSES = Purpose.__args__
LINKS = Links(("only-for-tests",))
EVERY = [(purpose, language) for purpose in PURPOSES for language in ("de", "en")]


def parsed(content):
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert not message.defects
    for part in message.walk():
        assert not part.defects
    return message


def written(purpose, language="de", case=None, **changes):
    case = case or a_case()
    notice = a_notice(purpose, language, case, **changes)
    to = notice.to or case.enquiry.email
    return parsed(writer(the_settings(), LINKS)(notice, case, to))


def text_of(message):
    return message.get_body(("plain",)).get_content()


def html_of(message):
    return message.get_body(("html",)).get_content()


@pytest.mark.parametrize(("purpose", "language"), EVERY)
def test_every_message_is_whole(purpose, language):
    message = written(purpose, language)
    assert REFERENCE in message["Subject"]
    assert message["From"].addresses[0] == Address("Wegweiser", "wegweiser", "example.org")
    assert message["Reply-To"] == "kontakt@example.org"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Date"].datetime == NOON
    assert re.fullmatch(r"<[\w-]+@example\.org>", message["Message-ID"])
    assert "https://example.org/impressum" in text_of(message)


@pytest.mark.parametrize(("purpose", "language"), EVERY)
def test_text_and_html_say_the_same(purpose, language):
    message = written(purpose, language)
    visible = re.sub(r"<head>.*</head>|<[^>]+>", " ", html_of(message), flags=re.DOTALL)
    words = set(re.findall(r"\w{4,}", text_of(message)))
    assert words <= set(re.findall(r"\w{4,}", visible))


@given(st.text("ab-é \t\n", max_size=300), st.sampled_from(["", "x" * 74, "x" * 90]))
def test_lines_end_where_the_library_would_end_them(text, word):
    text = f"{text}{word} end"
    wrapped = textwrap.fill(text, 74, break_long_words=False, break_on_hyphens=False)
    assert f"\n\n{wrapped}\n\n" in "".join(as_text(Letter("de", "", "", (Paragraph(text),), (), ())))


@pytest.mark.parametrize(("purpose", "language"), EVERY)
def test_a_second_attempt_is_the_same_in_every_byte(purpose, language):
    assert written(purpose, language).as_bytes() == written(purpose, language).as_bytes()


@pytest.mark.parametrize("language", ["de", "en"])
def test_an_offer_does_not_say_who_asks(language):
    message = written("offer", language)
    everything = f"{message['Subject']} {text_of(message)} {html_of(message)}"
    for telling in ("Muster", "Kim", "Beispiel", "kim.beispiel", "000000", "0351"):
        assert telling not in everything


def test_an_offer_says_what_is_needed_to_decide():
    text = " ".join(text_of(written("offer")).split())
    for told in ("Online verkaufen", "Tischler", "Handwerkskammer Dresden", "Dresden", "Möbel online verkaufen"):
        assert told in text
    assert "Mittwoch, 25.11.2026, 13:00 Uhr" in text


def test_the_link_of_an_offer_opens_this_offer_for_ninety_days():
    token = re.search(r"http://localhost:8001/offers/(\S+)", text_of(written("offer"))).group(1)
    link = LINKS.offer_of(token, NOON)
    assert (link.reference, link.round, link.receiver) == (REFERENCE, 1, "hwk-dresden-1")
    assert link.expires_at == NOON + timedelta(days=90)


def test_the_disclosure_opens_the_same_page_as_the_offer():
    links = {re.search(r"\S+/offers/\S+", text_of(written(purpose))).group() for purpose in ("offer", "disclosure")}
    assert len(links) == 1


def test_the_receipt_leads_to_the_status_page_without_repeating_the_text():
    text = text_of(written("receipt"))
    token = re.search(r"http://localhost:8000/status/(\S+)", text).group(1)
    assert LINKS.reference_of(token) == REFERENCE
    assert "Möbel" not in text


def test_the_disclosure_says_who_asks():
    text = text_of(written("disclosure"))
    for told in ("Tischlerei Muster GmbH", "Kim Beispiel", "kim.beispiel@example.org", "+49 351 000000", "vormittags"):
        assert told in text


def test_the_introduction_says_who_will_call():
    message = written("introduction")
    assert "Beratung Dresden" in message["Subject"]
    assert "beratung@example.org" in text_of(message)


def test_the_alarm_leads_to_the_triage_page_without_its_token():
    text = text_of(written("triage_alarm"))
    assert "http://localhost:8001/triage" in text.splitlines()
    assert "token" not in text


@pytest.mark.parametrize(("language", "cable"), [("de", "Netzwerkkabel ziehen"), ("en", "pull the network cable")])
def test_a_business_under_attack_reads_step_by_step_what_to_do(language, cable):
    text = " ".join(text_of(written("emergency", language=language)).split())
    assert text.index(cable) < text.index("0800 274 1000") < text.index("5. ")


def test_the_alarm_about_an_attack_is_urgent_and_names_whom_to_call():
    alarm = a_notice("triage_alarm")
    alarm = replace(alarm, facts=replace(alarm.facts, reason="attack"))
    message = parsed(writer(the_settings(), LINKS)(alarm, a_case(), alarm.to))
    assert message["Subject"].startswith("DRINGEND")
    assert a_case().enquiry.phone in text_of(message)


def test_who_had_accepted_is_asked_not_to_call():
    message = written("offer_withdrawn", case=settled(a_case(), 1, "accepted"))
    assert "nicht mehr" in text_of(message)
    assert "Muster" not in text_of(message)


def test_mails_of_one_case_to_one_person_are_a_thread():
    receipt, introduction = written("receipt"), written("introduction")
    assert receipt["References"] is None
    assert introduction["References"] == introduction["In-Reply-To"] == receipt["Message-ID"]
    assert written("disclosure")["References"] == written("offer")["Message-ID"]


@pytest.mark.parametrize("purpose", ["receipt", "offer", "undelivered"])
def test_nothing_is_written_before_the_enquiry_is_known(purpose):
    with pytest.raises(NotKnownYet):
        writer(the_settings(), LINKS)(a_notice(purpose), Case(REFERENCE), "a@example.org")


def test_what_people_typed_is_no_html():
    case = a_case(enquiry=an_enquiry(text="<script>alert(1)</script> & <b>fett</b>", business="<i>Muster</i>"))
    assert "<script>" not in html_of(written("offer", case=case))
    assert "<i>" not in html_of(written("disclosure", case=case))


def test_the_alarm_says_that_a_case_waits_for_a_free_place():
    notice = a_notice("triage_alarm")
    notice = replace(notice, facts=replace(notice.facts, reason="nobody_free"))
    text = text_of(parsed(writer(the_settings(), LINKS)(notice, a_case(), notice.to)))
    assert "keinen freien Platz" in text


def test_an_unknown_reason_of_triage_is_told_in_general_words():
    notice = a_notice("triage_alarm")
    notice = replace(notice, facts=replace(notice.facts, reason="new_rule:x"))
    text = text_of(parsed(writer(the_settings(), LINKS)(notice, a_case(), notice.to)))
    assert "Die Regeln führen zu keiner Stelle" in text


# --- bytes ------------------------------------------------------------------------------------------------------------


def a_message(**changes):
    return replace(
        Message(
            sender="wegweiser@example.org",
            sender_name="Wegweiser",
            to="a@example.org",
            subject="x",
            date=NOON,
            message_id="<1@example.org>",
            text=["x\n"],
            html=["<p>x</p>\n"],
            language="de",
        ),
        **changes,
    )


@pytest.mark.parametrize("field", ["subject", "to", "sender", "sender_name", "message_id", "thread", "reply_to"])
@pytest.mark.parametrize("evil", ["a\r\nBcc: x@example.org", "a\nX: y", "a\rX: y", "a\x00", "a\u2028b", "a\ud800"])
def test_no_line_break_enters_a_header(field, evil):
    with pytest.raises(Unwritable):
        composed(a_message(**{field: evil}))


@pytest.mark.parametrize("to", ["", "a b@example.org", "a@example.org,b@example.org", "<a@example.org>"])
def test_mail_goes_to_one_address(to):
    with pytest.raises(Unwritable):
        composed(a_message(to=to))


def test_a_receivers_name_cannot_begin_a_header():
    notice = a_notice("introduction")
    evil = replace(notice, facts=replace(notice.facts, receiver=a_receiver(name="A\r\nBcc: x@example.org")))
    with pytest.raises(Unwritable):
        writer(the_settings(), LINKS)(evil, a_case(), "a@example.org")


_TYPED = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=300)


@given(_TYPED)
def test_any_subject_is_read_back(subject):
    content = composed(a_message(subject=subject))
    assert all(len(line) <= 998 for line in content.split(b"\r\n"))
    read = email.message_from_bytes(content, policy=email.policy.default)["Subject"]
    assert read.split() == subject.split()


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=2000))
def test_any_text_is_read_back(text):
    content = composed(a_message(text=[text]))
    lines = content.split(b"\r\n")
    assert all(len(line) <= 78 and b"\n" not in line and b"\r" not in line for line in lines)
    read = parsed(content).get_body(("plain",)).get_payload(decode=True).decode()
    as_lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    assert read.replace("\r\n", "\n").rstrip("\n") == as_lines
