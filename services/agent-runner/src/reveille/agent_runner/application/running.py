"""What a run gives its skill: a model and tools whose every use is recorded, and the tokens that are left."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from reveille.agent_runner.application.handing_on import HandingOn
from reveille.agent_runner.application.measuring import RunMeasures
from reveille.agent_runner.application.reporting import Reporting
from reveille.agent_runner.domain.run import Ask, CallModel, TakeAnswer
from reveille.agents import (
    Model,
    ModelAnswer,
    ModelRefused,
    ModelRequest,
    ModelUnavailable,
    TokensSpent,
    Tool,
    ToolFailed,
    call_tool,
)
from reveille.contracts.agent_runner.v1.events_pb2 import (
    ModelAnswered,
    TokensGranted,
    TokensRefused,
    ToolCalled,
    ToolReturned,
    Work,
)
from reveille.contracts.common.v1.common_pb2 import Sealed
from reveille.kernel.blobs import BLOB_FROM, Blobs
from reveille.kernel.clock import Clock
from reveille.kernel.sealing import seal, seal_json

MAX_PROGRESS_CHARACTERS: Final = 4_000
MAX_ARGUMENTS_BYTES: Final = 128 * 1024


class RunContext:
    """The Context of one run (see the SDK)."""

    def __init__(
        self,
        work: Work,
        reporting: Reporting,
        *,
        model: Model,
        tools: Mapping[str, Tool],
        handing: HandingOn,
        blobs: Blobs,
        tenant: str,
        clock: Clock,
        measures: RunMeasures,
    ) -> None:
        self._work = work
        self._handing = handing
        self._reporting = reporting
        self._clock = clock
        self.model = RecordedModel(self, model, reporting, clock, measures)
        self.tools = RecordedTools(work.run_id, tools, reporting, blobs, tenant, measures)
        self.charged = 0
        # The latest result that the skill would end with, were its tokens spent.
        self.kept: Mapping[str, Any] | None = None
        self._tokens = work.tokens
        self._requests = 0
        self._one_request = asyncio.Lock()
        self._answer: asyncio.Future[bool] | None = None

    @property
    def tokens_left(self) -> int:
        return max(0, self._tokens - self.charged)

    def keep(self, result: Mapping[str, Any]) -> None:
        self.kept = dict(result)

    async def more_tokens(self, tokens: int) -> bool:
        if tokens <= 0:
            raise ValueError(f"{tokens} tokens are asked for, expected at least 1")
        async with self._one_request:  # the ledger answers one after the other
            self._requests += 1
            self._answer = asyncio.get_running_loop().create_future()
            await self._reporting.tell(Ask(now=self._clock.now(), request=self._requests, tokens=tokens))
            return await self._answer

    def take_answer(self, answer: TokensGranted | TokensRefused) -> None:
        """What the log's tail shows. Granted tokens count also where the skill has stopped waiting for them."""
        granted = isinstance(answer, TokensGranted)
        if isinstance(answer, TokensGranted):
            self._tokens += answer.tokens
        if answer.request == self._requests and self._answer is not None and not self._answer.done():
            self._answer.set_result(granted)

    @property
    def cancelled(self) -> bool:
        task = asyncio.current_task()
        return task is not None and task.cancelling() > 0

    async def checkpoint(self) -> None:
        await asyncio.sleep(0)

    async def progress(self, text: str) -> None:
        await self._reporting.think(self._work.run_id, text[:MAX_PROGRESS_CHARACTERS])

    @property
    def agents(self) -> Mapping[str, Sequence[str]]:
        return self._handing.agents

    @property
    def mark(self) -> str:
        return f"Reveille-Run: {self._work.run_id}"

    async def hand_on(
        self, agent: str, note: str, *, priority: str = "medium", payload: Mapping[str, Any] | None = None
    ) -> None:
        await self._handing.hand_on(agent, note, priority=priority, payload=payload)

    @property
    def run_id(self) -> str:
        return self._work.run_id


