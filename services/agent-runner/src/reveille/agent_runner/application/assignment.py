"""A run that a remote agent has: what it is told of it, and the way to the run's stream."""

from dataclasses import dataclass, replace
from typing import Final

from reveille.agent_runner.application import socket_messages as messages
from reveille.agent_runner.application.handing_on import HandingOn
from reveille.agent_runner.application.reporting import Reporting
from reveille.agent_runner.application.tasks import task_of
from reveille.agent_runner.application.thinking import Thinking
from reveille.agent_runner.domain.run import Fail
from reveille.contracts.agent_runner.v1.events_pb2 import (
    FAILURE_CANCELLED,
    FAILURE_ERROR,
    FAILURE_INTERRUPTED,
    FAILURE_TIMEOUT,
    AgentThinking,
    RunCompleted,
    RunFailed,
    RunStarted,
    TokensGranted,
    TokensRequested,
    ToolCalled,
    ToolReturned,
    UsageReported,
    Work,
    WorkHandedOn,
)
from reveille.contracts.planner.v1.events_pb2 import StepReady
from reveille.kernel.blobs import Blobs
from reveille.kernel.clock import Clock
from reveille.kernel.errors import Transient
from reveille.kernel.event_store import NO_STREAM, EventStore
from reveille.kernel.events import Recorded, stream_name, tenant_of
from reveille.kernel.facts import Facts
from reveille.kernel.handling import Desk
from reveille.kernel.sealing import seal

MAX_ERROR_CHARACTERS: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """What connections work with."""

    store: EventStore
    facts: Facts
    blobs: Blobs
    desk: Desk
    clock: Clock
    thinking: Thinking


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A run as its stream has it. asked: how often it has asked for tokens. granted, used: tokens."""

    started: Recorded
    end: RunCompleted | RunFailed | None = None
    reports: int = 0
    asked: int = 0
    granted: int = 0
    used: int = 0

    @property
    def work(self) -> Work:
        assert isinstance(self.started.msg, RunStarted)
        return self.started.msg.work

    @property
    def deadline(self) -> int:
        """0 is none."""
        assert isinstance(self.started.msg, RunStarted)
        return self.started.msg.deadline.ToMicroseconds() if self.started.msg.HasField("deadline") else 0

    @property
    def taken(self) -> bool:
        """It ended without its agent: nobody came back for it, its time was up, or nobody wanted it any more."""
        without = (FAILURE_INTERRUPTED, FAILURE_TIMEOUT, FAILURE_CANCELLED)
        return isinstance(self.end, RunFailed) and self.end.reason in without


class Assignment:
    """ending: its end was told, and is about to be recorded."""

    def __init__(self, run: Known, place: Workplace) -> None:
        started = run.started
        self.work = run.work
        self.asked = run.asked
        self.ending = False
        self.handing: HandingOn | None = None
        self.reporting = Reporting(
            started.stream,
            started.meta.about,
            started.id,
            execution_id=run.work.execution_id,
            thinking=place.thinking,
            desk=place.desk,
            clock=place.clock,
            reported=run.reports,
        )
        self._run = run
        self._place = place
        self._tenant = tenant_of(started.stream)

    async def trigger(self) -> str | None:
        """What the agent is told, however long the log is away; None where nothing can be told: the run has failed.

        Raises Rejected where it ended meanwhile.
        """
        while True:
            try:
                return await self._trigger()
            except Transient as error:
                await self._place.clock.sleep(error.retry_after)
            except Exception as error:  # what its sender wrote cannot be made into a task
                told = f"no task: {type(error).__name__}: {error}"[:MAX_ERROR_CHARACTERS]
                sealed = seal(told.encode(errors="replace"))
                now = self._place.clock.now()
                await self.reporting.tell(Fail(now=now, reason=FAILURE_ERROR, error=sealed, retry=False))
                return None

    async def _trigger(self) -> str:
        facts = self._place.facts
        ready = (await facts.event(self.work.ready)).msg
        assert isinstance(ready, StepReady)
        fleet = await facts.fleet(self._tenant, ready.fleet_revision)
        task = await task_of(self.work, ready, facts, self._place.blobs, self._tenant)
        self.handing = HandingOn(self.work, ready, fleet, self.reporting)
        return messages.trigger(
            replace(task, tokens=task.tokens + self._run.granted),
            mark=f"Reveille-Run: {self.work.run_id}",
            agents=self.handing.agents,
            deadline=self._run.deadline,
            used=self._run.used,
        )


async def find(tenant: str, run_id: str, place: Workplace) -> Known | None:
    """However long the log is away; None where there is no such run of a remote agent."""
    stream = stream_name(tenant, "run", run_id)
    while True:
        try:
            events = (await place.store.read_streams({stream: NO_STREAM}))[stream]
            break
        except Transient as error:
            await place.clock.sleep(error.retry_after)
    if not events or not isinstance(events[0].msg, RunStarted) or not events[0].msg.work.remote:
        return None
    reports = (AgentThinking, ToolCalled, ToolReturned, WorkHandedOn)
    return Known(
        started=events[0],
        end=next((event.msg for event in events if isinstance(event.msg, RunCompleted | RunFailed)), None),
        reports=sum(isinstance(event.msg, reports) for event in events),
        asked=sum(isinstance(event.msg, TokensRequested) for event in events),
        granted=sum(event.msg.tokens for event in events if isinstance(event.msg, TokensGranted)),
        used=max((event.msg.tokens_used for event in events if isinstance(event.msg, UsageReported)), default=0),
    )
