"""Takes a file of enquiries to the API, each line once, however often it is interrupted."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from deploy.cli.ends import BadUsage, ServerAway
from deploy.cli.files import Entry, entries
from deploy.cli.flaws import BadLine, Language, field_at, in_field
from deploy.cli.sent_lines import SentLines, key_of

_SIDE_BY_SIDE = 8
_REQUEST_TIMEOUT_S = 15.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 8.0
_ACCEPTED = 202
_REFUSED = frozenset({400, 409, 413, 415, 422})
_NOT_NOW = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Sent:
    """A line that the API has taken."""

    line: int
    reference: str
    status_url: str
    received_at: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that cannot be read, or that the API will never take, and why."""

    line: int
    problems: tuple[str, ...]


@dataclass(slots=True)
class Result:
    """What became of the lines of a file."""

    sent: list[Sent] = field(default_factory=list)
    before: int = 0
    """Lines that an earlier run had sent."""
    refused: list[Refused] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tell:
    """Whom to tell while it goes on."""

    advanced: Callable[[], None] = lambda: None
    """One more line has come to its end."""
    refused: Callable[[Refused], None] = lambda _: None
    waiting: Callable[[str], None] = lambda _: None
    """The API does not answer just now: a sentence."""


async def send(
    path: Path,
    url: str,
    *,
    rate: float | None = None,
    again: bool = False,
    patience_s: float = 30.0,
    tell: Tell | None = None,
    language: Language = "en",
) -> Result:
    """Submit every line to the API at ``url``, at most ``rate`` of them a second.

    What was sent is noted beside the file and passed over by the next run, unless ``again``. A line that is sent twice
    all the same carries the same key, and the API answers with the same reference. While the API is away, it is tried
    again with growing pauses. ``language``: in which it is said what is wrong with a line.

    Raises ``ServerAway`` when no request succeeded for ``patience_s`` seconds, or when it is not Wegweiser's API that
    answers; ``BadFile``; ``BadUsage`` for what is no address.
    """
    tell = tell or Tell()
    notes = SentLines(path, url)
    known = frozenset[str]() if again else notes.keys()
    result = Result()
    waiting = entries(path)
    pace = _Pace(rate)
    async with httpx.AsyncClient(timeout=_REQUEST_TIMEOUT_S) as client:
        api = _Api(client, f"{url.rstrip('/')}/api/v1/enquiries", patience_s, tell.waiting, language)

        async def take_what_waits() -> None:
            for entry in waiting:
                key = key_of(path, entry)
                if key in known:
                    result.before += 1
                elif isinstance(entry.document, BadLine):
                    _refuse(Refused(entry.line, tuple(flaw.said(language) for flaw in entry.document.flaws)))
                else:
                    await pace.turn()
                    answer = await api.submit(entry, key)
                    if isinstance(answer, Sent):
                        notes.remember(key, entry.line, answer.reference)
                        result.sent.append(answer)
                    else:
                        _refuse(answer)
                tell.advanced()

        def _refuse(refused: Refused) -> None:
            result.refused.append(refused)
            tell.refused(refused)

        with notes:
            await _side_by_side(take_what_waits)
    result.sent.sort(key=lambda sent: sent.line)
    result.refused.sort(key=lambda refused: refused.line)
    return result


async def _side_by_side(work: Callable[[], Any]) -> None:
    """Do the work several times at once; the first failure ends all, and is raised as itself."""
    tasks = [asyncio.create_task(work()) for _ in range(_SIDE_BY_SIDE)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Pace:
    """Gives turns, at most so many a second."""

    def __init__(self, rate: float | None) -> None:
        self._interval = 1 / rate if rate else 0.0
        self._next = time.monotonic()

    async def turn(self) -> None:
        now = time.monotonic()
        mine = max(now, self._next)
        self._next = mine + self._interval
        if mine > now:
            await asyncio.sleep(mine - now)


class _Api:
    """intake's API, asked for as long as there is hope."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        address: str,
        patience_s: float,
        waiting: Callable[[str], None],
        language: Language,
    ) -> None:
        self._client = client
        self._address = address
        self._patience_s = patience_s
        self._waiting = waiting
        self._language = language
        self._succeeded = time.monotonic()
        self._said_until = 0.0

    async def submit(self, entry: Entry, key: str) -> Sent | Refused:
        """The API's answer to an enquiry. Raises ``ServerAway``."""
        content = json.dumps(entry.document).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": key, "Accept-Language": self._language}
        for pause in _pauses():
            reason, pause_asked = "", 0.0
            try:
                answer = await self._client.post(self._address, content=content, headers=headers)
            except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
                raise BadUsage(f"{self._address} is no address: {error}. Name it with --url.") from error
            except httpx.TransportError as error:
                reason = str(error) or type(error).__name__
            else:
                if answer.status_code not in _NOT_NOW:
                    self._succeeded = time.monotonic()
                    return self._understood(entry, answer)
                reason, pause_asked = f"it says {answer.status_code}", _retry_after(answer)
            await self._wait(max(pause, min(pause_asked, _LONGEST_PAUSE_S)), reason)
        raise AssertionError("there is always another pause")

    def _understood(self, entry: Entry, answer: httpx.Response) -> Sent | Refused:
        body = _json(answer)
        if answer.status_code == _ACCEPTED and "reference" in body:
            given = (str(body.get(name, "")) for name in ("reference", "status_url", "received_at"))
            return Sent(entry.line, *given)
        if answer.status_code in _REFUSED:
            return Refused(entry.line, _problems(answer, body))
        raise ServerAway(
            f"{self._address} answers {answer.status_code}, as Wegweiser would not. Name the address of its form with "
            "--url or WEGWEISER_PUBLIC_URL."
        )

    async def _wait(self, pause: float, reason: str) -> None:
        silent = time.monotonic() - self._succeeded
        if silent + pause > self._patience_s:
            raise ServerAway(
                f"{self._address} has not answered for {silent:.0f} s ({reason}). Start it, and run the same command "
                "again: it goes on where it stopped."
            )
        if time.monotonic() >= self._said_until:  # once for all who wait at the same time
            self._said_until = time.monotonic() + pause
            self._waiting(f"{self._address} does not answer ({reason}); trying again in {pause:.1f} s.")
        await asyncio.sleep(pause)


def _pauses() -> Iterator[float]:
    pause = _FIRST_PAUSE_S
    while True:
        yield pause
        pause = min(pause * 2, _LONGEST_PAUSE_S)


def _retry_after(answer: httpx.Response) -> float:
    """The seconds that the API asks to wait; dates are not understood."""
    seconds = answer.headers.get("Retry-After", "")
    return float(seconds) if seconds.isdecimal() else 0.0


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _problems(answer: httpx.Response, body: dict[str, Any]) -> tuple[str, ...]:
    errors = body.get("errors")
    named = [
        in_field(field_at(str(error.get("pointer", "")).split("/")[1:]), str(error.get("detail") or error.get("code")))
        for error in (errors if isinstance(errors, list) else ())
        if isinstance(error, dict)
    ]
    return tuple(named) or (str(body.get("detail") or body.get("title") or f"the API says {answer.status_code}"),)
