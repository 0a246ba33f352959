"""``wegweiser directory``: receivers from a YAML file into matching's database, and back."""

import asyncio
import dataclasses
import getpass
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from deploy.cli.ends import BadUsage, errors, said
from deploy.cli.files import BadFile
from deploy.cli.settings import OperatorSettings
from services.matching.directory import Receiver
from services.matching.directory_file import dump, load
from services.matching.receivers import Receivers, Summary, Version, receivers_of
from shared.service import Service
from shared.times import BERLIN, SystemClock

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
    by: Annotated[str | None, typer.Option(help="Who you are; else your name on this machine.")] = None,
    why: Annotated[str | None, typer.Option(help="Why the directory changes; else that FILE was imported.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add who is new and change who is known; with --prune, who is absent gets no new cases. Safe to repeat.

    All that changes is one new version of the directory, with who and why. A file with flaws changes nothing.
    """
    receivers = _read(file)
    who = _given("--by", _user() if by is None else by)
    reason = _given("--why", f"import of {file.name}" if why is None else why)
    summary, directory = asyncio.run(_import(receivers, prune=prune, by=who, why=reason))
    if as_json:
        print(json.dumps(dataclasses.asdict(summary)))
    else:
        done = f"{summary.added} added, {summary.changed} changed, {summary.unchanged} unchanged"
        print(f"version {summary.version}: {done}, {summary.switched_off} switched off")
    for lead, ids in _rivals(directory).items():
        said(
            f"{' and '.join(ids)} both lead '{lead}': only {ids[0]} gets cases. Switch the others off, or use --prune."
        )


@app.command()
def log() -> None:
    """Name all versions of the directory, the newest first, with who made them, when (UTC) and why."""
    versions = asyncio.run(_versions())
    for version in versions:
        print(_line(version))
    if not versions:
        said("The directory is empty: nothing was ever imported.")


@app.command("export")
def export_(
    file: Annotated[
        Path, typer.Argument(dir_okay=False, show_default=False, help="The file to write; - is standard output.")
    ],
    *,
    version: Annotated[
        int | None, typer.Option(help="As it was at this version, which 'log' names.", show_default=False)
    ] = None,
) -> None:
    """Write the directory as it is, or was, to a file that can be changed and imported again."""
    receivers = asyncio.run(_all(version))
    text = dump(receivers)
    if str(file) == "-":
        print(text, end="")
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadFile(f"{file} cannot be written: {error.strerror}.") from error
    said(f"{len(receivers)} receivers written to {file}")


async def _import(
    receivers: tuple[Receiver, ...], *, prune: bool, by: str, why: str
) -> tuple[Summary, tuple[Receiver, ...]]:
    """What the import did, and everybody after it."""
    async with _directory() as directory:
        with Progress(console=errors, transient=True, disable=not errors.is_terminal) as bar:
            task = bar.add_task("Importing", total=None)
            summary = await directory.keep(
                receivers,
                prune=prune,
                by=by,
                why=why,
                told=lambda done, of: bar.update(task, completed=done, total=of),
            )
        return summary, (await directory.newest()).receivers


async def _versions() -> tuple[Version, ...]:
    async with _directory() as directory:
        return await directory.versions()


async def _all(version: int | None) -> tuple[Receiver, ...]:
    async with _directory() as directory:
        return (await directory.newest() if version is None else await directory.at(version)).receivers


@asynccontextmanager
async def _directory() -> AsyncIterator[Receivers]:
    service = Service("matching", OperatorSettings())
    try:
        yield receivers_of(service)
    finally:
        await service.stop()


def _read(file: Path) -> tuple[Receiver, ...]:
    try:
        return load(file.read_bytes(), since=SystemClock().now().astimezone(BERLIN).date())
    except OSError as error:
        raise BadFile(f"{file} cannot be read: {error.strerror}.") from error


def _line(version: Version) -> str:
    numbers = {"added": version.added, "changed": version.changed, "switched off": version.switched_off}
    did = ", ".join(f"{number} {what}" for what, number in numbers.items() if number)
    return f"{version.number} {version.at:%Y-%m-%d %H:%M} UTC by {version.by}: {version.why} ({did})"


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may run as a number without a name
        return f"user {os.getuid()}"


def _given(option: str, text: str) -> str:
    """What was given, in one line, so that nobody is named by a blank."""
    if not text.strip():
        raise BadUsage(f"{option} is empty: write who or what, so that others can ask.")
    return " ".join(text.split())


def _rivals(receivers: tuple[Receiver, ...]) -> dict[str, list[str]]:
    """The leads that more than one active showcase has, with their ids."""
    leading: dict[str, list[str]] = {}
    for receiver in sorted(receivers, key=lambda receiver: receiver.id):
        if receiver.active and receiver.lead:
            leading.setdefault(receiver.lead, []).append(receiver.id)
    return {lead: ids for lead, ids in leading.items() if len(ids) > 1}
