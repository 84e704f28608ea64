"""Whom runs ask for what came in lately."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from reveille.agents import Tool, ToolFailed
from reveille.agents.tools.signals import recent_by

# (tenant, repository, hours, limit): signals as the API shows them, the newest first; "" is any repository.
# Raises ToolFailed where nobody can be asked.
History = Callable[[str, str, int, int], Awaitable[Sequence[dict[str, Any]]]]


async def no_history(tenant: str, repository: str, hours: int, limit: int) -> Sequence[dict[str, Any]]:
    raise ToolFailed("nobody can be asked for signals here: REVEILLE_INGRESS is not set")


def tool_of(history: History, tenant: str) -> Tool:
    """`signals.recent` for the runs of one tenant."""
    return recent_by(partial(history, tenant))
