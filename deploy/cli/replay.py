"""``wegweiser replay``: all past decisions taken again; there must be no difference."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.progress import Progress

from deploy.cli.ends import SomeFailed, errors, said
from deploy.cli.settings import OperatorSettings
from services.matching import past
from services.matching.decide import Decision
from services.matching.receivers import Receivers, receivers_of
from services.matching.replay import differences, taken_again
from services.matching.ruleset import Ruleset
from services.matching.rulesets import Rulesets, UnknownRuleset, rulesets_of
from services.matching.snapshot import Snapshot
from shared.service import Service
from shared.times import BERLIN

From = Annotated[datetime | None, typer.Option("--from", help="The first day; else the first decision.")]
To = Annotated[datetime | None, typer.Option("--to", help="The last day; else until now.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")]

_MOST_NAMED = 20


@dataclass(slots=True)
class History:
    """The directory and the rules as they were."""

    receivers: Receivers
    rulesets: Rulesets
    referrals: Any
    _snapshots: dict[int, Snapshot] = field(default_factory=dict)
    _rules: dict[str, Ruleset] = field(default_factory=dict)

    async def directory(self, version: int) -> Snapshot:
        """The directory of a version, to be changed at will. Raises ``UnknownVersion``, ``Unavailable``."""
        if version not in self._snapshots:
            self._snapshots[version] = Snapshot((await self.receivers.at(version)).receivers, version)
        return self._snapshots[version]

    async def rules(self, version: str) -> Ruleset:
        """The rules of a version. Raises ``UnknownRuleset``, ``BadDocument``, ``Unavailable``."""
        if version not in self._rules:
            kept = await self.rulesets.get(version)
            if kept is None:
                raise UnknownRuleset(version)
            self._rules[version] = kept.ruleset()
        return self._rules[version]


@dataclass(slots=True)
class _Replayed:
    decisions: int = 0
    different: list[dict[str, Any]] = field(default_factory=list)


def replay(*, from_: From = None, to: To = None, as_json: AsJson = False) -> None:
    """Take past decisions again, each with the rules, the directory and the loads of its time.

    Every difference is named, and then the exit code is 1: the same question must have the same answer for ever.
    """
    replayed = asyncio.run(_replayed(beginning_of(from_), end_of(to)))
    if as_json:
        print(json.dumps({"decisions": replayed.decisions, "different": replayed.different}, default=str))
    else:
        for one in replayed.different[:_MOST_NAMED]:
            said(f"{one['reference']}, {one['decided_at']}: {one['field']} was {one['was']}, and is {one['is']}.")
        if len(replayed.different) > _MOST_NAMED:
            said(f"... and {len(replayed.different) - _MOST_NAMED} more: see --json.")
        print(f"{replayed.decisions} decisions taken again, {len(replayed.different)} differences.")
    if replayed.different:
        raise SomeFailed


def beginning_of(day: datetime | None) -> datetime:
    """The first moment of a day in German time."""
    return day.replace(tzinfo=BERLIN) if day else datetime.min.replace(tzinfo=UTC)


def end_of(day: datetime | None) -> datetime:
    """The last moment of a day in German time."""
    return day.replace(hour=23, minute=59, second=59, microsecond=999999, tzinfo=BERLIN) if day else _NEVER


_NEVER = datetime.max.replace(tzinfo=UTC)


@asynccontextmanager
async def history() -> AsyncIterator[History]:
    """What is kept of the past."""
    service = Service("matching", OperatorSettings())
    try:
        yield History(receivers_of(service), rulesets_of(service), service.collection("referrals"))
    finally:
        await service.stop()


async def _replayed(begin: datetime, end: datetime) -> _Replayed:
    done = _Replayed()
    async with history() as kept:
        with Progress(console=errors, transient=True, disable=not errors.is_terminal) as bar:
            task = bar.add_task("Deciding again", total=await past.number(kept.referrals))
            async for decisions in past.decisions(kept.referrals):
                for decision in decisions:
                    if begin <= decision.decided_at <= end:
                        await _again(decision, kept, done)
                bar.advance(task)
    return done


async def _again(decision: Decision, kept: History, done: _Replayed) -> None:
    directory, rules = await kept.directory(decision.directory), await kept.rules(decision.ruleset)
    done.decisions += 1
    for name, was, now in differences(decision, taken_again(decision, directory, rules)):
        told = {"reference": decision.reference, "decided_at": decision.decided_at.isoformat(timespec="seconds")}
        done.different.append({**told, "field": name, "was": was, "is": now})
