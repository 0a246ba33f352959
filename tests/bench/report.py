"""What people read, and what programs read, of the results."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.comparison import OURS, Result
from tests.bench.figures import Spread


def show(console: Console, result: Result) -> None:
    """One comparison: a table with a column for each contender, and the ratios with their aims."""
    names = [contender.name for contender in result.comparison.contenders]
    rows = list(dict.fromkeys(figure for name in names for figure in result.figures(name)))
    table = Table(title=result.comparison.what, title_justify="left", title_style="bold")
    table.add_column("")
    for name in names:
        table.add_column(name, justify="right")
    spreads = [result.figures(name) for name in names]
    for figure in rows:
        table.add_row(figure, *(_in_a_cell(each[figure]) if figure in each else "" for each in spreads))
    console.print(table)
    for aim in result.comparison.aims:
        ratio = result.ratio(aim)
        of = "" if aim.of == OURS else f"{aim.of}, "
        _verdict(console, f"{of}{aim.figure}, of {aim.against}", ratio, aim.wanted, met=aim.is_met(ratio.median))
    for bound in result.comparison.bounds:
        value = result.figures(bound.of)[bound.figure]
        _verdict(console, bound.figure, value, bound.wanted, met=bound.is_met(value.median))
    console.print()


def write(file: Path, results: Sequence[Result]) -> None:
    """All results as JSON: every round, the spreads, the ratios."""
    told = {
        "machine": {"cpus": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
        "comparisons": [_told(result) for result in results],
    }
    file.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def _told(result: Result) -> dict[str, object]:
    comparison = result.comparison
    return {
        "name": comparison.name,
        "what": comparison.what,
        "rounds": result.rounds,
        "figures": {
            contender.name: {name: asdict(each) for name, each in result.figures(contender.name).items()}
            for contender in comparison.contenders
        },
        "ratios": [
            {
                "of": aim.of,
                "against": aim.against,
                "figure": aim.figure,
                **asdict(result.ratio(aim)),
                "aim": aim.wanted,
                "met": aim.is_met(result.ratio(aim).median),
            }
            for aim in comparison.aims
        ],
        "bounds": [
            {
                "of": bound.of,
                "figure": bound.figure,
                **asdict(result.figures(bound.of)[bound.figure]),
                "aim": bound.wanted,
                "met": bound.is_met(result.figures(bound.of)[bound.figure].median),
            }
            for bound in comparison.bounds
        ],
    }


def _verdict(console: Console, what: str, value: Spread, wanted: str, *, met: bool) -> None:
    colour, word = ("green", "met") if met else ("yellow", "missed")
    console.print(f"  {what}: [bold]{_said(value)}[/]  aim {wanted}: [{colour}]{word}[/]", highlight=False)


def _in_a_cell(value: Spread) -> str:
    return f"[bold]{_number(value.median)}[/]\n[dim]{_number(value.least)}-{_number(value.most)}[/]"


def _said(value: Spread) -> str:
    return f"{_number(value.median)} ({_number(value.least)}-{_number(value.most)})"


def _number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
