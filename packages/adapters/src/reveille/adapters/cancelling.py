"""A cancellation that something on the way has swallowed."""

import asyncio


def raise_if_cancelled() -> None:
    """Raise CancelledError where the current task has been told to end.

    A task group of Python 3.11 and 3.12 that ends with a child's error forgets that its own task was cancelled at the
    same time (gh-116720), and some libraries take their caller's cancellation for an end of their own.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
