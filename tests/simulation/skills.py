"""Agents that do what agents do: at once, slowly, badly, dearly. What each does follows from its run alone."""

import asyncio
from collections import Counter
from typing import Any, Final
from zlib import crc32

from reveille.agents import Context, ModelAnswer, ModelRequest, ModelUnavailable, Task

# How often each run of the present simulation was entered.
entered: Final[Counter[str]] = Counter()


def _chance(task: Task, what: str) -> float:
    return crc32(f"{what} {task.run_id}".encode()) / 2**32


async def instant(task: Task, context: Context) -> dict[str, Any]:
    entered[task.run_id] += 1
    return {"signals": [signal.id for signal in task.signals], "titles": [signal.title for signal in task.signals]}


async def slow(task: Task, context: Context) -> dict[str, Any]:
    entered[task.run_id] += 1
    await context.progress(f"attempt {task.attempt}")
    await asyncio.sleep(4 * _chance(task, "slow"))
    await context.progress("done")
    return {"attempt": task.attempt}


async def asking(task: Task, context: Context) -> dict[str, Any]:
    entered[task.run_id] += 1
    texts = []
    for number in range(1 + round(2 * _chance(task, "calls"))):
        prompt = f"{task.run_id} {number}"
        answer = await context.model.complete(
            ModelRequest(purpose="answer", system="", prompt=prompt, max_output_tokens=40)
        )
        texts.append(answer.text)
    await context.tools.call("nothing", {}) if _chance(task, "tool") < 0.2 else None
    return {"texts": texts}


async def flaky(task: Task, context: Context) -> dict[str, Any]:
    entered[task.run_id] += 1
    await asyncio.sleep(_chance(task, "sleep"))
    if _chance(task, "fails") < 0.5:
        raise RuntimeError(f"attempt {task.attempt} fails")
    return {}


async def greedy(task: Task, context: Context) -> dict[str, Any]:
    entered[task.run_id] += 1
    while True:
        await context.model.complete(
            ModelRequest(purpose="answer", system="", prompt=task.run_id, max_output_tokens=30)
        )


async def stuck(task: Task, context: Context) -> dict[str, Any]:
    entered[task.run_id] += 1
    if _chance(task, "stuck") < 0.5:
        await context.model.complete(ModelRequest(purpose="long", system="", prompt=task.run_id, max_output_tokens=30))
        await asyncio.sleep(1_000)
    return {}


async def giving(task: Task, context: Context) -> dict[str, Any]:
    """Hands on, asks for more than it got, and keeps what it has."""
    entered[task.run_id] += 1
    others = [name for name in sorted(context.agents) if name != task.agent]
    if others and task.handed_on is None:
        await context.hand_on(others[0], f"of {task.agent}", priority="high")
    if _chance(task, "more") < 0.5:
        await context.more_tokens(40)
    if _chance(task, "keeps") < 0.5:
        context.keep({"handed": others[:1]})
        while True:
            await context.model.complete(
                ModelRequest(purpose="answer", system="", prompt=task.run_id, max_output_tokens=30)
            )
    return {"handed": others[:1]}


class SimulatedModel:
    """Answers late, sometimes not at all, and sometimes uses more than it said it could."""

    name = "simulated"

    def cap(self, request: ModelRequest) -> int:
        return 10 + request.max_output_tokens

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        chance = crc32(request.prompt.encode()) / 2**32
        await asyncio.sleep(chance * (8 if request.purpose == "long" else 2))
        if chance * 7 % 1 < 0.1:
            raise ModelUnavailable("the provider is away")
        over = 25 if chance * 13 % 1 < 0.15 else 0
        return ModelAnswer(
            text=f"{chance:.6f}",
            model=self.name,
            input_tokens=10,
            output_tokens=round(request.max_output_tokens * chance) + over,
            estimated=False,
        )
