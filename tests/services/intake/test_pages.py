"""The form, as people use it."""

import html
import re

import httpx
import pytest

from services.intake import consent
from services.intake.app import create_app
from shared.topics import TOPICS
from tests.services.intake.builders import a_document, a_form
from tests.services.intake.conftest import PUBLIC_URL
from tests.services.intake.reading import Page

FORMS = [("/", "de"), ("/en", "en")]
UNTYPED = {"checkbox", "hidden"}


async def open_form(client, path="/"):
    answer = await client.get(path)
    assert answer.status_code == 200
    return Page(answer.text)


async def filled_in(client, path="/", **changes):
    (key,) = (await open_form(client, path)).all("input", name="key")
    return a_form(**changes) | {"key": key["value"]}


async def post(client, form, path="/"):
    answer = await client.post(path, data=form)
    return answer, Page(answer.text)


def typed_in(page, answer):
    """Everything that a page's form holds, as it would be sent again."""
    form = {field["name"]: field.get("value", "") for field in page.all("input") if field["type"] != "checkbox"}
    ticked = [field for field in page.all("input", type="checkbox") if "checked" in field]
    form["topics"] = [field["value"] for field in ticked if field["name"] == "topics"]
    form["consent"] = "".join(field["value"] for field in ticked if field["name"] == "consent")
    (text,) = re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", answer.text, re.DOTALL)
    form["text"] = html.unescape(text)
    selected = re.findall(r'<select [^>]*name="([^"]+)".*?</select>', answer.text, re.DOTALL)
    for name in selected:
        (part,) = re.findall(rf'<select [^>]*name="{re.escape(name)}".*?</select>', answer.text, re.DOTALL)
        form[name] = next(iter(re.findall(r'value="([^"]+)" selected', part)), "")
    return form


@pytest.mark.parametrize(("path", "language"), FORMS)
async def test_the_form_needs_neither_scripts_nor_cookies(client, path, language):
    answer = await client.get(path)
    page = Page(answer.text)
    assert (page.all("script"), "set-cookie" in answer.headers) == ([], False)
    assert page.all("html", lang=language)
    assert not [
        value for _, given in page.elements for name, value in given.items() if name.startswith(("on", "style"))
    ]


@pytest.mark.parametrize(("path", "_language"), FORMS)
async def test_every_field_has_a_label_and_every_id_is_there_once(client, path, _language):
    _, page = await post(client, {"text": ""}, path)
    assert page.all("form")
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    labelled = {label["for"] for label in page.all("label")}
    fields = {a["id"] for t, a in page.elements if t in {"input", "select", "textarea"} and a.get("type") != "hidden"}
    described = {id_ for _, a in page.elements for id_ in a.get("aria-describedby", "").split()}
    targets = {link["href"][1:] for link in page.all("a") if link["href"].startswith("#")}
    assert len(ids) == len(set(ids))
    assert fields == labelled
    assert described | targets <= set(ids)


async def test_browsers_can_fill_in_what_they_know(client):
    page = await open_form(client)
    known = {field["name"]: field["autocomplete"] for field in page.all("input") if "autocomplete" in field}
    assert known == {
        "business.name": "organization",
        "business.postal_code": "postal-code",
        "business.place": "address-level2",
        "contact.name": "name",
        "contact.email": "email",
        "contact.phone": "tel",
    }


async def test_nothing_is_cut_off_while_typing(client):
    assert not [given for _, given in (await open_form(client)).elements if "maxlength" in given]


@pytest.mark.parametrize(("path", "language"), FORMS)
async def test_every_topic_can_be_ticked_and_so_can_not_knowing(client, path, language):
    page = await open_form(client, path)
    assert next(box["value"] for box in page.all("input", name="topics")) == ""
    assert {box["value"] for box in page.all("input", name="topics")} == {"", *TOPICS}
    assert all(topic.label(language) in page.text for topic in TOPICS.values())


@pytest.mark.parametrize(
    ("path", "language", "readers"),
    [
        ("/", "de", ["Handwerkskammer", "Schaufenster", "Koordination"]),
        ("/en", "en", ["chamber of crafts", "showcases", "coordinators"]),
    ],
)
async def test_consent_is_unticked_and_names_who_will_read_it(client, path, language, readers):
    page = await open_form(client, path)
    (box,) = page.all("input", name="consent")
    assert ("checked" in box, box["aria-describedby"]) == (False, "consent-text")
    assert consent.TEXT[language] in page.text
    assert all(reader in consent.TEXT[language] for reader in readers)


