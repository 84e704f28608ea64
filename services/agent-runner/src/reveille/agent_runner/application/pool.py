"""Runs agents: what the log's tail shows as started by this replica, and nothing else."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from traceback import format_tb
from typing import Any, Final

from google.protobuf.message import Message

from reveille.agent_runner.application.handing_on import HandingOn
from reveille.agent_runner.application.history import History, tool_of
from reveille.agent_runner.application.measuring import COMPLETED, FAILED, STOPPED, RunMeasures
from reveille.agent_runner.application.reporting import Reporting
from reveille.agent_runner.application.running import RunContext
from reveille.agent_runner.application.tasks import latest_receipt, task_of
from reveille.agent_runner.application.thinking import Thinking
from reveille.agent_runner.domain.run import Complete, Fail, Interrupt
from reveille.agents import (
    Model,
    ModelRefused,
    ModelUnavailable,
    Skill,
    SkillNotFound,
    Task,
    TokensSpent,
    Tool,
)
from reveille.contracts.agent_runner.v1.events_pb2 import (
    FAILURE_ERROR,
    FAILURE_SKILL,
    FAILURE_TIMEOUT,
    FAILURE_TOKENS,
    Failure,
    RunFailed,
    RunStarted,
    TokensGranted,
    TokensRefused,
    Work,
)
from reveille.contracts.planner.v1.events_pb2 import StepReady
from reveille.kernel import trace_context
from reveille.kernel.blobs import Blobs
from reveille.kernel.clock import Clock
from reveille.kernel.errors import Rejected, Transient, fault
from reveille.kernel.event_store import EventStore, follow
from reveille.kernel.events import About, Recorded, tenant_of
from reveille.kernel.facts import Facts
from reveille.kernel.fleet import Fleet
from reveille.kernel.handling import Desk
from reveille.kernel.sealing import open_sealed, seal
from reveille.kernel.spans import Spans, Value

logger = logging.getLogger(__name__)

MAX_RESULT_BYTES: Final = 128 * 1024
MAX_ERROR_CHARACTERS: Final = 2_000


class Unsuccessful(Exception):
    """A run that came to no result, in the words that its step has for it."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(text)
        self.error_type = reason


@dataclass(slots=True)
class _Running:
    """ending: it has come to its end by itself. stopped: its end was recorded without it. outcome: as it is counted.

    raised: what kind of error it ended with, where the error's text is somebody else's and so for no log.
    """

    task: "asyncio.Task[Unsuccessful | None]"
    reporting: Reporting
    ending: bool = False
    stopped: bool = False
    outcome: str = STOPPED
    raised: str = ""

    def stop(self) -> None:
        """Once: what a skill does to tidy up is not cut short."""
        if not self.stopped:
            self.stopped = True
            self.task.cancel()


