"""Which processes are alive, by MongoDB's clock: a claim on a notice is worth what its process's lease is worth.

One small document a process: ``{_id: identity, until}``. Who finds a lease void deletes it, and from then on may take
over what that process had claimed; a process whose document is gone has to become another one before it sends again.
"""

import asyncio
import secrets
import time

import structlog

from services.notify import metrics
from shared import mongo
from shared.mongo import Collection

log = structlog.get_logger()


class Lease:
    """This process's lease. ``valid_s``: for how long without renewal; renewed three times in that time."""

    def __init__(self, processes: Collection, valid_s: float = 30.0) -> None:
        self._processes = processes
        self._valid_s = valid_s
        self._identity: str | None = None
        self._held_until = 0.0
        self._ended = False

    @property
    def identity(self) -> str:
        """Who this process is, while it holds its lease; a name that nobody has, otherwise."""
        return self._identity or "nobody"

    def holds(self, identity: str | None = None) -> bool:
        """Whether this process may send now, as this identity if one is given.

        By its own monotonic clock, which ends a tenth earlier than MongoDB's.
        """
        return self._identity is not None and identity in {None, self._identity} and time.monotonic() < self._held_until

    async def keep(self) -> None:
        """Renew in time, for ever. Raises ``Unavailable``, after which the lease may still be held."""
        while True:
            await self.renew()
            await asyncio.sleep(self._valid_s / 3)

    async def renew(self) -> None:
        """Hold the lease for another while: the same, or, if it was found void, one under a new identity."""
        if self._ended:
            return
        asked_at = time.monotonic()
        if self._identity is not None:
            renewed = await mongo.answered(
                self._processes.update_one({"_id": self._identity}, [{"$set": {"until": self._end}}])
            )
            if renewed.matched_count == 0:
                log.warning("lease_lost", process=self._identity)
                metrics.leases_lost.inc()
                self._identity = None
        if self._identity is None:
            new = f"p-{secrets.token_hex(8)}"
            await mongo.answered(
                self._processes.update_one({"_id": new}, [{"$set": {"until": self._end}}], upsert=True)
            )
            self._identity = new
        self._held_until = asked_at + self._valid_s * 0.9

    async def give_up(self) -> None:
        """This process ends: nobody has to wait for its lease."""
        identity, self._identity, self._ended = self._identity, None, True
        if identity is not None:
            await mongo.answered(self._processes.delete_one({"_id": identity}))

    async def is_void(self, identity: str) -> bool:
        """Whether that process may not send any more; if its lease ran out, this is what ends it for good."""
        ran_out = {"_id": identity, "$expr": {"$lt": ["$until", "$$NOW"]}}
        await mongo.answered(self._processes.delete_one(ran_out))
        return await mongo.answered(self._processes.find_one({"_id": identity})) is None

    @property
    def _end(self) -> dict[str, object]:
        return {"$add": ["$$NOW", int(self._valid_s * 1000)]}
