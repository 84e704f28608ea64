"""What came in lately about a repository: a tool for skills that look for causes."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from reveille.agents import Tool, ToolFailed

MAX_HOURS: Final = 24 * 14
MAX_SIGNALS: Final = 200

# (tenant, repository, hours, limit): signals as the API shows them, the newest first; "" is any repository.
# Raises ToolFailed where nobody can be asked.
History = Callable[[str, str, int, int], Awaitable[Sequence[dict[str, Any]]]]


async def no_history(tenant: str, repository: str, hours: int, limit: int) -> Sequence[dict[str, Any]]:
    raise ToolFailed("nobody can be asked for signals here: REVEILLE_INGRESS is not set")


def tool_of(history: History, tenant: str) -> Tool:
    """`signals.recent` for the runs of one tenant."""

    async def recent(repository: str = "", hours: int = 24, limit: int = 100) -> Sequence[dict[str, Any]]:
        if not 1 <= hours <= MAX_HOURS or not 1 <= limit <= MAX_SIGNALS:
            raise ToolFailed(f"hours is {hours} and limit {limit}, expected 1 to {MAX_HOURS} and 1 to {MAX_SIGNALS}")
        return await history(tenant, repository, hours, limit)

    return recent
