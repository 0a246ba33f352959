"""The gaps as a table that German Excel opens with a double click."""

import csv
import io
from collections.abc import Iterable, Iterator

from services.matching.gaps import MEASURES, Cell, TopicGaps
from services.matching.words import Language
from shared.topics import TOPICS

_BOM = "\ufeff"
"""Without it Excel does not see that this is UTF-8."""
_HEAD = ("level", "topic_id", "topic", "state", "chamber", *MEASURES, "hidden")


def as_csv(rows: Iterable[TopicGaps], language: Language) -> str:
    """One line for each topic in all of Germany, in each state and in each chamber's district with enquiries.

    A hidden number is an empty field; the column ``hidden`` names those.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(_HEAD)
    for row in rows:
        writer.writerows(_lines(row, language))
    return _BOM + text.getvalue()


def _lines(row: TopicGaps, language: Language) -> Iterator[list[str | int | None]]:
    topic = (row.topic, TOPICS[row.topic].label(language) if row.topic in TOPICS else row.topic)
    yield ["country", *topic, "", "", *_numbers(row.cell)]
    for state, of_state in row.states.items():
        yield ["state", *topic, state, "", *_numbers(of_state.cell)]
        for chamber, cell in of_state.chambers.items():
            yield ["chamber", *topic, state, chamber, *_numbers(cell)]


def _numbers(cell: Cell) -> list[str | int | None]:
    numbers = {measure: getattr(cell, measure) for measure in MEASURES}
    hidden = ", ".join(measure for measure, number in numbers.items() if number.hidden)
    return [*(number.told for number in numbers.values()), hidden]
