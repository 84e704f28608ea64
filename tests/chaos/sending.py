"""The outside: a process that sends signed webhooks at a steady rate, and keeps a ledger of what was accepted.

What got no 2xx is sent again under the same delivery id, to the next address where there are several. SIGTERM ends
the stream; the process ends when everything that it has begun to send was accepted, with exit code 1 where an answer
said that it never will be.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import httpx

from tests.e2e import github

AGENTS: Final = 6
# So many are on their way at once; the others wait here for their turn, as they would in a sender's own queue.
SENDERS: Final = 64
PATIENCE: Final = 5.0
LONGEST_PAUSE: Final = 1.0
# What says that the same request never goes well.
FINAL: Final = frozenset({400, 401, 403, 404, 409, 413, 415, 422})


class Refused(Exception):
    """A delivery that ought to have been accepted was refused for good."""


class Sender:
    def __init__(self, urls: Sequence[str], ledger: Path, rate: float) -> None:
        self._urls = urls
        self._ledger = os.open(ledger, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._interval = 1 / rate
        self._waiting: asyncio.Queue[int] = asyncio.Queue()
        self._accepted: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        # Deliveries of two runs on one log differ.
        self._run = uuid.uuid4().hex[:8]

    async def run(self) -> None:
        ending = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ending.set)
        async with asyncio.TaskGroup() as tasks:
            working = [tasks.create_task(self._work()) for _ in range(SENDERS)]
            writing = tasks.create_task(self._write())
            await self._produce(ending)
            await self._waiting.join()
            await self._accepted.join()
            for task in (*working, writing):
                task.cancel()

    async def _produce(self, ending: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        number = 0
        while not ending.is_set():
            number += 1
            self._waiting.put_nowait(number)
            # By the clock, not by pauses: what a busy machine delays is made up for.
            due += self._interval
            try:
                await asyncio.wait_for(ending.wait(), max(0.0, due - loop.time()))
            except TimeoutError:
                pass

    async def _work(self) -> None:
        # Each has its own: a client that many share spends six times as much on sharing its connections as on requests.
        async with httpx.AsyncClient(timeout=PATIENCE, verify=False) as http:
            while True:
                number = await self._waiting.get()
                await self._insist(http, number)
                self._waiting.task_done()

    async def _insist(self, http: httpx.AsyncClient, number: int) -> None:
        delivery = f"{self._run}-{number:08d}"
        told = github.pull_request(number=number, title=f"change {number}")
        told["repository"] |= {"name": f"app-{number % AGENTS}", "full_name": f"acme/app-{number % AGENTS}"}
        body = json.dumps(told).encode()
        headers = github.headers(body, delivery=delivery)
        began, tries = time.time(), 0
        while True:
            url = self._urls[(number + tries) % len(self._urls)]
            tries += 1
            try:
                answer = await http.post(f"{url}/webhooks/github", content=body, headers=headers)
            except httpx.HTTPError:
                answer = None
            if answer is not None and answer.is_success:
                line = {"number": number, "delivery": delivery, "signal": answer.json()["signal_id"], "tries": tries}
                self._accepted.put_nowait({**line, "began": began, "accepted": time.time()})
                return
            if answer is not None and answer.status_code in FINAL:
                raise Refused(f"delivery {delivery} was answered {answer.status_code}: {answer.text}")
            await asyncio.sleep(random.uniform(0.3, 1) * min(LONGEST_PAUSE, 0.05 * 2**tries))

    async def _write(self) -> None:
        """On the disk before it counts."""
        while True:
            lines = [await self._accepted.get()]
            while not self._accepted.empty():
                lines.append(self._accepted.get_nowait())
            await asyncio.to_thread(self._append, "".join(f"{json.dumps(line)}\n" for line in lines).encode())
            for _ in lines:
                self._accepted.task_done()

    def _append(self, text: bytes) -> None:
        os.write(self._ledger, text)
        os.fsync(self._ledger)


async def _main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True, action="append", help="may be said again")
    parser.add_argument("--ledger", type=Path, required=True)
    parser.add_argument("--rate", type=float, required=True)
    given = parser.parse_args()
    try:
        await Sender(given.url, given.ledger, given.rate).run()
    except BaseExceptionGroup as errors:
        refused = errors.subgroup(Refused)
        if refused is None:
            raise
        print(refused.exceptions[0], file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(_main()))
