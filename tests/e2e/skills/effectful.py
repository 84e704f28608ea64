"""Skills whose effects can be seen from outside: each appends a line to the file that REVEILLE_TEST_EFFECTS names."""

import asyncio
import json
import os
from typing import Any

from reveille.agents import Context, ModelRequest, Task


def _told(task: Task) -> dict[str, Any]:
    return dict(task.signals[0].payload)


def _effect(task: Task, what: str) -> None:
    line = {"what": what, "name": _told(task).get("name"), "run": task.run_id, "attempt": task.attempt}
    # One write at the end of the file is whole, whoever else writes and whenever the process is killed.
    file = os.open(os.environ["REVEILLE_TEST_EFFECTS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, json.dumps(line).encode() + b"\n")
    finally:
        os.close(file)


async def act(task: Task, context: Context) -> dict[str, Any]:
    _effect(task, "acted")
    return {"name": _told(task).get("name"), "run": task.run_id, "tokens": task.tokens}


async def act_slowly(task: Task, context: Context) -> dict[str, Any]:
    """The effect, then `seconds` of doing nothing: whoever kills at random hits this often."""
    _effect(task, "acted")
    await asyncio.sleep(_told(task)["seconds"])
    return {"run": task.run_id}


async def wait_for_file(task: Task, context: Context) -> dict[str, Any]:
    _effect(task, "began")
    while not os.path.exists(_told(task)["file"]):  # noqa: ASYNC110, ASYNC240 - a file is what every process can see
        await asyncio.sleep(0.01)
    _effect(task, "ended")
    return {"attempt": task.attempt}


async def fail_at_first(task: Task, context: Context) -> dict[str, Any]:
    _effect(task, "tried")
    if task.attempt <= _told(task)["failures"]:
        raise RuntimeError(f"attempt {task.attempt} was not to be")
    return {"attempt": task.attempt}


async def never_end(task: Task, context: Context) -> None:
    _effect(task, "began")
    await asyncio.Event().wait()


async def tell_progress(task: Task, context: Context) -> dict[str, Any]:
    for text in ("looking", "thinking", "deciding"):
        await context.progress(text)
    return {"said": 3}


async def ask_model(task: Task, context: Context) -> dict[str, Any]:
    """Uses `input` + about `output` tokens of the offline model."""
    told = _told(task)
    before = context.tokens_left
    prompt = "word " * (told["input"] * 4 // 5)
    request = ModelRequest(purpose="echo", system="", prompt=prompt, max_output_tokens=told.get("output", 10))
    answer = await context.model.complete(request)
    return {"before": before, "after": context.tokens_left, "used": answer.input_tokens + answer.output_tokens}


async def measure(task: Task, context: Context) -> dict[str, Any]:
    return {"characters": len(_told(task)["text"])}


async def return_no_json(task: Task, context: Context) -> dict[str, Any]:
    return {"thing": object()}
