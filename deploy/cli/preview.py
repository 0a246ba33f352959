"""``wegweiser preview``: what would be decided for each enquiry of a file, without servers."""

import json
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from rich.progress import Progress

from deploy.cli.ends import BadUsage, SomeFailed, errors
from deploy.cli.files import Document, count, read
from services.matching.decide import Facts, decision_for, summary
from services.matching.directory_file import load
from services.matching.ruleset import Ruleset
from services.matching.ruleset_file import load as load_rules
from services.matching.ruleset_file import packaged
from services.matching.snapshot import Snapshot
from shared.times import SystemClock
from shared.topics import TOPICS


class _Business(BaseModel):
    model_config = ConfigDict(strict=True)

    postal_code: str = Field(pattern=r"^[0-9]{5}$")
    place: str | None = None
    trade: str = ""


class _Enquiry(BaseModel):
    """Of an enquiry document what a decision needs; the rest may be missing, wrong or more."""

    model_config = ConfigDict(strict=True)

    business: _Business
    topics: list[str] = []
    text: str = ""
    language: Literal["de", "en"] = "de"

    @field_validator("topics")
    @classmethod
    def _exist(cls, topics: list[str]) -> list[str]:
        unknown = [topic for topic in topics if topic not in TOPICS]
        if unknown:
            raise ValueError(f"there is no topic {', '.join(unknown)}")
        return topics


def preview(
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, readable=True, show_default=False, help="JSON Lines or CSV."),
    ],
    *,
    directory: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, readable=True, help="YAML; the packaged sample if not given."),
    ] = None,
    rules: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, readable=True, help="YAML; the packaged ruleset if not given."),
    ] = None,
) -> None:
    """Print what would be decided for each enquiry of a file, as JSON Lines, without servers; nothing is stored.

    Of several advisors of one chamber an enquiry's reference chooses, which it gets when it is sent: here its line
    number stands in for it. A line that cannot be read is printed with an "error", and the exit code is 1.
    """
    snapshot = Snapshot(load(_directory(directory)))
    ruleset = load_rules(_bytes(rules)) if rules else packaged()
    failed = False
    for line, document in _watched(file):
        answer = _answer(line, document, snapshot, ruleset)
        failed = failed or "error" in answer
        print(json.dumps({"line": line} | answer, ensure_ascii=False))
    if failed:
        raise SomeFailed


def _watched(file: Path) -> Iterator[tuple[int, Document | ValueError]]:
    """The file's enquiries, with a progress bar where the answers do not scroll through the same terminal."""
    hidden = sys.stdout.isatty()
    with Progress(console=errors, transient=True, redirect_stdout=False, disable=hidden) as bar:
        yield from bar.track(read(file), total=count(file), description="Deciding")


def _directory(path: Path | None) -> bytes:
    return (files("deploy") / "sample" / "directory.yaml").read_bytes() if path is None else _bytes(path)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadUsage(f"{path} cannot be read: {error.strerror}.") from error


def _answer(line: int, document: Document | ValueError, snapshot: Snapshot, rules: Ruleset) -> dict[str, Any]:
    if isinstance(document, ValueError):
        return {"error": str(document)}
    try:
        enquiry = _Enquiry.model_validate(document)
    except ValidationError as error:
        return {"error": "; ".join(f"{_field(flaw['loc'])}: {flaw['msg']}" for flaw in error.errors())}
    business = enquiry.business
    facts = Facts(
        reference=f"line {line}",
        postal_code=business.postal_code,
        place=business.place,
        trade=business.trade,
        language=enquiry.language,
        ticked=tuple(enquiry.topics),
        text=enquiry.text,
    )
    return summary(decision_for(facts, snapshot, rules, SystemClock().now()))


def _field(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location)) or "the line"
