"""Past decisions seen from later: with the directory and the rules of their time, what would have led elsewhere."""

import asyncio
from collections import OrderedDict
from collections.abc import Hashable

from services.matching.changes import Change
from services.matching.counterfactual import what_if
from services.matching.decide import Decision
from services.matching.receivers import Receivers, UnknownVersion
from services.matching.ruleset import Ruleset
from services.matching.rulesets import Rulesets
from services.matching.snapshot import Snapshot
from services.matching.yaml_document import BadDocument

_DECISIONS_KEPT = 1_000
_DIRECTORIES_KEPT = 4
"""Each as large as the directory."""


class Hindsight:
    """Looks back with the directory and the rules that a decision was taken with.

    Neither they nor the decision ever change: what was worked out is kept for the next who looks.
    """

    def __init__(self, receivers: Receivers, rulesets: Rulesets) -> None:
        self._receivers, self._rulesets = receivers, rulesets
        self._found: OrderedDict[Hashable, tuple[Change, ...]] = OrderedDict()
        self._directories: OrderedDict[int, Snapshot] = OrderedDict()

    async def what_if(self, decision: Decision) -> tuple[Change, ...]:
        """What would have led the case elsewhere; nothing where its time cannot be read any more.

        Raises ``Unavailable``.
        """
        key = (decision.question, decision.decided_at, decision.ruleset, decision.directory, decision.seen)
        if key not in self._found:
            self._found[key] = await self._worked_out(decision)
            if len(self._found) > _DECISIONS_KEPT:
                self._found.popitem(last=False)
        return self._found[key]

    async def _worked_out(self, decision: Decision) -> tuple[Change, ...]:
        rules = await self._rules(decision.ruleset)
        if rules is None:
            return ()
        try:
            directory = await self._directory(decision.directory)
        except UnknownVersion:
            return ()
        return await asyncio.to_thread(what_if, decision, directory, rules)

    async def _directory(self, version: int) -> Snapshot:
        directory = self._directories.get(version) or await self._receivers.at(version)
        self._directories[version] = directory
        if len(self._directories) > _DIRECTORIES_KEPT:
            self._directories.popitem(last=False)
        return directory

    async def _rules(self, version: str) -> Ruleset | None:
        active = await self._rulesets.active()
        if active.version == version:
            return active
        kept = await self._rulesets.get(version)
        try:
            return None if kept is None else await asyncio.to_thread(kept.ruleset)
        except BadDocument:
            return None
