"""Counts in MongoDB where help is missing: one count at a time, kept for a minute, and stopped if it takes too long."""

import asyncio
from datetime import datetime, time, timedelta
from typing import Any

from services.matching.decide import NOBODY_FREE, NOBODY_LEFT
from services.matching.exclusion import FULL
from services.matching.gaps import Count, Period
from shared import mongo
from shared.mongo import Collection
from shared.service import Service
from shared.times import BERLIN, Clock

_WITHIN_S = 20.0
"""Then MongoDB stops counting."""
_WAITS_S = 25.0
"""How long somebody waits for the count of another period."""
_KEPT_FOR = timedelta(minutes=1)


class GapCounts:
    """The counts of referrals by topic and chamber."""

    def __init__(self, referrals: Collection, clock: Clock, within_s: float = _WITHIN_S) -> None:
        self._referrals, self._clock, self._within_s = referrals, clock, within_s
        self._one = asyncio.Lock()
        self._kept: dict[Period, tuple[datetime, tuple[Count, ...]]] = {}

    async def of(self, period: Period) -> tuple[Count, ...]:
        """Each topic and chamber with enquiries in a period, as it was at most a minute ago.

        Raises ``Unavailable``, also where counting takes too long.
        """
        try:
            async with asyncio.timeout(_WAITS_S):
                await self._one.acquire()
        except TimeoutError as error:
            raise mongo.Unavailable("another period is being counted") from error
        try:
            now = self._clock.now()
            self._kept = {each: kept for each, kept in self._kept.items() if now - kept[0] < _KEPT_FOR}
            if period not in self._kept:
                found = await mongo.aggregated(self._referrals, _pipeline(period), self._within_s)
                self._kept[period] = now, tuple(Count(**document) for document in found)
            return self._kept[period][1]
        finally:
            self._one.release()


def gap_counts_of(service: Service) -> GapCounts:
    """The counts over this service's referrals, with the index that finds those of a period."""
    service.index("referrals", [("enquiry.received_at", 1), ("decision.question.region.chamber", 1)])
    return GapCounts(service.collection("referrals"), service.clock)


def _pipeline(period: Period) -> list[dict[str, Any]]:
    """From the referrals of a period to one document for each topic and chamber, with the fields of ``Count``."""
    first = datetime.combine(period.first, time(), BERLIN)
    after = datetime.combine(period.last + timedelta(days=1), time(), BERLIN)
    decisive: Any = {"$ifNull": ["$decision.decisive", []]}
    guessed: Any = {"$ifNull": ["$decision.question.about.topics.id", []]}
    decisions: Any = {"$concatArrays": [["$decision"], {"$ifNull": ["$earlier", []]}]}
    nobody = {"$and": [_is("each.kind", "triaged"), {"$in": ["$$each.reason", [NOBODY_FREE, NOBODY_LEFT]]}]}
    no_capacity = {"$and": [_is("each.state", "declined"), _is("each.reason", "no_capacity")]}
    full = {"$or": [{"$gt": [f"$$each.excluded_for.{why}", 0]} for why in sorted(FULL)]}
    return [
        {"$match": {"enquiry.received_at": {"$gte": first, "$lt": after}}},
        {
            "$project": {
                "chamber": "$decision.question.region.chamber",
                "topic": {"$cond": [{"$ne": [decisive, []]}, decisive, guessed]},
                "unmatched": {"$toInt": _any("$history", nobody)},
                "refused": {"$toInt": {"$or": [_any("$offers", no_capacity), _any(decisions, full)]}},
            }
        },
        {"$unwind": "$topic"},
        {
            "$group": {
                "_id": {"topic": "$topic", "chamber": "$chamber"},
                "enquiries": {"$sum": 1},
                "unmatched": {"$sum": "$unmatched"},
                "refused": {"$sum": "$refused"},
            }
        },
        {
            "$project": {
                "_id": 0,
                "topic": "$_id.topic",
                "chamber": {"$ifNull": ["$_id.chamber", None]},
                "enquiries": 1,
                "unmatched": 1,
                "refused": 1,
            }
        },
    ]


def _is(path: str, value: str) -> dict[str, Any]:
    return {"$eq": [f"$${path}", value]}


def _any(array: Any, condition: dict[str, Any]) -> dict[str, Any]:
    """Whether the condition holds for any element (``$$each``) of an array."""
    there = {"$ifNull": [array, []]}
    return {"$anyElementTrue": {"$map": {"input": there, "as": "each", "in": condition}}}
