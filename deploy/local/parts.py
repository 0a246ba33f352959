"""The servers the stack is made of: how each is configured and started in a folder, and how to know that it is ready.

Used by ``make run`` (under supervisor) and by the tests (each on free ports), so that both run the same servers.
"""

import base64
import shutil
import subprocess
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.local import fetch
from deploy.local.answers import http_answers, kafka_answers, mongodb_answers, smtp_answers


@dataclass(frozen=True, slots=True)
class Part:
    """A server: the command that runs it, and whether it is ready."""

    name: str
    command: tuple[str, ...]
    ready: Callable[[], bool]
    folder: Path | None = None
    """Where it has to run; if none, anywhere."""


class CannotStart(Exception):
    """A server could not be made ready to start; the message says why."""


_KAFKA = """\
# Written at each start; what to change is in deploy/local/parts.py.
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=data
# Topics are provisioned, never made by accident.
auto.create.topics.enable=false
num.partitions=12
log.retention.hours=720
log.segment.bytes=67108864
# One node: nobody to replicate to.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=5
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
# Groups form at once, members may fall silent for only a short time, and a commit waits for no other.
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=500
group.coordinator.append.linger.ms=0
# A broker that was killed may register again this soon (the default is 9 seconds).
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
"""

_PROPERTIES = "server.properties"
_LOG = "log4j2.properties"
"""Names without their folder, which Java would read in its own way: Kafka runs in it."""

_KAFKA_LOG = """\
status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %-5p %m (%c{1})%n
rootLogger.level = info
rootLogger.appenderRef.out.ref = out
"""

# Kafka on a developer's machine starts and ends often and does little: quick start goes before peak speed.
_JAVA_OPTIONS = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError")


def _java(*options: str) -> tuple[str, ...]:
    """The start of a command line that runs a class of Kafka's."""
    jars = ":".join(str(jar) for jar in sorted(fetch.KAFKA.folder.glob("*.jar")))
    return ("env", "LC_ALL=C.UTF-8", str(fetch.java()), *_JAVA_OPTIONS, *options, "-cp", jars)


def kafka(folder: Path, port: int, controller_port: int, *java_options: str) -> Part:
    """Apache Kafka, one node that is broker and controller; its log in ``folder`` outlives it. Raises `CannotStart`.

    Needs `fetch.KAFKA` and `fetch.JAVA`. The controller's port is part of what is stored.
    """
    folder.mkdir(parents=True, exist_ok=True)
    configuration = _KAFKA.format(port=port, controller_port=controller_port)
    (folder / _PROPERTIES).write_text(configuration, encoding="ascii")
    (folder / _LOG).write_text(_KAFKA_LOG, encoding="ascii")
    java_options = (*java_options, f"-Dlog4j2.configurationFile={_LOG}")
    if not (folder / "data" / "meta.properties").exists():
        _format(folder, java_options)
    return Part("kafka", (*_java(*java_options), "kafka.Kafka", _PROPERTIES), lambda: kafka_answers(port), folder)


def _format(folder: Path, java_options: tuple[str, ...]) -> None:
    shutil.rmtree(folder / "data", ignore_errors=True)  # begun, and broken off
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    tool = (*_java(*java_options), "kafka.tools.StorageTool", "format", "--standalone")
    command = (*tool, f"--cluster-id={cluster}", "--config", _PROPERTIES)
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        message = f"Kafka's storage could not be prepared: {(answer.stderr or answer.stdout).strip()[-500:]}"
        raise CannotStart(message)


def mongod(folder: Path, port: int) -> Part:
    """MongoDB, one node without a replica set; its data in ``folder`` outlives it. Raises `fetch.CannotFetch`."""
    data = folder.absolute() / "data"
    data.mkdir(parents=True, exist_ok=True)
    where = ("--dbpath", str(data), "--bind_ip", "127.0.0.1", "--port", str(port), "--nounixsocket")
    size = ("--wiredTigerCacheSizeGB", "0.25", "--setParameter", "diagnosticDataCollectionEnabled=false")
    return Part("mongodb", (str(fetch.mongod()), *where, *size), lambda: mongodb_answers(port))


def maildump(folder: Path, smtp_port: int, page_port: int) -> Part:
    """The mail catcher, with a page and a REST API; its mails in ``folder`` outlive it. Needs `fetch.MAILDUMP`."""
    folder.mkdir(parents=True, exist_ok=True)
    python = str(fetch.MAILDUMP.folder / "bin" / "python")
    program = (
        python,
        "-W",
        "ignore",
        "-c",
        "from maildump_runner.main import main; main()",
        "--foreground",
        "--no-quit",
    )
    ports = (
        "--smtp-ip",
        "127.0.0.1",
        "--smtp-port",
        str(smtp_port),
        "--http-ip",
        "127.0.0.1",
        "--http-port",
        str(page_port),
    )
    database = ("--db", str(folder.absolute() / "mails.sqlite"))
    return Part(
        "mail",
        (*program, *ports, *database),
        lambda: smtp_answers(smtp_port) and http_answers(f"http://127.0.0.1:{page_port}/messages/"),
    )
