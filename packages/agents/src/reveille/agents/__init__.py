"""The SDK that agent authors import: an agent is an async function of a task and a context."""

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

__all__ = [
    "Context",
    "HandedOn",
    "Input",
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
