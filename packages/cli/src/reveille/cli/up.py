"""`reveille up`: the platform in one process, with HTTP on loopback, until it is told to stop."""

import asyncio
import contextlib
import gc
import os
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import uvicorn

from reveille.cli.embedded import Platform, open_platform, prepare_views
from reveille.cli.settings import UpSettings
from reveille.ingress.application.fleet_document import FleetFileInvalid
from reveille.ingress.application.fleet_file import default_fleet
from reveille.ingress.bootstrap import fleet_from
from reveille.ingress.domain.fleet import WantedFleet
from reveille.ingress.entrypoints.http.app import create_app
from reveille.ingress.settings import Settings as IngressSettings
from reveille.kernel.errors import Misconfigured

BACKLOG: Final = 2048


class Server(uvicorn.Server):
    """Signals are the platform's: it drains before HTTP is closed."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def run(settings: UpSettings, ingress_settings: IngressSettings, *, announce: Callable[[str], None]) -> None:
    """Returns when it was stopped. Raises Misconfigured with one line, and whatever a service died of."""
    settings.check()
    for folder in ingress_settings.repos:
        if not folder.is_dir():
            raise Misconfigured(f"--repos names {folder}, expected a folder that is there")
    fleet = read_fleet(settings.fleet)
    sockets = [_listen(settings.host, port) for port in settings.ports]
    prepare_views(settings)
    import uvloop

    # The fleet file says whose fleet it is, and what comes in is for that tenant.
    receiving = replace(ingress_settings, tenant=fleet.tenant)
    uvloop.run(_serve(settings, receiving, fleet, sockets, announce))


def read_fleet(path: Path | None) -> WantedFleet:
    """None: the fleet that ships with the package."""
    try:
        text = default_fleet() if path is None else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"fleet file {path} cannot be read: {error}") from error
    try:
        return fleet_from(text, file=str(path or "the default fleet"))
    except FleetFileInvalid as error:
        raise Misconfigured(str(error)) from error


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
        await _until_stopped(platform, settings, sockets, announce)
    finally:
        await platform.close()


async def _until_stopped(
    platform: Platform, settings: UpSettings, sockets: list[socket.socket], announce: Callable[[str], None]
) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    app = create_app(platform.ingress, platform.queries)
    server = Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            proxy_headers=False,
            ws_max_size=1024 * 1024,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=3,
            backlog=BACKLOG,
            server_header=False,
        )
    )
    services = asyncio.create_task(platform.run(), name="services")
    serving = asyncio.create_task(server.serve(sockets=sockets), name="http")
    stop = asyncio.create_task(stopping.wait(), name="stop")
    _tame_garbage_collection()
    announce(f"http://{settings.host}:{sockets[0].getsockname()[1]}")
    try:
        await asyncio.wait((services, serving, stop), return_when=asyncio.FIRST_COMPLETED)
        if not services.done():
            await platform.drain(settings.grace)
    finally:
        stop.cancel()
        server.should_exit = True
        await asyncio.wait([serving])
        services.cancel()
        await asyncio.wait([services])
    if not services.cancelled() and (error := services.exception()):
        raise error


def _tame_garbage_collection() -> None:
    """A third of the time under load went into looking at what start-up had made and never lets go of."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise Misconfigured(f"cannot listen on {host}:{port}: {error.strerror}") from error
    listening.setblocking(False)
    return listening
