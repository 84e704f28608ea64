"""An agent that says a lot: what a page shows of it is long."""

import asyncio
from typing import Any, Final

from reveille.agents import Context, Task

TOGETHER: Final = 1_000


async def speak(task: Task, context: Context) -> dict[str, Any]:
    """`events` thoughts, numbered, and many of them under way at a time: alone each would wait for the disk."""
    events = int(task.signals[0].payload["events"])
    for first in range(0, events, TOGETHER):
        numbers = range(first, min(first + TOGETHER, events))
        await asyncio.gather(*(context.progress(f"thought {number}") for number in numbers))
    return {"said": events}
