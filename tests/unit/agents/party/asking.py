"""A party agent, asked as a plan's step asks it."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from reveille.agents import Context, Input, LocalContext, Model, Task, load_skill
from reveille.agents.models.offline import OfflineModel

SKILLS: Final[Mapping[str, str]] = {
    "theme": "reveille.agents.party.theme:plan_theme",
    "venue": "reveille.agents.party.venue:find_venue",
    "cake": "reveille.agents.party.cake:find_cake",
    "catering": "reveille.agents.party.catering:plan_catering",
    "vendor": "reveille.agents.party.vendor:find_vendors",
}
WITH_MONEY: Final = ("venue", "cake", "catering", "vendor")
MAX_BYTES: Final = 12 * 1024


def task_of(
    step: str,
    *texts: str,
    facts: Mapping[str, Any] | None = None,
    results: Mapping[str, Any] | None = None,
    item: Any = None,
) -> Task:
    return Task(
        run_id="r",
        execution_id="e",
        agent=f"{step}-agent",
        step=step,
        attempt=1,
        priority="medium",
        tokens=0,
        blueprint="party",
        inputs=tuple(Input(id=f"i-{number}", text=text) for number, text in enumerate(texts)),
        facts=facts or {},
        results=results or {},
        item=item,
    )


def asked(step: str, *texts: str, results: Mapping[str, Any] | None = None, **facts: Any) -> dict[str, Any]:
    """What it answers with the offline model, for which a run reserves no tokens."""
    return answer(task_of(step, *texts, facts=facts, results=results))


def answer(task: Task, model: Model | None = None, *, tokens: int = 0) -> dict[str, Any]:
    context: Context = LocalContext(model or OfflineModel(), tokens=tokens)
    result = asyncio.run(load_skill(SKILLS[task.step])(task, context))
    assert result is not None
    # As the platform records it: it must be JSON, and small.
    data = json.dumps(dict(result), ensure_ascii=False, allow_nan=False).encode()
    assert len(data) < MAX_BYTES
    read: dict[str, Any] = json.loads(data)
    return read


def recommended(result: Mapping[str, Any], priority: str = "") -> Sequence[str]:
    return [one["description"] for one in result["recommendations"] if not priority or one["priority"] == priority]
