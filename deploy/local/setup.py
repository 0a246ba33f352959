"""Makes ``.venv``: pinned, hashed, and quickly done when nothing changed. ``python3 -m deploy.local.setup [dev]``.

Runs on the system's Python, before anything is installed: it imports the standard library only.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this line is for those who have an older one
    sys.exit(
        "Wegweiser needs Python 3.11 or newer, and this is {}.{}: install a newer one, or name it "
        "(make PYTHON=python3.12 ...).".format(*sys.version_info)
    )

import fcntl
import hashlib
import re
import subprocess
from pathlib import Path

from deploy.local.pip_trouble import explain

_ROOT = Path(__file__).resolve().parents[2]
_VENV = _ROOT / ".venv"
_PYTHON = _VENV / "bin" / "python"
_REQUIREMENTS = {"run": "requirements-local.txt", "dev": "requirements-dev.txt"}
_INCLUDES = {"run": ("run",), "dev": ("dev", "run")}


def main(kind: str = "run") -> None:
    """Make the environment for ``run`` (the stack) or ``dev`` (tests and checks too)."""
    if _is_made(kind):
        return
    _VENV.mkdir(exist_ok=True)
    with (_VENV / "lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _is_made(kind):
            return
        _make_venv()
        _install(kind)
        for made in _INCLUDES[kind]:
            _stamp_file(made).write_text(_stamp(made), encoding="ascii")


def _stamp(kind: str) -> str:
    """Changes when what is to be installed, or the folder it is installed for, does."""
    files = [_ROOT / "pyproject.toml", _ROOT / _REQUIREMENTS[kind]]
    return hashlib.sha256(b"\0".join([str(_ROOT).encode(), *(file.read_bytes() for file in files)])).hexdigest()


def _stamp_file(kind: str) -> Path:
    return _VENV / f"made-for-{kind}"


def _is_made(kind: str) -> bool:
    stamp = _stamp_file(kind)
    return stamp.exists() and _PYTHON.exists() and stamp.read_text(encoding="ascii") == _stamp(kind)


def _belongs_elsewhere() -> bool:
    """Whether this environment was made for another folder, or for a Python that is gone."""
    home = _VENV / "made-in"
    return not _PYTHON.exists() or (home.exists() and home.read_text(encoding="utf-8") != str(_ROOT))


def _make_venv() -> None:
    if not _belongs_elsewhere():
        return
    _say("Making .venv ...")
    answer = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(_VENV)], capture_output=True, text=True, check=False
    )
    said = answer.stdout + answer.stderr
    if "No space left" in said:
        sys.exit(f"The disk of {_ROOT} is full. Make room and try again.")
    if answer.returncode != 0:
        sys.exit(
            f"Python's venv does not work here: install it (Debian, Ubuntu: apt-get install python3-venv). It said: "
            f"{said.strip().splitlines()[-1] if said.strip() else answer.returncode}"
        )
    (_VENV / "made-in").write_text(str(_ROOT), encoding="utf-8")


def _install(kind: str) -> None:
    requirements = _ROOT / _REQUIREMENTS[kind]
    number = len(re.findall(r"^\S+==", requirements.read_text(encoding="utf-8"), re.MULTILINE))
    pip = [str(_PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "--retries", "2", "install"]
    exact = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--progress-bar", "off"]
    _say(f"Installing {number} pinned packages into .venv ...")
    _run_pip([*pip, *exact, "--requirement", str(requirements)], number)
    itself = ["--no-deps", "--no-build-isolation", "--no-index", "--force-reinstall", "--editable", str(_ROOT)]
    _run_pip([*pip, *itself], 1)


def _run_pip(command: list[str], number: int) -> None:
    """Run pip, counting on a terminal what it has come to."""
    said: list[str] = []
    seen = 0
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=_ROOT
    ) as pip:
        for line in pip.stdout or ():
            said.append(line)
            if line.startswith(("Collecting ", "Requirement already satisfied")):
                seen += 1
                _count(f"{seen} of {number}")
            elif line.startswith("Installing collected"):
                _count("unpacking")
    _count("")
    if pip.returncode != 0:
        sys.exit(
            explain("".join(said), "what Wegweiser is made of", "Use Python 3.11, 3.12 or 3.13 on Linux or macOS.")
        )


def _count(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        sys.exit(f"Cannot make .venv: {error.strerror or error} ({error.filename or _ROOT}).")
