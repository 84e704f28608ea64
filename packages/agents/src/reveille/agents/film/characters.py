"""A specialist of a film scene."""

from typing import Any

from reveille.agents.context import Context
from reveille.agents.task import Task


async def design_characters(task: Task, context: Context) -> dict[str, Any]:
    prompt = task.item["brief"]["prompt"]
    await context.progress("reading the brief")
    return {"kind": "characters", "title": "characters", "text": f"characters of {prompt}", "summary": "characters", "round": task.round}
