"""The tools that every agent has."""

from collections.abc import Mapping

from reveille.agents.tool import Tool
from reveille.agents.tools import git, text


def builtin_tools() -> Mapping[str, Tool]:
    return {"git.diff": git.diff, "git.log": git.log, "text.measure": text.measure}
