"""What runs on this machine, on which ports, and what it is told, worked out from the environment."""

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

SERVICES = ("intake", "matching", "notify")
_SESSION_TIMEOUT_MS = 5_000
"""Here processes are killed by hand, and somebody waits for what happens next."""


class BadPort(Exception):
    """A port that is no number from 1 to 65535, or that two have been given."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Each is changed by ``WEGWEISER_<NAME>_PORT``."""

    intake: int = 8000
    matching: int = 8001
    notify: int = 8002
    kafka: int = 9092
    kafka_controller: int = 9093
    mongodb: int = 27017
    smtp: int = 1025
    mail: int = 1080

    @staticmethod
    def variable(name: str) -> str:
        """The variable that changes a port."""
        return f"WEGWEISER_{name.upper()}_PORT"


@dataclass(frozen=True, slots=True)
class Stack:
    """A plan: ``ours`` are the servers to start, and ``settings`` what the services are told."""

    ports: Ports
    ours: frozenset[str]
    settings: Mapping[str, str]

    def used_ports(self) -> dict[str, int]:
        """The ports that the stack needs for itself, by name."""
        needs = {"kafka": ("kafka", "kafka_controller"), "mongodb": ("mongodb",), "mail": ("smtp", "mail")}
        names: Iterable[str] = (*SERVICES, *(port for server in sorted(self.ours) for port in needs[server]))
        return {name: getattr(self.ports, name) for name in names}

    def address_of(self, name: str) -> str:
        """The address of a service, for its probes."""
        return f"http://127.0.0.1:{getattr(self.ports, name)}"

    def addresses(self) -> dict[str, str]:
        """What people open, by what it is."""
        settings = self.settings
        pages = {
            "Enquiry form": f"{settings['WEGWEISER_PUBLIC_URL']}/",
            "in English": f"{settings['WEGWEISER_PUBLIC_URL']}/en",
            "Triage": f"{settings['WEGWEISER_DESK_URL']}/triage?token={settings['WEGWEISER_COORDINATOR_TOKEN']}",
        }
        return pages | ({"Mails": f"{settings['WEGWEISER_MAIL_URL']}/"} if "mail" in self.ours else {})

    def environment_file(self, mark: str) -> str:
        """What a shell sources to talk to this stack. ``mark``: whose variables these are."""
        lines = [f"export {name}={shlex.quote(value)}" for name, value in sorted(self.settings.items())]
        return "\n".join(
            [
                "# Source this, and .venv/bin/wegweiser talks to the stack that wrote it.",
                *lines,
                f"export {_MARK}={shlex.quote(mark)}",
                "",
            ]
        )


_MARK = "WEGWEISER_STACK"
"""Says that the variables beside it are from a stack's own ``environment`` file, and name no server of others."""


def planned(environment: Mapping[str, str], *, secret: str, token: str, mark: str) -> Stack:
    """The stack that this environment asks for. Raises `BadPort`."""
    given = {name: value for name, value in environment.items() if name.startswith("WEGWEISER_") and value}
    if given.pop(_MARK, None) == mark:
        given = {name: value for name, value in given.items() if name.endswith("_PORT")}
    ports = _ports(given)
    servers = {"kafka": "WEGWEISER_KAFKA_URL", "mongodb": "WEGWEISER_MONGODB_URL", "mail": "WEGWEISER_SMTP_URL"}
    ours = frozenset(server for server, variable in servers.items() if variable not in given)
    defaults = {
        "WEGWEISER_KAFKA_URL": f"127.0.0.1:{ports.kafka}",
        "WEGWEISER_MONGODB_URL": f"mongodb://127.0.0.1:{ports.mongodb}",
        "WEGWEISER_SMTP_URL": f"smtp://127.0.0.1:{ports.smtp}",
        "WEGWEISER_PUBLIC_URL": f"http://localhost:{ports.intake}",
        "WEGWEISER_DESK_URL": f"http://localhost:{ports.matching}",
        "WEGWEISER_NOTIFY_URL": f"http://localhost:{ports.notify}",
        "WEGWEISER_MAIL_URL": f"http://localhost:{ports.mail}",
        "WEGWEISER_MAIL_FROM": "wegweiser@example.org",
        "WEGWEISER_COORDINATORS": "koordination@example.org",
        "WEGWEISER_SESSION_TIMEOUT_MS": str(_SESSION_TIMEOUT_MS),
        "WEGWEISER_SECRET": secret,
        "WEGWEISER_COORDINATOR_TOKEN": token,
    }
    return Stack(ports, ours, defaults | given)


def _ports(given: Mapping[str, str]) -> Ports:
    chosen: dict[str, int] = {}
    for field in fields(Ports):
        variable = Ports.variable(field.name)
        text = given.get(variable)
        if text is None:
            continue
        if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):  # noqa: PLR2004
            raise BadPort(f"{variable} is {text!r}: a port is a number from 1 to 65535.")
        chosen[field.name] = int(text)
    ports = Ports(**chosen)
    by_port: dict[int, str] = {}
    for field in fields(Ports):
        port = getattr(ports, field.name)
        if port in by_port:
            raise BadPort(
                f"{Ports.variable(by_port[port])} and {Ports.variable(field.name)} are both {port}: each needs its own."
            )
        by_port[port] = field.name
    return ports
