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
        "given = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'\n"
        "with trace.within(given): structlog.get_logger().info('offer_made', reference='WW-1')"
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
