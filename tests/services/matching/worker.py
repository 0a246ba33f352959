"""A process of its own that handles enquiries, to be killed.

``python -m tests.services.matching.worker URL NAMESPACE SEED MORTAL REFERENCE...`` says ``ready``, and ``done`` when
each has come to an end. With ``1`` for MORTAL it dies some time after it took a place, and before it made the offer.
"""

import asyncio
import os
import random
import signal
import sys

from services.matching.decide import decision_for
from services.matching.handlers import facts_of
from services.matching.referral import NoSuchOffer, OfferNotOpen, Refusal, accepted, declined
from services.matching.settings import MatchingSettings
from shared import mongo
from shared.events import EnquiryWithdrawn
from shared.times import SystemClock
from tests.services.matching.builders import AT, an_enquiry
from tests.services.matching.conftest import TOKEN, Matching


async def live(matching, reference, chance):
    """An enquiry comes, and its receivers answer as it happens; what was heard is often heard again."""
    for _ in range(chance.choice([1, 1, 2])):
        await matching.hear(an_enquiry(reference))
    for _ in range(4):
        referral, now = await matching.referrals.of(reference), matching.clock.now()
        what = chance.choice(
            ["accept", "decline", "decline", "decline", "wait", "wait", "wait", chance.choice(["withdraw", "wait"])]
        )
        if what == "withdraw":
            for _ in range(chance.choice([1, 2])):
                await matching.hear(EnquiryWithdrawn(reference=reference, withdrawn_at=now), n=2)
        elif what in {"accept", "decline"} and referral.current is not None:
            await answer(matching, referral, what, now)
        await asyncio.sleep(chance.random() / 10)


async def answer(matching, referral, what, now):
    reference, round_, who = referral.reference, referral.round, referral.current.receiver.id
    try:
        if what == "accept":
            await matching.referrals.change(reference, lambda it: accepted(it, round_, who, at=now))
            return
        over = lambda it: declined(it, round_, who, Refusal("absent"), at=now)  # noqa: E731
        await asyncio.gather(*(matching.offering.after(reference, over) for _ in range(2)))
    except (NoSuchOffer, OfferNotOpen, mongo.Unavailable):
        pass  # answered elsewhere


def mortal(places, chance):
    """Take places as they do, and now and then drop dead with one."""
    take = places.take

    async def dying(wish):
        await take(wish)
        if chance.random() < 0.05:
            os.kill(os.getpid(), signal.SIGKILL)

    return dying


async def for_ever(loop):
    while True:
        await loop()
        await asyncio.sleep(0.05)


async def main(url, namespace, seed, dies, *references):
    settings = MatchingSettings(
        coordinator_token=TOKEN,
        mongodb_url=url,
        kafka_url="localhost:1",
        namespace=namespace,
        secret=("only-for-tests",),
    )
    matching, chance = Matching(settings, SystemClock()), random.Random(int(seed))
    if dies == "1":
        matching.places.take = mortal(matching.places, random.Random())
    loops = (matching.places.watch, matching.offering.sweep, matching.receivers.watch)
    tasks = [asyncio.create_task(for_ever(loop)) for loop in (*loops, matching.offering.drain)]
    decision_for(facts_of(an_enquiry()), await matching.offering.snapshot(), await matching.offering.rules(), AT)
    print("ready", flush=True)  # noqa: T201 - this is how it talks
    at_once = asyncio.Semaphore(15)

    async def one(reference):
        async with at_once:
            await live(matching, reference, random.Random(f"{seed}{reference}"))

    await asyncio.gather(*(one(each) for each in chance.sample(references, len(references))))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    print("done", flush=True)  # noqa: T201 - this is how it talks


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
