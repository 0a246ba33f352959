"""The floor of notify: 8 connections of aiosmtplib, and bytes made beforehand; no event, no database, no rendering.

Its work lies in the folder it is given: pickled lists of recipient and message, in files that it takes by their names.
"""

import asyncio
import os
import pickle
import sys
from pathlib import Path
from urllib.parse import urlsplit

import aiosmtplib
import uvloop

SMTP = urlsplit(os.environ["WEGWEISER_SMTP_URL"])
MAIL_FROM = os.environ["WEGWEISER_MAIL_FROM"]
CONNECTIONS = 8

Queue = asyncio.Queue[tuple[str, bytes]]


async def send(queue: Queue) -> None:
    """Send what is in the queue over one connection, for ever."""
    client = aiosmtplib.SMTP(hostname=SMTP.hostname, port=SMTP.port)
    await client.connect()
    while True:
        to, message = await queue.get()
        await client.sendmail(MAIL_FROM, [to], message)


def laid_out(folder: Path) -> list[tuple[str, bytes]]:
    """What lies in the folder and was not taken yet."""
    found = []
    for file in sorted(folder.glob("*.pickle")):
        found += pickle.loads(file.read_bytes())
        file.unlink()
    return found


async def main(folder: Path) -> None:
    """Send what lies in the folder, and what will."""
    queue: Queue = asyncio.Queue()
    async with asyncio.TaskGroup() as senders:
        for _ in range(CONNECTIONS):
            senders.create_task(send(queue))
        while True:
            for each in laid_out(folder):
                queue.put_nowait(each)
            await asyncio.sleep(0.001)


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1])))
