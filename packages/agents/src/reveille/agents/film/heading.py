"""The head of a department."""

from typing import Any

from reveille.agents.context import Context
from reveille.agents.task import Task


async def head(task: Task, context: Context) -> dict[str, Any]:
    if task.role == "brief":
        prompt = task.results["orchestrate"]["prompt"]
        return {"briefs": {one: {"prompt": prompt} for one in task.facts["specialists"]}, "summary": "briefed"}
    reviews = []
    for specialist, step in task.facts["drafts"].items():
        good = task.round > 1
        reviews.append(
            {
                "specialist": specialist,
                "score": 85 if good else 60,
                "reasons": [f"{step} is {'long enough' if good else 'short'}"],
                "status": "approved" if good else "revise",
                "notes": "" if good else "write more",
            }
        )
    return {"reviews": reviews, "summary": "reviewed"}
