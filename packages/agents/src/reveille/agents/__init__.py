"""The SDK that agent authors import: an agent is an async function of a task and a context."""

from typing import TYPE_CHECKING, Any

from reveille.agents.context import Context
from reveille.agents.local import LocalContext
from reveille.agents.model import (
    Model,
    ModelAnswer,
    ModelRefused,
    ModelRequest,
    ModelUnavailable,
    TokensSpent,
    estimate_tokens,
)
from reveille.agents.skill import Skill, SkillNotFound, load_skill
from reveille.agents.task import HandedOn, Input, Result, Signal, Task
from reveille.agents.tool import Tool, ToolFailed, Tools, call_tool
from reveille.agents.tools.builtin import builtin_tools

if TYPE_CHECKING:
    from reveille.agents.live import LiveEvent, LiveEvents

__all__ = [
    "Context",
    "HandedOn",
    "Input",
    "LiveEvent",
    "LiveEvents",
    "LocalContext",
    "Model",
    "ModelAnswer",
    "ModelRefused",
    "ModelRequest",
    "ModelUnavailable",
    "Result",
    "Signal",
    "Skill",
    "SkillNotFound",
    "Task",
    "TokensSpent",
    "Tool",
    "ToolFailed",
    "Tools",
    "builtin_tools",
    "call_tool",
    "estimate_tokens",
    "load_skill",
]


def __getattr__(name: str) -> Any:
    """Whoever watches needs the extra `remote`; agents need it not."""
    if name in ("LiveEvent", "LiveEvents"):
        from reveille.agents import live

        return getattr(live, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
