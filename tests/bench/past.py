"""A long past, to measure what looks back: ``python -m tests.bench.past MONGODB_URL NAMESPACE DECISIONS``.

A year of enquiries goes through the product's own decisions, loads and commands in memory, and is written in bulk: some
receivers have limits, some decline, some cases wait for a place, and the directory changes every two weeks.
"""

import asyncio
import heapq
import itertools
import random
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from services.matching.decide import Question, decide, question_of
from services.matching.directory import Absence, Receiver
from services.matching.handlers import enquiry_of, facts_of
from services.matching.loads import Load, Wish, given_back, with_place
from services.matching.receivers import Receivers
from services.matching.referral import (
    Choice,
    Enquiry,
    Referral,
    Refusal,
    accepted,
    declined,
    onward,
    opened,
    withdrawn,
)
from services.matching.regions import chambers
from services.matching.ruleset_file import packaged, packaged_text
from services.matching.rulesets import Rulesets
from services.matching.snapshot import Snapshot
from shared import mongo
from shared.events import EnquiryReceived
from shared.topics import TOPICS
from tests.bench.enquiries import documents

_BEGIN, _LASTS = datetime(2026, 1, 5, tzinfo=UTC), timedelta(days=365)
_PORTION = 1_000
_FORM = TypeAdapter(Referral)


@dataclass(slots=True)
class _Clock:
    at: datetime = _BEGIN

    def now(self) -> datetime:
        """The time that was set."""
        return self.at


def directory(version: int, a_chamber_has: int = 7) -> list[Receiver]:
    """53 chambers' advisors, of whom some name topics or limits, and the showcases."""
    found = []
    for n, (chamber, one) in enumerate(itertools.product(chambers(), range(a_chamber_has))):
        away = date(2026, 1, 5) + timedelta(days=14 * version + n % 14)
        found.append(
            Receiver(
                f"advisor-{n}", "advisor", f"Beratung {n}", chamber, f"advisor-{n}@example.org", "", "de", (chamber,),
                None, tuple(TOPICS)[one % 7 * 5 : one % 7 * 5 + 10] if one % 2 else (),
                most_open=30 if one % 3 == 1 else None, most_a_week=8 if one % 3 == 2 else None,
                absences=(Absence(away, away + timedelta(days=2)),) if n % 9 == version % 9 else (),
            )
        )  # fmt: skip
    for lead in ("nord", "ost", "sued", "west"):
        name = f"Schaufenster {lead}"
        found.append(Receiver(lead, "showcase", name, name, f"{lead}@example.org", "", "de", (), lead, ()))
    return found


