from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from deploy.containers.ready import problem
from deploy.containers.setup import make_secret
from deploy.local.ports import free_ports


class Answers(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/readyz" else 404)
        self.end_headers()
        self.wfile.write(b"MongoDB does not answer")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), type("Own", (Answers,), {})) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_service_that_serves_is_well(service: HTTPServer) -> None:
    assert problem((str(service.server_port),)) is None


def test_of_several_ports_the_one_that_is_open_is_asked(service: HTTPServer) -> None:
    (closed,) = free_ports(1)
    assert problem((str(closed), str(service.server_port))) is None


def test_a_service_that_is_not_ready_says_why(service: HTTPServer) -> None:
    service.RequestHandlerClass.status = 503  # type: ignore[attr-defined]
    assert problem((str(service.server_port),)) == "503 MongoDB does not answer"


def test_where_nothing_listens_nothing_is_well() -> None:
    (closed,) = free_ports(1)
    assert problem((str(closed),)) == f"nothing listens on {closed}"


def test_a_secret_is_made_once_and_for_one_user(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    made = [make_secret(path), path.read_text(encoding="ascii"), make_secret(path), path.read_text(encoding="ascii")]
    assert made == [True, made[1], False, made[1]]
    assert (len(made[1]), path.stat().st_mode & 0o777) == (43, 0o400)
