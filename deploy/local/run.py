"""Starts the whole stack on this machine, watches it, and stops it: what ``make run`` does."""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import NoReturn

from rich.console import Console

from deploy.local import fetch, leash, leftovers, parts, provision, warm
from deploy.local.ports import is_free, who_listens_on
from deploy.local.stack import SERVICES, BadPort, Ports, Stack, planned
from deploy.local.state import ENVIRONMENT, LOCAL, LOGS, PIDS, READY, ROOT, RunsAlready, hold, runner, secret, shown
from deploy.local.supervision import Condition, Ended, Program, Supervisor

_SECONDS_TO_BE_READY = 120
_SECONDS_TO_BE_HEALTHY = 30
_SECONDS_TO_STOP_ALL = 60
_PAUSE_BEFORE_ANOTHER_TRY_S = 30
_ROOM_NEEDED = 1_000_000_000
_MEGABYTE = 1_000_000
_TOLD = {"kafka": "Apache Kafka", "mongodb": "MongoDB", "mail": "mail catcher"}


class CannotRun(Exception):
    """The stack cannot start; the message says why and what to do."""


class StopAsked(BaseException):
    """Ctrl-C, a closed terminal, or ``make stop``."""


class Voice:
    """Says how it goes. A terminal that has gone away is no reason to leave processes behind."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)

    def say(self, text: str = "", style: str = "") -> None:
        """One line."""
        with suppress(OSError):
            self._console.print(text, style=style or None, markup=False)

    @contextmanager
    def during(self, text: str) -> Iterator[None]:
        """Show that something goes on, and then how long it took."""
        since = time.monotonic()
        if self._console.is_terminal:
            with suppress(OSError), self._console.status(f"{text} ..."):
                yield
        else:
            yield
        self.say(f"  {text}: {time.monotonic() - since:.1f} s")

    def shout(self, text: str) -> None:
        """Something is wrong."""
        self.say(text, style="bold red")


def main() -> int:
    """Exit code 0: stopped as asked (or in the background: it serves); 1: it could not start, or came down."""
    arguments = _arguments()
    voice = Voice()
    _stop_on_signals()
    try:
        if arguments.stop:
            return _stop(voice)
        if arguments.background:
            return _in_background(voice)
        if arguments.end_with_parent:
            leash.follow(signal.SIGTERM)
        _run(voice)
    except StopAsked:
        return 0
    except (
        CannotRun,
        RunsAlready,
        BadPort,
        Ended,
        fetch.CannotFetch,
        parts.CannotStart,
        provision.CannotProvision,
    ) as problem:
        voice.shout(str(problem))
    except OSError as problem:
        voice.shout(f"Cannot run the stack: {problem.strerror or problem} ({problem.filename or LOCAL}).")
    return 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.local.run", description=__doc__)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--background", action="store_true", help="start it, wait until it serves, and leave it running")
    how.add_argument("--stop", action="store_true", help="stop the stack that runs from this folder")
    how.add_argument(
        "--end-with-parent", action="store_true", help="stop also when the process that started this one is killed"
    )
    return parser.parse_args()


def _stop_on_signals() -> None:
    asked = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if not asked:  # once is enough: the time it takes is bounded
            asked = True
            raise StopAsked

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def _run(voice: Voice) -> NoReturn:
    with hold():
        READY.unlink(missing_ok=True)
        _clear_up(voice)
        stack = planned(os.environ, secret=secret("secret"), token=secret("coordinator-token"), mark=str(ROOT))
        _fetch_parts(stack)
        _look_for_room()
        _look_at_ports(stack)
        environment = {**os.environ, **stack.settings, "PYTHONUNBUFFERED": "1"}
        servers = _servers(stack, voice)
        programs = {
            "servers": [_program(server) for server in servers],
            "services": [_service(name, stack) for name in SERVICES],
        }
        supervisor = Supervisor(programs, environment)
        try:
            supervisor.begin()
            _start(supervisor, servers, stack, environment, voice)
            _watch(supervisor, voice)
        finally:
            READY.unlink(missing_ok=True)
            _end_all(supervisor, voice)


def _clear_up(voice: Voice) -> None:
    left = leftovers.left_behind(PIDS)
    if left:
        names = ", ".join(f"{name} (process {process.pid})" for name, process in left)
        voice.say(f"A run that was killed left this behind, ending it: {names}")
        leftovers.end([process for _, process in left])


def _fetch_parts(stack: Stack) -> None:
    if "mongodb" in stack.ours:
        fetch.mongod()
    if "mail" in stack.ours:
        fetch.fetch(fetch.MAILDUMP)
    if "kafka" in stack.ours:
        fetch.fetch(fetch.JAVA, fetch.KAFKA, warm.CLASSES)


def _look_for_room() -> None:
    free = shutil.disk_usage(LOCAL).free
    if free < _ROOM_NEEDED:
        raise CannotRun(
            f"The disk of {LOCAL} is nearly full: {free // _MEGABYTE} MB are free, and Kafka and MongoDB need "
            f"{_ROOM_NEEDED // _MEGABYTE} MB to work safely. Make room (make clean removes what the stack has stored)."
        )


def _look_at_ports(stack: Stack) -> None:
    for name, port in stack.used_ports().items():
        if not is_free(port):
            who = who_listens_on(port)
            used = f"Port {port} ({name}) is used by {who or 'another process'}"
            raise CannotRun(
                f"{used}: stop that, or choose another port: make run {Ports.variable(name)}={port + 10000}"
            )


def _servers(stack: Stack, voice: Voice) -> list[parts.Part]:
    ports = stack.ports
    servers = []
    if "mongodb" in stack.ours:
        servers.append(parts.mongod(LOCAL / "mongodb", ports.mongodb))
    if "mail" in stack.ours:
        servers.append(parts.maildump(LOCAL / "mail", ports.smtp, ports.mail))
    if "kafka" in stack.ours:
        if not (LOCAL / "kafka" / "data").exists():
            voice.say("Preparing Kafka's storage ...")
        servers.append(parts.kafka(LOCAL / "kafka", ports.kafka, ports.kafka_controller, *warm.options()))
    return servers


def _program(server: parts.Part) -> Program:
    return Program(server.name, server.command, seconds_to_stop=8)


def _service(name: str, stack: Stack) -> Program:
    port = str(getattr(stack.ports, name))
    return Program(
        name, [sys.executable, "-m", f"services.{name}"], 8, {"WEGWEISER_PORT": port, "WEGWEISER_HOST": "127.0.0.1"}
    )


def _start(
    supervisor: Supervisor, servers: list[parts.Part], stack: Stack, environment: dict[str, str], voice: Voice
) -> None:
    since = time.monotonic()
    voice.say("Starting:")
    if servers:
        supervisor.start_group("servers")
    for server in servers:
        with voice.during(_TOLD[server.name]):
            _wait(supervisor, server.name, server.ready)
    with voice.during("topics and indexes"):
        provision.topics_and_indexes(environment)
    with voice.during("directory"):
        loaded = provision.sample_directory(environment)
    if loaded:
        voice.say(f"  The directory was empty: {shown(provision.SAMPLE)} was loaded into it.")
    supervisor.start_group("services")
    for name in SERVICES:
        with voice.during(name):
            _wait(supervisor, name, lambda name=name: _probe(stack, name, "readyz")[0] == 200)  # type: ignore[misc]
    _tell(stack, time.monotonic() - since, voice)
    for name in SERVICES:
        _wait_until_healthy(stack, name, voice)


def _wait(supervisor: Supervisor, name: str, ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _SECONDS_TO_BE_READY
    while not ready():
        condition = supervisor.conditions()[name]
        if condition.word == "FATAL":
            raise CannotRun(f"{name} ends as soon as it is started. {_end_of_log(name)}")
        if time.monotonic() > deadline:
            raise CannotRun(f"{name} was not ready after {_SECONDS_TO_BE_READY} seconds. {_end_of_log(name)}")
        time.sleep(0.05)


def _end_of_log(name: str) -> str:
    path = LOGS / f"{name}.log"
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()[-12:] if path.exists() else []
    return "\n".join([f"The end of {shown(path)}:", *(f"  {line[:400]}" for line in lines)])


def _probe(stack: Stack, name: str, probe: str) -> tuple[int, dict[str, object]]:
    """A probe's status and what it says; status 0 for no answer."""
    try:
        with urllib.request.urlopen(f"{stack.of_service(name)}/{probe}", timeout=2) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        with suppress(ValueError, OSError):
            return refusal.code, json.load(refusal)
        return refusal.code, {}
    except (OSError, ValueError):
        return 0, {}


