"""Skills whose effects can be counted from outside: each is a line in the file that REVEILLE_TEST_EFFECTS names."""

import asyncio
import json
import os
from typing import Any

from reveille.agents import Context, Task


def _note(task: Task) -> None:
    line = {
        "number": task.signals[0].number,
        "signal": task.signals[0].id,
        "execution": task.execution_id,
        "run": task.run_id,
        "attempt": task.attempt,
    }
    # One write at the end of the file is whole, whoever else writes and whenever the process is killed.
    file = os.open(os.environ["REVEILLE_TEST_EFFECTS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, json.dumps(line).encode() + b"\n")
    finally:
        os.close(file)


async def act(task: Task, context: Context) -> dict[str, Any]:
    _note(task)
    return {"number": task.signals[0].number}


async def act_and_rest(task: Task, context: Context) -> dict[str, Any]:
    """The effect, then a moment of nothing: whoever kills at random finds one of these under way."""
    _note(task)
    await asyncio.sleep(0.05 * (task.signals[0].number % 5))
    return {"number": task.signals[0].number}
