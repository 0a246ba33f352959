"""``make bench``: how fast Wegweiser is, beside what else one could have picked, in one run."""

from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.bench import deciding, environment, intake, itself, latency, leisure, matching, notify, report, whole
from tests.bench.comparison import Comparison, Result, Wrong, one_round, scratch
from tests.bench.ground import ground

COMPARISONS: dict[str, Comparison] = {
    each.name: each
    for each in (
        matching.COMPARISON,
        intake.COMPARISON,
        notify.COMPARISON,
        whole.COMPARISON,
        latency.AT_20,
        latency.AT_200,
        itself.SCALING,
        itself.STORED,
        leisure.IDLE,
        leisure.STARTS,
        itself.TELEMETRY,
        deciding.DECISION,
        deciding.READING,
    )
}
_ROUNDS, _QUICK_ROUNDS, _QUICK_SCALE = 5, 2, 0.2


Only = Annotated[str, typer.Option(help=f"Measure these alone, separated by commas: {', '.join(COMPARISONS)}.")]
Quick = Annotated[bool, typer.Option(help="Two short rounds: shows that it works, and roughly how it stands.")]
Rounds = Annotated[int | None, typer.Option(min=1, help="Rounds of each comparison; 5 unless told, 2 if quick.")]
Json = Annotated[Path | None, typer.Option(help="Write every figure of every round to this file.")]


def main(only: Only = "", *, quick: Quick = False, rounds: Rounds = None, json: Json = None) -> None:
    """Measure, print a table for each comparison, and write JSON. Ends with 1 if a message was lost or doubled."""
    names = [name.strip() for name in only.split(",") if name.strip()] or list(COMPARISONS)
    unknown = [name for name in names if name not in COMPARISONS]
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}: there is only {', '.join(COMPARISONS)}.", param_hint="--only")
    environment.make()
    asked = [COMPARISONS[name] for name in names]
    rounds = rounds or (_QUICK_ROUNDS if quick else _ROUNDS)
    scale = _QUICK_SCALE if quick else 1.0
    console = Console()
    results: list[Result] = []
    try:
        uvloop.run(_measure(asked, results, rounds, scale, console))
    except Wrong as wrong:
        console.print(f"[red]Measured nothing: {wrong}[/]")
        raise typer.Exit(1) from wrong
    finally:
        if json is not None:
            report.write(json, results)


async def _measure(asked: list[Comparison], results: list[Result], rounds: int, scale: float, console: Console) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with scratch() as folder, Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        steps = progress.add_task("servers", total=rounds * sum(len(each.contenders) for each in asked))
        async with ground(folder) as here:
            for comparison in asked:
                result = Result(comparison)

                def step(contender: str, name: str = comparison.name) -> None:
                    progress.update(steps, advance=1, description=f"{name}: {contender}")

                for n in range(rounds):
                    result.rounds.append(await one_round(comparison, here, n, scale, step))
                results.append(result)
                report.show(console, result)


if __name__ == "__main__":
    typer.run(main)
