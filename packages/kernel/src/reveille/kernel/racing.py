"""Several ways of which the first to end decides."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


async def first_to_end(*ways: Awaitable[T]) -> list["asyncio.Future[T]"]:
    """Those that have ended, in the order in which they were given; the others are cancelled, and have ended too."""
    running = [asyncio.ensure_future(way) for way in ways]
    try:
        done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in running:
            one.cancel()
        await asyncio.wait(running)
    return [one for one in running if one in done]