class RecordedModel:
    """Before each call its cap is recorded, and refused where it is more than is left; after it what it used."""

    def __init__(
        self, run: RunContext, model: Model, reporting: Reporting, clock: Clock, measures: RunMeasures
    ) -> None:
        self._run = run
        self._model = model
        self._reporting = reporting
        self._clock = clock
        self._measures = measures
        self._calls = 0

    @property
    def name(self) -> str:
        return self._model.name

    def cap(self, request: ModelRequest) -> int:
        return self._model.cap(request)

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        cap = self.cap(request)
        if cap > self._run.tokens_left:
            raise TokensSpent(asked=cap, left=self._run.tokens_left)
        self._calls += 1
        call = self._calls
        self._run.charged += cap
        await self._reporting.tell(CallModel(now=self._clock.now(), call=call, model=self.name, cap=cap))
        try:
            with self._measures.model(self.name) as span:
                answer = await self._model.complete(request)
                span.tell("gen_ai.response.model", answer.model)
                span.tell("gen_ai.usage.input_tokens", answer.input_tokens)
                span.tell("gen_ai.usage.output_tokens", answer.output_tokens)
        except (ModelUnavailable, ModelRefused) as error:
            # Only what was certainly not charged is given back; otherwise the call stays open and counts with its cap.
            if isinstance(error, ModelUnavailable) and error.maybe_charged:
                raise
            self._run.charged -= cap
            await self._answered(ModelAnswered(call=call, model=self.name, error=error.outline[:500]))
            raise
        self._run.charged += answer.input_tokens + answer.output_tokens - cap
        await self._answered(
            ModelAnswered(
                call=call,
                model=answer.model,
                input_tokens=answer.input_tokens,
                output_tokens=answer.output_tokens,
                estimated=answer.estimated,
            )
        )
        return answer

    async def _answered(self, answer: ModelAnswered) -> None:
        answer.run_id = self._run.run_id
        # Shielded: what the provider has charged is recorded, also where the run is cancelled meanwhile.
        await asyncio.shield(self._reporting.tell(TakeAnswer(now=self._clock.now(), answer=answer)))


def _sealed(tool: str, arguments: Mapping[str, Any]) -> Sealed:
    """What cannot be recorded is not called with."""
    try:
        sealed = seal_json(dict(arguments))
    except (TypeError, ValueError) as error:
        raise ToolFailed(f"the arguments of tool {tool!r} are not JSON: {error}") from error
    if len(sealed.data) > MAX_ARGUMENTS_BYTES:
        raise ToolFailed(f"the arguments of tool {tool!r} are {len(sealed.data)} bytes, at most {MAX_ARGUMENTS_BYTES}")
    return sealed


class RecordedTools:
    def __init__(
        self,
        run_id: str,
        tools: Mapping[str, Tool],
        reporting: Reporting,
        blobs: Blobs,
        tenant: str,
        measures: RunMeasures,
    ) -> None:
        self._run_id = run_id
        self._tools = tools
        self._reporting = reporting
        self._blobs = blobs
        self._tenant = tenant
        self._measures = measures
        self._calls = 0

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        self._calls += 1
        call = self._calls
        called = ToolCalled(run_id=self._run_id, call=call, tool=name, arguments=_sealed(name, arguments))
        await self._reporting.report(called)
        returned = ToolReturned(run_id=self._run_id, call=call, tool=name)
        try:
            # A skill may ask for tools by any name.
            with self._measures.tool(name if name in self._tools else "unknown"):
                result = await call_tool(self._tools, name, arguments)
        except Exception as error:
            returned.error.CopyFrom(seal(str(error)[:2000].encode(errors="replace")))
            await self._reporting.report(returned)
            raise
        data = json.dumps(result, ensure_ascii=False, default=str).encode(errors="replace")
        if len(data) >= BLOB_FROM:
            returned.result_blob = await self._blobs.put(self._tenant, data)
        else:
            returned.result.CopyFrom(seal(data))
        await self._reporting.report(returned)
        return result
