"""Makes ready what the services find when they start: secrets, topics and indexes, somebody to refer enquiries to.

Safe to repeat: secrets that are there stay, and only an empty directory gets the sample.
"""

import os
import secrets
import sys
from pathlib import Path

from deploy.local import provision

_MADE = ("WEGWEISER_SECRET_FILE", "WEGWEISER_COORDINATOR_TOKEN_FILE")


def make_secret(path: Path) -> bool:
    """Write a random value that only this user may read, if there is none; says whether it did."""
    if path.exists():
        return False
    unfinished = path.with_name(f".{path.name}")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(32))
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    return True


def main() -> None:
    """Exit code 1, and a sentence, when something cannot be made."""
    for variable in _MADE:
        path = Path(os.environ[variable])
        print(f"{path}: {'made' if make_secret(path) else 'there'}")
    provision.topics_and_indexes(os.environ)
    print("Topics and indexes: there")
    loaded = provision.sample_directory(os.environ)
    print("Directory: the sample was loaded, because it was empty" if loaded else "Directory: left as it is")


if __name__ == "__main__":
    try:
        main()
    except (provision.CannotProvision, OSError) as problem:
        sys.exit(str(problem))
