"""What the agents of these tests do."""

import asyncio
from typing import Any

from reveille.agents import Context, Task


async def for_ever(task: Task, context: Context) -> dict[str, Any]:
    await context.progress("begins")
    await asyncio.Event().wait()
    return {}
