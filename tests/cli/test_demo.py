import json

import pytest
from typer.testing import CliRunner

from deploy.cli.demo import app
from tests.cli.api import Api, serving_aside

RECEIVED_AT, SENT_AT = "2026-11-23T08:00:00Z", "2026-11-23T08:00:00.420000Z"
DECISION = {
    "target": "ost",
    "receiver": "ost",
    "chamber": "Handwerkskammer Dresden",
    "region": {"postal_code": "01067"},
    "topics": [{"id": "online_shop", "p": 1.0}],
    "reasons": ["led_by_showcase:ost"],
}


class Stack(Api):
    """All three services in one, as far as the demonstration asks them."""

    state = "offered"
    notices = ({"purpose": "offer", "state": "sent", "attempts": [{"at": SENT_AT, "answer": "250"}]},)
    token = "open sesame"

    def _answer(self, scope, body):
        if scope["method"] == "POST":
            status, answer = super()._answer(scope, body)
            return status, answer | {"status_url": f"{self.url}/status/t", "received_at": RECEIVED_AT}
        if scope["path"].startswith("/status/"):
            return 200, {"state": self.state, "receiver": None}
        if dict(scope["headers"]).get(b"authorization") != f"Bearer {self.token}".encode():
            return 404, {"type": "urn:wegweiser:problem:token_unknown"}
        if scope["path"].startswith("/api/v1/decisions/"):
            return 200, DECISION
        return 200, {"items": list(self.notices)}


@pytest.fixture
def stack():
    served = Stack()
    with serving_aside(served) as url:
        served.url = url
        yield served


@pytest.fixture
def demo(stack, tmp_path):
    file = tmp_path / "few.jsonl"
    file.write_text(json.dumps({"business": {"name": "[b]Tischlerei"}, "text": "hello"}) + "\n")

    def run(token: str = Stack.token):
        urls = dict.fromkeys(("PUBLIC_URL", "DESK_URL", "NOTIFY_URL"), stack.url) | {"COORDINATOR_TOKEN": token}
        environment = {f"WEGWEISER_{name}": value for name, value in urls.items()} | {"COLUMNS": "200"}
        return CliRunner().invoke(app, [str(file), "--patience", "0"], env=environment)

    return run


def test_the_table_shows_state_receiver_why_and_when_the_mail_was_out(demo):
    ended = demo()
    assert ended.exit_code == 0, ended.stderr
    for said in ("[b]Tischlerei", "offered", "ost", "Schaufenster Ost leads here.", "0.42 s"):
        assert said in ended.stdout
    assert "1 sent, 0 refused: 1 offered" in ended.stderr


def test_a_mail_that_is_not_out_yet_is_no_arrival(demo, stack):
    stack.notices = ({"purpose": "offer", "state": "queued", "attempts": []},)
    ended = demo()
    assert ended.exit_code == 1
    assert "1 have not arrived yet." in ended.stderr


def test_a_case_in_triage_has_arrived_when_the_coordinator_was_told(demo, stack):
    stack.state = "triage"
    assert demo().exit_code == 1
    stack.notices = ({"purpose": "triage_alarm", "state": "sent", "attempts": [{"at": SENT_AT}]},)
    assert demo().exit_code == 0


def test_a_wrong_token_is_said_to_be(demo):
    ended = demo(token="wrong")
    assert ended.exit_code == 3
    assert "WEGWEISER_COORDINATOR_TOKEN" in ended.stderr
