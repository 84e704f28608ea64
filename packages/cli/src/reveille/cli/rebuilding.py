"""`reveille views rebuild`: all views anew from the log, with the code that keeps them up to date.

Embedded, nothing else may run on the data folder. A cluster goes on meanwhile: its views are emptied in one
transaction, and whoever of a service's replicas sees that helps to fill them, one at a time, as a lock on their
position has it. Until they are full, who reads them finds less, and who waits for a write of its own waits for them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.progress import Progress

from reveille.adapters.settings import read_settings
from reveille.cli import embedded
from reveille.cli.catalogue import SERVICES
from reveille.cli.settings import POSTGRES, ServeSettings, UpSettings
from reveille.ingress import bootstrap as ingress
from reveille.ingress.settings import Settings as IngressSettings
from reveille.kernel.errors import Misconfigured
from reveille.kernel.service import Service

if TYPE_CHECKING:
    from reveille.cli.cluster import Cluster

VIEWS: Final = "REVEILLE_VIEWS"
DATA: Final = "REVEILLE_DATA"
# A view holds nothing that an HMAC was made for, and nothing is written to the log.
NO_KEY: Final = bytes(32)


def run(environment: Mapping[str, str], *, data: str = "") -> None:
    """data: the folder that an option names; "" is none. Raises Misconfigured."""
    if not environment.get(VIEWS, "").startswith(POSTGRES):
        return _run_embedded(read_settings(UpSettings, {**environment, **({DATA: data} if data else {})}))
    if data:
        raise Misconfigured(f"--data names {data}, but {VIEWS} a cluster's views, expected one of them")
    settings = read_settings(ServeSettings, environment)
    settings.check_places()
    settings = replace(settings, key=settings.key or NO_KEY)
    # Late: what only a cluster needs need not be installed for one process.
    from reveille.cli import cluster

    for service in SERVICES:
        cluster.prepare(settings, service)
    asyncio.run(_rebuild_cluster(settings, environment))
    return None


def _run_embedded(settings: UpSettings) -> None:
    if not settings.log_file.exists():
        raise Misconfigured(f"there is no log {settings.log_file}")
    embedded.prepare_views(settings)
    asyncio.run(_rebuild_embedded(settings))


async def _rebuild_embedded(settings: UpSettings) -> None:
    platform = await embedded.open_platform(settings, IngressSettings(embedded=True), {})
    try:
        head = await platform.store.head()
        with _progress() as progress:
            for service in platform.services:
                await _rebuild(service, head, progress)
        _tell(head)
    finally:
        await platform.close()


async def _rebuild_cluster(settings: ServeSettings, environment: Mapping[str, str]) -> None:
    from reveille.cli import cluster

    head = 0
    with _progress() as progress:
        for name in SERVICES:
            opened = await cluster.open_cluster(settings, name)
            try:
                head = await opened.ports.store.head()
                if not head:
                    raise Misconfigured("the log is empty, expected one that views can be made from")
                await _rebuild(await _build(name, opened, environment), head, progress)
            finally:
                await opened.closing.aclose()
    _tell(head)


async def _build(name: str, opened: "Cluster", environment: Mapping[str, str]) -> Service:
    """Its views are all of it that is used: it takes nothing in, and answers nobody."""
    from reveille.cli.built import build

    if name != "ingress":
        return (await build(name, opened, environment)).service
    return ingress.build(opened.ports, IngressSettings(), blobs=await opened.blobs(), key=NO_KEY).service


async def _rebuild(service: Service, head: int, progress: Progress) -> None:
    task = progress.add_task(service.name, total=head)
    await service.follower.clear()
    await _watched(service.follower.catch_up(), lambda at: progress.update(task, completed=at), service)


async def _watched(work: Awaitable[int], show: Callable[[int], None], service: Service) -> None:
    """Show how far it is while it goes on."""
    task = asyncio.ensure_future(work)
    while not task.done():
        await asyncio.wait([task], timeout=0.1)
        show(service.follower.position)
    await task


def _progress() -> Progress:
    return Progress(console=Console(stderr=True), transient=True)


def _tell(head: int) -> None:
    Console(stderr=True).print(f"views of {len(SERVICES)} services stand at position {head}")
