"""Real servers for tests: started on free ports, stopped, killed, frozen and started again with the same data."""

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

from deploy.local import leash, parts, warm
from deploy.local.ports import free_ports

starter = ThreadPoolExecutor(1, thread_name_prefix="starts-servers")
"""The kernel ends a server when the thread that started it ends; this one lives as long as the tests."""


class NotReady(Exception):
    """A server did not get ready; the message holds the end of its log."""


class Server:
    """A server in a folder of its own. It never outlives the test run, not even one that is killed."""

    def __init__(self, folder: Path, make: Callable[[], parts.Part]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._make = make
        self._part: parts.Part | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The running process."""
        assert self._process is not None, "not started"
        return self._process.pid

    @property
    def log(self) -> str:
        """What the server wrote so far."""
        return (self._folder / "log").read_text(encoding="utf-8", errors="replace")

    def start(self, timeout: float = 60) -> Self:
        """Start, or start again on the same port with the same data, and wait until it answers (seconds)."""
        assert not self.is_running, "already running"
        self._part = self._part or self._make()
        self._process = starter.submit(self._run, self._part.command).result()
        self.wait_until_ready(timeout)
        return self

    def _run(self, command: tuple[str, ...]) -> subprocess.Popen[bytes]:
        leashed = (sys.executable, "-SEs", leash.__file__, str(int(signal.SIGKILL)), "-", *command)
        where = self._part.folder if self._part is not None else None
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(
                leashed, cwd=where, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    @property
    def is_running(self) -> bool:
        """Is there a process, be it frozen?"""
        return self._process is not None and self._process.poll() is None

    def ready(self) -> bool:
        """Does it answer now?"""
        return self.is_running and self._part is not None and self._part.ready()

    def wait_until_ready(self, timeout: float = 60) -> None:
        """Raises `NotReady` after ``timeout`` seconds, or as soon as the process has ended."""
        deadline = time.monotonic() + timeout
        while not self.ready():
            if not self.is_running or time.monotonic() > deadline:
                message = f"{type(self).__name__} is not ready:\n{self.log[-3000:]}"
                raise NotReady(message)
            time.sleep(0.05)

    def stop(self, timeout: float = 30) -> None:
        """Ask it to end, and wait until it has; killed after ``timeout`` seconds. No harm if it has ended already."""
        self._end(signal.SIGTERM, timeout)

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone. No harm if it has ended already."""
        self._end(signal.SIGKILL, 30)

    def _end(self, how: signal.Signals, timeout: float) -> None:
        if self._process is None:
            return
        if self.is_running:
            os.kill(self.pid, how)
            os.kill(self.pid, signal.SIGCONT)
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def freeze(self) -> None:
        """SIGSTOP: connections stay open, nothing answers."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        os.kill(self.pid, signal.SIGCONT)


class Kafka(Server):
    """Apache Kafka, one node. Topics are not made by accident."""

    def __init__(self, folder: Path) -> None:
        port, controller_port = free_ports(2)
        super().__init__(folder, lambda: parts.kafka(folder, port, controller_port, *warm.options()))
        self.url = f"127.0.0.1:{port}"


class Mongo(Server):
    """MongoDB, one node, no replica set."""

    def __init__(self, folder: Path) -> None:
        (port,) = free_ports(1)
        super().__init__(folder, lambda: parts.mongod(folder, port))
        self.url = f"mongodb://127.0.0.1:{port}"


_numbers = itertools.count(1)


def numbered(name: str) -> str:
    """A name for one more folder."""
    return f"{name}-{next(_numbers)}"
