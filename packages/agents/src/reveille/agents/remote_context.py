"""What a skill may use of the platform where it runs elsewhere: the same, counted here and told over a socket."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from reveille.agents.model import Model, ModelAnswer, ModelRefused, ModelRequest, ModelUnavailable, TokensSpent
from reveille.agents.tool import Tool, Tools, call_tool

# A message of the agent socket; what cannot be sent now is told again after the next connection where it must be.
Say = Callable[[dict[str, Any]], Awaitable[None]]


class RemoteContext:
    """The Context of one run. `limit`: the tokens that it may use in all, `used`: what it has used of them."""

    def __init__(
        self,
        run_id: str,
        say: Say,
        *,
        limit: int,
        used: int,
        agents: Mapping[str, Sequence[str]],
        mark: str,
        model: Model,
        tools: Mapping[str, Tool],
    ) -> None:
        self.limit = limit
        self.used = used
        self.agents = agents
        self.mark = mark
        self.kept: Mapping[str, Any] | None = None
        self.model: Model = _CappedModel(model, self)
        self.tools: Tools = _Tools(tools)
        # What calls that go on may use.
        self.held = 0
        self._run_id = run_id
        self._say = say
        self._asked: asyncio.Future[bool] | None = None
        self._handed = 0
        self._handing: dict[int, tuple[dict[str, Any], asyncio.Future[str | None]]] = {}

    @property
    def tokens_left(self) -> int:
        return max(0, self.limit - self.used - self.held)

    @property
    def cancelled(self) -> bool:
        task = asyncio.current_task()
        return task is not None and task.cancelling() > 0

    async def checkpoint(self) -> None:
        await asyncio.sleep(0)

    async def progress(self, text: str) -> None:
        await self._say({"type": "progress", "runId": self._run_id, "text": text, "tokensUsed": self.used})

    async def tell_usage(self) -> None:
        await self._say({"type": "progress", "runId": self._run_id, "tokensUsed": self.used})

    def keep(self, result: Mapping[str, Any]) -> None:
        self.kept = dict(result)

    async def more_tokens(self, tokens: int) -> bool:
        if tokens <= 0:
            raise ValueError(f"{tokens} tokens are asked for, expected at least 1")
        while self._asked is not None:  # one question at a time, as answers name none
            await asyncio.wait([self._asked])
        self._asked = asyncio.get_running_loop().create_future()
        try:
            await self._say({"type": "more_tokens", "runId": self._run_id, "tokens": tokens})
            return await self._asked
        finally:
            self._asked = None

    async def hand_on(
        self, agent: str, note: str, *, priority: str = "medium", payload: Mapping[str, Any] | None = None
    ) -> None:
        self._handed += 1
        number = self._handed
        message = {
            "type": "hand_on",
            "runId": self._run_id,
            "number": number,
            "agent": agent,
            "note": note,
            "priority": priority,
            "payload": dict(payload or {}),
        }
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._handing[number] = (message, answer)
        try:
            await self._say(message)
            error = await answer
        finally:
            del self._handing[number]
        if error:
            raise ValueError(error)

    def take_tokens(self, tokens: int, *, granted: bool) -> None:
        if granted:
            self.limit += tokens
        if self._asked is not None and not self._asked.done():
            self._asked.set_result(granted)

    def take_handed_on(self, number: int, error: str | None) -> None:
        if number in self._handing and not self._handing[number][1].done():
            self._handing[number][1].set_result(error)

    async def resume(self, *, limit: int) -> None:
        """Another connection has the run: what waits for an answer is asked again, but for tokens.

        Those that were granted meanwhile are in the new limit.
        """
        granted = limit > self.limit
        self.limit = max(self.limit, limit)
        if self._asked is not None and not self._asked.done():
            self._asked.set_result(granted)
        for message, _ in list(self._handing.values()):
            await self._say(message)


class _CappedModel:
    def __init__(self, model: Model, context: RemoteContext) -> None:
        self._model = model
        self._context = context
        self.name = model.name
        self.cap = model.cap

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        context, cap = self._context, self._model.cap(request)
        if cap > context.tokens_left:
            raise TokensSpent(asked=cap, left=context.tokens_left)
        context.held += cap
        used = cap  # whatever ends the call, it may have been charged
        try:
            answer = await self._model.complete(request)
            used = answer.input_tokens + answer.output_tokens
        except (ModelUnavailable, ModelRefused) as error:
            if not (isinstance(error, ModelUnavailable) and error.maybe_charged):
                used = 0
            raise
        finally:
            context.held -= cap
            context.used += used
        await context.tell_usage()
        return answer


class _Tools:
    def __init__(self, tools: Mapping[str, Tool]) -> None:
        self._tools = tools

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        return await call_tool(self._tools, name, arguments)
