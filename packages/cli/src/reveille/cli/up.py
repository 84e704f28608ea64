"""`reveille up`: the platform in one process, with HTTP on loopback, until it is told to stop."""

import os
import socket
from collections.abc import Callable
from dataclasses import replace

from reveille.cli.embedded import open_platform, prepare_views
from reveille.cli.fleet_files import read_fleet
from reveille.cli.serving import Http, listen, until_stopped
from reveille.cli.settings import UpSettings
from reveille.ingress.domain.fleet import WantedFleet
from reveille.ingress.entrypoints.http.app import create_app
from reveille.ingress.settings import Settings as IngressSettings
from reveille.kernel.errors import Misconfigured


def run(settings: UpSettings, ingress_settings: IngressSettings, *, announce: Callable[[str], None]) -> None:
    """Returns when it was stopped. Raises Misconfigured with one line, and whatever a service died of."""
    settings.check()
    for folder in ingress_settings.repos:
        if not folder.is_dir():
            raise Misconfigured(f"--repos names {folder}, expected a folder that is there")
    fleet = read_fleet(settings.fleet)
    sockets = [listen(settings.host, port) for port in settings.ports]
    prepare_views(settings)
    import uvloop

    # The fleet file says whose fleet it is, and what comes in is for that tenant.
    receiving = replace(ingress_settings, tenant=fleet.tenant)
    uvloop.run(_serve(settings, receiving, fleet, sockets, announce))


async def _serve(
    settings: UpSettings,
    ingress_settings: IngressSettings,
    fleet: WantedFleet,
    sockets: list[socket.socket],
    announce: Callable[[str], None],
) -> None:
    platform = await open_platform(settings, ingress_settings, os.environ)
    try:
        await platform.ingress.fleets.load()
        await platform.ingress.fleets.apply(fleet)
        http = Http(create_app(platform.ingress, platform.queries), sockets)
        await until_stopped(
            platform.run(),
            drain=lambda: platform.drain(settings.grace),
            https=[http],
            up=lambda: announce(f"http://{settings.host}:{sockets[0].getsockname()[1]}"),
        )
    finally:
        await platform.close()
