"""How answers leave, through a real server and through a transport that notes what it is told."""

import asyncio

import httpx
import uvicorn
from starlette.responses import PlainTextResponse, StreamingResponse

from shared.wire import Protocol, _Joining

LONG = "x" * 500_000


class Noting:
    """A transport that notes."""

    def __init__(self):
        self.told = []

    def write(self, data):
        self.told.append(data)

    def close(self):
        self.told.append("close")

    def is_closing(self):
        return False


async def test_what_is_written_in_one_turn_leaves_in_one_piece():
    noting = Noting()
    joining = _Joining(noting)
    joining.write(b"head")
    joining.write(b"body")
    await asyncio.sleep(0)
    joining.write(b"next")
    await asyncio.sleep(0)
    assert noting.told == [b"headbody", b"next"]


async def test_what_was_written_leaves_before_the_end():
    noting = Noting()
    joining = _Joining(noting)
    joining.write(b"last")
    joining.close()
    await asyncio.sleep(0)
    assert noting.told == [b"last", "close"]
    assert joining.is_closing() is False


async def app(scope, receive, send):
    async def pieces():
        for _ in range(5):
            yield LONG
            await asyncio.sleep(0)

    answers = {
        "/short": PlainTextResponse("x"),
        "/long": PlainTextResponse(LONG),
        "/pieces": StreamingResponse(pieces()),
    }
    await answers[scope["path"]](scope, receive, send)


async def test_answers_of_any_length_arrive_whole():
    server = uvicorn.Server(uvicorn.Config(app, port=0, http=Protocol, lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        answers = [len((await client.get(path)).content) for path in ("/short", "/long", "/pieces", "/short")]
        closed = await client.get("/long", headers={"Connection": "close"})
    server.should_exit = True
    await serving
    assert answers == [1, len(LONG), 5 * len(LONG), 1]
    assert (len(closed.content), closed.headers["connection"]) == (len(LONG), "close")
