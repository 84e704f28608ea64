"""People who plan parties while all this goes on, each of whom watches his own over a socket."""

import asyncio
import contextlib
import itertools
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final

import httpx

from tests.live_client import LiveClient

PARTIES: Final = "/api/v1/event-driven"
EXECUTIONS: Final = "/api/v1/executions"
FIRST: Final = ("jungle theme party for 75 guests", "outdoor venue under $800 in Austin")
# One after the other, so that a party and its socket go through several restarts.
LATER: Final = ("chocolate cake", "buffet for everyone", "a magician", "a venue by the lake", "balloons")
THINKING_SECONDS: Final = 3.0
PATIENCE: Final = 5.0
RETRY_SECONDS: Final = 0.2
LOOK_SECONDS: Final = 0.5
# What ends the wait for a party is that nothing goes on any more.
STANDSTILL: Final = 120.0
# The socket of whoever is a little behind the replica that took the party in.
NOT_THERE: Final = 404


@dataclass(slots=True, kw_only=True)
class Party:
    """tries: how often each of its acts was sent. heard: over the socket; history: that many there are."""

    id: str
    accepted: int = 0
    tries: list[int] = field(default_factory=list)
    settled: bool = False
    heard: int = 0
    history: int = 0
    connections: int = 0
    problems: list[str] = field(default_factory=list)


class Guests:
    """One more party every so many seconds. Used with `with`, in a thread of its own."""

    def __init__(self, urls: Sequence[str], *, every: float) -> None:
        self.parties: list[Party] = []
        self._urls = itertools.cycle(urls)
        self._every = every
        self._ending = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="guests")

    def finish(self) -> None:
        """No new party; returns when each is settled and its guest has heard all of it, or nothing goes on."""
        self._ending.set()
        self._thread.join()

    def __enter__(self) -> "Guests":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.finish()

    async def _run(self) -> None:
        async with httpx.AsyncClient(timeout=PATIENCE) as http, asyncio.TaskGroup() as tasks:
            while not self._ending.is_set():
                party = Party(id=f"party-{len(self.parties):04d}")
                self.parties.append(party)
                tasks.create_task(self._plan(http, party))
                await asyncio.sleep(self._every)

    async def _plan(self, http: httpx.AsyncClient, party: Party) -> None:
        client = LiveClient(lambda: f"{next(self._urls).replace('http', 'ws', 1)}/ws/events", party.id)
        inputs = [{"input_id": f"wish-{number}", "content": text} for number, text in enumerate(FIRST)]
        await self._insist(http, party, f"{PARTIES}/start", {"party_id": party.id, "inputs": inputs})
        watching = asyncio.create_task(client.watch(sys.maxsize))
        try:
            for number, text in enumerate(LATER, len(FIRST)):
                await asyncio.sleep(THINKING_SECONDS)
                body = {"party_id": party.id, "input_id": f"wish-{number}", "content": text}
                await self._insist(http, party, f"{PARTIES}/input", body)
            await self._until_settled(http, party)
            party.history = await self._history(http, party)
            await _until(lambda: watching.done() or client.last >= party.history)
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError, AssertionError):
                await watching
            party.heard, party.connections = client.last, client.connections
            if watching.done() and not watching.cancelled() and (error := watching.exception()):
                party.problems.append(f"{party.id}: its socket says: {error}")

    async def _insist(self, http: httpx.AsyncClient, party: Party, path: str, body: Mapping[str, Any]) -> None:
        """The same request under the same key, until it is accepted."""
        headers = {"idempotency-key": f"{party.id}-{len(party.tries)}"}
        party.tries.append(0)
        while True:
            party.tries[-1] += 1
            try:
                answer = await http.post(f"{next(self._urls)}{path}", json=body, headers=headers)
            except httpx.HTTPError:
                answer = None
            if answer is not None and answer.is_success:
                party.accepted += 1
                return
            if answer is not None and answer.is_client_error and answer.status_code != NOT_THERE:
                party.problems.append(f"{party.id}: {path} was answered {answer.status_code}: {answer.text}")
                return
            await asyncio.sleep(RETRY_SECONDS)

    async def _until_settled(self, http: httpx.AsyncClient, party: Party) -> None:
        deadline = time.monotonic() + STANDSTILL
        while time.monotonic() < deadline:
            told = await self._get(http, f"{PARTIES}/status/{party.id}")
            if told["settled"] and len(told["inputs"]) == len(FIRST) + len(LATER):
                party.settled = True
                return
            await asyncio.sleep(LOOK_SECONDS)

    async def _history(self, http: httpx.AsyncClient, party: Party) -> int:
        position = (await self._get(http, f"{EXECUTIONS}/{party.id}"))["position"]
        page = await self._get(http, f"{EXECUTIONS}/{party.id}/events?limit=500&wait_for={position}")
        return len(page["items"])

    async def _get(self, http: httpx.AsyncClient, path: str) -> dict[str, Any]:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                answer = await http.get(f"{next(self._urls)}{path}")
                if answer.is_success:
                    told: dict[str, Any] = answer.json()
                    return told
            await asyncio.sleep(RETRY_SECONDS)


async def _until(holds: Any) -> None:
    deadline = time.monotonic() + STANDSTILL
    while not holds() and time.monotonic() < deadline:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(RETRY_SECONDS)


def problems_of(parties: Sequence[Party]) -> list[str]:
    """What got a 2xx and did not happen, and what a socket missed."""
    found = [line for party in parties for line in party.problems]
    for party in parties:
        if not party.settled:
            found.append(f"{party.id} has not settled, with {party.accepted} of its acts accepted")
        elif party.heard != party.history:
            found.append(f"{party.id}: its socket has told {party.heard} events of {party.history}")
    return found
