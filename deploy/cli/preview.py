"""``wegweiser preview``: what would be decided for each enquiry of a file, without servers."""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.progress import Progress

from deploy.cli.ends import BadUsage, SomeFailed, errors
from deploy.cli.files import Document, count, read
from deploy.cli.flaws import BadLine, Flaw, flaws_of, in_line
from services.matching.changes import Change, sentence
from services.matching.counterfactual import what_if
from services.matching.decide import Decision, Facts, decision_for, summary
from services.matching.directory_file import load
from services.matching.document import EnquiryDocument
from services.matching.explain import Language
from services.matching.explain import explain as explained
from services.matching.record import record
from services.matching.rule_book import percent
from services.matching.ruleset import Ruleset
from services.matching.ruleset_file import load as load_rules
from services.matching.ruleset_file import packaged
from services.matching.snapshot import Snapshot
from services.matching.topics import Guess
from shared.times import SystemClock
from shared.topics import TOPICS


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
    full: Annotated[
        bool,
        typer.Option(
            "--full",
            help="Also what was understood, everybody considered with their scores, who cannot be asked and why, "
            "explanations, and what would have led elsewhere.",
        ),
    ] = False,
    explain: Annotated[
        Language | None, typer.Option(show_default=False, help="For people instead: sentences in German or English.")
    ] = None,
) -> None:
    """Print what would be decided for each enquiry of a file, as JSON Lines, without servers; nothing is stored.

    Of several advisors of one chamber an enquiry's reference chooses, which it gets when it is sent: here its line
    number stands in for it. A line that cannot be read is printed with an "error" that names all its "flaws", and the
    exit code is 1.
    """
    if full and explain:
        raise BadUsage("--full is for programs and --explain for people: choose one.")
    setting = _Setting(Snapshot(load(_directory(directory))), load_rules(_bytes(rules)) if rules else packaged())
    failed = False
    for line, document in _watched(file):
        answer = setting.answer(line, document, explain, full=full)
        failed = failed or "error" in answer
        print(_in_words(line, answer) if explain else json.dumps({"line": line} | answer, ensure_ascii=False))
    if failed:
        raise SomeFailed


def _watched(file: Path) -> Iterator[tuple[int, Document | BadLine]]:
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


@dataclass(frozen=True, slots=True)
class _Setting:
    """With what is decided."""

    snapshot: Snapshot
    rules: Ruleset

    def answer(
        self, line: int, document: Document | BadLine, language: Language | None, *, full: bool
    ) -> dict[str, Any]:
        """What is printed about one line. ``language``: of the ``sentences`` for people, instead of all else."""
        try:
            decision = decision_for(_facts(line, document), self.snapshot, self.rules, SystemClock().now())
        except BadLine as bad:
            if language:
                return {"error": in_line(line, [flaw.said(language) for flaw in bad.flaws], language)}
            return {"error": str(bad), "flaws": [_told(flaw) for flaw in bad.flaws]}
        if language:
            return {"sentences": _sentences(decision, what_if(decision, self.snapshot, self.rules), language)}
        return record(decision, what_if(decision, self.snapshot, self.rules)) if full else summary(decision)


def _facts(line: int, document: Document | BadLine) -> Facts:
    """What a line says. Raises ``BadLine``."""
    if isinstance(document, BadLine):
        raise document
    try:
        return EnquiryDocument.model_validate({**document, "reference": f"line {line}"}).facts()
    except ValidationError as error:
        raise BadLine(*flaws_of(error)) from error


def _sentences(decision: Decision, changes: Iterable[Change], language: Language) -> list[str]:
    first = decision.candidates[0].receiver if decision.candidates else None
    about = "; ".join(_about(guess, language) for guess in decision.topics)
    what_else = (f"- {sentence(change, language)}" for change in changes)
    where = decision.target if first in {None, decision.target} else f"{decision.target}, {first}"
    return [f"{where} ({about})", explained(decision, language), *what_else]


def _about(guess: Guess, language: Language) -> str:
    """A topic; of one that was guessed also how likely it is, and the words that spoke for it."""
    label, words = TOPICS[guess.id].label(language), ", ".join(guess.words)
    return f"{label}, {percent(guess.p, language)}: {words}" if words else label


def _told(flaw: Flaw) -> dict[str, Any]:
    return {"field": flaw.field, "sentence": {"de": flaw.sentence("de"), "en": flaw.sentence("en")}}


def _in_words(line: int, answer: dict[str, Any]) -> str:
    if "error" in answer:
        return f"{answer['error']}\n"
    first, *others = answer["sentences"]
    return "\n".join((f"{line}: {first}", *(f"   {other}" for other in others), ""))
