"""The examples of enquiries, and what an adviser would say each is about."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Example:
    """What a firm might type, and what it is about."""

    labels: tuple[str, ...]
    """One or two topics by id, the more important one first; or the one kind of what is not for us: ``off:press``."""
    trade: str
    text: str


def to_learn_from() -> list[Example]:
    """What the model is trained on."""
    return list(_read("examples"))


def to_judge_by() -> list[Example]:
    """What no training and no tuning sees."""
    return list(_read("evaluation"))


def _read(folder: str) -> Iterator[Example]:
    for file in sorted((HERE / folder).glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield Example(tuple(row["topics"]) or (f"off:{row['kind']}",), row["trade"], row["text"])
