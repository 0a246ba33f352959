"""How a command ends: exit code 0, all went well; 1, some items failed; 2, usage or a bad file; 3, a server is away."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from pydantic import ValidationError
from rich.console import Console

from deploy.cli.files import BadFile
from deploy.cli.setup import TopicsRefused
from services.matching.receivers import UnknownVersion
from services.matching.rulesets import UnknownRuleset, VersionTaken
from services.matching.yaml_document import BadDocument
from shared.kafka import KafkaAway
from shared.mongo import Unavailable

errors = Console(stderr=True, highlight=False, soft_wrap=True)
"""For people; what programs read goes to standard output."""


class BadUsage(Exception):
    """The command was called in a way that means nothing; the message says how to call it."""


class ServerAway(Exception):
    """A server does not answer; the message names it, and says what to do."""


class SomeFailed(Exception):
    """The command ran, and some items failed or do not balance; without a message they were named already."""


_SOME_FAILED, _BAD_USAGE, _AWAY, _INTERRUPTED = 1, 2, 3, 130
_CODES: dict[type[BaseException], int] = {
    SomeFailed: _SOME_FAILED,
    TopicsRefused: _SOME_FAILED,
    BadUsage: _BAD_USAGE,
    BadFile: _BAD_USAGE,
    BadDocument: _BAD_USAGE,
    UnknownRuleset: _BAD_USAGE,
    UnknownVersion: _BAD_USAGE,
    VersionTaken: _BAD_USAGE,
    ValidationError: _BAD_USAGE,
    ServerAway: _AWAY,
    Unavailable: _AWAY,
    KafkaAway: _AWAY,
    KeyboardInterrupt: _INTERRUPTED,
}


def said(sentence: object) -> None:
    """Tell a person, on standard error, exactly this."""
    errors.print(str(sentence), markup=False)


@contextmanager
def exit_codes() -> Iterator[None]:
    """Turn what can go wrong into a clear sentence and the exit code that stands for it."""
    try:
        yield
    except tuple(_CODES) as error:
        sentence = _sentence(error)
        if sentence:
            said(sentence)
        raise typer.Exit(next(code for kind, code in _CODES.items() if isinstance(error, kind))) from error


def _sentence(error: BaseException) -> str:
    match error:
        case ValidationError():
            return "\n".join(f"{_variable(problem['loc'])}: {problem['msg']}." for problem in error.errors())
        case Unavailable():
            return f"MongoDB does not answer ({_short(error)}). Start it, or set WEGWEISER_MONGODB_URL."
        case KafkaAway():
            return f"Kafka does not answer ({_short(error)}). Start it, or set WEGWEISER_KAFKA_URL."
        case _:
            return str(error)


def _variable(location: tuple[int | str, ...]) -> str:
    return "_".join(("WEGWEISER", *map(str, location))).upper()


def _short(error: Exception) -> str:
    """What a driver says, without its account of every server and time-out."""
    return str(error).split(" (configured timeouts")[0].split(", Timeout:")[0][:150] or type(error).__name__
