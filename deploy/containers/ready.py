"""Asks the service of this container whether it can serve requests: the image's health check.

Imports next to nothing, because it is run every few seconds.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException

_PORTS = ("8000", "8001", "8002")
_SECONDS = 4.0
_OK = 200


def problem(ports: tuple[str, ...]) -> str | None:
    """None when what listens on the first of these ports that is open says that it is ready, else what is wrong."""
    said = f"nothing listens on {' or '.join(ports)}"
    for port in ports:
        connection = HTTPConnection("127.0.0.1", int(port), timeout=_SECONDS)
        try:
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            body = answer.read(2000).decode(errors="replace")
        except ConnectionRefusedError:
            continue
        except (OSError, HTTPException) as error:
            return f"port {port}: {error or type(error).__name__}"
        finally:
            connection.close()
        return None if answer.status == _OK else f"{answer.status} {body}"
    return said


if __name__ == "__main__":
    given = os.environ.get("WEGWEISER_PORT")
    sys.exit(problem((given,) if given else _PORTS))