async def test_the_consents_version_is_stored(client, kept):
    await client.post("/", data=await filled_in(client))
    (document,) = (await kept()).values()
    assert document["consent_version"] == consent.VERSION


async def test_privacy_notice_and_imprint_are_linked(client, settings):
    links = {link["href"] for link in (await open_form(client)).all("a")}
    assert {settings.privacy_url, settings.imprint_url} <= links


async def test_a_filled_in_form_leads_to_the_status_page_with_the_address_given(client):
    answer = await client.post("/", data=await filled_in(client))
    assert (answer.status_code, answer.headers["Location"].split("/")[:3]) == (303, ["", "hilfe", "status"])
    page = await client.get(answer.headers["Location"])
    assert "tischlerei@example.org" in page.text


async def test_what_was_filled_in_is_stored(client, kept):
    everything = {
        "business__place": "Dresden",
        "business__employees": "5-9",
        "business__member": "yes",
        "contact__phone": "0351 123456",
        "contact__preferred": "phone",
        "contact__time": "vormittags",
        "topics": ["", "online_shop", "e_rechnung"],
    }
    await client.post("/", data=await filled_in(client, **everything))
    (document,) = (await kept()).values()
    assert document["business"] == a_document()["business"] | {"place": "Dresden", "employees": "5-9", "member": "yes"}
    assert document["contact"]["phone"] == "+49 351 123456"
    assert (document["topics"], document["language"]) == (["online_shop", "e_rechnung"], "de")
    assert document["text"] == "Wir möchten unsere Möbel\nonline verkaufen."


async def test_sending_twice_is_one_enquiry(client, kept):
    form = await filled_in(client)
    answers = [await client.post("/", data=form) for _ in range(2)]
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert len(await kept()) == 1


async def test_every_form_has_a_key_of_its_own(client):
    assert (await filled_in(client))["key"] != (await filled_in(client))["key"]


async def test_errors_stand_beside_their_fields_and_in_a_summary(client):
    answer, page = await post(client, await filled_in(client, contact__email="x", business__name=""))
    assert answer.status_code == 422
    targets = [link["href"] for link in page.all("a") if link["href"].startswith("#")]
    assert targets == ["#content", "#business.name", "#contact.email"]
    (field,) = page.all("input", name="contact.email")
    assert (field["aria-invalid"], field["aria-describedby"].split()) == (
        "true",
        ["contact.email-error", "contact.email-help"],
    )
    assert page.all("div", role="alert")
    assert re.search("<title>Fehler: ", answer.text)


@pytest.mark.parametrize(
    ("changes", "target", "told"),
    [
        ({"consent": ""}, "#consent", "Ohne Ihr Einverständnis"),
        ({"text": "kurz"}, "#text", "mindestens 10 Zeichen"),
        ({"text": "x" * 6000}, "#text", "höchstens 5.000 Zeichen; es sind 6.000"),
        ({"topics": list(TOPICS)[:6]}, "#topics.unknown", "höchstens 5 auswählen"),
        ({"contact.preferred": "phone"}, "#contact.phone", "Sie möchten angerufen werden"),
        ({"business.postal_code": "D-01067"}, "#business.postal_code", "fünf Ziffern"),
    ],
)
async def test_what_is_wrong_is_said_where_it_is(client, changes, target, told):
    _, page = await post(client, await filled_in(client) | changes)
    assert page.all("a", href=target)
    assert page.text.count(told) == 2


async def test_nothing_typed_is_lost_on_an_error(client):
    form = await filled_in(
        client,
        business__name='"Möbel" & <b>',
        business__postal_code="1",
        business__place="Köln",
        business__employees="50+",
        business__member="unclear",
        contact__phone="ruf an",
        contact__preferred="phone",
        contact__time="x" * 300,
        topics=["", "online_shop", "bim"],
        text='\n Text mit <b> & "Zeichen"\n</textarea> ' + "x" * 5000,
    )
    answer, page = await post(client, form)
    assert (answer.status_code, typed_in(page, answer)) == (422, form)


