"""Skills for steps of plans: what they read is what they say, and each leaves a line in REVEILLE_TEST_EFFECTS."""

import asyncio
import json
import os
from typing import Any

from reveille.agents import Context, Task


def _effect(task: Task, what: str) -> None:
    line = {"what": what, "name": task.step, "run": task.run_id, "attempt": task.attempt, "undoes": task.undoes}
    file = os.open(os.environ["REVEILLE_TEST_EFFECTS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, json.dumps(line).encode() + b"\n")
    finally:
        os.close(file)


async def tell(task: Task, context: Context) -> dict[str, Any]:
    _effect(task, "told")
    return {
        "texts": [one.text for one in task.inputs],
        "facts": dict(task.facts),
        "results": dict(task.results),
        "item": task.item,
    }


async def list_words(task: Task, context: Context) -> dict[str, Any]:
    """The words behind the colon of the last input."""
    _effect(task, "told")
    words = task.inputs[-1].text.partition(":")[2].split() if task.inputs else []
    return {"words": words, "money": {"min": len(words), "max": 2 * len(words)}}


async def fail(task: Task, context: Context) -> None:
    _effect(task, "tried")
    raise RuntimeError("the oven is broken")


async def wait_for_file(task: Task, context: Context) -> dict[str, Any]:
    """Until the file is there that the last input names."""
    _effect(task, "began")
    file = task.inputs[-1].text.partition(": ")[2]
    while not os.path.exists(file):  # noqa: ASYNC110, ASYNC240 - a file is what every process can see
        await asyncio.sleep(0.01)
    _effect(task, "ended")
    return {"file": file}


async def undo(task: Task, context: Context) -> dict[str, Any]:
    _effect(task, "undone")
    return {"undone": task.undoes}
