"""`reveille views rebuild`: all views anew from the log, while nothing else runs on the data folder."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from rich.console import Console
from rich.progress import Progress

from reveille.cli.embedded import open_platform, prepare_views
from reveille.cli.settings import UpSettings
from reveille.ingress.settings import Settings as IngressSettings
from reveille.kernel.errors import Misconfigured


def run(settings: UpSettings) -> None:
    if not settings.log_file.exists():
        raise Misconfigured(f"there is no log {settings.log_file}")
    prepare_views(settings)
    asyncio.run(_rebuild(settings))


async def _rebuild(settings: UpSettings) -> None:
    platform = await open_platform(settings, IngressSettings(embedded=True), {})
    console = Console(stderr=True)
    try:
        head = await platform.store.head()
        with Progress(console=console, transient=True) as progress:
            for service in platform.services:
                task = progress.add_task(service.name, total=head)
                await service.follower.clear()
                await _watched(
                    service.follower.catch_up(), lambda at, task=task: progress.update(task, completed=at), service
                )
        console.print(f"views of {len(platform.services)} services stand at position {head}")
    finally:
        await platform.close()


async def _watched(work: Awaitable[int], show: Any, service: Any) -> None:
    """Show how far it is while it goes on."""
    task = asyncio.ensure_future(work)
    while not task.done():
        await asyncio.wait([task], timeout=0.1)
        show(service.follower.position)
    await task
