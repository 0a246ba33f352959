"""``FILE.progress`` remembers which lines of a file were sent, and where to: the next run goes on from there."""

import hashlib
import json
from pathlib import Path
from typing import Any, Self, TextIO

from deploy.cli.files import BadFile, Entry


def key_of(path: Path, entry: Entry) -> str:
    """The ``Idempotency-Key`` of a line: the same line of the same file always has the same."""
    text = "\0".join((path.name, str(entry.line), entry.text))
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()


class SentLines:
    """The notes beside a file, one line of JSON for each line that was sent to the API at ``url``."""

    def __init__(self, path: Path, url: str) -> None:
        self._file = path.with_name(f"{path.name}.progress")
        self._url = url
        self._open: TextIO | None = None

    def keys(self) -> frozenset[str]:
        """The keys of the lines that were sent to this address before. Raises ``BadFile``."""
        try:
            noted = self._file.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return frozenset()
        except OSError as error:
            raise BadFile(f"{self._file} cannot be read: {error.strerror}.") from error
        notes = map(_note, noted)
        return frozenset(str(note.get("key")) for note in notes if note.get("url") == self._url)

    def remember(self, key: str, line: int, reference: str) -> None:
        """Note that this line was sent, at once."""
        if self._open is None:
            raise RuntimeError("notes are taken inside a with block")
        note = {"line": line, "key": key, "reference": reference, "url": self._url}
        self._open.write(json.dumps(note) + "\n")
        self._open.flush()

    def __enter__(self) -> Self:
        try:
            cut_off = self._file.exists() and not self._file.read_bytes().endswith(b"\n")
            self._open = self._file.open("a", encoding="utf-8")
        except OSError as error:
            where = f"{self._file} cannot be written: {error.strerror}."
            raise BadFile(f"{where} Copy the file to a folder where you may write, and send that.") from error
        if cut_off:
            self._open.write("\n")
        return self

    def __exit__(self, *_: object) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


def _note(line: str) -> dict[str, Any]:
    """A line of the notes; one that a crash cut off says nothing."""
    try:
        note = json.loads(line)
    except ValueError:
        return {}
    return note if isinstance(note, dict) else {}
