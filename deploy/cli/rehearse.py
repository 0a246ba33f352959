"""``wegweiser rules rehearse``: what changed rules would have done with the past."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from deploy.cli.ends import errors
from deploy.cli.rehearsal_tables import WORDS, Language, sentences, tables
from deploy.cli.replay import History, Lost
from services.matching import past
from services.matching.rehearsal import Rehearsal, Report, read_alike
from services.matching.ruleset import Ruleset
from services.matching.snapshot import Snapshot
from shared import web
from shared.times import for_people

_PORTION = 1_000


async def rehearsed(kept: History, rules: Ruleset, since: datetime) -> Report:
    """What the rules would have changed since then. Raises ``Unavailable``, ``UnknownVersion``."""
    await kept.read()
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as bar:
        reading, steps = bar.add_task("Reading", total=await past.number(kept.referrals)), []
        async for referrals, found in past.steps(kept.referrals):
            steps += found
            bar.advance(reading, referrals)
        steps.sort(key=lambda step: (step.at, step.reference))
        directories = {version: await kept.directory(version) for version in {step.directory for step in steps}}
        alike = [version for version in {step.ruleset for step in steps} if await _reads_alike(kept, version, rules)]
        rehearsal, report = Rehearsal(rules, directories.__getitem__, frozenset(alike)), Report()
        deciding = bar.add_task("Deciding", total=sum(step.at >= since for step in steps))
        for done, outcome in enumerate(rehearsal.outcomes(steps, since), start=1):
            report.add(outcome)
            if not done % _PORTION:
                bar.advance(deciding, _PORTION)
        report.fallen_away = rehearsal.fallen_away
        report.names = _names(report.receivers, [directories[version] for version in sorted(directories, reverse=True)])
        return report


def _names(receivers: Iterable[str], directories: Sequence[Snapshot]) -> dict[str, str]:
    """How the receivers are called, by id. ``directories``: the newest first."""
    found = ((id_, next(filter(None, (known.get(id_) for known in directories)), None)) for id_ in receivers)
    return {id_: f"{receiver.organisation}, {receiver.name}" for id_, receiver in found if receiver}


async def _reads_alike(kept: History, version: str, rules: Ruleset) -> bool:
    """Whether these rules understand every text as those of this version do."""
    try:
        return read_alike(await kept.rules(version), rules)
    except Lost:
        return False


def as_json(report: Report) -> str:
    """The whole report."""
    document = asdict(report)
    targets = sorted(report.targets.items(), key=lambda item: (-item[1], item[0]))
    document["targets"] = [{"was": was, "would_be": now, "number": number} for (was, now), number in targets]
    return json.dumps(document, ensure_ascii=False)


def show(report: Report, language: Language) -> None:
    """Print the report for people."""
    console = Console()
    for sentence in sentences(report, language):
        print(sentence)
    for table in tables(report, language) if report.changed else ():
        shown = Table(table.of, *table.heads, title=table.title)
        for row in table.first:
            shown.add_row(row.name, *map(str, row.numbers))
        if table.others:
            shown.caption = table.more(WORDS[language]["more_elsewhere"])
        console.print(shown)


def page(report: Report, rules: Ruleset, since: datetime, at: datetime, language: Language) -> str:
    """The report as a page of its own, with charts. ``at``: when it was made."""
    say = WORDS[language]
    return _TEMPLATES.get_template("rehearsal.html").render(
        language=language,
        say=say,
        title=say["title"].format(version=rules.version),
        since=say["since"].format(since=for_people(since, language), at=for_people(at, language)),
        sentences=sentences(report, language),
        tables=tables(report, language),
    )


_TEMPLATES = web.templates(Path(__file__).parent)