class Pool:
    """One per replica. Runs go on side by side; how many an agent may have, the agent's stream decides."""

    def __init__(
        self,
        *,
        store: EventStore,
        facts: Facts,
        desk: Desk,
        clock: Clock,
        replica: str,
        spans: Spans,
        blobs: Blobs,
        skill: Callable[[str], Skill],
        model: Callable[[str], Model],
        tools: Mapping[str, Tool],
        history: History,
        thinking: Thinking,
        watches: Mapping[type[Message], Callable[[Recorded], None]] | None = None,
    ) -> None:
        """watches: by type, who else is shown what the tail shows."""
        self._watches = watches or {}
        self._store = store
        self._facts = facts
        self._desk = desk
        self._clock = clock
        self._replica = replica
        self._spans = spans
        self.measures = RunMeasures(spans, clock)
        self._blobs = blobs
        self._skill = skill
        self._model = model
        self._tools = tools
        self._history = history
        self._thinking = thinking
        # By their streams, for two tenants may have a run of one id.
        self._runs: dict[str, _Running] = {}
        # Of runs whose skill works: they hear of the tokens that they asked for.
        self._working: dict[str, RunContext] = {}

    @property
    def running(self) -> int:
        """Skills at work."""
        return len(self._working)

    async def run(self, after: int) -> None:
        """after: the log's head before this replica took part."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                try:
                    async for events in follow(self._store, after):
                        for event in events:
                            if see := self._watches.get(type(event.msg)):  # type: ignore[arg-type]
                                see(event)
                            if isinstance(event.msg, RunStarted) and self._is_mine(event, event.msg):
                                self._start(tasks, event)
                            elif isinstance(event.msg, RunFailed):
                                self._ended_without(event, event.msg)
                            elif isinstance(event.msg, TokensGranted | TokensRefused) and (
                                context := self._working.get(event.stream)
                            ):
                                context.take_answer(event.msg)
                        after = events[-1].position
                except Transient as error:  # what runs goes on meanwhile
                    await self._clock.sleep(error.retry_after)

    def _is_mine(self, event: Recorded, started: RunStarted) -> bool:
        """A remote agent's run is its connection's, whoever decided that it starts."""
        return event.meta.replica == self._replica and not started.work.remote

    async def drain(self, grace: float) -> None:
        """Let what runs come to its end; what does not in `grace` seconds is ended as interrupted."""
        running = {one.task for one in self._runs.values() if not one.stopped}
        if running:
            await asyncio.wait(running, timeout=grace)
        for one in list(self._runs.values()):
            await one.reporting.tell(Interrupt(now=self._clock.now()))
            one.stop()

    def _start(self, tasks: asyncio.TaskGroup, event: Recorded) -> None:
        assert isinstance(event.msg, RunStarted)
        run_id, began = event.msg.work.run_id, self._clock.now()
        attributes: dict[str, Value] = {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.agent.name": event.msg.work.agent,
            "reveille.attempt": event.msg.work.attempt,
            "reveille.tenant": tenant_of(event.stream),
        }
        span = self._spans.start("agent-runner run", event.meta.about.trace, attributes)
        about = About(event.meta.about.correlation, span.traceparent, event.meta.about.hop)
        reporting = Reporting(
            event.stream,
            about,
            event.id,
            execution_id=event.msg.work.execution_id,
            thinking=self._thinking,
            desk=self._desk,
            clock=self._clock,
        )
        task = tasks.create_task(self._run(event, about, reporting), name=f"run {run_id}")
        self._runs[event.stream] = _Running(task, reporting)

        def ended(done: asyncio.Task[Unsuccessful | None]) -> None:
            one = self._runs.pop(event.stream)
            self.measures.ended(one.outcome, began)
            raised = None if done.cancelled() else done.exception()
            if raised is None and not done.cancelled():
                raised = done.result()
            span.end(raised if isinstance(raised, Exception) else None)

        task.add_done_callback(ended)

    def _ended_without(self, event: Recorded, failed: RunFailed) -> None:
        """Nobody wants its result any more, or another replica took this one for dead."""
        running = self._runs.get(event.stream)
        if running is not None and not running.ending:
            logger.info("run %s of %s is stopped: %s", failed.work.run_id, failed.work.agent, _reason(failed))
            running.stop()

    async def _run(self, event: Recorded, about: About, reporting: Reporting) -> Unsuccessful | None:
        assert isinstance(event.msg, RunStarted)
        work = event.msg.work
        with trace_context.about(about.trace, about.correlation, tenant_of(event.stream)):
            logger.info("%s starts run %s, attempt %d", work.agent, work.run_id, work.attempt)
            running = self._runs[event.stream]
            try:
                outcome = await self._outcome(event, reporting)
                if running.stopped:
                    return None  # its skill has gone on all the same
                running.ending = True
                await reporting.end(outcome)
            except Rejected:
                return None  # the run was ended meanwhile: what it did changes nothing
            running.outcome = FAILED if isinstance(outcome, Fail) else COMPLETED
            if not isinstance(outcome, Fail):
                logger.info("%s is done with run %s", work.agent, work.run_id)
                return None
            failed = Unsuccessful(open_sealed(outcome.error).decode(), _reason(outcome))
            why = running.raised or failed
            logger.warning("%s failed in run %s, attempt %d: %s", work.agent, work.run_id, work.attempt, why)
            return failed

    async def _outcome(self, event: Recorded, reporting: Reporting) -> Complete | Fail:
        assert isinstance(event.msg, RunStarted)
        work, tenant = event.msg.work, tenant_of(event.stream)
        try:
            fleet, ready, task, received = await self._told(work, tenant)
        except Exception as error:  # what its sender wrote cannot be made into a task; others' runs go on
            self._runs[event.stream].raised = fault(error)
            return self._failed(FAILURE_ERROR, f"no task: {type(error).__name__}: {error}", retry=False)
        try:
            agent = fleet.agents[work.agent]
            skill, model = self._skill(agent.skill), self._model(agent.model)
        except (SkillNotFound, ValueError) as error:
            return self._failed(FAILURE_SKILL, str(error), retry=False)
        context = RunContext(
            work,
            reporting,
            model=model,
            tools={**self._tools, "signals.recent": tool_of(self._history, tenant)},
            handing=HandingOn(work, ready, fleet, reporting),
            blobs=self._blobs,
            tenant=tenant,
            clock=self._clock,
            measures=self.measures,
        )
        self._working[event.stream] = context
        if received and work.attempt == 1:
            self.measures.woken(received)
        try:
            return await self._work(skill, task, context, self._runs[event.stream], ready.timeout_ms / 1000)
        finally:
            del self._working[event.stream]

    async def _told(self, work: Work, tenant: str) -> tuple[Fleet, StepReady, Task, int]:
        """What the log says about the work, however long it is away: nothing has been done for this run yet.

        At last when the latest of the signals that it was woken by came in; 0: no signal has.
        """
        while True:
            try:
                ready = (await self._facts.event(work.ready)).msg
                assert isinstance(ready, StepReady)
                fleet = await self._facts.fleet(tenant, ready.fleet_revision)
                task = await task_of(work, ready, self._facts, self._blobs, tenant)
                return fleet, ready, task, await latest_receipt(ready, self._facts)
            except Transient as error:
                await self._clock.sleep(error.retry_after)

    async def _work(
        self, skill: Skill, task: Task, context: RunContext, running: _Running, timeout: float
    ) -> Complete | Fail:
        try:
            async with asyncio.timeout(timeout or None) as limit:
                result = await skill(task, context)
        except TokensSpent as error:
            if context.kept is None:
                return self._failed(FAILURE_TOKENS, str(error), retry=False)
            return self._completed({**context.kept, "partial": True}, partial=True)
        except Rejected:
            raise
        except asyncio.CancelledError:
            if context.cancelled:
                raise
            # It awaited something that was cancelled: without an end its agent would be busy with it for ever.
            return self._failed(FAILURE_ERROR, "the skill ended as cancelled, and nobody cancelled it", retry=True)
        except (Exception, SystemExit) as error:  # a skill that exits ends its run, not the platform
            if limit.expired() and isinstance(error, TimeoutError):
                return self._failed(FAILURE_TIMEOUT, f"no result within {timeout:g} s", retry=True)
            running.raised = _kind(error)
            logger.info("the skill raised %s\n%s", running.raised, "".join(format_tb(error.__traceback__)).rstrip())
            return self._failed(FAILURE_ERROR, f"{type(error).__name__}: {error}", retry=True)
        return self._completed(result, partial=False)

    def _completed(self, result: Mapping[str, Any] | None, *, partial: bool) -> Complete | Fail:
        if not isinstance(result, Mapping | None):
            told = f"the skill's result is not JSON: it is a {type(result).__name__}, expected a mapping"
            return self._failed(FAILURE_ERROR, told, retry=False)
        try:
            data = json.dumps(dict(result or {}), ensure_ascii=False, allow_nan=False).encode()
        except (TypeError, ValueError) as error:
            return self._failed(FAILURE_ERROR, f"the skill's result is not JSON: {error}", retry=False)
        if len(data) > MAX_RESULT_BYTES:
            return self._failed(
                FAILURE_ERROR, f"a result of {len(data)} bytes, at most {MAX_RESULT_BYTES}", retry=False
            )
        return Complete(now=self._clock.now(), result=seal(data), partial=partial)

    def _failed(self, reason: Failure, error: str, *, retry: bool) -> Fail:
        text: Any = error[:MAX_ERROR_CHARACTERS].encode(errors="replace")
        return Fail(now=self._clock.now(), reason=reason, error=seal(text), retry=retry)


def _kind(error: BaseException) -> str:
    """For the log: without a text that may say again what the skill was told."""
    kind = type(error).__name__
    return f"{kind}: {error.outline}" if isinstance(error, ModelUnavailable | ModelRefused) else kind


def _reason(failed: RunFailed | Fail) -> str:
    return Failure.Name(failed.reason).removeprefix("FAILURE_").lower()
