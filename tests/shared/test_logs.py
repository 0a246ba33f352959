"""Logs as a process writes them."""

import json
import subprocess
import sys

import pytest

BEGIN = "import logging, structlog; from shared import logs, trace; logs.configure('json', 'test'); "


def written(code):
    ran = subprocess.run([sys.executable, "-c", BEGIN + code], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_a_line_is_json_with_service_and_correlation():
    (line,) = written(
        "trace.begin('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01')\n"
        "structlog.get_logger().info('offer_made', reference='WW-1')"
    )
    assert (line["event"], line["reference"], line["service"]) == ("offer_made", "WW-1", "test")
    assert line["correlation_id"] == "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize("name", ["email", "phone", "name", "text", "token", "contact"])
def test_personal_data_does_not_get_into_the_log(name):
    assert "a.muster" not in json.dumps(written(f"structlog.get_logger().info('x', {name}='a.muster@example.org')"))


def test_the_libraries_write_into_the_same_log():
    assert written("logging.getLogger('uvicorn').warning('listening')")[0]["event"] == "listening"


def test_a_library_that_repeats_itself_is_heard_once_in_a_while():
    assert len(written("\nfor _ in range(1000): logging.getLogger('aiokafka.cluster').error('Kafka is away')")) == 1


def test_personal_data_does_not_get_into_the_log_by_way_of_a_part():
    logged = written(
        "structlog.get_logger().info('x', business={'contact': {'email': 'a.muster@example.org'}},"
        " many=[{'name': 'Muster'}])"
    )
    assert not {"a.muster@example.org", "Muster"} & set(json.dumps(logged).split('"'))


def test_an_address_in_a_mail_servers_answer_does_not_get_into_the_log():
    (line,) = written("structlog.get_logger().info('refused', reason='550 <a.muster@example.org>: no such user')")
    assert line["reason"] == "550 <[redacted]>: no such user"


def test_what_a_person_typed_does_not_get_into_the_log_by_way_of_an_error():
    (line,) = written(
        "\nfrom pydantic import TypeAdapter\n"
        "try: TypeAdapter(int).validate_python('Max Muster, a=b')\n"
        "except ValueError: structlog.get_logger().exception('request_failed')"
    )
    assert "int_parsing" in line["exception"]
    assert "Muster, a" not in line["exception"].split("ValidationError")[-1]


def test_people_read_the_same_log_as_text():
    code = BEGIN.replace("'json'", "'console'") + (
        "\ntry: 1 / 0\n"
        "except ZeroDivisionError: structlog.get_logger().exception('request_failed', email='a@example.org')"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "request_failed" in ran.stdout
    assert "ZeroDivisionError" in ran.stdout
    assert "a@example.org" not in ran.stdout + ran.stderr


def test_what_is_no_text_is_written_as_far_as_it_goes():
    (line,) = written("structlog.get_logger().info('x', given='\\ud800', email='a@example.org')")
    assert (line["event"], line["given"], line["email"]) == ("'x'", r"'\ud800'", "'[redacted]'")


def test_where_nothing_can_be_written_any_more_nothing_fails():
    closed = "sys.stdout.close(); structlog.get_logger().info('x'); sys.exit(3)"
    assert subprocess.run([sys.executable, "-c", f"import sys; {BEGIN}{closed}"], check=False).returncode == 3
