"""Sends the sample enquiries through the running stack, and shows what became of each: ``make demo``."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from deploy.cli.app import submit
from deploy.cli.ends import ServerAway, SomeFailed, errors, exit_codes, said
from deploy.cli.files import entries
from deploy.cli.sending import Sent
from deploy.cli.settings import OperatorSettings
from services.matching.reasons import worded

SAMPLE = Path(__file__).parents[1] / "sample" / "enquiries.jsonl"
_LOOK_AGAIN_S = 0.5
_REQUEST_TIMEOUT_S = 15.0
_OUT = frozenset({"sent", "failed", "bounced"})
_WRONG_TOKEN = frozenset({"urn:wegweiser:problem:token_missing", "urn:wegweiser:problem:token_unknown"})
_PURPOSES = {"offered": "offer", "accepted": "offer", "triage": "triage_alarm"}
"""The mail that shows that a case has arrived where it belongs, by the case's state."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one enquiry."""

    line: int
    business: str
    state: str
    receiver: str
    why: str
    mail_after_s: float | None
    """From its receipt until the mail server had taken the mail that offers it (in triage: that alarms)."""

    @property
    def arrived(self) -> bool:
        """Whether somebody was told who can help or decide, or nobody has to be any more."""
        return self.mail_after_s is not None or self.state not in {"received", *_PURPOSES}


class AwayNow(ServerAway):
    """A service does not answer at the moment; one that was killed is started again."""


class Watcher:
    """Asks the three services what has become of an enquiry."""

    def __init__(self, client: httpx.AsyncClient, settings: OperatorSettings) -> None:
        self._client = client
        self._desk_url, self._notify_url = settings.desk_url.rstrip("/"), settings.notify_url.rstrip("/")
        self._coordinator = {"Authorization": f"Bearer {settings.coordinator_token}"}

    async def fate_of(self, sent: Sent, business: str) -> Fate:
        """What has become of it by now. Raises ``AwayNow``, and ``ServerAway`` if it makes no sense to ask again."""
        status = await self._get(sent.status_url, {"Accept": "application/json"})
        decision = await self._get(f"{self._desk_url}/api/v1/decisions/{sent.reference}", self._coordinator)
        answer = await self._get(f"{self._notify_url}/api/v1/notices?enquiry={sent.reference}", self._coordinator)
        state = str(status.get("state", "received"))
        return Fate(
            line=sent.line,
            business=business,
            state=state,
            receiver=(status.get("receiver") or {}).get("id") or decision.get("receiver") or "",
            why=_why(decision),
            mail_after_s=_mail_after_s(sent, answer.get("items", []), _PURPOSES.get(state, "offer")),
        )

    async def _get(self, url: str, headers: dict[str, str]) -> dict[str, Any]:
        try:
            answer = await self._client.get(url, headers=headers)
        except httpx.TransportError as error:
            raise AwayNow(f"{_origin(url)} does not answer ({error or type(error).__name__}). Start it.") from error
        try:
            body = answer.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return {}
        if body.get("type") in _WRONG_TOKEN:
            raise ServerAway(f"{_origin(url)} does not accept the token: set WEGWEISER_COORDINATOR_TOKEN.")
        return body if answer.is_success else {}


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def demo(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON Lines or CSV.")] = SAMPLE,
    *,
    patience: Annotated[float, typer.Option(min=0, help="Seconds to wait until all have arrived.")] = 120.0,
) -> None:
    """Send a file of enquiries through the running stack, and show what became of each."""
    with exit_codes():
        settings = OperatorSettings()
        result = submit(file, settings.public_url, again=True)
        fates = asyncio.run(_watch(file, result.sent, settings, patience))
        Console().print(_table(fates))
        late = [fate for fate in fates if not fate.arrived]
        said(_closing(fates, result.refused, late))
        if result.refused or late:
            raise SomeFailed


async def _watch(file: Path, sent: list[Sent], settings: OperatorSettings, patience_s: float) -> list[Fate]:
    names = {entry.line: _business(entry.document) for entry in entries(file)}
    deadline = time.monotonic() + patience_s
    known: dict[int, Fate] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    async with httpx.AsyncClient(timeout=_REQUEST_TIMEOUT_S) as client:
        watcher = Watcher(client, settings)
        with Progress(*columns, console=errors, transient=True) as bar:
            task = bar.add_task("On their way", total=len(sent))
            while True:
                try:
                    for each in sent:
                        if each.line not in known or not known[each.line].arrived:
                            known[each.line] = await watcher.fate_of(each, names[each.line])
                            bar.update(task, completed=sum(fate.arrived for fate in known.values()))
                except AwayNow:
                    if time.monotonic() > deadline:
                        raise
                else:
                    if all(fate.arrived for fate in known.values()) or time.monotonic() > deadline:
                        return [known[each.line] for each in sent]
                await asyncio.sleep(_LOOK_AGAIN_S)


def _business(document: Any) -> str:
    return str(document.get("business", {}).get("name", "")) if isinstance(document, dict) else ""


def _why(decision: dict[str, Any]) -> str:
    reasons = tuple(decision.get("reasons", ()))
    if not reasons:
        return ""
    return worded(
        reasons,
        "en",
        postal_code=str((decision.get("region") or {}).get("postal_code", "")),
        chamber=str(decision.get("chamber") or ""),
        topics=tuple(topic["id"] for topic in decision.get("topics", ())),
    )


def _mail_after_s(sent: Sent, notices: list[dict[str, Any]], purpose: str) -> float | None:
    out = [
        max(attempt["at"] for attempt in notice["attempts"])
        for notice in notices
        if notice.get("purpose") == purpose and notice.get("state") in _OUT and notice.get("attempts")
    ]
    if not out:
        return None
    return (datetime.fromisoformat(min(out)) - datetime.fromisoformat(sent.received_at)).total_seconds()


def _table(fates: list[Fate]) -> Table:
    table = Table("line", "business", "state", "receiver", "why", "mail after", title="What became of each enquiry")
    for fate in fates:
        after = "" if fate.mail_after_s is None else f"{fate.mail_after_s:.2f} s"
        row = (str(fate.line), fate.business, fate.state, fate.receiver, fate.why, after)
        table.add_row(*map(escape, row))
    return table


def _closing(fates: list[Fate], refused: list[Any], late: list[Fate]) -> str:
    waits = sorted(fate.mail_after_s for fate in fates if fate.mail_after_s is not None)
    told = (
        f"; half of the mails were out after {waits[len(waits) // 2]:.2f} s, the last {waits[-1]:.2f} s"
        if waits
        else ""
    )
    states = {state: sum(fate.state == state for fate in fates) for state in sorted({fate.state for fate in fates})}
    counted = ", ".join(f"{number} {state}" for state, number in states.items())
    lost = f" {len(late)} have not arrived yet." if late else ""
    return f"{len(fates)} sent, {len(refused)} refused: {counted}{told}.{lost}"


def _origin(url: str) -> str:
    return str(httpx.URL(url).copy_with(path="/", query=None))


if __name__ == "__main__":
    app(prog_name="make demo")
