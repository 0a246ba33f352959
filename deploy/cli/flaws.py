"""What is wrong with a line of a file of enquiries, in German and English: each flaw with its field."""

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from services.matching.yaml_document import did_you_mean
from shared.topics import TOPICS

Language = Literal["de", "en"]

_SENTENCES: dict[str, dict[Language, str]] = {
    "not_utf8": {
        "de": "Diese Zeile ist nicht UTF-8. Speichern Sie die Datei mit der Kodierung UTF-8.",
        "en": "This line is not UTF-8. Save the file with the encoding UTF-8.",
    },
    "not_json": {
        "de": "Das ist kein JSON: Ab Zeichen {at} ist es nicht zu verstehen.",
        "en": "This is not JSON: from character {at} on it cannot be understood.",
    },
    "not_json_at_all": {
        "de": "Das ist kein JSON, das sich lesen lässt.",
        "en": "This is not JSON that can be read.",
    },
    "not_an_object": {
        "de": "Das ist kein JSON-Objekt. Schreiben Sie eine Anfrage je Zeile, in geschweiften Klammern: {{...}}.",
        "en": "This is not a JSON object. Write one enquiry a line, in braces: {{...}}.",
    },
    "not_csv": {
        "de": "Das ist kein CSV: Ein Anführungszeichen wird nicht oder zu früh geschlossen.",
        "en": "This is not CSV: a quotation mark is not closed, or closed too early.",
    },
    "cells": {
        "de": "Diese Zeile hat {has} Felder, die Kopfzeile {wanted}. Steht ein Trennzeichen im Text, setzen Sie ihn in "
        'Anführungszeichen: "...".',
        "en": "This line has {has} cells, the header has {wanted}. Where a text holds the separator, put it in "
        'quotation marks: "...".',
    },
    "half_character": {
        "de": "Hier steht ein halbes Zeichen ({written}), das es allein nicht gibt. Löschen Sie es oder tippen Sie das "
        "Zeichen neu ein.",
        "en": "There is half of a character in here ({written}), which is nothing by itself. Remove it, or type the "
        "character in again.",
    },
    "missing": {"de": "Diese Angabe fehlt.", "en": "This is missing."},
    "postal_code": {
        "de": "'{written}' ist keine Postleitzahl. Sie hat fünf Ziffern, zum Beispiel 01067.",
        "en": "'{written}' is no postal code. It has five digits, for example 01067.",
    },
    "no_text": {
        "de": 'Hier gehört ein Text hin, in Anführungszeichen: "...".',
        "en": 'A text is expected here, in quotation marks: "...".',
    },
    "no_list": {
        "de": 'Hier gehört eine Liste hin, zum Beispiel ["e_rechnung"].',
        "en": 'A list is expected here, for example ["e_rechnung"].',
    },
    "no_object": {
        "de": "Hier gehören Felder in geschweiften Klammern hin: {{...}}.",
        "en": "Fields in braces are expected here: {{...}}.",
    },
    "unknown_topic": {
        "de": "Das Thema '{written}' gibt es nicht.{gemeint}",
        "en": "There is no topic '{written}'.{meant}",
    },
    "language": {"de": "Möglich ist: de, en.", "en": "Possible: de, en."},
    "otherwise": {"de": "Das ist hier nicht möglich.", "en": "This is not possible here."},
}
_HALF = re.compile(r"[\ud800-\udfff]")
_LONGEST = 40
_WHERE: dict[Language, str] = {"de": "Zeile", "en": "line"}


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong with a line."""

    field: str
    """``business.postal_code``; empty for the line as a whole."""
    code: str
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)
    """What its sentence names."""

    def said(self, language: Language) -> str:
        """The field, and what is wrong with it."""
        return in_field(self.field, self.sentence(language))

    def sentence(self, language: Language) -> str:
        """What is wrong, and what to do."""
        return _SENTENCES[self.code][language].format(**self.values)


class BadLine(ValueError):
    """A line that cannot be taken, with all its flaws."""

    def __init__(self, *flaws: Flaw) -> None:
        super().__init__(" ".join(flaw.said("en") for flaw in flaws))
        self.flaws = flaws


def in_field(field: str, sentence: str) -> str:
    """What is wrong with a field, or with the line as a whole."""
    return f"{field}: {sentence}" if field else sentence


def in_line(line: int, flaws: Iterable[str], language: Language) -> str:
    """Each flaw with its line, for people."""
    return "\n".join(f"{_WHERE[language]} {line}: {flaw}" for flaw in flaws)


def field_at(location: Iterable[int | str]) -> str:
    """``business.postal_code``, ``topics[0]``."""
    parts = (f"[{part}]" if isinstance(part, int) or part.isdecimal() else f".{part}" for part in location)
    return "".join(parts).removeprefix(".")


def half_characters(document: Any, path: str = "") -> Iterator[Flaw]:
    """Each field that holds half of a character, which can neither be sent nor printed."""
    if isinstance(document, str):
        if half := _HALF.search(document):
            yield Flaw(path, "half_character", {"written": _printable(half[0])})
    elif isinstance(document, dict):
        for name, value in document.items():
            inside = ".".join(filter(None, (path, _printable(name))))
            if half := _HALF.search(name):
                yield Flaw(inside, "half_character", {"written": _printable(half[0])})
            yield from half_characters(value, inside)
    elif isinstance(document, list):
        for number, item in enumerate(document):
            yield from half_characters(item, f"{path}[{number}]")


def flaws_of(error: ValidationError) -> tuple[Flaw, ...]:
    """What is wrong with a document for a decision."""
    return tuple(flaw for failure in error.errors() for flaw in _flaws(failure))


_CODES = {
    "missing": "missing",
    "string_type": "no_text",
    "string_pattern_mismatch": "postal_code",
    "list_type": "no_list",
    "model_type": "no_object",
    "model_attributes_type": "no_object",
    "literal_error": "language",
}


def _flaws(failure: ErrorDetails) -> Iterator[Flaw]:
    field, written = field_at(failure["loc"]), failure["input"]
    if field == "topics" and failure["type"] == "value_error":
        for number, topic in enumerate(written):
            if topic not in TOPICS:
                meant = did_you_mean(topic, TOPICS)
                german = meant.replace("Did you mean", "Meinten Sie")
                yield Flaw(f"topics[{number}]", "unknown_topic", {"written": topic, "meant": meant, "gemeint": german})
    else:
        yield Flaw(field, _CODES.get(failure["type"], "otherwise"), {"written": str(written)[:_LONGEST]})


def _printable(text: str) -> str:
    return _HALF.sub(lambda half: f"\\u{ord(half[0]):04x}", text)
