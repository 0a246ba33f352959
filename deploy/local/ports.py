"""Which ports are free, and who has one that is not."""

import random
import socket

import psutil

_BELOW_THE_EPHEMERAL = range(20_000, 32_000)
"""A port of the range that connections start from could be taken by a client while its server is down."""


def is_free(port: int) -> bool:
    """Whether a server can listen on this port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(number: int) -> list[int]:
    """So many different ports that were free just now."""
    candidates = random.sample(_BELOW_THE_EPHEMERAL, 200 + number)
    return [port for port in candidates if is_free(port)][:number]


def who_listens_on(port: int) -> str | None:
    """The process that has a port, for people; nothing if it is not ours to see."""
    try:
        connections = psutil.net_connections(kind="tcp")
        for connection in connections:
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port
            if listens and connection.pid:
                return f"{psutil.Process(connection.pid).name()}, process {connection.pid}"
    except (psutil.Error, OSError):
        return None
    return None
