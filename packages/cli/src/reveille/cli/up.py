"""`reveille up`: the platform in one process, with HTTP on loopback, until it is told to stop."""

import logging
import os
import socket
import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from reveille.adapters.tls import server_context
from reveille.cli.embedded import open_platform, prepare_views
from reveille.cli.fleet_files import missing_skills, put_in_force, read_fleet
from reveille.cli.serving import Http, listen, until_stopped
from reveille.cli.settings import UpSettings
from reveille.ingress.adapters.folders import WatchedFolder
from reveille.ingress.bootstrap import Ingress
from reveille.ingress.domain.fleet import WantedFleet
from reveille.ingress.entrypoints.http.app import create_app
from reveille.ingress.entrypoints.watching import Watching
from reveille.ingress.settings import Settings as IngressSettings
from reveille.kernel.errors import Misconfigured

logger = logging.getLogger(__name__)


def run(settings: UpSettings, ingress_settings: IngressSettings, *, announce: Callable[[str], None]) -> None:
    """Returns when it was stopped. Raises Misconfigured with one line, and whatever a service died of."""
    settings.check()
    tls = server_context(settings.http_pem)
    ingress_settings.check()
    for folder in ingress_settings.repos:
        if not folder.is_dir():
            raise Misconfigured(f"--repos names {folder}, expected a folder that is there")
    for folder in settings.watch:
        if not folder.is_dir():
            raise Misconfigured(f"--watch names {folder}, expected a folder that is there")
    fleet = read_fleet(settings.fleet)
    if settings.fleet is not None:
        for one in missing_skills(fleet):
            logger.warning("%s", one)
    sockets = [listen(settings.host, port) for port in settings.ports]
    prepare_views(settings)
    import uvloop

    # The fleet file says whose fleet it is, and what comes in is for that tenant.
    receiving = replace(ingress_settings, tenant=fleet.tenant)
    uvloop.run(_serve(settings, receiving, fleet, sockets, tls, announce))


async def _serve(
    settings: UpSettings,
    ingress_settings: IngressSettings,
    fleet: WantedFleet,
    sockets: list[socket.socket],
    tls: ssl.SSLContext | None,
    announce: Callable[[str], None],
) -> None:
    platform = await open_platform(settings, ingress_settings, os.environ)
    try:
        await put_in_force(platform.ingress.fleets, fleet, named=settings.fleet is not None)
        await platform.ingress.keys.load()
        await _watch(settings, platform.ingress)
        http = Http(
            create_app(platform.ingress, platform.queries),
            sockets,
            ping=ingress_settings.socket_ping,
            silence=ingress_settings.socket_silence,
            tls=tls,
            proxies=ingress_settings.trusted_proxies,
        )
        scheme = "http" if tls is None else "https"
        await until_stopped(
            platform.run(),
            drain=lambda: platform.drain(settings.grace),
            https=[http],
            up=lambda: announce(f"{scheme}://{settings.host}:{sockets[0].getsockname()[1]}"),
        )
    finally:
        await platform.close()


async def _watch(settings: UpSettings, ingress: Ingress) -> None:
    """The platform's own files are left out: each signal changes them."""
    ports, memory = ingress.service.ports, settings.data / "watched"
    own = [settings.data, settings.log_file.parent, Path(settings.views_url("ingress").removeprefix("sqlite:")).parent]
    for root in dict.fromkeys(folder.resolve() for folder in settings.watch):
        excluded = [place for place in own if place.resolve() != root]
        watching = Watching(
            WatchedFolder(root, memory=memory, excluded=excluded),
            receiving=ingress.receiving,
            tenant=ingress.settings.tenant,
            clock=ports.clock,
            ids=ports.ids,
        )
        await watching.prepare()
        ingress.service.parts.append(watching.run)
