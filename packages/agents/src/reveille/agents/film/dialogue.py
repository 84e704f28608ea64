"""A specialist of a film scene."""

from typing import Any

from reveille.agents.context import Context
from reveille.agents.task import Task


async def write_dialogue(task: Task, context: Context) -> dict[str, Any]:
    prompt = task.item["brief"]["prompt"]
    await context.progress("reading the brief")
    return {"kind": "dialogue", "title": "dialogue", "text": f"dialogue of {prompt}", "summary": "dialogue", "round": task.round}
