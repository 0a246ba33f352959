"""``wegweiser directory``: receivers from a YAML file into matching's database, and back."""

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.ends import said
from deploy.cli.files import BadFile
from deploy.cli.settings import OperatorSettings
from services.matching.directory import Receiver
from services.matching.directory_file import dump, load
from services.matching.receivers import Receivers, receivers_of
from shared.service import Service

app = typer.Typer(no_args_is_help=True, help="The directory: who can be offered a case, as a YAML file.")

YamlFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")]


@app.command()
def check(file: YamlFile) -> None:
    """Check a file, naming every flaw with its line and field; nothing is stored."""
    receivers = _read(file)
    active = [receiver for receiver in receivers if receiver.active]
    advisors = [receiver for receiver in active if receiver.kind == "advisor"]
    served = {chamber for receiver in advisors for chamber in receiver.chambers}
    showcases = len(active) - len(advisors)
    print(f"{len(receivers)} receivers: {len(advisors)} advisors for {len(served)} chambers, {showcases} showcases")


@app.command("import")
def import_(
    file: YamlFile,
    *,
    prune: Annotated[bool, typer.Option("--prune", help="Switch off who is not in the file.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add who is new and change who is known; with --prune, who is absent gets no new cases. Safe to repeat.

    A file with flaws changes nothing.
    """
    receivers = _read(file)
    asyncio.run(_import(receivers, prune=prune, as_json=as_json))


@app.command("export")
def export_(
    file: Annotated[
        Path, typer.Argument(dir_okay=False, show_default=False, help="The file to write; - is standard output.")
    ],
) -> None:
    """Write the directory as it is to a file that can be changed and imported again."""
    receivers = asyncio.run(_all())
    text = dump(receivers)
    if str(file) == "-":
        print(text, end="")
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadFile(f"{file} cannot be written: {error.strerror}.") from error
    said(f"{len(receivers)} receivers written to {file}")


async def _import(receivers: tuple[Receiver, ...], *, prune: bool, as_json: bool) -> None:
    async with _directory() as directory:
        summary = await directory.keep(receivers, prune=prune)
        rivals = _rivals(await directory.all())
    if as_json:
        print(json.dumps(dataclasses.asdict(summary)))
    else:
        done = f"{summary.added} added, {summary.changed} changed, {summary.unchanged} unchanged"
        print(f"{done}, {summary.switched_off} switched off")
    for lead, ids in rivals.items():
        said(
            f"{' and '.join(ids)} both lead '{lead}': only {ids[0]} gets cases. Switch the others off, or use --prune."
        )


async def _all() -> tuple[Receiver, ...]:
    async with _directory() as directory:
        return await directory.all()


@asynccontextmanager
async def _directory() -> AsyncIterator[Receivers]:
    service = Service("matching", OperatorSettings())
    try:
        yield receivers_of(service)
    finally:
        await service.stop()


def _read(file: Path) -> tuple[Receiver, ...]:
    try:
        return load(file.read_bytes())
    except OSError as error:
        raise BadFile(f"{file} cannot be read: {error.strerror}.") from error


def _rivals(receivers: tuple[Receiver, ...]) -> dict[str, list[str]]:
    """The leads that more than one active showcase has, with their ids."""
    leading: dict[str, list[str]] = {}
    for receiver in sorted(receivers, key=lambda receiver: receiver.id):
        if receiver.active and receiver.lead:
            leading.setdefault(receiver.lead, []).append(receiver.id)
    return {lead: ids for lead, ids in leading.items() if len(ids) > 1}
