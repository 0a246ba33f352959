"""A process under measurement: started, frozen while its work is laid out, and asked what it used."""

import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

from deploy.local import parts
from deploy.local.answers import http_answers
from deploy.local.ports import free_ports
from tests.bench.environment import PYTHON, ROOT
from tests.parts import Server, starter

_MB = 2**20


class Worker(Server):
    """A command and all its children."""

    def __init__(
        self,
        folder: Path,
        command: Sequence[str],
        environment: Mapping[str, str],
        ready: Callable[[], bool] | None = None,
    ) -> None:
        settings = [f"{name}={value}" for name, value in environment.items()]
        whole = ("env", f"PYTHONPATH={ROOT}", "PYTHONHASHSEED=0", *settings, *command)
        super().__init__(folder, lambda: parts.Part(folder.name, whole, ready or (lambda: True), ROOT))

    def start_soon(self) -> None:
        """Start, and do not wait."""
        self._part = self._part or self._make()
        self._process = starter.submit(self._run, self._part.command).result()

    def freeze(self) -> None:
        """SIGSTOP, children included: work can be laid out in peace."""
        os.killpg(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        os.killpg(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL, children included."""
        if self.is_running:
            os.killpg(self.pid, signal.SIGKILL)
        super().kill()

    def cpu_s(self) -> float:
        """Seconds of CPU that it and its children used since they began."""
        return sum(cpu_s(each.pid) for each in self._all())

    def memory_mb(self) -> float:
        """Memory that belongs to it and its children alone, in MB."""
        return sum(each.memory_full_info().uss for each in self._all()) / _MB

    def _all(self) -> list[psutil.Process]:
        first = psutil.Process(self.pid)
        return [first, *first.children(recursive=True)]


def cpu_s(pid: int) -> float:
    """Seconds of CPU that a process used since it began."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def service(
    folder: Path, module: str, environment: Mapping[str, str], python: str = sys.executable
) -> tuple[Worker, str]:
    """A process that serves HTTP, one of our services, and its address."""
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    settings = {**environment, "WEGWEISER_PORT": str(port)}
    return Worker(folder, (python, "-m", module), settings, lambda: http_answers(f"{url}/readyz")), url


def baseline(folder: Path, module: str, environment: Mapping[str, str], *arguments: str) -> Worker:
    """A process of a baseline, in the baselines' own environment."""
    return Worker(folder, (str(PYTHON), "-m", f"tests.bench.baselines.{module}", *arguments), environment)
