"""The agents of the bench: they do nothing, or nothing but tell when they were entered."""

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


@cache
def _wakes() -> int:
    return os.open(os.environ[WAKES], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
