"""Runs a command that ends when whoever started it ends, however that happens.

    python leash.py SIGNAL PID_FILE COMMAND...

The command takes this process over, so its pid is the one the starter knows. On Linux the kernel sends it SIGNAL once
the starting *thread* is gone, also after SIGKILL; elsewhere the pid file (``-`` for none) lets the next start find it.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def follow(signal_number: int) -> None:
    """From now on this process gets this signal when its parent ends (Linux; nothing elsewhere)."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal_number)
    if os.getppid() == 1:  # the parent was faster
        sys.exit(1)


def _main() -> None:
    signal_number, pid_file, *command = sys.argv[1:]
    if pid_file != "-":
        Path(pid_file).write_text(f"{os.getpid()}\n", encoding="ascii")
    follow(int(signal_number))
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.execvp(command[0], command)  # noqa: S606


if __name__ == "__main__":
    _main()
