"""What a fresh stack needs before its services start: topics, indexes, and somebody to refer enquiries to."""

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import yaml

from deploy.local.state import ROOT

_WEGWEISER = str(Path(sys.executable).with_name("wegweiser"))
SAMPLE = ROOT / "deploy" / "sample" / "directory.yaml"


class CannotProvision(Exception):
    """``wegweiser`` refused; the message is what it said."""


def topics_and_indexes(environment: Mapping[str, str]) -> None:
    """Raises `CannotProvision`."""
    _wegweiser(environment, "setup")


def sample_directory(environment: Mapping[str, str]) -> bool:
    """Load the sample into an empty directory, and into no other; says whether it did. Raises `CannotProvision`."""
    with tempfile.TemporaryDirectory() as scratch:
        exported = Path(scratch) / "directory.yaml"
        _wegweiser(environment, "directory", "export", str(exported))
        if (yaml.safe_load(exported.read_text(encoding="utf-8")) or {}).get("receivers"):
            return False
    _wegweiser(environment, "directory", "import", str(SAMPLE))
    return True


def _wegweiser(environment: Mapping[str, str], *arguments: str) -> None:
    command = [_WEGWEISER, *arguments]
    answer = subprocess.run(
        command, cwd=ROOT, env=dict(environment), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if answer.returncode != 0:
        said = (answer.stderr.strip() or answer.stdout.strip())[-2000:]
        raise CannotProvision(f"wegweiser {' '.join(arguments)} ended with {answer.returncode}:\n{said}")
