"""A small API that answers as intake does, told beforehand what to answer; and real ports to serve it on."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Literal

import uvicorn

Answer = tuple[int, dict[str, Any]]


class Api:
    """Takes every enquiry, unless told otherwise; remembers what it was sent."""

    def __init__(self) -> None:
        self.url = ""
        self.taken: dict[str, dict[str, Any]] = {}
        """By key."""
        self.requests = 0
        self.next_answers: list[Answer] = []
        self.refuses: dict[str, Answer] = {}
        """What it answers to enquiries with this text."""

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        status, answer = self._answer(scope, body)
        headers = [(b"content-type", b"application/json"), (b"retry-after", b"0")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    def _answer(self, scope: dict[str, Any], body: bytes) -> Answer:
        self.requests += 1
        if (scope["method"], scope["path"]) != ("POST", "/api/v1/enquiries"):
            return 404, {"title": "Not found"}
        if self.next_answers:
            return self.next_answers.pop(0)
        document = json.loads(body)
        if document.get("text") in self.refuses:
            return self.refuses[document["text"]]
        key = dict(scope["headers"])[b"idempotency-key"].decode()
        self.taken[key] = document
        reference = f"WW-{key[:4]}-{key[4:8]}-{key[8:12]}".upper()
        return 202, {"reference": reference, "status_url": "http://x/status/t", "received_at": "2026-11-23T08:00:00Z"}


@asynccontextmanager
async def serving(app: Any, lifespan: Literal["on", "off"] = "off") -> AsyncIterator[str]:
    """Serve an ASGI application on a free port of this machine; gives its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan=lifespan))
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await running


@contextmanager
def serving_aside(app: Any) -> Iterator[str]:
    """The same, in a thread of its own, for commands that bring their own event loop."""
    address: Future[str] = Future()
    over = threading.Event()

    async def serve() -> None:
        async with serving(app) as url:
            address.set_result(url)
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        yield address.result(10)
    finally:
        over.set()
        thread.join()
