"""Beginning and ending Kafka's clients.

They wait without bound for brokers that are away, may end as cancelled themselves, and leave behind tasks and
connections where they are cut off.
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from contextlib import suppress
from typing import Any, Final

from aiokafka.client import AIOKafkaClient

CUT_SECONDS: Final = 0.05
FIRST_ANSWER_SECONDS: Final = 1.0


async def started(starting: Coroutine[Any, Any, None]) -> None:
    """Raises what the client raises.

    One that is cut off while it waits for the first answer forgets the connection that it has asked by. So whoever is
    cancelled meanwhile waits for that a moment longer.
    """
    task = asyncio.ensure_future(starting)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await _in_order(task, FIRST_ANSWER_SECONDS)
        raise


async def ended(
    stopping: Coroutine[Any, Any, None],
    client: AIOKafkaClient,
    seconds: float,
    tasks: Callable[[], Collection[asyncio.Task[Any]]] = tuple,
) -> None:
    """Stopped as it wants to be, or, where that takes longer or goes wrong, cut off. Raises nothing of the client's.

    tasks: those that are not over where it was cut off, and would go on for as long as the process lives.
    """
    if await _in_order(stopping, seconds):
        return
    # Before the connections, as they would open new ones.
    await _cut_off(tasks(), seconds)
    await _in_order(client.close(), seconds)


async def _cut_off(tasks: Collection[asyncio.Task[Any]], seconds: float) -> None:
    """Told as often as it takes: the first time, a producer waits for the requests that are under way."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while tasks:
                for task in tasks:
                    task.cancel()
                _, tasks = await asyncio.wait(tasks, timeout=CUT_SECONDS)


async def _in_order(work: "Coroutine[Any, Any, None] | asyncio.Task[None]", seconds: float) -> bool:
    """Whether it came to its end in time, and well.

    A client cancels tasks of its own and waits for them. Awaited as usual, one that ends as cancelled by that would
    cancel whoever closes it.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait([task], timeout=seconds)
    finally:
        in_time = task.done()
        task.cancel()
    await asyncio.wait([task], timeout=seconds)
    if not task.done() or task.cancelled():
        return False
    failed = task.exception()  # looked at in any case, so that nobody complains that nobody has
    return in_time and failed is None
