"""A platform whose ingress takes batches in this process."""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import uvloop

from bench import collecting
from bench.fleet import fleet
from bench.sending import BATCH, SENDERS, bodies, send
from reveille.adapters.settings import read_settings
from reveille.cli.embedded import Platform, open_platform, prepare_views
from reveille.cli.settings import UpSettings
from reveille.ingress.bootstrap import fleet_from
from reveille.ingress.domain.fleet import WantedFleet
from reveille.ingress.settings import Settings as IngressSettings


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
        await _take(platform, list(bodies("warming", SENDERS * BATCH)))
        measured = list(bodies("measured", taking.count))
        collecting.tame()
        return await _profiled(taking.profile, platform, measured)
    finally:
        services.cancel()
        await asyncio.wait([services])
        await platform.close()


async def _profiled(file: str, platform: Platform, events: Sequence[bytes]) -> float:
    if not file:
        return await _take(platform, events)
    import cProfile

    profiler = cProfile.Profile()
    profiler.enable()
    try:
        return await _take(platform, events)
    finally:
        profiler.disable()
        profiler.dump_stats(file)


async def _take(platform: Platform, events: Sequence[bytes]) -> float:
    analyzer = next(service for service in platform.services if service.name == "analyzer")
    began = time.monotonic()
    await send(platform.ingress.receiving, events)
    await analyzer.caught_up()
    return time.monotonic() - began


if __name__ == "__main__":
    print(run(Taking(**json.load(sys.stdin))))
