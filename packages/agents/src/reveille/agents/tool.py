"""Tools: async functions that a skill calls by name, so that the platform can record each call."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeAlias

# An async function of keyword arguments; arguments and result are JSON-serialisable.
Tool: TypeAlias = Callable[..., Awaitable[Any]]


class ToolFailed(Exception):
    """There is no such tool, its arguments are wrong, or it could not do it; the message says which."""


class Tools(Protocol):
    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Raises ToolFailed."""
        ...


async def call_tool(tools: Mapping[str, Tool], name: str, arguments: Mapping[str, Any]) -> Any:
    """Look the tool up and call it; a wrong name or wrong arguments never reach it."""
    tool = tools.get(name)
    if tool is None:
        raise ToolFailed(f"there is no tool {name!r}, expected one of {', '.join(sorted(tools)) or 'none at all'}")
    try:
        inspect.signature(tool).bind(**arguments)
    except TypeError as error:
        raise ToolFailed(f"tool {name!r} was called with {', '.join(arguments) or 'nothing'}: {error}") from error
    return await tool(**arguments)
