"""What a process looks after of itself, so that whoever asks how it is hears what is wrong and what to do."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from typing import Final

from reveille.adapters.complaints import Complaint
from reveille.adapters.telemetry import Telemetry
from reveille.cli.probes import EVERY_SECONDS, PATIENCE, Probes
from reveille.ingress.domain import advice
from reveille.kernel.clock import SECOND, Clock
from reveille.kernel.errors import Transient
from reveille.kernel.service import Service

# What is older than that and not taken in has been passed over, not just come.
BEHIND_SECONDS: Final = 30

OF_PROBES: Final[Mapping[str, str]] = {
    "the log": advice.LOG_AWAY,
    "kafka": advice.KAFKA_AWAY,
    "the database of views": advice.VIEWS_AWAY,
}

Look = Callable[[], Awaitable[Sequence[Complaint]]]


class Complaints:
    """`run` looks; whoever asks hears what it has found last, at once."""

    def __init__(self, looks: Sequence[Look], probes: Probes | None = None) -> None:
        """probes: those that make it unready; their complaints come first, as they stand when it is asked."""
        self._looks = looks
        self._probes = probes
        self._found: list[Complaint] = []

    async def run(self) -> None:
        while True:
            found: list[Complaint] = []
            for look in self._looks:
                try:
                    async with asyncio.timeout(PATIENCE):
                        found += await look()
                except (Transient, TimeoutError):
                    continue  # what it looks at is away, which a probe says
            self._found = found
            await asyncio.sleep(EVERY_SECONDS)

    def now(self) -> list[Complaint]:
        if self._probes is None:
            return self._found
        leaving = [Complaint(advice.STOPPING, "it is shutting down")] if self._probes.leaving else []
        away = [Complaint(OF_PROBES[name], reason) for name, reason in self._probes.away.items()]
        # What rests on something that is away is behind for that reason alone.
        return [*leaving, *away] or self._found


def of_views(service: Service) -> Look:
    async def look() -> list[Complaint]:
        late = await _late(service, service.follower.position)
        return [Complaint(advice.VIEWS_BEHIND, f"its views are {late} s behind the log")] if late else []

    return look


def of_inbox(service: Service) -> Look:
    async def look() -> list[Complaint]:
        if service.processing is None:
            return []
        lags = await service.processing.lag()
        since = min((lag.since for lag in lags.values() if lag.messages), default=0)
        late = _seconds_since(service.ports.clock, since) if since else 0
        waiting = sum(lag.messages for lag in lags.values())
        if late <= BEHIND_SECONDS:
            return []
        return [Complaint(advice.INBOX_BEHIND, f"{waiting} messages wait in its inbox, the oldest for {late} s")]

    return look


def of_relay(
    service: Service,
    relayed: Callable[[], Awaitable[Mapping[str, int]]],
    holders: Callable[[str], Awaitable[Collection[str]]],
) -> Look:
    async def look() -> list[Complaint]:
        late = await _late(service, (await relayed()).get(service.name, 0))
        if not late:
            return []
        told = f"what it has decided is published {late} s late"
        if f"relay/{service.name}" not in await holders("relay/"):
            return [Complaint(advice.RELAY_MISSING, f"{told}: no replica has the lease of its relay")]
        return [Complaint(advice.RELAY_BEHIND, told)]

    return look


def of_redis(connected: Callable[[], bool]) -> Look:
    async def look() -> list[Complaint]:
        told = "Redis is away: live events come to other replicas by the log alone"
        return [] if connected() else [Complaint(advice.REDIS_AWAY, told)]

    return look


def of_collector(telemetry: Telemetry) -> Look:
    async def look() -> list[Complaint]:
        told = f"the collector of spans takes none: {telemetry.dropped} are lost until now"
        return [Complaint(advice.COLLECTOR_AWAY, told)] if telemetry.is_away else []

    return look


def of_models(away: Callable[[], Iterable[str]]) -> Look:
    """away: models that are left alone."""

    async def look() -> list[Complaint]:
        return [Complaint(advice.MODEL_AWAY, f"{model} does not answer and is left alone") for model in sorted(away())]

    return look


async def _late(service: Service, position: int) -> int:
    """Seconds that the oldest event behind a position is old; 0 where that is nothing yet."""
    found = await service.ports.store.read_all(position, 1)
    late = _seconds_since(service.ports.clock, found[0].meta.time) if found else 0
    return late if late > BEHIND_SECONDS else 0


def _seconds_since(clock: Clock, time: int) -> int:
    return (clock.now() - time) // SECOND
