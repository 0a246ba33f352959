"""Keeps an eye on the running stack."""

import time
from datetime import datetime
from typing import NoReturn

from deploy.local.state import LOGS, shown
from deploy.local.supervision import Condition, Supervisor
from deploy.local.voice import Voice

_PAUSE_BEFORE_ANOTHER_TRY_S = 30


class TerminalClosed(Exception):
    """Nobody can press Ctrl-C any more."""


def watch(supervisor: Supervisor, voice: Voice) -> NoReturn:
    """Tells of what died and came back, and tries again what supervisor has given up.

    Raises `TerminalClosed`, or ``supervision.Ended``.
    """
    before = supervisor.conditions()
    given_up: dict[str, float] = {}
    while True:
        time.sleep(1)
        if voice.is_unheard():
            raise TerminalClosed
        now = supervisor.conditions()
        for name, condition in now.items():
            _tell_of_change(name, before[name], condition, voice)
            if condition.word != "FATAL":
                given_up.pop(name, None)
            elif time.monotonic() >= given_up.setdefault(name, time.monotonic() + _PAUSE_BEFORE_ANOTHER_TRY_S):
                del given_up[name]
                supervisor.start(name)
        before = now


def _tell_of_change(name: str, before: Condition, now: Condition, voice: Voice) -> None:
    if now == before:
        return
    at = datetime.now().astimezone().strftime("%H:%M:%S")
    log = shown(LOGS / f"{name}.log")
    if now.word == "FATAL":
        voice.shout(f"{at} {name} ends again and again; tried again in {_PAUSE_BEFORE_ANOTHER_TRY_S} s. Why: {log}")
    elif before.word == "RUNNING":
        voice.say(f"{at} {name} (process {before.pid}) has ended and is started again. Its log: {log}")
    elif now.word == "RUNNING":
        voice.say(f"{at} {name} runs again (process {now.pid}).")
