"""Driving a server with the load generator, and refusing what it did not answer as expected."""

import json
import socket
import subprocess
import time
from dataclasses import asdict
from typing import Final, Self

from bench import deliveries
from bench.load import Orders, Outcome
from bench.running import PYTHON, ROOT, BenchFailed, environment

ACCEPTED: Final = "202"
TAKEN: Final = "200"


class Driving:
    """A load that is under way; leaving its context ends it."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._process = subprocess.Popen(
            [PYTHON, "-m", "bench.load"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment(),
        )
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(orders)))
        self._process.stdin.close()
        self._process.stdin = None  # so that communicate does not flush it again

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()

    def outcome(self, expected: str, *, timeout: float = 120.0) -> Outcome:
        """Wait for its end. Raises BenchFailed for any answer of another status."""
        try:
            told, errors = self._process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            raise BenchFailed(
                f"port {self._orders.port}: not all of {self._orders.count} requests were answered in {timeout:g} s"
            ) from None
        if self._process.returncode:
            raise BenchFailed(f"the load failed: {errors.strip()}")
        outcome = Outcome(**json.loads(told))
        if set(outcome.statuses) != {expected}:
            raise BenchFailed(f"port {self._orders.port}: answers by status {outcome.statuses}, expected {expected}")
        return outcome


def drive(orders: Orders, expected: str) -> Outcome:
    with Driving(orders) as driving:
        return driving.outcome(expected)


def first_answer(port: int, expected: str) -> float:
    """Send one signed webhook; the monotonic time at which its answer began to come."""
    request = next(deliveries.requests(deliveries.bodies(deliveries.UNMATCHED)))
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        answer = connection.recv(4096)
        at = time.monotonic()
    if answer[9:12].decode() != expected:
        raise BenchFailed(f"port {port}: the first answer is {answer[:100]!r}, expected status {expected}")
    return at
