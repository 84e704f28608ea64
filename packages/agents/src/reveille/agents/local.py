"""A context without a platform, for authors who try or test a skill by hand."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reveille.agents.model import Model, ModelAnswer, ModelRequest, TokensSpent
from reveille.agents.tool import Tool, Tools, call_tool
from reveille.agents.tools.builtin import builtin_tools


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What a skill has handed on."""

    agent: str
    note: str
    priority: str
    payload: Mapping[str, Any]


class LocalContext:
    """Counts and refuses as a real run does. `said`, `answers`, `handed`, `kept` show what the skill did.

    `more`: how many tokens it may get besides. `cancel` ends it.
    """

    def __init__(
        self,
        model: Model,
        *,
        tools: Mapping[str, Tool] | None = None,
        tokens: int = 10_000,
        more: int = 0,
        agents: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.agents: Mapping[str, Sequence[str]] = agents or {}
        self.mark = "Reveille-Run: 00000000-0000-0000-0000-000000000000"
        self.handed: list[Handed] = []
        self.said: list[str] = []
        self.answers: list[ModelAnswer] = []
        self.model: Model = _CappedModel(model, self)
        self.tools: Tools = _LocalTools(builtin_tools() if tools is None else tools)
        self.tokens_left = tokens
        self.kept: Mapping[str, Any] | None = None
        self._more = more
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True

    async def hand_on(
        self, agent: str, note: str, *, priority: str = "medium", payload: Mapping[str, Any] | None = None
    ) -> None:
        if agent not in self.agents:
            raise ValueError(f"agent {agent!r} is not in the fleet, expected one of {', '.join(self.agents) or 'none'}")
        self.handed.append(Handed(agent=agent, note=note, priority=priority, payload=payload or {}))

    async def more_tokens(self, tokens: int) -> bool:
        if tokens <= 0:
            raise ValueError(f"{tokens} tokens are asked for, expected at least 1")
        if tokens > self._more:
            return False
        self._more -= tokens
        self.tokens_left += tokens
        return True

    def keep(self, result: Mapping[str, Any]) -> None:
        self.kept = dict(result)

    async def progress(self, text: str) -> None:
        self.said.append(text)

    async def checkpoint(self) -> None:
        if self.cancelled:
            raise asyncio.CancelledError


class _CappedModel:
    def __init__(self, model: Model, context: LocalContext) -> None:
        self._model = model
        self._context = context
        self.name = model.name
        self.cap = model.cap

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        asked, left = self._model.cap(request), self._context.tokens_left
        if asked > left:
            raise TokensSpent(asked=asked, left=left)
        answer = await self._model.complete(request)
        self._context.tokens_left -= answer.input_tokens + answer.output_tokens
        self._context.answers.append(answer)
        return answer


class _LocalTools:
    def __init__(self, tools: Mapping[str, Tool]) -> None:
        self._tools = tools

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        return await call_tool(self._tools, name, arguments)
