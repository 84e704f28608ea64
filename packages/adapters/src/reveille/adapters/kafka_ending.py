"""Ending Kafka's clients, which wait without bound for brokers that are away and may end as cancelled themselves."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def ended(stopping: Coroutine[Any, Any, None], seconds: float) -> bool:
    """Whether it came to its end in time, well or not; else it is cut off. Raises nothing of the client's.

    A client cancels tasks of its own and waits for them. Awaited as usual, one that ends as cancelled by that would
    cancel whoever closes it.
    """
    task = asyncio.ensure_future(stopping)
    try:
        await asyncio.wait([task], timeout=seconds)
    finally:
        in_time = task.done()
        task.cancel()
    await asyncio.wait([task], timeout=seconds)
    if task.done() and not task.cancelled():
        task.exception()  # looked at, so that nobody complains that nobody has
    return in_time
