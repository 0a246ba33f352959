"""Runs programs under supervisor: what dies is started again, and services end before the servers they need."""

import itertools
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xmlrpc.client import Error as XmlRpcError
from xmlrpc.client import ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from deploy.local import leash
from deploy.local.state import LOCAL, ROOT

_LONGEST_SOCKET_PATH = 90
_SECONDS_TO_ANSWER = 10
_TRIES = 5
"""With pauses of 1, 2, 3, ... seconds; then supervisor gives up, and whoever watches decides (`Supervisor.start`)."""


_ITSELF = """\
[supervisord]
nodaemon=true
silent=true
minfds=256
logfile=logs/supervisord.log
logfile_maxbytes=1MB
logfile_backups=1
pidfile=supervisord.pid

[unix_http_server]
file={socket}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""


class Ended(Exception):
    """Supervisor itself is gone."""


@dataclass(frozen=True, slots=True)
class Program:
    """Something to keep running. ``seconds_to_stop``: after that long it is killed."""

    name: str
    command: Sequence[str]
    seconds_to_stop: int
    folder: Path = ROOT
    environment: Mapping[str, str] = field(default_factory=dict)
    """Plain values: numbers and addresses."""


@dataclass(frozen=True, slots=True)
class Condition:
    """How a program is: supervisor's word for it, and its process (0 for none)."""

    word: str
    pid: int


class Supervisor:
    """Groups of programs, in the order in which one needs the other."""

    def __init__(
        self, groups: Mapping[str, Sequence[Program]], environment: Mapping[str, str], local: Path = LOCAL
    ) -> None:
        self._local = local
        self._groups = groups
        self._environment = environment
        self._folder = tempfile.TemporaryDirectory(prefix="wegweiser-")
        here = len(os.fsencode(local)) < _LONGEST_SOCKET_PATH
        self._socket = (local if here else Path(self._folder.name)) / "supervisor.sock"
        self._socket_in_file = "%(here)s/supervisor.sock" if here else str(self._socket)
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Start supervisor, and none of the programs yet. Raises `Ended`."""
        for name in ("logs", "pids"):
            (self._local / name).mkdir(parents=True, exist_ok=True)
        configuration = self._local / "supervisord.conf"
        configuration.write_text(self._configuration(), encoding="utf-8")
        command = self._leashed(
            "supervisord", [sys.executable, "-m", "supervisor.supervisord", "-c", str(configuration)]
        )
        with (self._local / "logs" / "supervisord.out").open("wb") as out:
            self._process = subprocess.Popen(
                command,
                cwd=self._local,
                env={**self._environment, **self._named()},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        self._wait_for_its_answer()

    def _configuration(self) -> str:
        parts = [_ITSELF.format(socket=self._socket_in_file)]
        for priority, (group, programs) in enumerate(self._groups.items(), start=1):
            if programs:
                names = ",".join(program.name for program in programs)
                parts.append(f"[group:{group}]\nprograms={names}\npriority={priority * 100}\n")
                parts += [_section(program) for program in programs]
        return "\n".join(parts)

    def _named(self) -> dict[str, str]:
        """What holds names of files, in variables: in a file supervisor would take ``#``, ``;`` or ``%`` amiss."""
        variables: dict[str, str] = {}
        for program in itertools.chain.from_iterable(self._groups.values()):
            command, folder = _variables(program)
            variables |= {
                command: shlex.join(self._leashed(program.name, program.command)),
                folder: str(program.folder),
            }
        return variables

    def _leashed(self, name: str, command: Sequence[str]) -> list[str]:
        """The command, ending in order if whoever started it is killed, with its pid where the next start finds it."""
        pid_file = self._local / "pids" / name
        return [sys.executable, "-SEs", leash.__file__, str(int(signal.SIGTERM)), str(pid_file), *command]

    def _wait_for_its_answer(self) -> None:
        deadline = time.monotonic() + _SECONDS_TO_ANSWER
        while time.monotonic() < deadline:
            with suppress(OSError, XmlRpcError):
                self._ask("getState")
                return
            self.look()
            time.sleep(0.05)
        raise Ended(f"supervisor does not answer; it said: {self._last_words()}")

    def look(self) -> None:
        """Raises `Ended` if supervisor is gone."""
        if self._process is None or self._process.poll() is not None:
            raise Ended(f"supervisor has ended; it said: {self._last_words()}")

    def _last_words(self) -> str:
        said = (self._local / "logs" / "supervisord.out").read_text(encoding="utf-8", errors="replace").strip()
        return said[-500:] or "nothing"

    def _ask(self, method: str, *arguments: object) -> Any:
        # The URL is not used: the transport speaks over the socket.
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        with ServerProxy("http://127.0.0.1", transport=transport) as server:
            return getattr(server.supervisor, method)(*arguments)

    def start_group(self, group: str) -> None:
        """Start the programs of a group; returns at once."""
        self._ask("startProcessGroup", group, False)

    def start(self, name: str) -> None:
        """Start a program on which supervisor has given up."""
        group = next(group for group, programs in self._groups.items() if any(each.name == name for each in programs))
        with suppress(XmlRpcError):  # it has come back meanwhile
            self._ask("startProcess", f"{group}:{name}", False)

    def conditions(self) -> dict[str, Condition]:
        """How each program is. Raises `Ended`."""
        self.look()
        try:
            answers = self._ask("getAllProcessInfo")
        except (OSError, XmlRpcError) as error:
            self.look()
            raise Ended(f"supervisor does not answer: {error}") from error
        return {each["name"]: Condition(each["statename"], each["pid"]) for each in answers}

    def stop(self) -> None:
        """End everything, the last group first, each program within its time; returns when supervisor is gone."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        longest = sum(max((each.seconds_to_stop for each in programs), default=0) for programs in self._groups.values())
        try:
            process.wait(longest + 10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._folder.cleanup()


def _variables(program: Program) -> tuple[str, str]:
    name = program.name.upper()
    return f"WEGWEISER_RUNS_{name}", f"WEGWEISER_RUNS_{name}_IN"


def _section(program: Program) -> str:
    environment = ",".join(f'{name}="{value}"' for name, value in program.environment.items())
    command, folder = _variables(program)
    return (
        f"[program:{program.name}]\n"
        f"command=%(ENV_{command})s\n"
        f"directory=%(ENV_{folder})s\n"
        f"environment={environment}\n"
        "autostart=false\nautorestart=true\n"
        f"startsecs=2\nstartretries={_TRIES}\n"
        f"stopwaitsecs={program.seconds_to_stop}\nkillasgroup=true\n"
        "redirect_stderr=true\n"
        f"stdout_logfile=logs/{program.name}.log\nstdout_logfile_maxbytes=20MB\nstdout_logfile_backups=2\n"
    )
