"""What dies is started again, and services end before the servers they need."""

import os
import signal
import sys
import time

import pytest

from deploy.local.supervision import Ended, Program, Supervisor

_PROGRAM = """
import signal, sys, time
from pathlib import Path
def end(*_):
    time.sleep(0.3)
    with Path("order").open("a") as order:
        order.write(sys.argv[1] + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
while True:
    time.sleep(0.05)
"""


def until(condition, seconds=15):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.05)


def a_program(name, folder):
    return Program(name, [sys.executable, "-c", _PROGRAM, name], 5, folder)


@pytest.fixture
def supervisor(tmp_path):
    groups = {"servers": [a_program("kafka", tmp_path)], "services": [a_program("intake", tmp_path)]}
    supervisor = Supervisor(groups, os.environ, tmp_path / "a 100% odd #1 ;name")
    supervisor.begin()
    yield supervisor
    supervisor.stop()


def test_nothing_runs_before_it_is_its_turn(supervisor):
    supervisor.start_group("servers")
    until(lambda: supervisor.conditions()["kafka"].word == "RUNNING")
    assert supervisor.conditions()["intake"].pid == 0


def test_what_dies_is_started_again(supervisor):
    supervisor.start_group("services")
    until(lambda: supervisor.conditions()["intake"].word == "RUNNING")
    killed = supervisor.conditions()["intake"].pid
    os.kill(killed, signal.SIGKILL)
    until(lambda: supervisor.conditions()["intake"].pid not in {0, killed})


def test_services_have_ended_before_servers_are_asked_to(supervisor, tmp_path):
    for group in ("servers", "services"):
        supervisor.start_group(group)
    until(lambda: {each.word for each in supervisor.conditions().values()} == {"RUNNING"})
    supervisor.stop()
    assert (tmp_path / "order").read_text().split() == ["intake", "kafka"]


def test_nobody_asks_a_supervisor_that_has_ended(supervisor):
    supervisor.stop()
    with pytest.raises(Ended):
        supervisor.conditions()
