"""A pool on a log in memory, and the runs that a test starts in it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from google.protobuf.message import Message

from reveille.adapters.inline_blobs import InlineBlobs
from reveille.agent_runner.application.history import no_history
from reveille.agent_runner.application.pool import Pool
from reveille.agent_runner.application.thinking import Thinking
from reveille.agent_runner.domain import run
from reveille.agent_runner.domain.run import StartRun
from reveille.agents import (
    Model,
    ModelAnswer,
    ModelRequest,
    Skill,
    SkillNotFound,
    Tool,
)
from reveille.contracts.agent_runner.v1.events_pb2 import RunCompleted, RunFailed, RunStarted, Work
from reveille.contracts.common.v1.common_pb2 import PRIORITY_HIGH, EventRef, Signal
from reveille.contracts.ingress.v1.events_pb2 import Agent, SignalReceived
from reveille.contracts.planner.v1.events_pb2 import StepReady
from reveille.kernel import handling
from reveille.kernel.event_store import follow
from reveille.kernel.events import Meta, Recorded, new_event
from reveille.kernel.facts import Facts
from reveille.kernel.handling import Cause, Desk, Handling
from reveille.kernel.spans import NoSpans
from tests.unit.kernel.tally import WatchedStore
from tests.unit.log import Log
from tests.unit.manual_clock import NOON, ManualClock
from tests.unit.running import running
from tests.unit.spec import HERE

HERE_REPLICA = "here"


class ScriptedModel:
    """Answers with what it was given, in order; a call can use its prompt's length and what it may answer."""

    name = "scripted"

    def __init__(self) -> None:
        self.script: list[ModelAnswer | Exception] = []
        self.asked: list[ModelRequest] = []

    def cap(self, request: ModelRequest) -> int:
        return len(request.prompt) + request.max_output_tokens

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        self.asked.append(request)
        said = self.script.pop(0)
        if isinstance(said, Exception):
            raise said
        return said


def answer(input_tokens: int = 3, output_tokens: int = 4) -> ModelAnswer:
    return ModelAnswer(
        text="yes", model="scripted-1", input_tokens=input_tokens, output_tokens=output_tokens, estimated=False
    )


def request(prompt: str = "1234567890", max_output_tokens: int = 20) -> ModelRequest:
    return ModelRequest(purpose="test", system="", prompt=prompt, max_output_tokens=max_output_tokens)


class House:
    def __init__(self) -> None:
        self.store = WatchedStore()
        self.log = Log(self.store)
        self.clock = ManualClock()
        self.blobs = InlineBlobs()
        self.thinking = Thinking(10, self.clock)
        self.model = ScriptedModel()
        self.skills: dict[str, Skill] = {}
        self.tools: dict[str, Tool] = {}
        deciding = Handling([run.decider], store=self.store, ids=self.log.ids, replica=HERE_REPLICA)
        self.desk = Desk(deciding, self._park)
        self.pool = Pool(
            store=self.store,
            facts=Facts(self.store),
            desk=self.desk,
            clock=self.clock,
            replica=HERE_REPLICA,
            spans=NoSpans(),
            blobs=self.blobs,
            skill=self._skill,
            model=self._model,
            tools=self.tools,
            history=no_history,
            thinking=self.thinking,
        )
        self._runs = 0

    @asynccontextmanager
    async def open(self, after: int = 0) -> AsyncIterator[None]:
        """after: where the log stood when this replica began to take part."""
        async with running(self.desk.run(), self.pool.run(after)):
            yield

    async def start(self, skill: Skill | str, **other: Any) -> str:
        """A run of an agent with this skill, as if its tokens had been reserved; its stream."""
        work = await self.work(skill, **other)
        stream = f"t.run-{work.run_id}"
        await self.tell(stream, StartRun(now=NOON, work=work))
        return stream

    async def work(
        self,
        skill: Skill | str,
        *,
        tokens: int = 1000,
        timeout_ms: int = 60_000,
        signals: Sequence[Signal] = (),
    ) -> Work:
        self._runs += 1
        run_id, path = f"r{self._runs}", skill if isinstance(skill, str) else skill.__name__
        if not isinstance(skill, str):
            self.skills[path] = skill
        agent = Agent(name="a", skill=path, model="scripted")
        revision = await self.log.apply_fleet(agent)
        ready = StepReady(
            execution_id="e",
            step="wake",
            agent="a",
            attempt=1,
            run_id=run_id,
            fleet_revision=revision,
            signals=[await self._received(signal) for signal in signals],
            timeout_ms=timeout_ms,
        )
        (recorded,) = await self.log.write(f"t.execution-{run_id}", ready)
        return Work(
            run_id=run_id,
            execution_id="e",
            step="wake",
            attempt=1,
            agent="a",
            tokens=tokens,
            priority=PRIORITY_HIGH,
            ready=EventRef(stream=recorded.stream, revision=recorded.revision),
        )

    async def started(self, skill: Skill | str, replica: str) -> str:
        """A run that a replica had started before; its stream."""
        work = await self.work(skill)
        meta = Meta(NOON, HERE, replica=replica)
        await self.log.append(f"t.run-{work.run_id}", [new_event(self.log.ids.new(), RunStarted(work=work), meta)])
        return f"t.run-{work.run_id}"

    async def tell(self, stream: str, command: run.Command) -> Exception | None:
        work = handling.Work(Cause(HERE), [(stream, command)])
        await self.desk.submit([work])
        return work.error

    async def result(self, skill: Skill | str, **other: Any) -> RunCompleted | RunFailed:
        """How a run with this skill ends."""
        async with self.open():
            return await self.end(await self.start(skill, **other))

    async def completed(self, skill: Skill | str, **other: Any) -> RunCompleted:
        end = await self.result(skill, **other)
        assert isinstance(end, RunCompleted), end
        return end

    async def failed(self, skill: Skill | str, **other: Any) -> RunFailed:
        end = await self.result(skill, **other)
        assert isinstance(end, RunFailed), end
        return end

    async def end(self, stream: str) -> RunCompleted | RunFailed:
        event = await self.until(
            lambda event: event.stream == stream and isinstance(event.msg, RunCompleted | RunFailed)
        )
        assert isinstance(event.msg, RunCompleted | RunFailed)
        return event.msg

    async def until(self, found: Callable[[Recorded], bool]) -> Recorded:
        """The first event of the log of which this is true, as soon as it is there."""
        async with asyncio.timeout(5):
            async for events in follow(self.log.store, 0):
                for event in events:
                    if found(event):
                        return event
        raise AssertionError("a log has no end")

    async def told(self, kind: type[Message]) -> list[Any]:
        """All events of a type."""
        return [event.msg for event in await self.log.all() if isinstance(event.msg, kind)]

    async def _received(self, signal: Signal) -> EventRef:
        (event,) = await self.log.write(f"t.signal-{signal.id}", SignalReceived(signal=signal))
        return EventRef(stream=event.stream, revision=event.revision)

    def _skill(self, path: str) -> Skill:
        try:
            return self.skills[path]
        except KeyError:
            raise SkillNotFound(f"there is no skill {path}") from None

    def _model(self, name: str) -> Model:
        if name != self.model.name:
            raise ValueError(f"there is no model {name}")
        return self.model

    async def _park(self, work: handling.Work, error: Exception) -> None:
        raise AssertionError(f"a run gets no messages: {error}")
