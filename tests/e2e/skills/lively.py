"""A skill that thinks aloud and uses tools, as often as it is told."""

import asyncio
import json
import os
import time
from typing import Any

from reveille.agents import Context, Task


def _asked(task: Task) -> dict[str, Any]:
    text = task.inputs[-1].text
    asked: dict[str, Any] = json.loads(text[text.index("{") :])
    return asked


async def think_and_act(task: Task, context: Context) -> dict[str, Any]:
    """The input ends with JSON: `times`, `pause` in seconds between them, `size` of each thought, `tools` or not.

    Each thought begins with the time of the machine's clock in nanoseconds.
    """
    asked: dict[str, Any] = {"times": 10, "pause": 0.1, "size": 40, "tools": True}
    asked |= _asked(task)
    for number in range(asked["times"]):
        await context.progress(f"{time.monotonic_ns()} {number} ".ljust(asked["size"], "."))
        if asked["tools"]:
            await context.tools.call("text.measure", {"text": f"a scene, told for the {number}th time"})
        if asked["pause"]:
            await asyncio.sleep(asked["pause"])
    return {"step": task.step, "times": asked["times"]}


async def speak_when_told(task: Task, context: Context) -> dict[str, Any]:
    """As `think_and_act`, once the file `begin` is there."""
    file = _asked(task)["begin"]
    while not os.path.exists(file):  # noqa: ASYNC110, ASYNC240 - a file is what every process can see
        await asyncio.sleep(0.01)
    return await think_and_act(task, context)
