"""The load generator, a process of its own: HTTP/1.1 over kept connections, at full speed or at a fixed rate."""

import asyncio
import gc
import itertools
import json
import re
import sys
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Final, cast

import uvloop

from bench import deliveries

_LENGTH: Final = re.compile(rb"\r\n[Cc]ontent-[Ll]ength: *([0-9]+)")
# Between reading its orders and the first request of a fixed rate: making the requests takes part of it.
LEAD_NS: Final = 500_000_000
# The loop's timers count in milliseconds; the rest of the way is slept outside of it.
EARLY: Final = 0.002


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """rate: requests per second at fixed times, whatever the answers do; 0: each connection sends on its answer.

    timed: each body says when it is to be sent.
    """

    port: int
    count: int
    action: str
    connections: int = 32
    rate: float = 0.0
    timed: bool = False
    host: str = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Times are nanoseconds of the monotonic clock. latencies: from the intended time of sending to the answer.

    late: the longest that a request of a fixed rate was sent after its time.
    """

    began: int
    ended: int
    statuses: dict[str, int]
    latencies: list[int] = field(default_factory=list)
    late: int = 0

    @property
    def seconds(self) -> float:
        return (self.ended - self.began) / 1e9


class LoadFailed(Exception):
    """The server did not answer as HTTP/1.1 servers do."""


class Load:
    """Requests go out in order, at most one at a time on each connection."""

    def __init__(self, requests: Sequence[bytes]) -> None:
        self._requests = requests
        self._next = 0
        self._idle: deque[Connection] = deque()
        self.statuses: Counter[bytes] = Counter()
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.in_flight = 0

    def begin(self, connections: Sequence["Connection"]) -> None:
        for connection in connections:
            self._go_on(connection)

    def answered(self, connection: "Connection", status: bytes) -> None:
        self.statuses[status] += 1
        self.in_flight -= 1
        self._go_on(connection)

    def lost(self) -> None:
        if not self.done.done():
            answered = self.statuses.total()
            told = f"the server closed a connection after {answered} of {len(self._requests)} answers"
            self.done.set_exception(LoadFailed(told))

    def _go_on(self, connection: "Connection") -> None:
        if self._next < len(self._requests):
            self._send(connection)
        elif self.in_flight == 0 and not self.done.done():
            self.done.set_result(None)

    def _send(self, connection: "Connection") -> int:
        number = self._next
        self._next += 1
        self.in_flight += 1
        connection.transport.write(self._requests[number])
        return number


class PacedLoad(Load):
    """Each request has its time. One that finds no free connection waits for it, and its latency counts from its time."""

    def __init__(self, requests: Sequence[bytes], times: Sequence[int]) -> None:
        super().__init__(requests)
        self._times = times
        self._due = 0
        self._sent: dict[Connection, int] = {}
        self.latencies: list[int] = []
        self.late = 0

    def begin(self, connections: Sequence["Connection"]) -> None:
        self._idle.extend(connections)

    async def run(self) -> None:
        for time_ns in self._times:
            await self._until(time_ns)
            self._due += 1
            if self._idle:
                self._go_on(self._idle.popleft())

    def answered(self, connection: "Connection", status: bytes) -> None:
        self.latencies.append(time.monotonic_ns() - self._times[self._sent.pop(connection)])
        super().answered(connection, status)

    def _go_on(self, connection: "Connection") -> None:
        if self._next < self._due:
            number = self._send(connection)
            self._sent[connection] = number
            self.late = max(self.late, time.monotonic_ns() - self._times[number])
            return
        self._idle.append(connection)
        super()._go_on(connection) if self._due == len(self._times) else None

    async def _until(self, time_ns: int) -> None:
        left = (time_ns - time.monotonic_ns()) / 1e9
        if left > EARLY:
            await asyncio.sleep(left - EARLY)
        while (left := (time_ns - time.monotonic_ns()) / 1e9) > 0:
            if self.in_flight:  # an answer must not wait for the loop
                await asyncio.sleep(0)
            else:
                time.sleep(left)  # noqa: ASYNC251 - exact to 0.1 ms, which the loop's timers are not


class Connection(asyncio.Protocol):
    transport: asyncio.WriteTransport

    def __init__(self, load: Load) -> None:
        self._load = load
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.WriteTransport", transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._load.lost()

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        end = received.find(b"\r\n\r\n")
        if end < 0:
            self._received = received
            return
        length = _LENGTH.search(received, 0, end)
        if length is None:
            head = received[:end].decode("latin-1")
            self._load.done.set_exception(LoadFailed(f"an answer without content-length: {head}"))
            self.transport.abort()
        elif len(received) < end + 4 + int(length[1]):
            self._received = received
        else:
            self._received = b""
            self._load.answered(self, received[9:12])


async def send(orders: Orders) -> Outcome:
    start = time.monotonic_ns() + LEAD_NS
    interval = 1e9 / orders.rate if orders.rate else 0.0
    times = [start + int(number * interval) for number in range(orders.count)]
    bodies = deliveries.timed_bodies(orders.action, iter(times)) if orders.timed else deliveries.bodies(orders.action)
    requests = list(itertools.islice(deliveries.requests(bodies), orders.count))
    load = PacedLoad(requests, times) if orders.rate else Load(requests)
    connections = await _connect(orders, load)
    gc.disable()
    began = time.monotonic_ns()
    load.begin(connections)
    if isinstance(load, PacedLoad):
        began = start
        await load.run()
    await load.done
    ended = time.monotonic_ns()
    statuses = {status.decode("latin-1"): count for status, count in load.statuses.items()}
    if isinstance(load, PacedLoad):
        return Outcome(began=began, ended=ended, statuses=statuses, latencies=load.latencies, late=load.late)
    return Outcome(began=began, ended=ended, statuses=statuses)


async def _connect(orders: Orders, load: Load) -> list[Connection]:
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: Connection(load), orders.host, orders.port)
        for _ in range(orders.connections)
    ]
    return [connection for _, connection in made]


def main() -> None:
    """Orders come as JSON on stdin, the outcome goes as JSON to stdout."""
    orders = Orders(**json.load(sys.stdin))
    try:
        outcome = uvloop.run(send(orders))
    except (LoadFailed, OSError) as error:
        sys.exit(f"port {orders.port}: {error}")
    json.dump(asdict(outcome), sys.stdout)


if __name__ == "__main__":
    main()
