"""A cancellation that something on the way has swallowed."""

import asyncio


def cancellations() -> int:
    """How often the current task has been told to end.

    Only a difference says something: up to Python 3.12 a task group whose child fails while the group is being left
    counts one up for good.
    """
    task = asyncio.current_task()
    return 0 if task is None else task.cancelling()


def raise_if_cancelled(since: int) -> None:
    """Raise CancelledError where the task has been told to end since there were so many cancellations.

    A task group that ends with an error forgets that its task was cancelled at the same time, and some libraries take
    their caller's cancellation for an end of their own.
    """
    if cancellations() > since:
        raise asyncio.CancelledError
