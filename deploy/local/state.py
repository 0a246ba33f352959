"""The folder ``.local``: what the stack of this checkout keeps, and who runs it. Imports the standard library only.

``python3 -m deploy.local.state clean`` removes it.
"""

import fcntl
import os
import secrets
import shutil
import sys
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
LOCAL = Path(os.environ.get("WEGWEISER_LOCAL") or ROOT / ".local").absolute()
"""``WEGWEISER_LOCAL`` puts it elsewhere."""
LOGS = LOCAL / "logs"
PIDS = LOCAL / "pids"
ENVIRONMENT = LOCAL / "environment"
"""What a shell sources to talk to the running stack: ``. .local/environment``."""
READY = LOCAL / "ready"
"""Is there while the stack serves."""
_LOCK = LOCAL / "lock"


class RunsAlready(Exception):
    """A stack runs from this folder; ``pid`` is its runner."""

    def __init__(self, pid: int) -> None:
        super().__init__(
            f"The stack of this folder runs already (process {pid}). Its addresses are in {shown(ENVIRONMENT)}; "
            "stop it with Ctrl-C where it was started, or with: make stop"
        )
        self.pid = pid


def shown(path: Path) -> str:
    """A path as people like to read it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def hold() -> IO[str]:
    """Make this process the one that runs the stack, for as long as the file stays open. Raises `RunsAlready`."""
    LOCAL.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = _LOCK.open("a+", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        pid = int(lock.read() or 0)
        lock.close()
        raise RunsAlready(pid) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def runner() -> int | None:
    """The process that runs the stack, if one does."""
    if not _LOCK.exists():
        return None
    try:
        hold().close()
    except RunsAlready as running:
        return running.pid
    return None


def secret(name: str) -> str:
    """A random value, made once and kept, that only this user may read."""
    path = LOCAL / name
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32))
    return path.read_text(encoding="ascii").strip()


def _clean() -> None:
    if not LOCAL.exists():
        return
    try:
        lock = hold()
    except RunsAlready as running:
        sys.exit(f"The stack runs (process {running.pid}). Stop it first: make stop")
    with lock:
        shutil.rmtree(LOCAL)


if __name__ == "__main__":
    if sys.argv[1:] != ["clean"]:
        sys.exit("usage: python3 -m deploy.local.state clean")
    try:
        _clean()
    except OSError as problem:
        sys.exit(f"Cannot remove {problem.filename}: {problem.strerror}.")
