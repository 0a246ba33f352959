"""Past decisions seen from later: with the directory and the rules of their time, what would have led elsewhere."""

import asyncio

from services.matching.changes import Change
from services.matching.counterfactual import what_if
from services.matching.decide import Decision
from services.matching.receivers import Receivers, UnknownVersion
from services.matching.ruleset import Ruleset
from services.matching.rulesets import Rulesets
from services.matching.yaml_document import BadDocument


class Hindsight:
    """Looks back with the directory and the rules that a decision was taken with."""

    def __init__(self, receivers: Receivers, rulesets: Rulesets) -> None:
        self._receivers, self._rulesets = receivers, rulesets

    async def what_if(self, decision: Decision) -> tuple[Change, ...]:
        """What would have led the case elsewhere; nothing where its time cannot be read any more.

        Raises ``Unavailable``.
        """
        rules = await self._rules(decision.ruleset)
        if rules is None:
            return ()
        try:
            directory = await self._receivers.at(decision.directory)
        except UnknownVersion:
            return ()
        return await asyncio.to_thread(what_if, decision, directory, rules)

    async def _rules(self, version: str) -> Ruleset | None:
        active = await self._rulesets.active()
        if active.version == version:
            return active
        kept = await self._rulesets.get(version)
        try:
            return None if kept is None else await asyncio.to_thread(kept.ruleset)
        except BadDocument:
            return None