@pytest.mark.parametrize("form", [{"text": ""}, {"text": "x"}, {"business.name": ["a", "b"]}, {"unknown": "field"}])
async def test_a_form_with_next_to_nothing_in_it_is_shown_again(client, form):
    answer, page = await post(client, form)
    assert (answer.status_code, bool(page.all("form"))) == (422, True)


async def test_a_form_that_was_changed_after_sending_can_be_sent_as_a_new_enquiry(client, kept):
    form = await filled_in(client)
    first = await client.post("/", data=form)
    changed = form | {"text": "Das ist jetzt ein anderer Text."}
    answer, page = await post(client, changed)
    again = typed_in(page, answer)
    assert (answer.status_code, again["key"] != form["key"]) == (409, True)
    untouched = ("business.employees", "business.member", "contact.preferred", "contact.time")
    assert again | {"key": ""} == changed | dict.fromkeys(untouched, "") | {"key": ""}
    assert page.all("a", href=first.headers["Location"])
    assert (await client.post("/", data=again)).status_code == 303
    assert len(await kept()) == 2


async def test_a_key_of_the_api_in_the_form_does_not_lead_to_that_enquiry(client, kept):
    told = (await client.post("/api/v1/enquiries", json=a_document(), headers={"Idempotency-Key": "1"})).json()
    answer = await client.post("/", data=a_form(key="1"))
    assert answer.status_code == 303
    assert told["status_url"].removeprefix(PUBLIC_URL) not in answer.headers["Location"]
    assert len(await kept()) == 2


async def test_mongodb_away_keeps_what_was_typed(settings):
    app = create_app(settings.model_copy(update={"mongodb_url": "mongodb://127.0.0.1:9/?timeoutMS=300"}))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client,
    ):
        form = await filled_in(client)
        answer, page = await post(client, form)
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
    assert form.items() <= (typed_in(page, answer) | {"text": form["text"]}).items()
    assert "noch nicht gespeichert" in page.text


async def test_the_english_form_makes_an_english_enquiry(client):
    answer = await client.post("/en", data=await filled_in(client, "/en"))
    page = await client.get(answer.headers["location"])
    assert Page(page.text).all("html", lang="en")
    assert "We are looking for the right advisor" in page.text


async def test_the_english_form_says_what_is_wrong_in_english(client):
    _, page = await post(client, await filled_in(client, "/en", contact__email="x"), "/en")
    assert "This is not a complete e-mail address" in page.text
    assert page.all("form", action="/hilfe/en")


async def test_links_respect_the_public_path(client):
    assert (await client.get("/hilfe")).status_code == (await client.get("/hilfe/")).status_code == 200
    page = await open_form(client)
    assert page.all("form", action="/hilfe/")
    assert page.all("a", href="/hilfe/en", hreflang="en")
    (style,) = page.all("link", rel="stylesheet")
    assert (await client.get(style["href"])).headers["Content-Type"].startswith("text/css")


async def test_an_empty_form_may_be_found_and_kept_by_the_browser_but_a_filled_in_one_may_not(client):
    empty, filled = await client.get("/"), await client.post("/", data=a_form(text=""))
    assert (empty.headers["Cache-Control"], empty.headers["X-Robots-Tag"]) == ("private, no-cache", "all")
    assert (filled.headers["Cache-Control"], filled.headers["X-Robots-Tag"]) == ("no-store", "noindex")


async def test_what_is_no_form_is_told(client):
    assert (await client.post("/", json={})).status_code == 415
    assert (await client.post("/", files={"text": b"x"})).status_code == 415


@pytest.mark.parametrize(
    "nonsense",
    [{"topics": "x" * 300}, {"key": "ü" * 500}, {"business.name": "\x00"}, {"text": "\ufffe" * 20}, {"consent": "on"}],
)
async def test_nonsense_in_the_form_gets_an_answer(client, nonsense):
    answer = await client.post("/", data=a_form() | nonsense)
    assert answer.status_code in {303, 422}
    assert not re.search("Traceback|Error", answer.text)


async def test_bytes_that_are_no_text_get_an_answer(client):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for content in (b"text=%ff%fe", b"\xff\xfe", b"&" * 1000, b"a=b&" * 1000):
        assert (await client.post("/", content=content, headers=headers)).status_code in {400, 422}
