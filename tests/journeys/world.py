"""All three services in one process, on a real MongoDB: what the relays send goes straight to the dispatchers.

The stories told with it are the specification; the same on real Kafka, SMTP and processes is in ``tests/real``.
"""

import asyncio
import itertools
import random
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
from fastapi import FastAPI

from services.intake.app import create_app as intake
from services.intake.settings import IntakeSettings
from services.matching.app import create_app as matching
from services.matching.receivers import receivers_of
from services.matching.settings import MatchingSettings
from services.notify.app import create_app as notify
from services.notify.settings import NotifySettings
from shared.kafka import Record
from shared.service import Service
from shared.times import Clock
from tests.smtp import MailServer

TOKEN = "coordinators-only"
PUBLIC_URL, DESK_URL, NOTIFY_URL = "http://intake.test", "http://desk.test", "http://notify.test"


@dataclass(frozen=True)
class Taken:
    """A record as it would come from Kafka."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    offset: int
    partition: int = 0


Reorder = Callable[[Sequence[Taken]], Sequence[Taken]]


class Hall:
    """Where records wait for their readers, instead of Kafka."""

    def __init__(self) -> None:
        self.topics: defaultdict[str, list[Taken]] = defaultdict(list)

    async def send(self, record: Record) -> None:
        records = self.topics[record.topic]
        records.append(Taken(record.topic, record.key, record.value, tuple(record.headers), len(records)))

    async def send_all(self, records: Sequence[Record]) -> list[None]:
        return [await self.send(record) for record in records]


class _Later:
    """A clock that is ahead of another."""

    def __init__(self, clock: Clock, by: timedelta) -> None:
        self._clock = clock
        self._by = by

    def now(self) -> datetime:
        return self._clock.now() + self._by


class World:
    """Wegweiser, with a clock of its own for each test and one mail server."""

    def __init__(self, mongodb_url: str, namespace: str, smtp: MailServer) -> None:
        common = {
            "mongodb_url": mongodb_url,
            "kafka_url": "127.0.0.1:9",
            "namespace": namespace,
            "secret": ("secret",),
            "coordinator_token": TOKEN,
            "public_url": PUBLIC_URL,
            "desk_url": DESK_URL,
        }
        self.hall = Hall()
        self.smtp = smtp
        self.apps: dict[str, FastAPI] = {
            PUBLIC_URL: intake(IntakeSettings(**common)),
            DESK_URL: matching(MatchingSettings(**common)),
            NOTIFY_URL: notify(
                NotifySettings(
                    **common,
                    smtp_url=smtp.url,
                    mail_from="wegweiser@example.org",
                    coordinators=("koordination@example.org",),
                )
            ),
        }
        self.services: list[Service] = [app.state.service for app in self.apps.values()]
        self._read: dict[tuple[str, str], int] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self.web = httpx.AsyncClient(
            mounts={f"all://{url.split('//')[1]}": httpx.ASGITransport(app) for url, app in self.apps.items()},
            headers={"Accept": "application/json"},
        )

    async def begin(self, receivers) -> None:
        """Begin with these receivers in the directory."""
        for service in self.services:
            service.relay._sender = self.hall
            for dispatcher in service.dispatchers:
                dispatcher._dead = self.hall
            await service.setup()
        desk = next(service for service in self.services if service.name == "matching")
        await receivers_of(desk).keep(receivers, prune=True, by="tests", why="to begin")
        for service in self.services:
            for name, loop in service._loops.items():
                self._tasks.append(asyncio.create_task(service._patiently(name, loop, for_ever=True)))

    async def end(self) -> None:
        """Stop everything."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.web.aclose()
        for service in self.services:
            service.relay._sender = self.hall
            await service.stop()

    async def settle(self, reorder: Reorder = list, timeout: float = 20) -> None:
        """Let everything happen that is going to: relay, hear, send, until nothing moves any more."""
        async with asyncio.timeout(timeout):
            while True:
                quiet = await self._quiet()  # before the step, which then finds all that was said until now
                if not await self._step(reorder) and quiet:
                    return
                await asyncio.sleep(0.02)

    async def _step(self, reorder: Reorder) -> bool:
        moved = False
        for service in self.services:
            await service.relay.sweep()
            await service.relay.drain()
        for service, dispatcher in ((s, d) for s in self.services for d in s.dispatchers):
            place = (service.name, dispatcher.topic)
            new = self.hall.topics[dispatcher.topic][self._read.get(place, 0) :]
            if new:
                moved = True
                self._read[place] = self._read.get(place, 0) + len(new)
                await dispatcher.take(reorder(new))
        return moved

    async def _quiet(self) -> bool:
        post_office = next(service for service in self.services if service.name == "notify")
        return not await post_office.collection("notices").count_documents({"state": {"$in": ["queued", "sending"]}})

    def forward(self, **by: float) -> None:
        """Let time pass for what is said again."""
        for service in self.services:
            later = _Later(service.clock, timedelta(**by))
            service.relay._clock = later
            for kept in service._aggregates.values():
                kept._clock = later

    # --- what people do ----------------------------------------------------------------------------------------------

    async def ask(self, key: str = "key", **changes) -> dict:
        """Send an enquiry; what was confirmed."""
        body = {
            "business": {"name": "Tischlerei Muster", "trade": "Tischler", "postal_code": "01067", "place": "Dresden"},
            "contact": {"name": "Büro Muster", "email": "tischlerei@example.org", "phone": "+49 351 000000"},
            "topics": ["e_rechnung"],
            "text": "Wir möchten unsere Rechnungen elektronisch stellen.",
            "consent": True,
        } | changes
        answer = await self.web.post(f"{PUBLIC_URL}/api/v1/enquiries", json=body, headers={"Idempotency-Key": key})
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        return answer.json()

    async def status(self, confirmed: dict) -> dict:
        """The status page, for programs."""
        return (await self.web.get(confirmed["status_url"])).json()

    def mails(self, to: str) -> list[str]:
        """The texts of all mails to this address, in the order in which they came."""
        return [mail.get_body(("plain",)).get_content() for mail in self.smtp.mails if to in mail["To"]]

    def offer(self, to: str, number: int = -1) -> str:
        """The private address in an offer's mail."""
        links = [link for text in self.mails(to) for link in re.findall(rf"{DESK_URL}/offers/\S+", text)]
        return list(dict.fromkeys(links))[number]

    async def answer(self, offer: str, what: str, **form: str) -> httpx.Response:
        """Press a button on the offer's page."""
        return await self.web.post(f"{offer}/{what}", data=form)


def doubled(records: Sequence[Taken]) -> list[Taken]:
    """Each record twice, as after a batch that was given back."""
    return [*records, *records]


def shuffled(seed: int) -> Reorder:
    """Different enquiries in any order; one enquiry's records in theirs, some of them twice."""
    chance = random.Random(seed)

    def reorder(records: Sequence[Taken]) -> list[Taken]:
        chains = [list(chain) for _, chain in itertools.groupby(sorted(records, key=_by_key), key=lambda r: r.key)]
        chains = [chain + (chain if chance.random() < 0.3 else []) for chain in chains]
        mixed = []
        while chains:
            chain = chance.choice(chains)
            mixed.append(chain.pop(0))
            chains = [chain for chain in chains if chain]
        return mixed

    return reorder


def _by_key(record: Taken) -> tuple[bytes, int]:
    return record.key or b"", record.offset
