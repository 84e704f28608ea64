"""A specialist of a film scene."""

from typing import Any

from reveille.agents.context import Context
from reveille.agents.task import Task


async def light_scene(task: Task, context: Context) -> dict[str, Any]:
    prompt = task.item["brief"]["prompt"]
    await context.progress("reading the brief")
    return {"kind": "lighting", "title": "lighting", "text": f"lighting of {prompt}", "summary": "lighting", "round": task.round}
