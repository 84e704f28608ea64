"""Promise 4: a step's effect is recorded once, by its current attempt; a run ends once and says nothing after."""

from collections import Counter
from collections.abc import Iterator, Sequence

from reveille.contracts.agent_runner.v1.events_pb2 import (
    FAILURE_CANCELLED,
    AgentThinking,
    LateUsageFound,
    ModelAnswered,
    ModelCalled,
    RunCompleted,
    RunFailed,
    RunStarted,
    ToolCalled,
    ToolReturned,
    WorkHandedOn,
)
from reveille.contracts.planner.v1.events_pb2 import (
    ExecutionCompleted,
    ExecutionFailed,
    StepCompleted,
    StepFailed,
    StepReady,
    StepRetryScheduled,
)
from reveille.kernel.events import Recorded, tenant_of
from tests.simulation.checker.broken import Broken
from tests.simulation.checker.history import History
from tests.simulation.marks import TENANTS
from tests.simulation.skills import entered


def check(history: History) -> Iterator[Broken]:
    for stream, events in history.executions(plans=False):
        yield from _execution(stream, events)
    for stream, events in history.of_category("run"):
        yield from _run(stream, events)
    for run_id, count in entered.items():
        # Two tenants may have a run of one id.
        if count > max(1, sum(f"{tenant}.run-{run_id}" in history.streams for tenant in TENANTS)):
            yield Broken(promise=4, what=f"the skill of run {run_id} was entered {count} times")
    runs = {(tenant_of(event.stream), one.work.run_id, one.work.attempt) for event, one in history.all(RunCompleted)}
    for event, completed in history.all(StepCompleted):
        if (tenant_of(event.stream), completed.run_id, completed.attempt) not in runs:
            yield Broken(promise=4, what=f"step of run {completed.run_id} was completed, the run was not")


def _execution(stream: str, events: Sequence[Recorded]) -> Iterator[Broken]:
    attempt, open_, completed, ended = 0, False, 0, False
    for event in events:
        if ended:
            yield Broken(promise=4, what=f"{stream} goes on after its end with {event.type}")
        match event.msg:
            case StepReady() as ready:
                if open_ or ready.attempt != attempt + 1:
                    yield Broken(promise=4, what=f"{stream} makes attempt {ready.attempt} ready in attempt {attempt}")
                attempt, open_ = ready.attempt, True
            case StepCompleted() | StepRetryScheduled() | StepFailed() as outcome:
                completed += isinstance(outcome, StepCompleted)
                if not open_ or outcome.attempt != attempt:
                    what = f"{stream} takes {type(outcome).__name__} of attempt {outcome.attempt} in attempt {attempt}"
                    yield Broken(promise=4, what=what)
                open_ = False
            case ExecutionCompleted() | ExecutionFailed():
                ended = True
    if completed > 1:
        yield Broken(promise=4, what=f"{stream} completes its step {completed} times")


def _run(stream: str, events: Sequence[Recorded]) -> Iterator[Broken]:
    ends = [event for event in events if isinstance(event.msg, RunCompleted | RunFailed)]
    first = events[0].msg
    if isinstance(first, RunFailed) and first.reason == FAILURE_CANCELLED:
        if len(events) > 1:
            yield Broken(promise=4, what=f"{stream} was cancelled before it began and goes on with {events[1].type}")
        return
    if not isinstance(events[0].msg, RunStarted) or len(ends) != 1:
        yield Broken(promise=4, what=f"{stream} begins with {events[0].type} and has {len(ends)} ends, one is right")
    started = events[0].msg
    remote = isinstance(started, RunStarted) and started.work.remote
    said: Counter[tuple[str, bytes]] = Counter()
    for event in events[1:]:
        match event.msg:
            case ModelCalled() | ToolCalled() | AgentThinking() | ToolReturned() | WorkHandedOn() as report:
                # Another client that a run was given to may say the same.
                said[type(report).__name__, report.SerializeToString()] += not remote
                if ends and event.revision > ends[0].revision:
                    yield Broken(promise=4, what=f"{stream} says {event.type} after its end")
                # What an agent elsewhere says comes by whichever replica it is connected to.
                if not remote and event.meta.replica != events[0].meta.replica:
                    yield Broken(
                        promise=4, what=f"{stream} of {events[0].meta.replica} is told by {event.meta.replica}"
                    )
            case ModelAnswered(call=call):
                said["ModelAnswered", str(call).encode()] += 1
            case LateUsageFound():
                said["LateUsageFound", str(event.meta.time).encode()] += 1
    for (name, _), count in said.items():
        if count > 1:
            yield Broken(promise=4, what=f"{stream} says the same {name} {count} times")
