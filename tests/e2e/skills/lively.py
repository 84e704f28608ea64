"""A skill that thinks aloud and uses tools, as often as it is told."""

import asyncio
import json
from typing import Any

from reveille.agents import Context, Task


async def think_and_act(task: Task, context: Context) -> dict[str, Any]:
    """What is said is JSON: `times`, `pause` in seconds between them, `size` of each thought, `tools` or not."""
    asked = {"times": 10, "pause": 0.1, "size": 40, "tools": True}
    asked |= json.loads(task.inputs[-1].text) if task.inputs else task.signals[0].payload
    for number in range(asked["times"]):
        await context.progress(f"{task.step} {number} ".ljust(asked["size"], "."))
        if asked["tools"]:
            await context.tools.call("text.measure", {"text": f"a scene, told for the {number}th time"})
        if asked["pause"]:
            await asyncio.sleep(asked["pause"])
    return {"step": task.step, "times": asked["times"]}