def _wait_until_healthy(stack: Stack, name: str, voice: Voice) -> None:
    deadline = time.monotonic() + _SECONDS_TO_BE_HEALTHY
    while True:
        status, said = _probe(stack, name, "healthz")
        if status == 200:  # noqa: PLR2004
            return
        if time.monotonic() > deadline:
            voice.shout(
                f"{name} serves, and says that not all is well: {json.dumps(said.get('checks', said), ensure_ascii=False)}"
            )
            return
        time.sleep(0.3)


def _tell(stack: Stack, seconds: float, voice: Voice) -> None:
    ENVIRONMENT.touch(mode=0o600)
    ENVIRONMENT.write_text(stack.environment_file(str(ROOT)), encoding="utf-8")
    voice.say()
    voice.say(f"Wegweiser serves ({seconds:.0f} s):", style="bold green")
    for what, address in stack.addresses().items():
        voice.say(f"  {what:<13} {address}")
    voice.say(f"  {'Logs':<13} {shown(LOGS)}/")
    voice.say(f"  {'In a shell':<13} . {shown(ENVIRONMENT)} && .venv/bin/wegweiser --help")
    voice.say(f"  {'To stop':<13} Ctrl-C here, or in another terminal: make stop")
    READY.write_text(f"{os.getpid()}\n", encoding="ascii")


