"""The agents of the bench: they do nothing, or nothing but tell when they were entered, or what time it is."""

import asyncio
import os
import time
from functools import cache
from typing import Final

from reveille.agents import Context, Result, Task

# The file to which `tell` appends.
WAKES: Final = "REVEILLE_BENCH_WAKES"


async def nothing(task: Task, context: Context) -> Result:
    return None


async def tell(task: Task, context: Context) -> Result:
    """A line for each wake: nanoseconds from when its webhook was to be sent. The clock is the machine's."""
    entered = time.monotonic_ns()
    os.write(_wakes(), b"%d\n" % (entered - task.signals[0].payload["sent_ns"]))
    return None


async def speak(task: Task, context: Context) -> Result:
    """Once the file `begin` is there it says so many times, at a fixed rate, what the clock shows."""
    asked = task.signals[0].payload
    # A look at a file's name blocks nothing that is measured: nothing has been said yet.
    while not os.path.exists(asked["begin"]):  # noqa: ASYNC110, ASYNC240
        await asyncio.sleep(0.02)
    began = time.monotonic()
    for number in range(asked["events"]):
        await asyncio.sleep(max(0.0, began + number / asked["rate"] - time.monotonic()))
        await context.progress(str(time.monotonic_ns()))
    return None


@cache
def _wakes() -> int:
    return os.open(os.environ[WAKES], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
