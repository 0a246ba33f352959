"""Waiting until what was started serves, and saying why it does not."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from deploy.local.stack import SERVICES, Stack
from deploy.local.state import LOGS, shown
from deploy.local.supervision import Supervisor

_SECONDS_TO_BE_READY = 120
_SECONDS_TO_BE_HEALTHY = 30


class NotReady(Exception):
    """A program does not get ready; the message holds the end of its log."""


def wait_until_ready(supervisor: Supervisor, name: str, ready: Callable[[], bool]) -> None:
    """Raises `NotReady` after two minutes, or as soon as supervisor has given up."""
    deadline = time.monotonic() + _SECONDS_TO_BE_READY
    while not ready():
        if supervisor.conditions()[name].word == "FATAL":
            raise NotReady(f"{name} ends as soon as it is started. {_end_of_log(name)}")
        if time.monotonic() > deadline:
            raise NotReady(f"{name} was not ready after {_SECONDS_TO_BE_READY} seconds. {_end_of_log(name)}")
        time.sleep(0.05)


def serves(stack: Stack, service: str) -> bool:
    """Whether the service answers requests."""
    return _probe(stack, service, "readyz")[0] == HTTPStatus.OK


def complaints(stack: Stack) -> dict[str, str]:
    """What services say is wrong, if they still say so after half a minute: none is best."""
    deadline = time.monotonic() + _SECONDS_TO_BE_HEALTHY
    return {service: wrong for service in SERVICES if (wrong := _complaint(stack, service, deadline))}


def _complaint(stack: Stack, service: str, deadline: float) -> str:
    while True:
        status, said = _probe(stack, service, "healthz")
        if status == HTTPStatus.OK:
            return ""
        if time.monotonic() > deadline:
            return json.dumps(said.get("checks", said) or "no answer", ensure_ascii=False)
        time.sleep(0.3)


def _probe(stack: Stack, service: str, probe: str) -> tuple[int, dict[str, Any]]:
    """A probe's status and what it says; status 0 for no answer."""
    try:
        with urllib.request.urlopen(f"{stack.address_of(service)}/{probe}", timeout=2) as answer:  # noqa: S310 - ours
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        with suppress(ValueError, OSError):
            return refusal.code, json.load(refusal)
        return refusal.code, {}
    except (OSError, ValueError):
        return 0, {}


def _end_of_log(name: str) -> str:
    path = LOGS / f"{name}.log"
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()[-12:] if path.exists() else []
    return "\n".join([f"The end of {shown(path)}:", *(f"  {line[:400]}" for line in lines)])
