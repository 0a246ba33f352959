"""``wegweiser rules``: the rules of matching, from a YAML file into matching's database, and into force."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

import typer

from deploy.cli.days import beginning_of, day
from deploy.cli.ends import BadUsage, said
from deploy.cli.files import BadFile
from deploy.cli.rehearse import as_json as report_as_json
from deploy.cli.rehearse import page as rehearsal_page
from deploy.cli.rehearse import rehearsed
from deploy.cli.rehearse import show as show_report
from deploy.cli.replay import history
from deploy.cli.settings import OperatorSettings
from services.matching.rehearsal import Report
from services.matching.rule_book import book as rule_book
from services.matching.rule_book import changes, named
from services.matching.ruleset import LEADS, Ruleset
from services.matching.ruleset_file import load, packaged, packaged_text
from services.matching.rulesets import Activation, Kept, Rehearsed, Rulesets, UnknownRuleset, rulesets_of
from services.matching.yaml_document import BadDocument
from shared.service import Service
from shared.times import SystemClock

app = typer.Typer(no_args_is_help=True, help="The rules by which it is decided who helps, as a YAML file.")

YamlFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, show_default=False)]
_WHICH = "a file, a version, 'active' (the rules in force) or 'packaged' (those that come with the program)"
Which = Annotated[str, typer.Argument(help=f"{_WHICH[0].upper()}{_WHICH[1:]}.")]
By = Annotated[str, typer.Option("--by", help="Who you are.", show_default=False)]
Language = Annotated[Literal["de", "en"], typer.Option(help="The language of what is for people.")]

_REHEARSED = timedelta(days=90)
_ACTIVE, _PACKAGED = "active", "packaged"


@app.command()
def check(file: YamlFile) -> None:
    """Check a file, naming every flaw with its line and field; nothing is stored."""
    rules = load(_bytes(file))
    words = sum(len(topic.words.strong) for topic in rules.topics.values())
    hints = sum(len(topic.words.weak) for topic in rules.topics.values())
    led = ", ".join(f"{named([lead], 'en')} {len(rules.led_by[lead])}" for lead in LEADS)
    print(f"{rules.version}: {len(rules.topics)} topics with {words} words and {hints} hints; led by {led}")


@app.command()
def diff(
    old: Annotated[str, typer.Argument(show_default=False, help=f"What they were: {_WHICH}.")],
    new: Annotated[str, typer.Argument(help="What they become, likewise.")] = _ACTIVE,
    *,
    language: Language = "en",
) -> None:
    """Say in sentences what changes from one ruleset to another. Files and 'packaged' need no server."""
    before, after = map(_read, (old, new), asyncio.run(_files(old, new)))
    different = changes(before, after, language)
    for sentence in different:
        print(sentence.replace("**", ""))
    if not different:
        said("Nothing changes: both say the same.")


@app.command()
def propose(
    file: YamlFile,
    *,
    by: By,
    why: Annotated[str, typer.Option("--why", help="What is better with these rules.", show_default=False)],
) -> None:
    """Keep a file's rules under their version, for ever; they are not in force yet. Safe to repeat.

    A file with flaws is not kept.
    """
    raw = _bytes(file)
    load(raw)
    kept = asyncio.run(_propose(raw.decode("utf-8-sig"), _given("--by", by), _given("--why", why)))
    print(_line(kept))
    said(f"What they would have changed: wegweiser rules rehearse {kept.version}")
    said(f"To put them into force after that: wegweiser rules activate {kept.version} --by ...")


@app.command()
def activate(
    version: Annotated[
        str, typer.Argument(show_default=False, help="A version that 'list' names, or 'packaged' (see below).")
    ],
    *,
    by: By,
    why: Annotated[str | None, typer.Option("--why", help="Why now.", show_default=False)] = None,
    unrehearsed: Annotated[bool, typer.Option("--unrehearsed", help="Even if nobody tried them on the past.")] = False,
) -> None:
    """Put rules that were proposed into force: in all processes within seconds, for what is decided from then on.

    Rules that were never in force are rehearsed first: 'wegweiser rules rehearse VERSION'. 'packaged' goes back to the
    rules that came with this version of the program. They stay in force also when a later version brings others.
    """
    reason = None if why is None else _given("--why", why)
    kept = asyncio.run(_activate(version, _given("--by", by), reason, unrehearsed=unrehearsed))
    print(f"{kept.version} is in force")


@app.command()
def rehearse(
    which: Annotated[str, typer.Argument(show_default=False, help=f"The new rules: {_WHICH}.")],
    *,
    since: Annotated[
        date | None, typer.Option(parser=day, metavar="DAY", help="From which day on; else 90 days.")
    ] = None,
    page: Annotated[Path | None, typer.Option(dir_okay=False, help="Also write this page with charts.")] = None,
    language: Language = "en",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
) -> None:
    """Try rules on the past: what would have been decided, in order, with all that follows from it.

    Capacity fills differently, so later cases move too. Nothing is changed; that proposed rules were rehearsed is kept.
    """
    now = SystemClock().now()
    begin = beginning_of(since) if since else now - _REHEARSED
    if begin > now:
        raise BadUsage(f"--since lies ahead: on {since} nothing has been decided yet. Name a day that has begun.")
    rules, report = asyncio.run(_rehearse(which, begin))
    if page is not None:
        try:
            page.write_text(rehearsal_page(report, rules, begin, now, language), encoding="utf-8")
        except OSError as error:
            raise BadFile(f"{page} cannot be written: {error.strerror}.") from error
    if as_json:
        print(report_as_json(report))
    else:
        show_report(report, language)


@app.command("list")
def list_() -> None:
    """Name all rules that were ever proposed, with who and why; '*' marks those in force."""
    active, kept = asyncio.run(_all())
    for one in kept:
        print(f"{'*' if one.version == active else ' '} {_line(one)}")


@app.command()
def show(which: Which = _ACTIVE) -> None:
    """Print rules as the YAML file they were proposed as: save it to start a change from."""
    (raw,) = asyncio.run(_files(which))
    print(raw.decode("utf-8-sig", "replace"), end="")


@app.command()
def book(which: Which = _ACTIVE, *, language: Language = "de") -> None:
    """Print the rule book: what the rules say, in plain sentences (Markdown). Files and 'packaged' need no server."""
    (raw,) = asyncio.run(_files(which))
    print(rule_book(_read(which, raw), language), end="")


async def _rehearse(which: str, since: datetime) -> tuple[Ruleset, Report]:
    async with history() as kept:
        rules = await _rules(kept.rulesets, which)
        report = await rehearsed(kept, rules, since)
        await kept.rulesets.rehearsed(rules.version, since, report.decisions, report.changed)
        return rules, report


async def _rules(rulesets: Rulesets, which: str) -> Ruleset:
    """What is kept keeps its version, also where this program would give it another one."""
    raw = _here(which)
    return _read(which, raw) if raw else (await _kept(rulesets, which)).ruleset()


async def _propose(text: str, by: str, why: str) -> Kept:
    async with _rulesets() as rulesets:
        return await rulesets.propose(text, by, why)


async def _activate(which: str, by: str, why: str | None, *, unrehearsed: bool) -> Kept:
    version = packaged().version if which == _PACKAGED else which
    async with _rulesets() as rulesets:
        kept = await rulesets.get(version)
        if kept and not (kept.rehearsals or kept.activations or version == packaged().version or unrehearsed):
            raise BadUsage(
                f"Nobody has tried these rules on the past. First: wegweiser rules rehearse {version}. "
                "To put them into force all the same: --unrehearsed."
            )
        return await rulesets.activate(version, by, why)


async def _all() -> tuple[str, tuple[Kept, ...]]:
    async with _rulesets() as rulesets:
        return await rulesets.active_version(), await rulesets.listed()


async def _files(*which: str) -> list[bytes]:
    """The YAML file of each; asks the database only for what is nowhere else."""
    here = [_here(one) for one in which]
    if all(here):
        return [raw for raw in here if raw]
    async with _rulesets() as rulesets:
        return [raw or (await _kept(rulesets, one)).text.encode() for one, raw in zip(which, here, strict=True)]


def _here(which: str) -> bytes | None:
    """What needs no server, else None."""
    if which in {_PACKAGED, packaged().version}:
        return packaged_text().encode()
    if which != _ACTIVE and (Path(which).exists() or Path(which).suffix in {".yaml", ".yml"}):
        return _bytes(Path(which))
    return None


async def _kept(rulesets: Rulesets, which: str) -> Kept:
    version = await rulesets.active_version() if which == _ACTIVE else which
    kept = await rulesets.get(version)
    if kept is None:
        raise UnknownRuleset(version)
    return kept


@asynccontextmanager
async def _rulesets() -> AsyncIterator[Rulesets]:
    service = Service("matching", OperatorSettings())
    try:
        yield rulesets_of(service)
    finally:
        await service.stop()


def _line(kept: Kept) -> str:
    proposed = f"proposed {kept.proposed_at:%Y-%m-%d %H:%M} UTC by {kept.proposed_by}: {kept.why}"
    tried = map(_rehearsed, kept.rehearsals[-1:])
    return "; ".join((f"{kept.version} {proposed}", *tried, *map(_activated, kept.activations)))


def _rehearsed(rehearsed: Rehearsed) -> str:
    changed = f"{rehearsed.changed} of {rehearsed.decisions} decisions would have changed"
    return f"rehearsed {rehearsed.at:%Y-%m-%d %H:%M} UTC: {changed}"


def _activated(activation: Activation) -> str:
    activated = f"activated {activation.at:%Y-%m-%d %H:%M} UTC by {activation.by}"
    return f"{activated}: {activation.why}" if activation.why else activated


def _given(option: str, text: str) -> str:
    """What was given, in one line, so that nobody is named by a blank."""
    if not text.strip():
        raise BadUsage(f"{option} is empty: write who or what, so that others can ask.")
    return " ".join(text.split())


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadFile(f"{file} cannot be read: {error.strerror}.") from error


def _read(which: str, raw: bytes) -> Ruleset:
    try:
        return load(raw)
    except BadDocument as flaws:
        raise BadFile(f"{which} has flaws:\n{flaws}") from flaws
