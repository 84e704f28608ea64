"""A specialist of a film scene."""

from typing import Any

from reveille.agents.context import Context
from reveille.agents.task import Task


async def write_plot(task: Task, context: Context) -> dict[str, Any]:
    prompt = task.item["brief"]["prompt"]
    await context.progress("reading the brief")
    return {"kind": "plot", "title": "plot", "text": f"plot of {prompt}", "summary": "plot", "round": task.round}
