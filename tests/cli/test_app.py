import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.api import Api, serving_aside

WEGWEISER = Path(sys.executable).with_name("wegweiser")
NOT_VALID = (422, {"errors": [{"pointer": "/contact/email", "code": "email", "detail": "This is no e-mail address."}]})


@pytest.fixture
def api():
    served = Api()
    with serving_aside(served) as url:
        served.url = url
        yield served


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "enquiries.jsonl"
    path.write_text("".join(f'{{"text": "enquiry {n}"}}\n' for n in range(5)))
    return path


def test_the_version_is_said(wegweiser):
    ended = wegweiser("--version")
    assert (ended.code, ended.out) == (0, "wegweiser 0.1.0\n")


@pytest.mark.parametrize(
    "arguments",
    [[], ["nonsense"], ["send"], ["send", "/no/such/file"], ["setup", "--partitions", "0"], ["dead", "show"]],
)
def test_what_means_nothing_is_exit_code_2(wegweiser, arguments):
    assert wegweiser(*arguments).code == 2


@pytest.mark.parametrize("command", ["setup", "send", "preview", "directory", "dead", "audit"])
def test_every_command_explains_itself(wegweiser, command):
    ended = wegweiser(command, "--help")
    assert ended.code == 0
    assert "Usage" in ended.out


def test_all_sent_is_exit_code_0(wegweiser, api, file):
    ended = wegweiser("send", file, public_url=api.url)
    assert (ended.code, ended.out) == (0, "5 sent, 0 refused\n")
    assert wegweiser("send", file, "--url", api.url).out == "0 sent, 5 were sent before, 0 refused\n"


def test_a_refused_line_is_named_with_its_number_and_is_exit_code_1(wegweiser, api, file):
    api.refuses["enquiry 2"] = NOT_VALID
    ended = wegweiser("send", file, "--url", api.url)
    assert ended.code == 1
    assert "line 3: contact.email: This is no e-mail address." in ended.said
    assert ended.out == "4 sent, 1 refused\n"


def test_what_was_sent_can_be_read_by_programs(wegweiser, api, file):
    said = json.loads(wegweiser("send", file, "--url", api.url, "--json").out)
    assert [sent["line"] for sent in said["sent"]] == [1, 2, 3, 4, 5]
    assert said["refused"] == []


def test_waiting_for_the_api_is_said(wegweiser, api, file):
    api.next_answers = [(503, {})] * 8
    assert "does not answer (it says 503); trying again in" in wegweiser("send", file, "--url", api.url).said


def test_a_server_that_is_away_is_exit_code_3(wegweiser, file):
    ended = wegweiser("send", file, "--url", "http://127.0.0.1:9", "--patience", "0")
    assert ended.code == 3
    assert "run the same command again" in ended.said


@pytest.mark.parametrize(
    ("settings", "variable"),
    [
        ({"kafka_url": "nonsense"}, "WEGWEISER_KAFKA_URL"),
        ({"kafka_url": "localhost:x"}, "WEGWEISER_KAFKA_URL"),
        ({"mongodb_url": "http://localhost"}, "WEGWEISER_MONGODB_URL"),
        ({"mongodb_driver": "odbc"}, "WEGWEISER_MONGODB_DRIVER"),
    ],
)
def test_a_setting_that_means_nothing_is_named_and_exit_code_2(wegweiser, settings, variable):
    ended = wegweiser("audit", **settings)
    assert ended.code == 2
    assert ended.said.startswith(variable)


def test_what_is_no_address_is_exit_code_2(wegweiser, file):
    assert wegweiser("send", file, "--url", "localhost:8000").code == 2


def test_a_spreadsheet_that_is_none_is_exit_code_2(wegweiser, api, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("a;b\n1;2\n")
    ended = wegweiser("send", other, "--url", api.url)
    assert ended.code == 2
    assert "business.name" in ended.said


def test_the_installed_command_ends_without_a_traceback(file):
    command = [WEGWEISER, "send", file, "--url", "http://127.0.0.1:9", "--patience", "0"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 3
    assert "Traceback" not in ended.stderr
