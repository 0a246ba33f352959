"""How the stack's runner speaks to people."""

import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from rich.console import Console


class _Console(Console):
    """Goes on when nobody listens any more (``make run | head``): rich itself would end the program."""

    def on_broken_pipe(self) -> None:
        """Say nothing from now on."""
        silence()


class Voice:
    """Lines on the terminal, or in a file. A terminal that has gone away is no reason to leave processes behind."""

    def __init__(self) -> None:
        self._console = _Console(highlight=False, soft_wrap=True)
        self._ends_with_terminal = sys.stdout.isatty() and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN

    def say(self, text: str = "", style: str = "") -> None:
        """One line."""
        with suppress(OSError):
            self._console.print(text, style=style or None, markup=False)

    def shout(self, text: str) -> None:
        """Something is wrong."""
        self.say(text, style="bold red")

    @contextmanager
    def during(self, text: str) -> Iterator[None]:
        """Show that something goes on, and then how long it took."""
        since = time.monotonic()
        if self._console.is_terminal:
            with self._console.status(f"{text} ..."):
                yield
        else:
            yield
        self.say(f"  {text}: {time.monotonic() - since:.1f} s")

    def is_unheard(self) -> bool:
        """Was the terminal closed? Its SIGHUP may reach only the first process in it, and ``nohup`` asks to go on."""
        if not self._ends_with_terminal:
            return False
        poll = select.poll()
        poll.register(sys.stdout.fileno(), 0)
        return any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0))


def silence() -> None:
    """From now on what is printed goes nowhere: writing to a terminal that is gone would fail."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)
