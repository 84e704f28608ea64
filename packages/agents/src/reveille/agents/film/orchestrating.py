"""The orchestrator of a film scene."""

from typing import Any

from reveille.agents.context import Context
from reveille.agents.task import Task


async def orchestrate(task: Task, context: Context) -> dict[str, Any]:
    departments = task.facts["departments"]
    if task.role == "compose":
        texts = [r["text"] for r in task.results.values() if isinstance(r, dict) and "text" in r]
        return {"title": "A scene", "text": "\n\n".join(texts), "summary": f"a scene of {len(texts)} parts"}
    prompt = "\n".join(one.text for one in task.inputs)
    return {
        "relevance": {name: 0.8 for name in departments},
        "reasons": {name: "its words" for name in departments},
        "prompt": prompt,
        "complexity": "simple",
        "summary": "all are woken",
    }
