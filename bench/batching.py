"""A platform whose ingress takes batches in this process, as no HTTP door for batches is there yet."""

import asyncio
import itertools
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import uvloop

from bench import collecting
from bench.fleet import fleet
from reveille.adapters.settings import read_settings
from reveille.cli.embedded import Platform, open_platform, prepare_views
from reveille.cli.settings import UpSettings
from reveille.ingress.application.receiving import Received
from reveille.ingress.bootstrap import fleet_from
from reveille.ingress.domain import github
from reveille.ingress.domain.fleet import WantedFleet
from reveille.ingress.entrypoints.http.strict_json import parse
from reveille.ingress.settings import Settings as IngressSettings

BATCH: Final = 100
# Batches that wait for the log at the same time, as from so many senders.
SENDERS: Final = 8
TRACE: Final = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """profile: the file into which a profile of the event loop's thread goes; "" for none."""

    data: str
    count: int
    profile: str = ""


def run(taking: Taking) -> float:
    """Seconds from the first batch to when the analyzer has answered all."""
    settings = read_settings(UpSettings, {"REVEILLE_DATA": taking.data})
    receiving = read_settings(IngressSettings, {"REVEILLE_MODE": "embedded"})
    wanted = fleet_from(fleet(), file="the fleet of the bench")
    Path(taking.data).mkdir(parents=True, exist_ok=True)
    prepare_views(settings)
    return uvloop.run(_run(taking, settings, replace(receiving, tenant=wanted.tenant), wanted))


async def _run(taking: Taking, settings: UpSettings, receiving: IngressSettings, wanted: WantedFleet) -> float:
    platform = await open_platform(settings, receiving, {})
    services = asyncio.create_task(platform.run())
    try:
        await platform.ingress.fleets.load()
        await platform.ingress.fleets.apply(wanted)
        await _take(platform, list(_bodies("warming", SENDERS * BATCH)))
        bodies = list(_bodies("measured", taking.count))
        collecting.tame()
        return await _profiled(taking.profile, platform, bodies)
    finally:
        services.cancel()
        await asyncio.wait([services])
        await platform.close()


async def _profiled(file: str, platform: Platform, bodies: Sequence[bytes]) -> float:
    if not file:
        return await _take(platform, bodies)
    import cProfile

    profiler = cProfile.Profile()
    profiler.enable()
    try:
        return await _take(platform, bodies)
    finally:
        profiler.disable()
        profiler.dump_stats(file)


async def _take(platform: Platform, bodies: Sequence[bytes]) -> float:
    analyzer = next(service for service in platform.services if service.name == "analyzer")
    batches = itertools.count()
    numbered = list(enumerate(bodies))

    async def send() -> None:
        while batch := numbered[(start := next(batches) * BATCH) : start + BATCH]:
            received = [_received(number, body) for number, body in batch]
            receipts = await platform.ingress.receiving.receive_many("default", received)
            if len(receipts) != len(batch) or any(receipt.duplicate for receipt in receipts):
                raise SystemExit(
                    f"{len(receipts)} receipts for {len(batch)} events, expected one for each, and all new"
                )

    began = time.monotonic()
    async with asyncio.TaskGroup() as senders:
        for _ in range(SENDERS):
            senders.create_task(send())
    await analyzer.caught_up()
    return time.monotonic() - began


def _received(number: int, body: bytes) -> Received:
    """What a door does with an event before it hands it on: parse and normalise it."""
    document: Any = parse(body)
    delivery = github.normalise("watch", document, document["delivery"])
    assert delivery is not None
    return Received(delivery=delivery, body=body, verified=True, trace=TRACE)


def _bodies(run: str, count: int) -> Iterator[bytes]:
    """Small events: about 300 bytes."""
    for number in range(count):
        yield json.dumps(
            {
                "action": "started",
                "delivery": f"{run}-{number}",
                "repository": {"id": 186853002, "full_name": "acme/app", "private": False, "default_branch": "main"},
                "sender": {"login": "ada", "id": 21031067, "type": "User"},
                "starred_at": "2026-11-21T12:00:00Z",
                "note": f"event {number} of one batch after another, none of which any rule of the fleet knows",
            }
        ).encode()


if __name__ == "__main__":
    print(run(Taking(**json.load(sys.stdin))))