def _watch(supervisor: Supervisor, voice: Voice) -> NoReturn:
    """Tells of what died and came back, and tries again what supervisor has given up, until it is asked to stop."""
    before = supervisor.conditions()
    given_up: dict[str, float] = {}
    while True:
        time.sleep(1)
        now = supervisor.conditions()
        for name, condition in now.items():
            if condition != before[name]:
                _tell_of_change(name, before[name], condition, voice)
            if condition.word == "FATAL":
                again_at = given_up.setdefault(name, time.monotonic() + _PAUSE_BEFORE_ANOTHER_TRY_S)
                if time.monotonic() >= again_at:
                    supervisor.start(supervisor.group_of(name), name)
                    del given_up[name]
            else:
                given_up.pop(name, None)
        before = now


def _tell_of_change(name: str, before: Condition, now: Condition, voice: Voice) -> None:
    at = datetime.now().astimezone().strftime("%H:%M:%S")
    log = shown(LOGS / f"{name}.log")
    if now.word == "FATAL":
        voice.shout(f"{at} {name} ends again and again; tried again in {_PAUSE_BEFORE_ANOTHER_TRY_S} s. Why: {log}")
    elif now.word == "RUNNING" and before.word != "RUNNING":
        voice.say(f"{at} {name} runs again (process {now.pid}).")
    elif now.pid != before.pid and before.word == "RUNNING":
        voice.say(f"{at} {name} (process {before.pid}) has ended; it is started again. Its log: {log}")


def _end_all(supervisor: Supervisor, voice: Voice) -> None:
    """End what still runs: all of it in order, and whatever is left if supervisor itself was killed."""
    since = time.monotonic()
    voice.say("Stopping the services, then the servers ...")
    supervisor.stop()
    leftovers.end([process for _, process in leftovers.left_behind(PIDS)])
    shutil.rmtree(PIDS, ignore_errors=True)
    voice.say(
        f"Stopped ({time.monotonic() - since:.1f} s). Everything is kept in {shown(LOCAL)}/ for the next start; make clean removes it."
    )


def _stop(voice: Voice) -> int:
    pid = runner()
    if pid is None:
        voice.say("The stack does not run.")
        return 0
    with voice.during("stopping the stack"):
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + _SECONDS_TO_STOP_ALL
        while runner() is not None:
            if time.monotonic() > deadline:
                raise CannotRun(f"The stack (process {pid}) has not stopped after {_SECONDS_TO_STOP_ALL} seconds.")
            time.sleep(0.1)
    return 0


def _in_background(voice: Voice) -> int:
    """Start a stack that outlives this process, unless one runs; show how its start goes; return when it serves."""
    if runner() is not None:
        voice.say("The stack runs.")
        while runner() is not None and not READY.exists():
            time.sleep(0.2)
        return 0 if READY.exists() else 1
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / "run.log"
    READY.unlink(missing_ok=True)
    with log.open("wb") as out:
        command = [sys.executable, "-m", "deploy.local.run"]
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
    try:
        _follow(log, process, voice)
    except StopAsked:
        process.terminate()
        process.wait(_SECONDS_TO_STOP_ALL)
        raise
    return 0 if READY.exists() else 1


def _follow(log: Path, process: subprocess.Popen[bytes], voice: Voice) -> None:
    with log.open(encoding="utf-8", errors="replace") as lines:
        while True:
            done = READY.exists() or process.poll() is not None
            for line in lines:
                voice.say(line.rstrip("\n"))
            if done:
                return
            time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
