"""How well enquiries without a tick are understood: ``make evaluate`` judges by the examples nothing was trained on.

Prints a report and writes it to ``report.json``, by which a test notices when the matching gets worse.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from deploy.learning.examples import Example, to_judge_by
from services.matching.decide import TRIAGE, Decision, Facts, decision_for
from services.matching.directory_file import load
from services.matching.features import plainly
from services.matching.model import learned
from services.matching.ruleset_file import packaged
from services.matching.snapshot import Snapshot
from services.matching.topics import added_by_words
from shared.topics import TOPICS

REPORT = Path(__file__).parent / "report.json"
TARGETS = ("regional", "nord", "ost", "sued", "west", TRIAGE)

_AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
_POSTAL_CODE = "01067"
_BINS = 10
_WORST = 15
_SHOWN = 90
"""Letters of a text that are printed."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one example."""

    example: Example
    decision: Decision

    @property
    def clear(self) -> float:
        """How likely the target was said to be."""
        return self.decision.about.clear

    @property
    def real(self) -> bool:
        """Whether it is an enquiry at all."""
        return self.example.labels[0] in TOPICS

    @property
    def expected(self) -> str:
        """Where it belongs."""
        return _lead_of(self.example.labels[0])

    @property
    def right(self) -> bool:
        """Whether it goes there."""
        return self.decision.target == self.expected

    @property
    def acceptable(self) -> bool:
        """Whether it goes there, or, of two topics, where the other one belongs."""
        return self.decision.target in {_lead_of(label) for label in self.example.labels}


def _lead_of(label: str) -> str:
    return packaged().topics[label].lead if label in TOPICS else TRIAGE


def judged(examples: Sequence[Example]) -> list[Judged]:
    """What would be decided for each example, by the packaged sample directory."""
    directory = Snapshot(load((files("deploy") / "sample" / "directory.yaml").read_bytes()))
    return [
        Judged(
            example,
            decision_for(
                Facts(f"example {number}", _POSTAL_CODE, None, example.trade, "de", (), example.text),
                directory,
                packaged(),
                _AT,
            ),
        )
        for number, example in enumerate(track(examples, "Deciding", console=Console(stderr=True), transient=True))
    ]


def report_on(cases: Sequence[Judged]) -> dict[str, Any]:
    """Accuracies from 0 to 1, in all; what is counted, and how often."""
    real, off = [case for case in cases if case.real], [case for case in cases if not case.real]
    sent = [case for case in real if case.decision.target != TRIAGE]
    return {
        "examples": {"real": len(real), "not_for_us": len(off)},
        "right_target": _share([case.right for case in real]),
        "acceptable_target": _share([case.acceptable for case in real]),
        "right_topic": _share([case.decision.topics[0].id in case.example.labels for case in real]),
        "in_triage_by_mistake": _share([case.decision.target == TRIAGE for case in real]),
        "not_for_us_in_triage": _share([case.right for case in off]),
        "of_each_kind_in_triage": {
            kind: _share([case.right for case in off if case.example.labels[0] == kind])
            for kind in sorted({case.example.labels[0] for case in off})
        },
        "expected_calibration_error": _calibration_error(sent),
        "right_topic_by": _contributions([case.example for case in real]),
        "went_to": {
            expected: dict(Counter(case.decision.target for case in cases if case.expected == expected).most_common())
            for expected in TARGETS
        },
    }


def _share(yes: Sequence[bool]) -> float:
    return round(sum(yes) / len(yes), 4) if yes else 0.0


def _calibration_error(cases: Sequence[Judged]) -> float:
    """By how much the said probability of the target is off, on average over ten bins."""
    bins: dict[int, list[Judged]] = {}
    for case in cases:
        bins.setdefault(min(int(case.clear * _BINS), _BINS - 1), []).append(case)
    gaps = (abs(sum(case.right - case.clear for case in some)) for some in bins.values())
    return round(sum(gaps) / len(cases), 4) if cases else 0.0


def _contributions(examples: Sequence[Example]) -> dict[str, float]:
    """How often each part alone, and then together, finds a right topic."""
    model = learned()
    right: Counter[str] = Counter()
    for example in examples:
        reading = model.read(example.text, example.trade)
        words = added_by_words(model.classes, packaged().vocabulary.spoken(reading.plain, plainly(example.trade)))
        for name, scores in {
            "how it is written": reading.written,
            "what words mean": reading.meant,
            "both": reading.written + reading.meant,
            "the network's words": words,
            "all": reading.written + reading.meant + words,
        }.items():
            best = max(TOPICS, key=model.likely(scores).__getitem__)
            right[name] += best in example.labels and bool(np.ptp(scores) > 0)
    return {name: round(times / len(examples), 4) for name, times in right.items()}


def _print(report: dict[str, Any], cases: Sequence[Judged]) -> None:
    console = Console()
    figures = Table("What", "Share", title="{real} enquiries, {not_for_us} others".format(**report["examples"]))
    for name, value in report.items():
        if isinstance(value, float):
            figures.add_row(name.replace("_", " "), f"{value:.1%}")
    for name, share in (report["right_topic_by"] | report["of_each_kind_in_triage"]).items():
        figures.add_row(f"  {name}", f"{share:.1%}")
    console.print(figures)
    where = Table("belongs to", *(f"→ {target}" for target in TARGETS), title="Where they went")
    for expected, went in report["went_to"].items():
        where.add_row(expected, *(str(went.get(target, "")) for target in TARGETS))
    console.print(where)
    worst = Table("belongs to", "went to", "sure", "text", title="The surest mistakes")
    wrong = [case for case in cases if not case.acceptable]
    for case in sorted(wrong, key=lambda case: -case.clear)[:_WORST]:
        text = " ".join(case.example.text.split())[:_SHOWN]
        said = case.decision.reasons[0] if case.decision.target == TRIAGE else case.decision.topics[0].id
        worst.add_row(case.example.labels[0], said, f"{case.clear:.2f}", text)
    console.print(worst)


def main() -> None:
    """Judge, print and write the report."""
    cases = judged(to_judge_by())
    report = report_on(cases)
    _print(report, cases)
    REPORT.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
