"""``wegweiser rules rehearse``: what changed rules would have done with the past."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from html import escape
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from deploy.cli.ends import errors
from deploy.cli.replay import History, Lost
from services.matching import past
from services.matching.rehearsal import Rehearsal, Report, Then, read_alike
from services.matching.ruleset import Ruleset
from shared.topics import TOPICS

_MOST_SHOWN = 15
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
        return report


async def _reads_alike(kept: History, version: str, rules: Ruleset) -> bool:
    """Whether these rules understand every text as those of this version do."""
    try:
        return read_alike(await kept.rules(version), rules)
    except Lost:
        return False


def as_json(report: Report) -> str:
    """The whole report."""
    document = asdict(report)
    document["targets"] = [{"was": was, "would_be": now, "number": n} for (was, now), n in _sorted(report.targets)]
    return json.dumps(document, ensure_ascii=False)


def show(report: Report) -> None:
    """Print the report for people."""
    console = Console()
    print(f"{report.changed} of {report.decisions} decisions would have been others.")
    print(f"To a person: {report.unmatched.was}, would be {report.unmatched.would_be}.")
    if not report.changed:
        return
    table = Table("went to", "would go to", "cases", title="Where cases go")
    for (was, now), number in _sorted(report.targets):
        if was != now:
            table.add_row(was, now, str(number))
    console.print(table)
    for title, of, names in _TABLES:
        table = Table(of, *_heads(of), title=title)
        for name, then in _most_changed(getattr(report, names), of):
            table.add_row(name, str(then.was), str(then.would_be))
        console.print(table)


def _heads(of: str) -> tuple[str, str]:
    return ("was", "would be") if of == "receiver" else ("decisions", "changed")


def page(report: Report, rules: Ruleset, since: datetime) -> str:
    """The report as a page of its own, with charts."""
    moved = [(f"{was} → {now}", (number,)) for (was, now), number in _sorted(report.targets) if was != now]
    charts = [_chart("Where cases would go instead", ("cases",), moved)]
    for title, of, names in _TABLES:
        rows = [(name, (then.was, then.would_be)) for name, then in _most_changed(getattr(report, names), of)]
        charts.append(_chart(title, _heads(of), rows))
    head = f"Rehearsal of {escape(rules.version)}"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{head}</title><style>{_STYLE}</style><h1>{head}</h1>"
        f"<p>Enquiries since {since:%Y-%m-%d}: <strong>{report.changed} of {report.decisions} decisions</strong> "
        f"would have been others. To a person went {report.unmatched.was}, would have gone "
        f"{report.unmatched.would_be}.</p>{''.join(charts)}</html>\n"
    )


_TABLES = (
    ("Receivers: cases offered", "receiver", "receivers"),
    ("Regions: decisions, and how many of them change", "chamber", "chambers"),
    ("Topics: decisions, and how many of them change", "topic", "topics"),
)
_STYLE = """body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.25rem .5rem;vertical-align:middle}
td:last-child{width:55%}.bar{background:#1a6fb0;height:.7rem;min-width:1px}.bar:not(:last-child){background:#b9c4cf}
@media(prefers-color-scheme:dark){body{background:#111;color:#eee}}"""


def _chart(title: str, heads: tuple[str, ...], rows: Sequence[tuple[str, tuple[int, ...]]]) -> str:
    if not rows:
        return f"<h2>{escape(title)}</h2><p>Nothing changes.</p>"
    most = max(max(numbers) for _, numbers in rows) or 1
    lines = []
    for name, numbers in rows:
        cells = "".join(f"<td>{number}" for number in numbers)
        bars = "".join(f'<div class="bar" style="width:{100 * number / most:.1f}%"></div>' for number in numbers)
        lines.append(f"<tr><th>{escape(name)}{cells}<td>{bars}")
    named = "".join(f"<th>{head}" for head in ("", *heads, ""))
    return f"<h2>{escape(title)}</h2><table><tr>{named}{''.join(lines)}</table>"


def _most_changed(counted: Mapping[str, Then], of: str) -> list[tuple[str, Then]]:
    by_change = sorted(counted.items(), key=lambda item: -_change(item[1], of))
    changed = [(name, then) for name, then in by_change[:_MOST_SHOWN] if _change(then, of)]
    return [(TOPICS[name].label("en") if name in TOPICS else name, then) for name, then in changed]


def _change(then: Then, of: str) -> int:
    return abs(then.would_be - then.was) if of == "receiver" else then.would_be


def _sorted(targets: Mapping[Any, int]) -> list[tuple[Any, int]]:
    return sorted(targets.items(), key=lambda item: (-item[1], item[0]))
