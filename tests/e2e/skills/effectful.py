"""Skills whose effects can be seen from outside: each appends a line to the file that REVEILLE_TEST_EFFECTS names."""

import asyncio
import json
import os
import urllib.request
from pathlib import Path
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


async def count_signals(task: Task, context: Context) -> dict[str, Any]:
    return {"rule": task.rule, "signals": [signal.id for signal in task.signals]}


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


async def quote(task: Task, context: Context) -> dict[str, Any]:
    """As libraries do, whose errors say again what they were given: first a tool's, then its own."""
    text = _told(task)["text"]
    try:
        await context.tools.call("text.measure", {"no such argument": text})
    except Exception as error:
        raise ValueError(f"no number: {text!r}") from error
    return {}


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


async def hand_on(task: Task, context: Context) -> dict[str, Any]:
    """At its first attempt it fails after it has handed on."""
    told = _told(task)
    await context.hand_on(told["to"], told["note"], priority="high", payload={"name": told["name"]})
    if task.attempt <= told.get("failures", 0):
        raise RuntimeError("handed on, and failed")
    return {"agents": {name: list(can) for name, can in context.agents.items()}}


async def take_over(task: Task, context: Context) -> dict[str, Any]:
    handed = task.handed_on
    _effect(task, "took over")
    return {
        "by": handed.by if handed else None,
        "note": handed.note if handed else None,
        "payload": dict(handed.payload) if handed else None,
        "priority": task.priority,
        "signals": [signal.id for signal in task.signals],
    }


async def comment(task: Task, context: Context) -> dict[str, Any]:
    """Says something in the thread that woke it: what it says comes back as a webhook, under its own account."""
    folder = Path(os.environ["REVEILLE_TEST_EFFECTS"]).parent
    url, login = (folder / "url").read_text(), f"{task.agent}[bot]"
    told = {
        "action": "created",
        "issue": {"number": 3, "title": "Ping"},
        "comment": {"body": f"{task.agent} was here"},
        "repository": {"full_name": "acme/app"},
        "sender": {"login": login},
    }
    headers = {
        "content-type": "application/json",
        "x-github-event": "issue_comment",
        "x-github-delivery": f"{task.run_id}",
    }
    request = urllib.request.Request(f"{url}/webhooks/github", json.dumps(told).encode(), headers)
    answer = await asyncio.to_thread(urllib.request.urlopen, request, timeout=30)
    _effect(task, "commented")
    return {"answered": answer.status}
