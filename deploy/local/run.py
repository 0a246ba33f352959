"""Starts the whole stack on this machine, watches it, and stops it: what ``make run`` does."""

import argparse
import os
import shutil
import signal
import sys
import time
from collections.abc import Mapping
from types import FrameType

from deploy.local import background, fetch, leash, leftovers, parts, provision, voice, warm
from deploy.local.ports import free_ports, is_free, who_listens_on
from deploy.local.probes import NotReady, complaints, serves, wait_until_ready
from deploy.local.stack import SERVICES, BadPort, Ports, Stack, planned
from deploy.local.state import ENVIRONMENT, LOCAL, LOGS, PIDS, READY, ROOT, RunsAlready, hold, secret, shown
from deploy.local.supervision import Ended, Program, Supervisor
from deploy.local.voice import Voice
from deploy.local.watch import TerminalClosed, watch

_ROOM_NEEDED = 1_000_000_000
_MEGABYTE = 1_000_000
_SECONDS_TO_STOP = {"mail": 3}
_OTHERWISE_SECONDS_TO_STOP = 8
_TOLD = {"kafka": "Apache Kafka", "mongodb": "MongoDB", "mail": "mail catcher"}


class CannotRun(Exception):
    """Something here is not as the stack needs it; the message says what to do."""


class StopAsked(BaseException):
    """Ctrl-C, a closed terminal, or ``make stop``."""


_TROUBLES = (
    CannotRun,
    RunsAlready,
    BadPort,
    NotReady,
    Ended,
    background.StillThere,
    fetch.CannotFetch,
    parts.CannotStart,
    provision.CannotProvision,
)


def main() -> int:
    """Exit code 0: stopped as asked (in the background: it serves); 1: it could not start, or came down."""
    arguments = _arguments()
    speaker = Voice()
    _stop_on_signals()
    try:
        if arguments.stop:
            background.stop(speaker)
        elif arguments.background:
            return 0 if background.start(speaker) else 1
        else:
            if arguments.end_with_parent:
                leash.follow(signal.SIGTERM)
            _run(speaker)
    except StopAsked:
        return 0
    except _TROUBLES as trouble:
        speaker.shout(str(trouble))
        return 1
    except OSError as trouble:
        speaker.shout(f"Cannot run the stack: {trouble.strerror or trouble} ({trouble.filename or LOCAL}).")
        return 1
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.local.run", description=__doc__)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--background", action="store_true", help="start it, wait until it serves, and leave it running")
    how.add_argument("--stop", action="store_true", help="stop the stack that runs from this folder")
    how.add_argument(
        "--end-with-parent", action="store_true", help="stop also when the process that started it is killed"
    )
    return parser.parse_args()


def _stop_on_signals() -> None:
    asked = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if not asked:  # once is enough: how long stopping takes is bounded
            asked = True
            raise StopAsked

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, stop)


def _run(speaker: Voice) -> None:
    with hold():
        READY.unlink(missing_ok=True)
        _clear_up(speaker)
        stack = planned(os.environ, secret=secret("secret"), token=secret("coordinator-token"), mark=str(LOCAL))
        _fetch_parts(stack)
        _look_for_room()
        _look_at_ports(stack)
        servers = _servers(stack, speaker)
        programs = {
            "servers": [_program(server) for server in servers],
            "services": [_service(name, stack) for name in SERVICES],
        }
        environment = {**os.environ, **stack.settings, "PYTHONUNBUFFERED": "1"}
        supervisor = Supervisor(programs, environment)
        try:
            supervisor.begin()
            _start(supervisor, servers, stack, environment, speaker)
            watch(supervisor, speaker)
        except TerminalClosed:
            voice.silence()
        finally:
            READY.unlink(missing_ok=True)
            _end_all(supervisor, speaker)


def _clear_up(speaker: Voice) -> None:
    left = leftovers.left_behind(PIDS)
    if left:
        names = ", ".join(f"{name} (process {process.pid})" for name, process in left)
        speaker.say(f"A run that was killed left this behind, ending it: {names}")
        leftovers.end([process for _, process in left])


def _fetch_parts(stack: Stack) -> None:
    if "mongodb" in stack.ours:
        fetch.mongod()
    if "mail" in stack.ours:
        fetch.fetch(fetch.MAILDUMP)
    if "kafka" in stack.ours:
        warm.fetch_kafka()


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
            used = f"Port {port} ({name}) is used by {who_listens_on(port) or 'another process'}"
            other = f"{Ports.variable(name)}={free_ports(1)[0]}"
            raise CannotRun(f"{used}: stop that, or choose another port: make run {other}")


