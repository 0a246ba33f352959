"""A stack that outlives the command that started it: started, waited for, and stopped from elsewhere."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from deploy.local.state import LOCAL, LOGS, READY, ROOT, runner
from deploy.local.voice import Voice

_SECONDS_TO_STOP_ALL = 60


class StillThere(Exception):
    """The stack does not stop."""


def start(voice: Voice) -> bool:
    """Start a stack, unless one runs; show how its start goes; return when it serves (true) or has failed."""
    if runner() is not None:
        while runner() is not None and not READY.exists():
            time.sleep(0.2)
        return READY.exists()
    LOGS.mkdir(parents=True, exist_ok=True)
    LOCAL.chmod(0o700)
    READY.unlink(missing_ok=True)
    log = LOGS / "run.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local.run"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        _follow(log, process, voice)
    except BaseException:
        process.terminate()
        process.wait(_SECONDS_TO_STOP_ALL)
        raise
    return READY.exists()


def _follow(log: Path, process: subprocess.Popen[bytes], voice: Voice) -> None:
    with log.open(encoding="utf-8", errors="replace") as lines:
        while True:
            done = READY.exists() or process.poll() is not None
            for line in lines:
                voice.say(line.rstrip("\n"))
            if done:
                return
            time.sleep(0.1)


def stop(voice: Voice) -> None:
    """Stop the stack that runs from this folder, wherever it was started. Raises `StillThere`."""
    pid = runner()
    if pid is None:
        voice.say("The stack does not run.")
        return
    with voice.during("stopping the stack"):
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + _SECONDS_TO_STOP_ALL
        while runner() is not None:
            if time.monotonic() > deadline:
                raise StillThere(f"The stack (process {pid}) has not stopped after {_SECONDS_TO_STOP_ALL} seconds.")
            time.sleep(0.1)
