"""``wegweiser replay``: all past decisions taken again; there must be no difference."""

import asyncio
import gc
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any

import typer
from pydantic_core import to_jsonable_python
from rich.progress import Progress

from deploy.cli.days import beginning_of, day, end_of
from deploy.cli.ends import BadUsage, SomeFailed, errors, said
from deploy.cli.settings import OperatorSettings
from services.matching import past
from services.matching.decide import Decision
from services.matching.past import Unreadable
from services.matching.receivers import Receivers, UnknownVersion, receivers_of
from services.matching.replay import Damaged, differences, taken_again
from services.matching.ruleset import Ruleset
from services.matching.rulesets import Rulesets, rulesets_of
from services.matching.snapshot import Snapshot
from services.matching.yaml_document import BadDocument
from shared import mongo
from shared.service import Service

From = Annotated[
    date | None, typer.Option("--from", parser=day, metavar="DAY", help="The first day; else the first decision.")
]
To = Annotated[date | None, typer.Option("--to", parser=day, metavar="DAY", help="The last day; else until now.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")]

_MOST_NAMED = 20
_LONGEST = 160


class Lost(Exception):
    """The rules of a decision cannot be read any more."""


@dataclass(slots=True)
class History:
    """The directory and the rules as they were."""

    receivers: Receivers
    rulesets: Rulesets
    referrals: mongo.Collection
    _snapshots: dict[int, Snapshot] = field(default_factory=dict)
    _rules: dict[str, Ruleset | Lost] = field(default_factory=dict)

    async def read(self) -> None:
        """Read the directories that decisions name. Raises ``Unavailable``."""
        self._snapshots = await self.receivers.those(await past.directories(self.referrals))

    async def directory(self, version: int) -> Snapshot:
        """The directory of a version. Raises ``UnknownVersion``, ``Unavailable``."""
        if version not in self._snapshots:
            self._snapshots[version] = await self.receivers.at(version)
        return self._snapshots[version]

    async def rules(self, version: str) -> Ruleset:
        """The rules of a version. Raises ``Lost``, ``Unavailable``."""
        if version not in self._rules:
            self._rules[version] = await self._read_rules(version)
        found = self._rules[version]
        if isinstance(found, Lost):
            raise found
        return found

    async def _read_rules(self, version: str) -> Ruleset | Lost:
        kept = await self.rulesets.get(version)
        if kept is None:
            return Lost("there are no such rules")
        try:
            return kept.ruleset()
        except BadDocument as flaws:
            return Lost(f"this program cannot read these rules: {flaws}")


@dataclass(slots=True)
class _Replayed:
    decisions: int = 0
    different: list[dict[str, Any]] = field(default_factory=list)

    def add(self, reference: str, at: datetime | None, field_: str, was: object, now: object) -> None:
        """Note one difference."""
        told = {"reference": reference, "decided_at": at, "field": field_, "was": was, "is": now}
        self.different.append(to_jsonable_python(told, bytes_mode="base64"))


def replay(*, from_: From = None, to: To = None, as_json: AsJson = False) -> None:
    """Take past decisions again, each with the rules, the directory and the loads of its time.

    Every difference is named, and then the exit code is 1: the same question must have the same answer for ever.
    """
    if from_ and to and from_ > to:
        raise BadUsage(f"--from {from_} is after --to {to}: exchange the two.")
    replayed = asyncio.run(_replayed(beginning_of(from_), end_of(to)))
    if as_json:
        print(json.dumps({"decisions": replayed.decisions, "different": replayed.different}, ensure_ascii=False))
    elif not replayed.decisions:
        print("Nothing was decided in that time, so there is nothing to take again.")
    else:
        for one in replayed.different[:_MOST_NAMED]:
            said(_line(one))
        if len(replayed.different) > _MOST_NAMED:
            said(f"... and {len(replayed.different) - _MOST_NAMED} more: see --json.")
        print(f"{replayed.decisions} decisions taken again, {len(replayed.different)} differences.")
    if replayed.different:
        raise SomeFailed


@asynccontextmanager
async def history() -> AsyncIterator[History]:
    """What is kept of the past. Meanwhile nothing looks for garbage that refers to itself: that is costly."""
    service = Service("matching", OperatorSettings())
    gc.disable()
    try:
        yield History(receivers_of(service), rulesets_of(service), service.collection("referrals"))
    finally:
        gc.enable()
        await service.stop()


async def _replayed(begin: datetime, end: datetime) -> _Replayed:
    done = _Replayed()
    async with history() as kept:
        await kept.read()
        with Progress(console=errors, transient=True, disable=not errors.is_terminal) as bar:
            task = bar.add_task("Deciding again", total=await past.number(kept.referrals))
            async for referrals, decisions in past.decisions(kept.referrals, begin, end):
                for decision in decisions:
                    await _again(decision, kept, done)
                bar.advance(task, referrals)
    return done


async def _again(was: Decision | Unreadable, kept: History, done: _Replayed) -> None:
    done.decisions += 1
    if isinstance(was, Unreadable):
        done.add(was.reference, None, "decision", was.flaw, None)
        return
    try:
        directory, rules = await kept.directory(was.directory), await kept.rules(was.ruleset)
        now = taken_again(was, directory, rules)
    except Damaged as error:
        done.add(was.reference, was.decided_at, "decision", "kept", str(error))
    except UnknownVersion as error:
        done.add(was.reference, was.decided_at, "directory", was.directory, str(error))
    except Lost as error:
        done.add(was.reference, was.decided_at, "ruleset", was.ruleset, str(error))
    else:
        for name, before, after in differences(was, now):
            done.add(was.reference, was.decided_at, name, before, after)


def _line(different: dict[str, Any]) -> str:
    was, now = (_short(different[name]) for name in ("was", "is"))
    when = f" at {different['decided_at']}" if different["decided_at"] else ""
    return f"{different['reference']}{when}: {different['field']} was {was}, and is {now}."


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
