"""Time comes in through a port, so that the platform also runs under a virtual clock."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol

SECOND = 1_000_000


class Clock(Protocol):
    def now(self) -> int:
        """Microseconds since 1970-01-01 UTC. May step backwards when the system's clock is set."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    def now(self) -> int:
        return time.time_ns() // 1000

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def to_datetime(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / SECOND, UTC)


def to_rfc3339(microseconds: int) -> str:
    return to_datetime(microseconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")
