"""The baselines' own environment, ``.venv-bench``: pinned and hashed, made when it is missing or out of date."""

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".venv-bench"
PYTHON = FOLDER / "bin" / "python"
_REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def make() -> None:
    """Install what the baselines are made of, unless it is there already."""
    stamp, wanted = FOLDER / "made-for", hashlib.sha256(_REQUIREMENTS.read_bytes()).hexdigest()
    if stamp.exists() and PYTHON.exists() and stamp.read_text(encoding="ascii") == wanted:
        return
    sys.stderr.write("Making .venv-bench for the baselines ...\n")
    subprocess.run([sys.executable, "-m", "venv", "--clear", FOLDER], check=True)
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-deps", "--require-hashes"]
    subprocess.run([*pip, "--only-binary", ":all:", "--requirement", _REQUIREMENTS], check=True)
    stamp.write_text(wanted, encoding="ascii")