class Past:
    """What happens, one thing after the other."""

    def __init__(self) -> None:
        self._chance = random.Random(1)
        self._loads: dict[str, Load] = {}
        self._snapshot = Snapshot(())
        self._soon: list[tuple[datetime, int, str]] = []
        """When a case goes on, in which order, and which."""
        self._line: deque[str] = deque()
        self._going: dict[str, Referral] = {}
        self._numbers = itertools.count()
        self.decisions = 0

    def works(self, snapshot: Snapshot) -> None:
        """The directory is this from now on."""
        self._snapshot = snapshot
        for id_ in self._loads:
            self._put(id_)

    def comes(self, question: Question, enquiry: Enquiry, at: datetime) -> Iterator[Referral]:
        """An enquiry comes; gives the cases that ended until then."""
        yield from self._goes_on(at)
        referral = opened(enquiry, self._choice(question, at, 1), at=at)
        yield from self._later(referral, at)

    def rest(self) -> Iterator[Referral]:
        """The cases that have not ended."""
        yield from self._going.values()

    def _goes_on(self, until: datetime) -> Iterator[Referral]:
        while self._soon and self._soon[0][0] <= until:
            at, _, reference = heapq.heappop(self._soon)
            referral = self._going.pop(reference)
            if referral.state == "accepted":
                yield self._over(withdrawn(referral, at=at), at)
            elif self._chance.random() < 0.15:
                offer = referral.offers[-1]
                ended = declined(referral, offer.round, offer.receiver.id, Refusal("no_capacity"), at=at)
                choice = self._choice(ended.question, at, offer.round + 1)
                yield from self._later(onward(ended, choice, after_round=offer.round, at=at), at)
                self._free(offer.receiver.id, offer.place, at, had_it=False)
            else:
                offer = referral.offers[-1]
                yield from self._later(accepted(referral, offer.round, offer.receiver.id, at=at), at)

    def _later(self, referral: Referral, at: datetime) -> Iterator[Referral]:
        if referral.waits:
            self._line.append(referral.reference)
            self._going[referral.reference] = referral
        elif referral.state == "triage":
            yield referral
        else:
            hours = self._chance.expovariate(1 / (240 if referral.state == "accepted" else 24))
            then = (at + timedelta(hours=hours)).replace(microsecond=0)
            heapq.heappush(self._soon, (max(then, at), next(self._numbers), referral.reference))
            self._going[referral.reference] = referral

    def _over(self, referral: Referral, at: datetime) -> Referral:
        self._free(referral.offers[-1].receiver.id, referral.offers[-1].place, at, had_it=True)
        if self._line:
            first = self._going[self._line[0]]
            choice = self._choice(first.question, at, first.round + 1)
            if choice.receiver is not None:
                self._line.popleft()
                for _ in self._later(onward(first, choice, after_round=first.round, at=at), at):
                    raise AssertionError(first)
        return referral

    def _choice(self, question: Question, at: datetime, round_: int) -> Choice:
        decision = decide(question, self._snapshot, packaged(), at)
        self.decisions += 1
        if not decision.candidates:
            return Choice(decision, None, packaged().time_limits.answer)
        first = decision.candidates[0]
        receiver = self._snapshot.get(first.receiver)
        assert receiver is not None
        token = f"{question.reference}/{round_}/0"
        if receiver.is_counted:
            wish = Wish(receiver, token, at, first.served, first.credited)
            self._loads[receiver.id] = with_place(self._loads.get(receiver.id, Load()), wish)
            self._put(receiver.id)
        return Choice(decision, receiver, packaged().time_limits.answer, token if receiver.is_limited else None)

    def _free(self, receiver: str, place: str | None, at: datetime, *, had_it: bool) -> None:
        if place is not None:
            self._loads[receiver] = given_back(self._loads[receiver], place, at, had_it=had_it)
            self._put(receiver)

    def _put(self, id_: str) -> None:
        self._snapshot.roster.put(self._snapshot.row[id_], self._loads[id_])


async def main(url: str, namespace: str, decisions: int) -> None:
    """Write the past."""
    client = mongo.connect(url, "motor")
    await client.drop_database(f"{namespace}matching")
    database, clock = client[f"{namespace}matching"], _Clock()
    receivers = Receivers(database["receivers"], database["directories"], clock)
    await Rulesets(database["rulesets"], database["revisions"], clock).propose(packaged_text(), "bench", "to measure")
    past, version, written = Past(), 0, []

    async def write(*, all_: bool) -> None:
        while written and (all_ or len(written) >= _PORTION):
            await database["referrals"].insert_many(written[:_PORTION], ordered=False)
            del written[:_PORTION]

    understood: dict[str, Question] = {}
    step = _LASTS / decisions
    for n, (_, document) in enumerate(documents(decisions, namespace)):
        at = (_BEGIN + n * step).replace(microsecond=0)
        if past.decisions >= decisions:
            break
        if version <= (at - _BEGIN).days // 14:
            clock.at, version = at, version + 1
            await receivers.keep(directory(version), prune=False, by="bench", why="to measure")
            past.works(await receivers.newest())
        reference = f"WW-{n:012d}"
        told = {**document, "reference": reference, "received_at": at, "consent_version": "1"}
        event = EnquiryReceived.model_validate(told)
        if event.text not in understood:
            understood[event.text] = question_of(facts_of(event), packaged())
        question = replace(understood[event.text], reference=reference)
        written += [_document(each) for each in past.comes(question, enquiry_of(event), at)]
        await write(all_=False)
    written += [_document(each) for each in past.rest()]
    await write(all_=True)
    enquiries = await database["referrals"].estimated_document_count()
    print(f"{past.decisions} decisions about {enquiries} enquiries")  # noqa: T201 - a command
    await mongo.close(client)


def _document(referral: Referral) -> dict[str, Any]:
    return {"_id": referral.reference, **_FORM.dump_python(referral), "version": 1, "guard": 1, "sequence": 0}


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
