"""The roles of a small hierarchy, which do exactly what the prompt says: `{"scores": [...], "say": {...}}` as JSON."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

from reveille.agents import Context, Task


async def orchestrate(task: Task, context: Context) -> dict[str, Any]:
    if task.role == "compose":
        return {"made": task.facts["departments"], "summary": "composed"}
    told = json.loads(task.inputs[-1].text)
    return {"relevance": told.get("relevance", {"press": 1}), "told": told}


async def lead(task: Task, context: Context) -> dict[str, Any]:
    if task.role == "brief":
        told = task.results["orchestrate"]["told"]
        return {"briefs": told.get("briefs", {"writer": told})}
    reviews = []
    for specialist, step in task.facts["drafts"].items():
        said = task.results[step]["say"]
        reviews.append({"specialist": specialist, "reasons": ["as it was told"], "notes": "again", **said})
    return {"reviews": reviews}


async def write(task: Task, context: Context) -> dict[str, Any]:
    """Waits until the file `go` is there, where the prompt says so."""
    told = task.item["brief"]
    await context.progress(f"round {task.round}")
    while told.get("wait") and not Path(os.environ["REVEILLE_TEST_EFFECTS"]).with_name("go").exists():
        await context.checkpoint()
        await asyncio.sleep(0.02)
    says = told["says"]
    return {"say": says[min(task.round, len(says)) - 1], "round": task.round, "notes": task.item.get("notes", "")}
