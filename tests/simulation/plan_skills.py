"""Agents of plans: what each comes to follows from what it reads; how long it takes and when it fails does not."""

import asyncio
from typing import Any
from zlib import crc32

from reveille.agents import Context, Task
from tests.simulation.blueprints import as_read, never_done, result_of
from tests.simulation.scenes import is_rash, rash_answer
from tests.simulation.skills import entered


def _chance(task: Task, what: str) -> float:
    return crc32(f"{what} {task.run_id}".encode()) / 2**32


def _step_and_read(task: Task) -> tuple[str, str]:
    entered[task.run_id] += 1
    texts = [one.text for one in task.inputs]
    return task.step.partition("[")[0], as_read(texts, task.facts, task.results, task.item)


async def swift(task: Task, context: Context) -> dict[str, Any]:
    return result_of(*_step_and_read(task))


async def slow(task: Task, context: Context) -> dict[str, Any]:
    step, read = _step_and_read(task)
    await context.progress(f"attempt {task.attempt}")
    await asyncio.sleep(4 * _chance(task, "slow"))
    return result_of(step, read)


async def faulty(task: Task, context: Context) -> dict[str, Any]:
    step, read = _step_and_read(task)
    await asyncio.sleep(_chance(task, "sleep"))
    if never_done(step, read) or _chance(task, "fails") < 0.25:
        raise RuntimeError(f"attempt {task.attempt} fails")
    return result_of(step, read)


async def rash(task: Task, context: Context) -> dict[str, Any]:
    step, read = _step_and_read(task)
    await context.progress(f"{task.role} {task.round}")
    await asyncio.sleep(_chance(task, "rash"))
    await context.progress("done")
    return rash_answer(step, read) if is_rash(step, read) else result_of(step, read)


async def undo(task: Task, context: Context) -> dict[str, Any]:
    entered[task.run_id] += 1
    await asyncio.sleep(_chance(task, "undo"))
    return {"undone": dict(task.undoes or {})}