def _servers(stack: Stack, speaker: Voice) -> list[parts.Part]:
    ports = stack.ports
    servers = []
    if "mongodb" in stack.ours:
        servers.append(parts.mongod(LOCAL / "mongodb", ports.mongodb))
    if "mail" in stack.ours:
        servers.append(parts.maildump(LOCAL / "mail", ports.smtp, ports.mail))
    if "kafka" in stack.ours:
        if not (LOCAL / "kafka" / "data").exists():
            speaker.say("Preparing Kafka's storage ...")
        servers.append(parts.kafka(LOCAL / "kafka", ports.kafka, ports.kafka_controller, *warm.options()))
    return servers


def _program(server: parts.Part) -> Program:
    seconds = _SECONDS_TO_STOP.get(server.name, _OTHERWISE_SECONDS_TO_STOP)
    return Program(server.name, server.command, seconds, server.folder or ROOT)


def _service(name: str, stack: Stack) -> Program:
    address = {"WEGWEISER_PORT": str(getattr(stack.ports, name)), "WEGWEISER_HOST": "127.0.0.1"}
    command = [sys.executable, "-m", f"services.{name}"]
    return Program(name, command, _OTHERWISE_SECONDS_TO_STOP, environment=address)


def _start(
    supervisor: Supervisor,
    servers: list[parts.Part],
    stack: Stack,
    environment: Mapping[str, str],
    speaker: Voice,
) -> None:
    since = time.monotonic()
    speaker.say("Starting:")
    if servers:
        supervisor.start_group("servers")
    for server in servers:
        with speaker.during(_TOLD[server.name]):
            wait_until_ready(supervisor, server.name, server.ready)
    with speaker.during("topics and indexes"):
        provision.topics_and_indexes(environment)
    supervisor.start_group("services")
    _fill_directory(stack, environment, speaker)
    for name in SERVICES:
        with speaker.during(name):
            wait_until_ready(supervisor, name, lambda service=name: serves(stack, service))  # type: ignore[misc]
    _tell(stack, time.monotonic() - since, speaker)
    for name, wrong in complaints(stack).items():
        speaker.shout(f"{name} serves, and says that not all is well: {wrong}")
    READY.write_text(f"{os.getpid()}\n", encoding="ascii")


def _fill_directory(stack: Stack, environment: Mapping[str, str], speaker: Voice) -> None:
    """Load the sample into an empty directory; one that was seen filled in a MongoDB of ours has stayed so."""
    seen = LOCAL / "mongodb" / f"directory-seen-{stack.settings.get('WEGWEISER_NAMESPACE', '')}"
    if "mongodb" in stack.ours and seen.exists():
        return
    with speaker.during("directory"):
        loaded = provision.sample_directory(environment)
    if loaded:
        speaker.say(f"  The directory was empty: {shown(provision.SAMPLE)} was loaded into it.")
    if "mongodb" in stack.ours:
        seen.touch()


def _tell(stack: Stack, seconds: float, speaker: Voice) -> None:
    ENVIRONMENT.touch(mode=0o600)
    ENVIRONMENT.write_text(stack.environment_file(str(LOCAL)), encoding="utf-8")
    speaker.say(f"\nWegweiser serves ({seconds:.0f} s):", style="bold green")
    hints = {
        "Logs": f"{shown(LOGS)}/",
        "In a shell": f". {shown(ENVIRONMENT)} && .venv/bin/wegweiser --help",
        "To stop": "Ctrl-C here, or in another terminal: make stop" if sys.stdout.isatty() else "make stop",
    }
    for what, text in (stack.addresses() | hints).items():
        speaker.say(f"  {what:<13} {text}")


def _end_all(supervisor: Supervisor, speaker: Voice) -> None:
    """End what runs: in order, and by its pids what is left if supervisor itself was killed."""
    since = time.monotonic()
    speaker.say("Stopping the services, then the servers ...")
    supervisor.stop()
    leftovers.end([process for _, process in leftovers.left_behind(PIDS)])
    shutil.rmtree(PIDS, ignore_errors=True)
    speaker.say(f"Stopped ({time.monotonic() - since:.1f} s). The next start goes on with what is in {shown(LOCAL)}/.")


if __name__ == "__main__":
    sys.exit(main())
