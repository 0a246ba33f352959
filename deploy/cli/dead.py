"""``wegweiser dead``: lists, shows and replays dead letters."""

import asyncio
import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from deploy.cli.dead_letters import Chosen, DeadLetter, dead_letters, replay
from deploy.cli.ends import BadUsage, SomeFailed, said
from deploy.cli.settings import OperatorSettings
from shared.events import TOPICS
from shared.kafka import Producer, Unsendable

app = typer.Typer(no_args_is_help=True, help="Dead letters: what the services could not handle, with the reason.")

Topic = Annotated[str, typer.Option(help=f"Only those from this topic: {', '.join(TOPICS)}.")]
Reason = Annotated[str, typer.Option(help="Only these: undecodable, unknown_type, invalid, refused or bug.")]
Group = Annotated[str, typer.Option(help="Only what this group could not handle, e.g. matching.enquiries.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]


@app.command("list")
def list_(*, topic: Topic = "", reason: Reason = "", group: Group = "", as_json: AsJson = False) -> None:
    """List dead letters: what, from where, why, and since when."""
    letters = asyncio.run(_read(_chosen(topic, reason, group)))
    if as_json:
        for letter in letters:
            print(json.dumps(letter.summary(), ensure_ascii=False))
        return
    if not letters:
        said("There are no dead letters." if not (topic or reason or group) else "There are no such dead letters.")
        return
    columns = ("name", "at", "reason", "group", "type", "reference", "error")
    table = Table(*columns)
    for row in map(DeadLetter.summary, letters):
        table.add_row(*(escape(str(row[column])) for column in columns))
    Console().print(table)


@app.command()
def show(name: Annotated[str, typer.Argument(help="As the list names it: <topic>:<partition>:<offset>.")]) -> None:
    """Show one dead letter whole: key, headers, value. It may hold personal data."""
    letters = asyncio.run(_read(_named((name,))))
    if not letters:
        raise SomeFailed(f"There is no dead letter {name}: 'wegweiser dead list' names those there are.")
    Console().print_json(json.dumps(letters[0].whole(), ensure_ascii=False))


@app.command("replay")
def replay_(
    names: Annotated[
        list[str] | None, typer.Argument(help="As the list names them; or choose with the options.")
    ] = None,
    *,
    topic: Topic = "",
    reason: Reason = "",
    group: Group = "",
    everything: Annotated[bool, typer.Option("--all", help="Replay all there are.")] = False,
    as_json: AsJson = False,
) -> None:
    """Send dead letters back to where they came from, for the group alone that could not handle them.

    Safe to repeat. What fails again becomes a new dead letter; the old one stays until its time is over.
    """
    if not (names or topic or reason or group or everything):
        raise BadUsage("Name the dead letters to replay, choose some with --topic, --reason or --group, or say --all.")
    chosen = _named(tuple(names), reason, group) if names else _chosen(topic, reason, group)
    asyncio.run(_replay(chosen, as_json=as_json))


async def _replay(chosen: Chosen, *, as_json: bool) -> None:
    letters = await _read(chosen)
    settings = OperatorSettings()
    producer = Producer(settings.kafka_url, settings.namespace)
    failed = len(chosen.names - {letter.name for letter in letters})
    for name in sorted(chosen.names - {letter.name for letter in letters}):
        said(f"There is no dead letter {name}.")
    try:
        for letter in letters:
            try:
                await replay(producer, letter)
            except Unsendable as error:
                failed += 1
                said(f"{letter.name} cannot be sent: {error}.")
            else:
                _tell_replayed(letter, as_json=as_json)
    finally:
        await producer.close()
    if failed:
        raise SomeFailed(f"{failed} were not replayed.")
    if not letters:
        said("There are no such dead letters: nothing was replayed.")


def _tell_replayed(letter: DeadLetter, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"name": letter.name, "topic": letter.topic, "group": letter.group}))
    else:
        print(f"{letter.name} replayed to {letter.topic} for {letter.group or 'all groups'}")


async def _read(chosen: Chosen) -> list[DeadLetter]:
    settings = OperatorSettings()
    return [letter async for letter in dead_letters(settings.kafka_url, settings.namespace, chosen)]


def _chosen(topic: str, reason: str, group: str, **names: Any) -> Chosen:
    if topic not in {"", *TOPICS}:
        raise BadUsage(f"There is no topic '{topic}'. Name one of: {', '.join(TOPICS)}.")
    return Chosen(topic, reason, group, **names)


def _named(names: tuple[str, ...], reason: str = "", group: str = "") -> Chosen:
    topics = {name.partition(":")[0] for name in names}
    for topic in topics:
        _chosen(topic, "", "")
    return _chosen(topics.pop() if len(topics) == 1 else "", reason, group, names=frozenset(names))
