"""The live events of one execution, made of the log's events in the order of their positions.

They are the same on every replica and after every restart, as nothing but the log decides on them. An event of a type
that this build does not know is none: what a newer build makes of it, this one does not tell.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from google.protobuf.message import Message

from reveille.contracts.agent_runner.v1 import events_pb2 as runs
from reveille.contracts.ingress.v1.events_pb2 import Role
from reveille.contracts.planner.v1 import events_pb2 as plans
from reveille.ingress.domain.live.figures import Figures
from reveille.ingress.domain.live.moments import NOTHING, Metrics, Moment, Run
from reveille.kernel.classifying import is_classifying
from reveille.kernel.events import Recorded, category_of, key_of

# A step of this name undoes another one.
UNDOING: Final = "undo:"
COMPLETED: Final = "completed"
FAILED: Final = "failed"
CANCELLED: Final = "cancelled"
REVISE: Final = "revise"
_ROLE: Final = "ROLE_"
_COMPOSE: Final = "compose"


class Fold:
    """Whatever it is given, it never raises. A run of which no StepReady told, or that has ended, is none of its."""

    def __init__(self, execution_id: str) -> None:
        self.execution_id = execution_id
        self.figures = Figures()
        # The sequence of the last live event.
        self.last = 0
        # Nothing follows: it has ended, and is no plan that goes on when its inputs change.
        self.ended = False
        # planned, running, completed, failed or cancelled.
        self.status = "planned"
        self._conversation = ""
        self._started_at: int | None = None
        self._plan_failed = False
        self._runs: dict[str, Run] = {}
        self._began: dict[str, int] = {}
        self._calls: dict[tuple[str, int], int] = {}
        self._departments: dict[str, tuple[str, int]] = {}
        # Of steps: where its last result stands, and, of those whose result counts now, the same; and who composes.
        self._done: dict[str, int] = {}
        self._counting: dict[str, int] = {}
        self._composing = ""
        self._failure = NOTHING

    @property
    def open_runs(self) -> Collection[str]:
        """Ids of the runs of which more is to come."""
        return self._runs.keys()

    def take(self, event: Recorded) -> Moment | None:
        """The next event. None: it is no live event."""
        message = event.msg
        if message is None:
            return None
        take = _TAKEN.get(type(message))
        return None if take is None else take(self, event, message)

    def _moment(self, event: Recorded, type: str, **more: Any) -> Moment:
        self.last += 1
        return Moment(
            sequence=self.last,
            position=event.position,
            at=event.meta.time,
            type=type,
            conversation=self._conversation,
            **more,
        )

    def _of_run(self, event: Recorded, type: str, **more: Any) -> Moment | None:
        if category_of(event.stream) != "run":
            return None
        run = self._runs.get(key_of(event.stream))
        if run is None:
            return None
        return self._moment(event, type, agent=run.agent, department=run.department, run=run, **more)

    def _started(self, event: Recorded, started: plans.ExecutionStarted) -> Moment:
        self._conversation = started.conversation_id
        self._started_at = event.meta.time
        self.status = "running"
        return self._moment(event, "orchestration-start")

    def _defined(self, event: Recorded, defined: plans.PlanDefined) -> None:
        for step in defined.blueprint.steps:
            if step.role == Role.ROLE_COMPOSE:
                self._composing = step.name  # also where no run of it comes: a fork has it from elsewhere

    def _readied(self, event: Recorded, ready: plans.StepReady) -> None:
        role = role_of(ready.role)
        if role == _COMPOSE:
            self._composing = ready.step
        self._runs[ready.run_id] = Run(
            id=ready.run_id,
            step=ready.step,
            agent=ready.agent,
            attempt=ready.attempt,
            department=ready.department,
            role=role,
            round=ready.round,
        )

    def _run_started(self, event: Recorded, started: runs.RunStarted) -> Moment | None:
        moment = self._of_run(event, "agent-start")
        if moment is not None and moment.run is not None:
            self._began[moment.run.id] = event.meta.time
            self.figures.began(moment.agent)
        return moment

    def _thought(self, event: Recorded, thinking: runs.AgentThinking) -> Moment | None:
        return self._of_run(event, "agent-thinking")

    def _called(self, event: Recorded, called: runs.ToolCalled) -> Moment | None:
        moment = self._of_run(event, "tool-call")
        if moment is not None:
            self._calls[key_of(event.stream), called.call] = event.meta.time
        return moment

    def _returned(self, event: Recorded, returned: runs.ToolReturned) -> Moment | None:
        began = self._calls.pop((key_of(event.stream), returned.call), None)
        return self._of_run(event, "tool-result", took=_took(began, event))

    def _run_completed(self, event: Recorded, completed: runs.RunCompleted) -> Moment | None:
        return self._run_ended(event, COMPLETED, completed.tokens_used)

    def _run_failed(self, event: Recorded, failed: runs.RunFailed) -> Moment | None:
        status = CANCELLED if failed.reason == runs.FAILURE_CANCELLED else FAILED
        return self._run_ended(event, status, failed.tokens_used)

    def _run_ended(self, event: Recorded, status: str, tokens: int) -> Moment | None:
        took = _took(self._began.pop(key_of(event.stream), None), event)
        moment = self._of_run(event, "agent-complete", status=status, took=took)
        if moment is not None and moment.run is not None:
            del self._runs[moment.run.id]
            self.figures.ended(moment.agent, tokens=tokens, took=took)
        return moment

    def _step_completed(self, event: Recorded, completed: plans.StepCompleted) -> None:
        self._result(event, completed.step)

    def _step_adopted(self, event: Recorded, adopted: plans.StepAdopted) -> None:
        self._result(event, adopted.completed.step)

    def _result(self, event: Recorded, step: str) -> None:
        if not is_classifying(step) and not step.startswith(UNDOING):
            self._done[step] = self._counting[step] = event.position

    def _result_gone(self, event: Recorded, of: plans.StepInvalidated | plans.StepRemoved) -> None:
        self._counting.pop(of.step, None)

    def _restored(self, event: Recorded, restored: plans.StepRestored) -> None:
        if restored.step in self._done:
            self._counting[restored.step] = self._done[restored.step]

    def _step_failed(self, event: Recorded, failed: plans.StepFailed) -> None:
        self._failure = event.position

    def _department_started(self, event: Recorded, started: plans.DepartmentStarted) -> Moment:
        self._departments[started.department] = (started.head, event.meta.time)
        return self._moment(event, "department-start", agent=started.head, department=started.department)

    def _department_completed(self, event: Recorded, completed: plans.DepartmentCompleted) -> Moment:
        head, began = self._departments.get(completed.department, ("", None))
        self.figures.completed(completed.department, float(completed.quality_score))
        return self._moment(
            event,
            "department-complete",
            agent=head,
            department=completed.department,
            status=completed.status,
            took=_took(began, event),
            beside=tuple(self._done.get(output.step, NOTHING) for output in completed.outputs),
        )

    def _checked(self, event: Recorded, checked: plans.QualityChecked) -> Moment:
        self.figures.checked(checked.department, score=float(checked.score), passed=checked.passed)
        return self._moment(event, "quality-check", agent=checked.agent, department=checked.department)

    def _reviewed(self, event: Recorded, reviewed: plans.WorkReviewed) -> Moment:
        self.figures.revisions += reviewed.status == REVISE
        return self._moment(
            event, "review-status", agent=reviewed.agent, department=reviewed.department, status=reviewed.status
        )

    def _execution_completed(self, event: Recorded, completed: plans.ExecutionCompleted) -> Moment:
        self._plan_failed = False
        self.ended = self.ended or not completed.living
        result = self._counting.get(self._composing) or max(self._counting.values(), default=NOTHING)
        return self._complete(event, COMPLETED, completed.tokens_used, result)

    def _execution_failed(self, event: Recorded, failed: plans.ExecutionFailed) -> Moment:
        self.ended = True
        return self._complete(event, FAILED, failed.tokens_used, self._failure)

    def _execution_cancelled(self, event: Recorded, cancelled: plans.ExecutionCancelled) -> Moment:
        self.ended = True
        return self._complete(event, CANCELLED, cancelled.tokens_used)

    def _plan_updated(self, event: Recorded, updated: plans.PlanUpdated) -> Moment | None:
        if updated.status != FAILED:
            self._plan_failed = False
            if not self.ended:
                self.status = updated.status
            return None
        if self._plan_failed:
            return None
        self._plan_failed = True
        return self._complete(event, FAILED, self.figures.used)

    def _complete(self, event: Recorded, status: str, tokens: int, beside: int = NOTHING) -> Moment:
        self.status = status
        figures = self.figures
        metrics = Metrics(
            took=_took(self._started_at, event),
            tokens=tokens,
            agents=len(figures.agents),
            runs=figures.runs,
            departments=len(self._departments),
            revisions=figures.revisions,
            quality=figures.mean_quality,
        )
        return self._moment(event, "orchestration-complete", status=status, beside=(beside,), metrics=metrics)


def role_of(role: int) -> str:
    """`draft`; "" where it is none, or one of a newer build."""
    name = Role.DESCRIPTOR.values_by_number.get(role)
    return name.name.removeprefix(_ROLE).lower() if name is not None and role else ""


def _took(began: int | None, event: Recorded) -> float:
    """Milliseconds; 0 where nobody knows when it began, or the clock was set back meanwhile."""
    return 0.0 if began is None else max(0, event.meta.time - began) / 1000


_TAKEN: Final[Mapping[type[Message], Callable[[Fold, Recorded, Any], Moment | None]]] = {
    plans.ExecutionStarted: Fold._started,
    plans.PlanDefined: Fold._defined,
    plans.StepReady: Fold._readied,
    plans.StepCompleted: Fold._step_completed,
    plans.StepAdopted: Fold._step_adopted,
    plans.StepInvalidated: Fold._result_gone,
    plans.StepRemoved: Fold._result_gone,
    plans.StepRestored: Fold._restored,
    plans.StepFailed: Fold._step_failed,
    plans.DepartmentStarted: Fold._department_started,
    plans.DepartmentCompleted: Fold._department_completed,
    plans.QualityChecked: Fold._checked,
    plans.WorkReviewed: Fold._reviewed,
    plans.PlanUpdated: Fold._plan_updated,
    plans.ExecutionCompleted: Fold._execution_completed,
    plans.ExecutionFailed: Fold._execution_failed,
    plans.ExecutionCancelled: Fold._execution_cancelled,
    runs.RunStarted: Fold._run_started,
    runs.AgentThinking: Fold._thought,
    runs.ToolCalled: Fold._called,
    runs.ToolReturned: Fold._returned,
    runs.RunCompleted: Fold._run_completed,
    runs.RunFailed: Fold._run_failed,
}
