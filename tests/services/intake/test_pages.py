"""The form and the status page, as people use them."""

import html
import re
from html.parser import HTMLParser

import httpx
import pytest

from services.intake.app import create_app
from shared.topics import TOPICS
from tests.services.intake.builders import a_form
from tests.services.intake.test_api import path_of


class Page(HTMLParser):
    """The elements of a page with their attributes, and what is open at the end."""

    VOID = frozenset({"meta", "link", "input", "br"})

    def __init__(self, text):
        super().__init__()
        self.elements, self._open = [], []
        self.feed(text)
        assert self._open == [], "every element is closed"

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def all(self, tag, **attributes):
        return [a for t, a in self.elements if t == tag and attributes.items() <= a.items()]


async def open_form(client, path="/"):
    answer = await client.get(path)
    assert answer.status_code == 200
    return Page(answer.text)


async def filled_in(client, path="/", **changes):
    (key,) = (await open_form(client, path)).all("input", name="key")
    return a_form(**changes) | {"key": key["value"]}


@pytest.mark.parametrize(("path", "language"), [("/", "de"), ("/en", "en")])
async def test_the_form_needs_neither_scripts_nor_cookies(client, path, language):
    answer = await client.get(path)
    page = Page(answer.text)
    assert (page.all("script"), "set-cookie" in answer.headers) == ([], False)
    assert page.all("html", lang=language)


async def test_every_field_has_a_label_and_every_id_is_there_once(client):
    page = await open_form(client)
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    labelled = {label["for"] for label in page.all("label") if "for" in label}
    fields = {a["id"] for t, a in page.elements if t in {"input", "select", "textarea"} and "id" in a}
    assert len(ids) == len(set(ids))
    assert fields - labelled == {"consent"}, "which stands inside its label"


async def test_all_topics_can_be_ticked(client):
    assert {box["value"] for box in (await open_form(client)).all("input", name="topics")} == set(TOPICS)


async def test_consent_is_unticked_and_names_who_will_read_it(client):
    answer = await client.get("/")
    (consent,) = Page(answer.text).all("input", name="consent")
    assert "checked" not in consent
    assert "Handwerkskammer" in answer.text
    assert "Schaufenster" in answer.text


async def test_a_filled_in_form_leads_to_the_status_page_with_the_address_given(client):
    answer = await client.post("/", data=await filled_in(client))
    assert answer.status_code == 303
    page = await client.get(path_of(answer.headers["location"]))
    assert "tischlerei@example.org" in page.text


async def test_sending_twice_is_one_enquiry(client, kept):
    form = await filled_in(client)
    answers = [await client.post("/", data=form) for _ in range(2)]
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert len(await kept()) == 1


async def test_errors_stand_beside_their_fields_and_in_a_summary(client):
    answer = await client.post("/", data=await filled_in(client, contact__email="x", business__name=""))
    page = Page(answer.text)
    assert answer.status_code == 422
    assert {link["href"] for link in page.all("a") if link["href"].startswith("#")} == {
        "#contact.email",
        "#business.name",
    }
    (field,) = page.all("input", name="contact.email")
    assert (field["aria-invalid"], field["aria-describedby"].split()[0]) == ("true", "contact.email-error")


async def test_nothing_typed_is_lost_on_an_error(client):
    form = await filled_in(
        client, business__postal_code="1", text='Text mit <b> & "Zeichen"\n</textarea>', business__place="Köln"
    )
    answer = await client.post("/", data=form)
    assert html.escape(form["text"], quote=False) in html.unescape(answer.text).replace("&quot;", '"') or (
        html.escape(form["text"]).replace("&quot;", "&#34;").replace("&#x27;", "&#39;") in answer.text
    )
    page = Page(answer.text)
    assert page.all("input", name="business.place", value="Köln")
    assert page.all("input", name="key", value=form["key"])
    assert page.all("input", value="online_shop", checked=None)
    assert page.all("input", name="consent", checked=None)


async def test_a_form_that_was_changed_after_sending_can_be_sent_as_a_new_enquiry(client, kept):
    form = await filled_in(client)
    await client.post("/", data=form)
    answer = await client.post("/", data=form | {"text": "Das ist jetzt ein anderer Text."})
    (key,) = Page(answer.text).all("input", name="key")
    assert (answer.status_code, key["value"] != form["key"]) == (409, True)
    again = await client.post("/", data=form | {"text": "Das ist jetzt ein anderer Text.", "key": key["value"]})
    assert (again.status_code, len(await kept())) == (303, 2)


async def test_mongodb_away_keeps_what_was_typed(settings):
    app = create_app(settings.model_copy(update={"mongodb_url": "mongodb://127.0.0.1:9/?timeoutMS=300"}))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client,
    ):
        form = await filled_in(client)
        answer = await client.post("/", data=form)
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
    assert Page(answer.text).all("input", name="key", value=form["key"])
    assert "noch nicht gespeichert" in answer.text


async def test_the_english_form_makes_an_english_enquiry(client):
    answer = await client.post("/en", data=await filled_in(client, "/en"))
    page = await client.get(path_of(answer.headers["location"]))
    assert Page(page.text).all("html", lang="en")
    assert "We are looking for the right contact." in page.text


async def test_an_enquiry_can_be_withdrawn_on_its_page(client):
    path = path_of((await client.post("/", data=await filled_in(client))).headers["location"])
    (form,) = Page((await client.get(path)).text).all("form")
    answer = await client.post(form["action"].removeprefix("/hilfe"))
    assert answer.status_code == 303
    assert "zurückgezogen" in (await client.get(path)).text


async def test_links_respect_the_public_path(client):
    page = await open_form(client)
    assert page.all("form", action="/hilfe/")
    assert page.all("link", href="/hilfe/static/plain.css")
    assert (await client.get("/static/plain.css")).status_code == 200


async def test_a_private_page_is_not_stored_not_told_and_not_found(client):
    path = path_of((await client.post("/", data=await filled_in(client))).headers["location"])
    headers = (await client.get(path)).headers
    kept_private = [headers[name] for name in ("Cache-Control", "Referrer-Policy", "X-Robots-Tag")]
    assert kept_private == ["no-store", "no-referrer", "noindex"]


@pytest.mark.parametrize("nonsense", [{"topics": "x" * 300}, {"key": "ü" * 500}, {"business.name": "\x00"}])
async def test_nonsense_in_the_form_gets_an_answer(client, nonsense):
    answer = await client.post("/", data=a_form() | nonsense)
    assert answer.status_code in {303, 422}
    assert not re.search("Traceback|Error", answer.text)
