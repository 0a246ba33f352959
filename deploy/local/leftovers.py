"""Processes that a killed run left behind."""

from pathlib import Path

import psutil

_SECONDS_TO_END = 20
_SECONDS_BETWEEN_START_AND_FILE = 10


def left_behind(pids: Path) -> list[tuple[str, psutil.Process]]:
    """What still runs of what a former run wrote down here, by name; a pid used by another since is none of it."""
    found = []
    for path in sorted(pids.glob("*")):
        try:
            process = psutil.Process(int(path.read_text(encoding="ascii")))
            age = abs(process.create_time() - path.stat().st_mtime)
            if age < _SECONDS_BETWEEN_START_AND_FILE and process.status() != psutil.STATUS_ZOMBIE:
                found.append((path.name, process))
        except (psutil.Error, OSError, ValueError):
            continue
    return found


def end(processes: list[psutil.Process]) -> None:
    """Ask them to end, and kill what has not after 20 seconds."""
    for process in processes:
        _signal(process, "terminate")
    _, stubborn = psutil.wait_procs(processes, timeout=_SECONDS_TO_END)
    for process in stubborn:
        _signal(process, "kill")
    psutil.wait_procs(stubborn, timeout=_SECONDS_TO_END)


def _signal(process: psutil.Process, how: str) -> None:
    try:
        getattr(process, how)()
    except psutil.NoSuchProcess:
        return
