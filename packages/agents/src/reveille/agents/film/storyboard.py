"""A specialist of a film scene."""

from typing import Any

from reveille.agents.context import Context
from reveille.agents.task import Task


async def draw_storyboard(task: Task, context: Context) -> dict[str, Any]:
    prompt = task.item["brief"]["prompt"]
    await context.progress("reading the brief")
    return {"kind": "storyboard", "title": "storyboard", "text": f"storyboard of {prompt}", "summary": "storyboard", "round": task.round}
