"""The sample: what `make demo` sends, and whom it finds."""

import json
from pathlib import Path

import pytest

from deploy.cli.files import read
from services.intake.document import EnquiryDocument
from services.matching.directory_file import load
from services.matching.regions import chambers
from shared.topics import TOPICS

SAMPLE = Path(__file__).parents[2] / "deploy" / "sample"
ENQUIRIES = SAMPLE / "enquiries.jsonl"


@pytest.fixture
def documents():
    return [document for _, document in read(ENQUIRIES)]


@pytest.fixture
def receivers():
    return load((SAMPLE / "directory.yaml").read_bytes())


@pytest.fixture
def decisions(wegweiser):
    return [json.loads(line) for line in wegweiser("preview", ENQUIRIES).out.splitlines()]


def test_every_enquiry_is_one_that_the_api_takes(documents):
    for document in documents:
        EnquiryDocument.model_validate_json(json.dumps(document))


def test_every_enquirer_has_an_address_of_their_own_that_reaches_nobody(documents):
    addresses = [document["contact"]["email"] for document in documents]
    assert len(set(addresses)) == len(addresses)
    assert all(address.endswith("@example.org") for address in addresses)


def test_businesses_know_what_they_ask_or_do_not_in_german_and_in_english(documents):
    assert any("topics" in document for document in documents)
    assert any("topics" not in document for document in documents)
    assert {document.get("language", "de") for document in documents} == {"de", "en"}


def test_every_lead_and_most_chambers_are_asked_and_something_goes_to_triage(decisions):
    assert {decision["target"] for decision in decisions} == {"regional", "nord", "ost", "sued", "west", "triage"}
    assert len({decision["chamber"] for decision in decisions}) >= 30


def test_nearly_every_topic_is_asked_about(decisions):
    asked = {topic["id"] for decision in decisions for topic in decision["topics"]}
    assert len(asked) >= len(TOPICS) - 2


def test_every_chamber_has_an_advisor_and_some_have_two(receivers):
    advising = [chamber for receiver in receivers for chamber in receiver.chambers]
    assert set(advising) == set(chambers())
    assert sum(advising.count(chamber) == 2 for chamber in chambers()) >= 8


def test_every_receiver_has_an_address_of_its_own_that_reaches_nobody(receivers):
    addresses = {receiver.email for receiver in receivers}
    assert len(addresses) == len(receivers)
    assert all(address.endswith("@example.org") for address in addresses)
