"""A server that answers, and one that only seems to."""

import socket

import pytest

from deploy.local.answers import http_answers, kafka_answers, mongodb_answers, smtp_answers
from deploy.local.ports import free_ports, is_free, who_listens_on

ALL = [
    kafka_answers,
    mongodb_answers,
    smtp_answers,
    lambda port, timeout: http_answers(f"http://127.0.0.1:{port}/", timeout),
]


@pytest.fixture
def silent():
    """A port that takes connections, as that of a frozen server does."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_kafka_tells_its_versions(kafka):
    assert kafka_answers(int(kafka.url.rpartition(":")[2]))


def test_mongodb_answers_a_ping(mongodb):
    assert mongodb_answers(int(mongodb.url.rpartition(":")[2]))


@pytest.mark.parametrize("answers", ALL)
def test_a_port_that_only_takes_connections_is_no_answer(answers, silent):
    assert not answers(silent, timeout=0.2)


@pytest.mark.parametrize("answers", ALL)
def test_a_port_where_nobody_listens_is_no_answer(answers):
    assert not answers(free_ports(1)[0], timeout=0.2)


def test_another_kind_of_server_is_no_answer(kafka, mongodb):
    assert not kafka_answers(int(mongodb.url.rpartition(":")[2]), timeout=0.5)
    assert not mongodb_answers(int(kafka.url.rpartition(":")[2]), timeout=0.5)


def test_a_used_port_is_not_free_and_who_has_it_is_named(silent):
    assert not is_free(silent)
    assert "process" in who_listens_on(silent)


def test_free_ports_are_free_and_different():
    ports = free_ports(5)
    assert len(set(ports)) == 5
    assert all(map(is_free, ports))
