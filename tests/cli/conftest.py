"""The command line as people run it, against real servers under a namespace of the test's own."""

import os
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from typer.testing import CliRunner

from deploy.cli.app import app


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    said: str


@pytest.fixture
def wegweiser() -> Callable[..., Ended]:
    """Run ``wegweiser`` with these arguments and environment."""

    def run(*arguments: object, **environment: str) -> Ended:
        settings = {f"WEGWEISER_{name.upper()}": value for name, value in environment.items()}
        ended = CliRunner().invoke(app, [str(argument) for argument in arguments], env={**os.environ, **settings})
        if ended.exception is not None and not isinstance(ended.exception, SystemExit):
            raise ended.exception
        return Ended(ended.exit_code, ended.stdout, ended.stderr)

    return run
