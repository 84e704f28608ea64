"""Several works of one caller at once."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


async def together(works: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """Their results in order. An error is raised as it is, when all have come to an end.

    So that no child of the task group ever fails: where one does, Python 3.11 may forget a cancellation (see
    `cancelling`).
    """
    if len(works) == 1:
        return [await works[0]]
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(_outcome(work)) for work in works]
    outcomes = [task.result() for task in running]
    for outcome in outcomes:
        if isinstance(outcome, _Failed):
            raise outcome.error
    return [outcome for outcome in outcomes if not isinstance(outcome, _Failed)]


async def _outcome(work: Coroutine[Any, Any, T]) -> "T | _Failed":
    try:
        return await work
    except Exception as error:
        return _Failed(error)


@dataclass(frozen=True, slots=True)
class _Failed:
    error: Exception
