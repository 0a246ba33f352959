"""``make run``, as a person uses it: started, disturbed, started twice, stopped, started again."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from deploy.local.ports import free_ports
from deploy.local.stack import Ports

_NAMES = ("intake", "matching", "notify", "kafka", "kafka_controller", "mongodb", "smtp", "mail")


@dataclass
class Stack:
    """A stack of its own folder and ports."""

    folder: Path
    ports: dict[str, int]

    def run(self, *arguments, **environment):
        ours = {Ports.variable(name): str(port) for name, port in self.ports.items()}
        others = {name: value for name, value in os.environ.items() if not name.startswith("WEGWEISER_")}
        variables = {**others, **ours, "WEGWEISER_LOCAL": str(self.folder), **environment}
        command = [sys.executable, "-m", "deploy.local.run", *arguments]
        return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=100, check=False)

    def pid_of(self, name):
        return int((self.folder / "pids" / name).read_text())

    def answers(self, service, path="readyz"):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[service]}/{path}", timeout=5) as answer:
            return answer.status == 200

    def processes(self):
        """What runs, with supervisor itself, as written down."""
        return [psutil.Process(int(path.read_text())) for path in (self.folder / "pids").glob("*")]


@pytest.fixture
def stack(tmp_path):
    stack = Stack(tmp_path / "local", dict(zip(_NAMES, free_ports(len(_NAMES)), strict=True)))
    yield stack
    stack.run("--stop")


def until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.1)


def alive(processes):
    return [each for each in processes if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.timeout(240)
def test_the_whole_stack_starts_mends_itself_stops_and_starts_again(stack):
    started = stack.run("--background")
    assert started.returncode == 0, started.stdout
    assert "The directory was empty" in started.stdout
    assert all(stack.answers(service, "healthz") for service in ("intake", "matching", "notify"))
    assert f"http://localhost:{stack.ports['intake']}/en" in started.stdout

    killed = stack.pid_of("matching")
    os.kill(killed, signal.SIGKILL)
    until(lambda: stack.pid_of("matching") != killed)

    second = stack.run()
    assert (second.returncode, "runs already" in second.stdout) == (1, True)

    processes = stack.processes()
    assert len(processes) == 7
    assert stack.run("--stop").returncode == 0
    assert alive(processes) == []

    again = stack.run("--background")
    assert again.returncode == 0, again.stdout
    assert "The directory was empty" not in again.stdout
    processes = stack.processes()
    psutil.Process(int((stack.folder / "lock").read_text())).kill()
    until(lambda: not alive(processes))


def test_a_used_port_is_named_with_who_has_it_and_what_to_do(stack):
    with socket.create_server(("127.0.0.1", stack.ports["matching"])):
        refused = stack.run()
    assert refused.returncode == 1
    assert f"Port {stack.ports['matching']} (matching) is used by" in refused.stdout
    assert "make run WEGWEISER_MATCHING_PORT=" in refused.stdout


def test_a_server_of_ones_own_that_is_away_is_said_so(stack, kafka):
    refused = stack.run(WEGWEISER_KAFKA_URL=kafka.url, WEGWEISER_MONGODB_URL="mongodb://127.0.0.1:1")
    assert refused.returncode == 1
    assert "wegweiser setup ended with 3" in refused.stdout
    assert not (stack.folder / "pids").exists()


def test_stopping_what_does_not_run_is_no_error(stack):
    assert stack.run("--stop").returncode == 0
