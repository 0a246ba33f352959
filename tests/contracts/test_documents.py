"""The generated interface documents say what the code does, and lose nothing."""

import json

import pytest

from deploy import contracts
from shared.events import EVENTS


@pytest.fixture(scope="module")
def documents():
    return contracts.documents()


def test_the_committed_documents_are_not_stale(documents):
    assert [path.name for path, text in documents.items() if path.read_text("utf-8") != text] == []


def test_every_event_is_described_with_its_envelope(documents):
    described = json.loads(documents[contracts.DOCS / "asyncapi.json"])
    messages = described["components"]["messages"].values()
    assert {message["name"] for message in messages} == set(EVENTS)
    assert all(message["headers"]["$ref"].endswith("CloudEventHeaders") for message in messages)


def test_every_reference_leads_somewhere(documents):
    for path, text in documents.items():
        document = json.loads(text)
        for reference in references_in(document):
            part = document
            for step in reference.removeprefix("#/").split("/"):
                assert step in part, f"{path.name}: {reference}"
                part = part[step]


def references_in(part):
    if isinstance(part, dict):
        for name, value in part.items():
            if name == "$ref":
                yield value
            else:
                yield from references_in(value)
    elif isinstance(part, list):
        for value in part:
            yield from references_in(value)


@pytest.mark.parametrize(
    ("service", "path", "method"),
    [
        ("intake", "/api/v1/enquiries", "post"),
        ("matching", "/offers/{token}", "get"),
        ("matching", "/offers/{token}/accept", "post"),
        ("matching", "/offers/{token}/decline", "post"),
        ("matching", "/triage", "get"),
        ("matching", "/triage/{reference}/assign", "post"),
        ("matching", "/api/v1/decisions/{reference}", "get"),
        ("matching", "/api/v1/decisions/preview", "post"),
        ("notify", "/api/v1/notices", "get"),
        *(
            (service, probe, "get")
            for service in ("intake", "matching", "notify")
            for probe in ("/livez", "/readyz", "/healthz")
        ),
    ],
)
def test_what_the_outside_relies_on_is_described(service, path, method):
    described = json.loads((contracts.DOCS / "openapi" / f"{service}.json").read_text("utf-8"))
    assert method in described["paths"][path]
