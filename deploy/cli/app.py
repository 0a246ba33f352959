"""The command line of those who run Wegweiser: ``wegweiser``."""

import asyncio
import dataclasses
import json
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from typer.core import TyperGroup

from deploy.cli import dead, directory, rules
from deploy.cli.audit import audit
from deploy.cli.ends import SomeFailed, errors, exit_codes, said
from deploy.cli.files import COLUMNS, count
from deploy.cli.flaws import Language, in_line
from deploy.cli.prepare import make_collections
from deploy.cli.preview import preview
from deploy.cli.replay import replay
from deploy.cli.sending import Result, Tell, send
from deploy.cli.settings import OperatorSettings
from deploy.cli.setup import PARTITIONS, make_topics, wanted


class _Commands(TyperGroup):
    """Commands that end with one clear sentence and an exit code, never with a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Invoke the command that was asked for."""
        with exit_codes():
            return super().invoke(ctx)


app = typer.Typer(
    name="wegweiser",
    cls=_Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Looks after Wegweiser. Reads the same environment as the services: WEGWEISER_KAFKA_URL and so on.\n\n"
    "Exit code 0: all went well; 1: it ran, and some items failed or do not balance; 2: usage or a bad file; "
    "3: a server is away.",
)
app.command()(preview)
app.command()(audit)
app.command()(replay)
app.add_typer(directory.app, name="directory")
app.add_typer(rules.app, name="rules")
app.add_typer(dead.app, name="dead")

AnyFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")]

_SEND = f"""Submit a file of enquiries to the API, each line once.

FILE is JSON Lines (one document a line, as the API takes it) or CSV: separated by ; or , in UTF-8, with a header of
these columns, in any order: {", ".join(COLUMNS)}. In topics, ids are separated by blanks or |; in consent, yes, true,
ja, wahr, 1 and x mean yes.

What was sent is noted in FILE.progress: interrupted or repeated, the command goes on where it stopped. Lines that are
not valid are named with all that is wrong with them, and the others are sent.
"""


def main() -> None:
    """Run the command line."""
    app(prog_name="wegweiser")


def _say_version(asked: bool) -> None:  # noqa: FBT001 - so typer hands over the option's value
    if asked:
        print(f"wegweiser {metadata.version('wegweiser')}")
        raise typer.Exit


_Version = Annotated[bool, typer.Option("--version", help="Say the version.", is_eager=True, callback=_say_version)]


@app.callback()
def _wegweiser(*, version: _Version = False) -> None:
    del version  # said already


@app.command()
def setup(
    *,
    partitions: Annotated[int, typer.Option(min=1, max=1000, help="Of each topic; never changed later.")] = PARTITIONS,
    replication_factor: Annotated[
        int | None, typer.Option(min=1, help="How many of Kafka's servers keep each record; 3 if there are so many.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make topics, collections, validators and indexes. Safe to repeat.

    Events are kept for 30 days and dead letters for 90. A topic that exists with another number of partitions is
    refused, and nothing is changed.
    """
    settings = OperatorSettings()
    topics = wanted(settings.namespace, partitions)
    made = asyncio.run(make_topics(settings.kafka_url, topics, replication_factor))
    databases = asyncio.run(make_collections(settings))
    if as_json:
        print(
            json.dumps(
                {"topics": {topic.name: topic.partitions for topic in topics}, "made": made, "databases": databases}
            )
        )
        return
    for topic in topics:
        print(f"{topic.name}: {'made' if topic.name in made else 'there'}, {topic.partitions} partitions")
    for database in databases:
        print(f"{database}: collections, validators and indexes are there")


@app.command("send", help=_SEND)
def send_(
    file: AnyFile,
    *,
    rate: Annotated[float | None, typer.Option(min=0.001, help="At most so many a second.", metavar="N")] = None,
    url: Annotated[str, typer.Option(help="Where intake is; WEGWEISER_PUBLIC_URL if not given.")] = "",
    again: Annotated[bool, typer.Option("--again", help="Send also what was sent before; nothing is doubled.")] = False,
    patience: Annotated[float, typer.Option(min=0, help="Seconds of silence after which to give up.")] = 30.0,
    language: Annotated[Language, typer.Option(help="In which it is said what is wrong with a line.")] = "en",
    as_json: AsJson = False,
) -> None:
    """Submit a file of enquiries to the API."""
    where = url or OperatorSettings().public_url
    result = submit(file, where, rate=rate, again=again, patience_s=patience, language=language)
    if as_json:
        print(json.dumps(dataclasses.asdict(result)))
    else:
        before = f", {result.before} were sent before" if result.before else ""
        print(f"{len(result.sent)} sent{before}, {len(result.refused)} refused")
    if result.refused:
        raise SomeFailed


def submit(
    file: Path,
    url: str,
    *,
    rate: float | None = None,
    again: bool = False,
    patience_s: float = 30.0,
    language: Language = "en",
) -> Result:
    """Send a file with a progress bar, naming refused lines as they come."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task("Sending", total=count(file))
        tell = Tell(
            advanced=lambda: bar.advance(task),
            refused=lambda refused: said(in_line(refused.line, refused.problems, language)),
            waiting=said,
        )
        return asyncio.run(send(file, url, rate=rate, again=again, patience_s=patience_s, tell=tell, language=language))
