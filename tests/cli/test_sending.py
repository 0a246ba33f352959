import json
import time
from pathlib import Path

import pytest

from deploy.cli.ends import ServerAway
from deploy.cli.sending import Tell, send
from services.intake.app import create_app
from services.intake.settings import IntakeSettings
from tests.cli.api import Api, serving

SAMPLE = Path(__file__).parents[2] / "deploy" / "sample" / "enquiries.jsonl"
NOT_VALID = (422, {"detail": "Invalid", "errors": [{"pointer": "/contact/email", "code": "x", "detail": "no e-mail"}]})


@pytest.fixture
async def api():
    served = Api()
    async with serving(served) as url:
        served.url = url
        yield served


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "enquiries.jsonl"
    path.write_text("".join(f'{{"text": "enquiry {n}"}}\n' for n in range(20)))
    return path


@pytest.fixture
async def intake(mongodb, namespace):
    """The real one, with no Kafka: it takes enquiries all the same."""
    settings = IntakeSettings(
        kafka_url="127.0.0.1:9", mongodb_url=mongodb.url, namespace=namespace, secret=("x",), coordinator_token="x"
    )
    async with serving(create_app(settings), lifespan="on") as url:
        yield url


def progress(file) -> list[dict]:
    return [json.loads(line) for line in file.with_name(f"{file.name}.progress").read_text().splitlines()]


async def test_every_line_is_sent_once_with_a_key_of_its_own(api, file):
    result = await send(file, api.url)
    assert [sent.line for sent in result.sent] == list(range(1, 21))
    assert {document["text"] for document in api.taken.values()} == {f"enquiry {n}" for n in range(20)}


async def test_what_was_sent_is_passed_over_by_the_next_run(api, file):
    await send(file, api.url)
    again = await send(file, api.url)
    assert (len(again.sent), again.before, api.requests) == (0, 20, 20)


async def test_an_interrupted_run_is_gone_on_with(api, file):
    await send(file, api.url)
    notes = file.with_name(f"{file.name}.progress")
    kept = notes.read_text().splitlines(keepends=True)
    notes.write_text("".join(kept[:12]) + kept[12][:17])  # killed while writing the thirteenth
    again = await send(file, api.url)
    assert (again.before, len(again.sent)) == (12, 8)
    assert len(api.taken) == 20
    assert (await send(file, api.url)).before == 20


async def test_what_is_sent_again_on_purpose_has_the_same_references(api, file):
    first = await send(file, api.url)
    again = await send(file, api.url, again=True)
    assert again.sent == first.sent


async def test_another_server_has_had_nothing_yet(api, file):
    await send(file, api.url)
    async with serving(Api()) as other:
        assert len((await send(file, other)).sent) == 20


async def test_the_same_line_under_another_number_is_another_enquiry(api, file):
    file.write_text('{"text": "same"}\n{"text": "same"}\n')
    await send(file, api.url)
    assert len(api.taken) == 2


async def test_refused_and_unreadable_lines_are_named_and_the_others_sent(api, file):
    file.write_text('{"text": "good"}\nnonsense\n{"text": "bad"}\n')
    api.refuses["bad"] = NOT_VALID
    told = []
    result = await send(file, api.url, tell=Tell(refused=told.append))
    assert [sent.line for sent in result.sent] == [1]
    assert [refused.line for refused in result.refused] == [2, 3]
    assert result.refused[1].problems == ("contact.email: no e-mail",)
    assert len(told) == 2


@pytest.mark.parametrize(
    ("language", "telephone", "half"),
    [("de", "contact.phone: Das ist keine", "ein halbes"), ("en", "contact.phone: This is not", "half of")],
)
async def test_every_flaw_is_named_in_the_language_that_is_asked_for(intake, tmp_path, language, telephone, half):
    whole = json.loads(SAMPLE.read_text(encoding="utf-8").splitlines()[0])
    contact = {**whole["contact"], "email": "x", "phone": "12"}
    flawed = {**whole, "contact": contact, "topics": ["golf"], "consent": False}
    lines = [flawed, {**whole, "text": "Guten \ud800 Tag, wir suchen Rat."}, whole]
    file = tmp_path / "some.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    result = await send(file, intake, language=language)
    first, second = result.refused
    assert [problem.split(":")[0] for problem in first.problems] == [
        "contact.email",
        "contact.phone",
        "topics[0]",
        "consent",
    ]
    assert first.problems[1].startswith(telephone)
    assert second.problems[0].startswith("text: ")
    assert half in second.problems[0]
    assert [sent.line for sent in result.sent] == [3]


async def test_a_refused_line_is_tried_again_by_the_next_run(api, file):
    file.write_text('{"text": "bad"}\n')
    api.refuses["bad"] = NOT_VALID
    await send(file, api.url)
    api.refuses.clear()
    assert len((await send(file, api.url)).sent) == 1


async def test_an_api_that_cannot_just_now_is_waited_for(api, file):
    api.next_answers = [(503, {})] * 9
    waits = []
    result = await send(file, api.url, tell=Tell(waiting=waits.append))
    assert len(result.sent) == len(api.taken) == 20
    assert "it says 503" in waits[0]


async def test_a_server_that_is_away_is_given_up_when_patience_ends(file):
    waits = []
    with pytest.raises(ServerAway, match="run the same command again"):
        await send(file, "http://127.0.0.1:9", patience_s=1, tell=Tell(waiting=waits.append))
    assert waits


async def test_a_server_that_comes_back_is_gone_on_with(file, unused_tcp_port):
    with pytest.raises(ServerAway):
        await send(file, f"http://127.0.0.1:{unused_tcp_port}", patience_s=0)
    async with serving(Api()) as url:
        assert len((await send(file, url)).sent) == 20


async def test_a_server_that_is_not_wegweisers_is_said_to_be(api, file):
    with pytest.raises(ServerAway, match="answers 404"):
        await send(file, f"{api.url}/elsewhere")


async def test_no_more_are_sent_a_second_than_asked_for(api, file):
    began = time.monotonic()
    await send(file, api.url, rate=40)
    assert time.monotonic() - began > 19 / 40 * 0.95


async def test_the_notes_say_which_line_got_which_reference(api, file):
    result = await send(file, api.url)
    noted = {note["line"]: note["reference"] for note in progress(file)}
    assert noted == {sent.line: sent.reference for sent in result.sent}


async def test_intake_itself_takes_the_whole_sample_and_knows_it_again(intake, tmp_path):
    sample = tmp_path / SAMPLE.name
    sample.write_bytes(SAMPLE.read_bytes())
    first = await send(sample, intake)
    again = await send(sample, intake, again=True)
    assert first.refused == []
    assert again.sent == first.sent
    assert len({sent.reference for sent in first.sent}) == len(first.sent) >= 60


async def test_intake_itself_names_the_field_at_fault(intake, file):
    document = json.loads(SAMPLE.read_text().splitlines()[0])
    document["contact"]["email"] = "nobody"
    file.write_text(json.dumps(document))
    (refused,) = (await send(file, intake)).refused
    assert refused.problems[0].startswith("contact.email: ")
