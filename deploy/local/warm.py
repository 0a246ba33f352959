"""Teaches Java once which of Kafka's classes to load, so that Kafka starts in 1.3 seconds instead of 4 (JEP 514).

``python -m deploy.local.warm`` fetches what the tests start, and shows how that goes.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from deploy.local import fetch, parts
from deploy.local.ports import free_ports

_CACHE = "classes.aot"
_SECONDS_TO_START = 60
_SECONDS_TO_STORE = 120


def _make(folder: Path) -> None:
    """Start Kafka in a folder that is thrown away, and let Java write down at its end what it loaded."""
    with tempfile.TemporaryDirectory() as scratch:
        port, controller_port = free_ports(2)
        option = f"-XX:AOTCacheOutput={folder / _CACHE}"
        parts.kafka(Path(scratch), port, controller_port)  # its storage is prepared without writing anything down
        part = parts.kafka(Path(scratch), port, controller_port, option)
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(part.command, cwd=part.folder, stdin=quiet, stdout=quiet, stderr=quiet)
        try:
            deadline = time.monotonic() + _SECONDS_TO_START
            while not part.ready() and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.1)
            process.terminate()
            process.wait(_SECONDS_TO_STORE)
        except subprocess.TimeoutExpired:
            return  # slower starts, and nothing else
        finally:
            process.kill()
            process.wait()


CLASSES = fetch.Part(
    "kafka-classes", f"{fetch.KAFKA.version}-{fetch.JAVA.version}", "Apache Kafka's quick start", 68, _make
)


def fetch_kafka() -> None:
    """Everything that Kafka needs here. Raises `fetch.CannotFetch`."""
    fetch.fetch(fetch.JAVA, fetch.KAFKA, CLASSES)


def options() -> tuple[str, ...]:
    """The Java options that make use of it, if it is there."""
    cache = CLASSES.folder / _CACHE
    return (f"-XX:AOTCache={cache}",) if cache.exists() else ()


if __name__ == "__main__":
    try:
        fetch.mongod()
        fetch_kafka()
    except fetch.CannotFetch as problem:
        sys.exit(str(problem))
