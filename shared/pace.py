"""Keeps apart what is done again and again: the first at once, what comes right after it together."""

import asyncio


class Pace:
    """One for each thing that is done. ``apart_s``: seconds from one beginning to the next."""

    def __init__(self, apart_s: float) -> None:
        self._apart_s = apart_s
        self._next = 0.0

    async def wait(self) -> None:
        """Wait until it may be done again; at once if it has not been done for a while."""
        loop = asyncio.get_running_loop()
        wait_s = self._next - loop.time()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        self._next = loop.time() + self._apart_s
