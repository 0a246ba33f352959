"""Notify: an event from Kafka, a letter, a claim, a mail that the server took, a note of it, an event to Kafka."""

import pickle
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from services.notify.settings import NotifySettings
from services.notify.telling import Network
from services.notify.writing import writer
from shared import outbox
from shared.events import EnquiryReceived, NoticeSent, ReceiverRef, ReferralOffered
from shared.links import Links
from shared.outbox import Record
from tests.bench import enquiries
from tests.bench.baselines import letters
from tests.bench.burst import WARM_UP, each_once, emptied, send
from tests.bench.comparison import OURS, Aim, Comparison, Contender
from tests.bench.figures import Figures
from tests.bench.ground import Ground, Plot
from tests.bench.sink import Sink
from tests.bench.worker import baseline, service

_SAYS = "notifications"
_TIME_TO_RESPOND = timedelta(days=2)
_TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Work:
    """A mail, and what causes it."""

    cause: Record
    to: str
    message_id: str
    message: bytes


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a contender works: its part of the ground, the server that takes its mail, and all that it has to send."""

    plot: Plot
    sink: Sink
    environment: dict[str, str]
    work: Sequence[Work]

    async def lay_out(self, first: int, after_last: int) -> None:
        """Say the events that cause these mails."""
        await send(self.plot, (each.cause for each in self.work[first:after_last]))

    async def is_said(self, n: int) -> bool:
        """Whether so many mails were taken and told."""
        return await self.sink.count() >= n and await self.plot.records(_SAYS) >= n

    async def check(self, *, says: bool = True) -> None:
        """Raises ``Wrong`` unless each mail was taken once, for whom it was meant, and each event is there once."""
        taken = await self.sink.mails()
        each_once([f"{mail.message_id} to {mail.to}" for mail in taken], self._wanted, "mails")
        if not says:
            return
        told = [NoticeSent.model_validate_json(record.value) for record in await self.plot.all(_SAYS)]
        each_once([each.message_id for each in told], [each.message_id for each in self.work], "events")
        sent = self.plot.database("notify")["notices"].find({"state": "sent"}, {"message_id": 1})
        each_once([each["message_id"] async for each in sent], [each.message_id for each in self.work], "documents")

    @property
    def _wanted(self) -> list[str]:
        return [f"{each.message_id} to {each.to}" for each in self.work]


@asynccontextmanager
async def desk(ground: Ground, number: int) -> AsyncIterator[Desk]:
    """Fresh topics, a server that has taken nothing yet, and work for the warm-up and so many mails."""
    async with ground.fresh("enquiries", "referrals", _SAYS) as plot:
        sink = plot.add(Sink(ground.subfolder("sink"))).start()
        environment = {**plot.environment, "WEGWEISER_SMTP_URL": sink.url}
        yield Desk(plot, sink, environment, list(islice(_work(environment), WARM_UP + number)))


def _work(environment: dict[str, str]) -> Iterator[Work]:
    """For each enquiry its receipt, and an offer to somebody."""
    given = {name.removeprefix("WEGWEISER_").lower(): value for name, value in environment.items()}
    settings = NotifySettings.model_validate(given)
    network, write = Network(settings.domain, settings.coordinators), writer(settings, Links(settings.secret))
    receivers = enquiries.directory()
    for n, received in enumerate(enquiries.records(_MOST, settings.namespace)):
        event = EnquiryReceived.model_validate_json(received.value)
        case, receipt = letters.receipt(event, network, event.received_at)
        to = receivers[n % len(receivers)]
        offered = ReferralOffered(
            reference=event.reference,
            round=1,
            receiver=ReceiverRef.model_validate(to, from_attributes=True),
            at=event.received_at,
            respond_by=event.received_at + _TIME_TO_RESPOND,
            topics=event.topics,
            trade=event.business.trade,
        )
        case, offer = letters.offer(offered, case, network, offered.at)
        for cause, notice in ((received, receipt), (_said(offered), offer)):
            yield Work(cause, str(notice.to), notice.message_id, write(notice, case, str(notice.to)))


def _said(event: ReferralOffered) -> Record:
    entry = outbox.entry(
        event, aggregate=event.reference, n=1, source="/wegweiser/matching", at=event.at, traceparent=_TRACE
    )
    return outbox.record(entry)


async def ours(ground: Ground, number: int) -> Figures:
    """One process of notify."""
    async with desk(ground, number) as at:
        worker, _ = service(ground.subfolder("notify"), "services.notify", at.environment)
        notices = at.plot.database("notify")["notices"]

        async def done(n: int) -> bool:
            if not await at.is_said(n):
                return False
            committed = [await at.plot.committed(f"notify.{topic}", topic) for topic in ("enquiries", "referrals")]
            return sum(committed) >= n and await notices.find_one({"outbox.at": {"$exists": True}}) is None

        figures = await emptied(at.plot, [at.plot.add(worker)], number, at.lay_out, done)
        await at.check()
        return figures


async def smtp_naive(ground: Ground, number: int) -> Figures:
    """The same from Kafka to Kafka, one mail at a time."""
    async with desk(ground, number) as at:
        worker = at.plot.add(baseline(ground.subfolder("smtp_naive"), "smtp_naive", at.environment))
        figures = await emptied(at.plot, [worker], number, at.lay_out, at.is_said)
        await at.check()
        return figures


async def smtp_pool(ground: Ground, number: int) -> Figures:
    """The sending alone."""
    async with desk(ground, number) as at:
        folder = ground.subfolder("smtp_pool")
        worker = at.plot.add(baseline(folder, "smtp_pool", at.environment, str(folder)))

        async def lay_out(first: int, after_last: int) -> None:
            written = folder / "work"
            written.write_bytes(pickle.dumps([(each.to, each.message) for each in at.work[first:after_last]]))
            written.rename(folder / f"{first}.pickle")

        async def done(n: int) -> bool:
            return await at.sink.count() >= n

        figures = await emptied(at.plot, [worker], number, lay_out, done)
        await at.check(says=False)
        return figures


COMPARISON = Comparison(
    "notify",
    "notify: event to mail to event, one process",
    6_000,
    [Contender(OURS, ours), Contender("smtp pool", smtp_pool), Contender("smtp naive", smtp_naive, share=0.1)],
    [Aim("smtp pool", at_least=0.5), Aim("smtp naive", at_least=5)],
)
