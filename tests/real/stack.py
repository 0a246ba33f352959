"""The three services as processes of their own, on real servers: started, killed and started again."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from deploy.local import parts
from deploy.local.answers import http_answers
from deploy.local.ports import free_ports
from shared import mongo
from tests.parts import Server, starter

PORTS_OF = ("intake", "matching", "notify")
TOKEN = "coordinators-only"
SESSION_TIMEOUT_MS = 3_000


class Process(Server):
    """One process of a service."""

    def __init__(self, folder: Path, service: str, port: int, environment: dict[str, str]) -> None:
        self.service = service
        self.url = f"http://127.0.0.1:{port}"
        settings = [f"{name}={value}" for name, value in {**environment, "WEGWEISER_PORT": str(port)}.items()]
        command = ("env", *settings, sys.executable, "-m", f"services.{service}")
        super().__init__(folder, lambda: parts.Part(service, command, lambda: http_answers(f"{self.url}/readyz")))

    def start_soon(self) -> None:
        """Start, and do not wait."""
        self._part = self._part or self._make()
        self._process = starter.submit(self._run, self._part.command).result()


class Stack:
    """Wegweiser on given servers, under a namespace of its own."""

    def __init__(self, folder: Path, namespace: str, *, kafka: str, mongodb: str, smtp: str, **settings: str) -> None:
        self.folder = folder
        self.namespace = namespace
        ports = dict(zip(PORTS_OF, free_ports(len(PORTS_OF)), strict=True))
        self.urls = {service: f"http://127.0.0.1:{port}" for service, port in ports.items()}
        self.environment = {
            "WEGWEISER_KAFKA_URL": kafka,
            "WEGWEISER_MONGODB_URL": mongodb,
            "WEGWEISER_SMTP_URL": smtp,
            "WEGWEISER_NAMESPACE": namespace,
            "WEGWEISER_SECRET": "only-for-tests",
            "WEGWEISER_COORDINATOR_TOKEN": TOKEN,
            "WEGWEISER_COORDINATORS": "koordination@example.org",
            "WEGWEISER_MAIL_FROM": "wegweiser@example.org",
            "WEGWEISER_REPLY_TO": "kontakt@example.org",
            "WEGWEISER_PUBLIC_URL": self.urls["intake"],
            "WEGWEISER_DESK_URL": self.urls["matching"],
            "WEGWEISER_SESSION_TIMEOUT_MS": str(SESSION_TIMEOUT_MS),
            "WEGWEISER_LOG_FORMAT": "json",
        } | {f"WEGWEISER_{name.upper()}": value for name, value in settings.items()}
        self.processes: dict[str, Process] = {}
        self._ports = ports

    def wegweiser(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the command ``wegweiser`` against this stack."""
        command = [Path(sys.executable).parent / "wegweiser", *arguments]
        environment = {**os.environ, **self.environment}
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert not check or ran.returncode == 0, ran.stdout + ran.stderr
        return ran

    def setup(self) -> None:
        """Topics, indexes and the sample directory."""
        with ThreadPoolExecutor(2) as at_once:
            imported = at_once.submit(self.wegweiser, "directory", "import", "deploy/sample/directory.yaml")
            self.wegweiser("setup")
            imported.result()

    def process(self, service: str, name: str | None = None) -> Process:
        """A process of this service; a second one has a name and a port of its own."""
        name = name or service
        if name not in self.processes:
            port = self._ports[service] if name == service else free_ports(1)[0]
            self.processes[name] = Process(self.folder / name, service, port, self.environment)
        return self.processes[name]

    def start(self, *services: str) -> "Stack":
        """Start these services (all three by default) and wait until they are ready."""
        processes = [self.process(service) for service in services or PORTS_OF]
        for process in processes:
            process.start_soon()
        for process in processes:
            process.wait_until_ready()
        return self

    def end(self) -> None:
        """Kill what still runs."""
        for process in self.processes.values():
            process.kill()

    # --- what people and programs do ---------------------------------------------------------------------------------

    async def post(self, n: int, client: httpx.AsyncClient, **changes: Any) -> httpx.Response:
        """Send enquiry number ``n`` by the API, again and again until it is confirmed."""
        headers = {"Idempotency-Key": f"{self.namespace}{n}", "Content-Type": "application/json"}
        body = json.dumps(an_enquiry(n, **changes))
        while True:
            with suppress(httpx.TransportError):
                answer = await client.post(f"{self.urls['intake']}/api/v1/enquiries", content=body, headers=headers)
                if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
                    return answer
            await asyncio.sleep(0.2)

    async def post_many(
        self, numbers: range, at_once: int = 16, meanwhile: Callable[[int], None] | None = None
    ) -> list[str]:
        """Send many; their references. ``meanwhile`` is called with the count after each confirmation."""
        references: list[str] = []
        gate = asyncio.Semaphore(at_once)

        async def one(n: int, client: httpx.AsyncClient) -> None:
            async with gate:
                answer = await self.post(n, client)
            references.append(answer.json()["reference"])
            if meanwhile is not None:
                meanwhile(len(references))

        async with httpx.AsyncClient(timeout=20) as client:
            await asyncio.gather(*(one(n, client) for n in numbers))
        return references

    async def count(self, database: str, collection: str, query: dict[str, Any]) -> int:
        """How many documents of a collection are like this."""
        client = mongo.connect(self.environment["WEGWEISER_MONGODB_URL"], "motor")
        try:
            return int(await client[f"{self.namespace}{database}"][collection].count_documents(query))
        finally:
            await mongo.close(client)

    async def documents(self, database: str, collection: str) -> dict[str, dict[str, Any]]:
        """All documents of a collection, by id."""
        client = mongo.connect(self.environment["WEGWEISER_MONGODB_URL"], "motor")
        try:
            cursor = client[f"{self.namespace}{database}"][collection].find()
            return {document["_id"]: document async for document in cursor}
        finally:
            await mongo.close(client)


def an_enquiry(n: int = 1, **changes: Any) -> dict[str, Any]:
    """An enquiry as a program sends it; valid, and about a topic that the regional advisors lead."""
    return {
        "business": {"name": f"Tischlerei {n}", "trade": "Tischler", "postal_code": "01067", "place": "Dresden"},
        "contact": {"name": "Büro", "email": f"betrieb{n}@example.org", "phone": "+49 351 000000"},
        "topics": ["e_rechnung"],
        "text": f"Wir möchten unsere Rechnungen künftig elektronisch stellen, Anfrage {n}.",
        "language": "de",
        "consent": True,
    } | changes


async def until(condition: Callable[[], Any], timeout: float = 60, every: float = 0.1) -> Any:
    """Wait until the condition (a function, plain or async) holds; what it gave."""
    async with asyncio.timeout(timeout):
        while True:
            held = condition()
            if asyncio.iscoroutine(held):
                held = await held
            if held:
                return held
            await asyncio.sleep(every)
