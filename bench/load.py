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

    late: the longest that a request of a fixed rate was sent after its time. cpu: seconds that the generator used.
    """

    began: int
    ended: int
    statuses: dict[str, int]
    latencies: list[int] = field(default_factory=list)
    late: int = 0
    cpu: float = 0.0

    @property
    def seconds(self) -> float:
        return (self.ended - self.began) / 1e9


class LoadFailed(Exception):
    """The server did not answer as HTTP/1.1 servers do."""


class Load:
    """Requests go out in order as they fall due, at most one at a time on each connection.

    times: when each is due; without them all are at once. One that finds no free connection waits for it, and its
    latency still counts from its own time: a server that falls behind cannot hide it.
    """

    def __init__(self, requests: Sequence[bytes], times: Sequence[int] = ()) -> None:
        self._requests = requests
        self._times = times
        self._due = 0
        self._sent = 0
        self._answered = 0
        self._idle: deque[Connection] = deque()
        self.statuses: Counter[bytes] = Counter()
        self.latencies: list[int] = []
        self.late = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def add(self, connection: "Connection") -> None:
        self._idle.append(connection)

    def fall_due(self, count: int) -> None:
        """So many of the requests may be sent by now."""
        self._due = count
        while self._idle and self._sent < count:
            self._send(self._idle.popleft())

    @property
    def in_flight(self) -> int:
        return self._sent - self._answered

    def answered(self, connection: "Connection", status: bytes) -> None:
        self._answered += 1
        self.statuses[status] += 1
        if self._times:
            self.latencies.append(time.monotonic_ns() - self._times[connection.number])
        if self._sent < self._due:
            self._send(connection)
            return
        self._idle.append(connection)
        if self._answered == len(self._requests) and not self.done.done():
            self.done.set_result(None)

    def fail(self, reason: str) -> None:
        if not self.done.done():
            self.done.set_exception(LoadFailed(f"{reason} after {self._answered} of {len(self._requests)} answers"))

    def _send(self, connection: "Connection") -> None:
        number = connection.number = self._sent
        self._sent += 1
        connection.transport.write(self._requests[number])
        if self._times:
            self.late = max(self.late, time.monotonic_ns() - self._times[number])


class Connection(asyncio.Protocol):
    transport: asyncio.WriteTransport
    number = 0  # of the request that is under way

    def __init__(self, load: Load) -> None:
        self._load = load
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.WriteTransport", transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._load.fail("the server closed a connection")

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        end = received.find(b"\r\n\r\n")
        if end < 0:
            self._received = received
            return
        length = _LENGTH.search(received, 0, end)
        if length is None:
            self._load.fail(f"an answer has no content-length: {received[:end].decode('latin-1')!r}")
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
    load = Load(requests, times if orders.rate else ())
    await _connect(orders, load)
    gc.disable()
    used = time.process_time()
    began = start if orders.rate else time.monotonic_ns()
    if orders.rate:
        for number, at in enumerate(times, 1):
            await _until(at, load)
            load.fall_due(number)
    else:
        load.fall_due(orders.count)
    await load.done
    return Outcome(
        began=began,
        ended=time.monotonic_ns(),
        statuses={status.decode("latin-1"): count for status, count in load.statuses.items()},
        latencies=load.latencies,
        late=load.late,
        cpu=time.process_time() - used,
    )


async def _until(time_ns: int, load: Load) -> None:
    left = (time_ns - time.monotonic_ns()) / 1e9
    if left > EARLY:
        await asyncio.sleep(left - EARLY)
    while (left := (time_ns - time.monotonic_ns()) / 1e9) > 0:
        if load.in_flight:  # its answer must not wait for the loop
            await asyncio.sleep(0)
        else:
            time.sleep(left)  # noqa: ASYNC251 - exact to 0.1 ms, which the loop's timers are not


async def _connect(orders: Orders, load: Load) -> None:
    loop = asyncio.get_running_loop()
    for _ in range(orders.connections):
        _, connection = await loop.create_connection(lambda: Connection(load), orders.host, orders.port)
        load.add(connection)


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
