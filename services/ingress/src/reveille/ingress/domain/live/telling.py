"""Live events as messages: a moment of an execution, with what the log's events have sealed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf.timestamp_pb2 import Timestamp

from reveille.contracts.agent_runner.v1.events_pb2 import (
    AgentThinking,
    RunCompleted,
    RunFailed,
    ToolCalled,
    ToolReturned,
)
from reveille.contracts.common.v1.common_pb2 import Json
from reveille.contracts.ingress.v1.live_pb2 import LiveEvent
from reveille.contracts.planner.v1.events_pb2 import (
    DepartmentCompleted,
    DepartmentStarted,
    ExecutionCancelled,
    ExecutionFailed,
    ExecutionStarted,
    PlanUpdated,
    QualityChecked,
    StepAdopted,
    StepCompleted,
    StepFailed,
    WorkReviewed,
)
from reveille.ingress.domain.live.contents import (
    MAX_ERROR,
    error_of,
    json_of,
    json_of_bytes,
    quoted,
    read,
    shortened,
    text_of,
    texts_of,
)
from reveille.ingress.domain.live.moments import Metrics, Moment, Run
from reveille.ingress.domain.live.opening import opened
from reveille.kernel.clock import SECOND
from reveille.kernel.events import Recorded

_MAX_INT32: Final = (1 << 31) - 1
# The last second of the year 9999, which is the last that has a name in RFC 3339.
_LAST_SECOND: Final = 253_402_300_799
_NO_RUN: Final = Run(id="", step="", agent="", attempt=0, department="", role="", round=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What stands elsewhere: the events beside a moment by their positions, what else an opening asks for, a blob."""

    beside: Mapping[int, Recorded] = field(default_factory=dict)
    opening: Sequence[Recorded] = ()
    blob: bytes | None = None


def told(execution_id: str, moment: Moment, event: Recorded, found: Found) -> LiveEvent:
    """Whole: nothing is left out for its size."""
    live = LiveEvent(
        execution_id=execution_id,
        conversation_id=moment.conversation,
        agent_id=moment.agent,
        department=moment.department,
        sequence=moment.sequence,
        timestamp=_timestamp(moment.at),
        trace_id=_trace_id(event.meta.about.trace),
    )
    part = _TOLD[moment.type](moment, event.msg, found)
    getattr(live, moment.type.replace("-", "_")).CopyFrom(part)
    return live


def _timestamp(at: int) -> Timestamp:
    seconds, rest = divmod(max(at, 0), SECOND)
    return Timestamp(seconds=min(seconds, _LAST_SECOND), nanos=rest * 1000)


def _trace_id(trace: str) -> str:
    """The second part of a W3C traceparent."""
    return trace.split("-")[1] if trace.count("-") >= 2 else ""


def _start(moment: Moment, started: ExecutionStarted, found: Found) -> LiveEvent.OrchestrationStart:
    return opened(started, found.opening)


def _complete(moment: Moment, event: Any, found: Found) -> LiveEvent.OrchestrationComplete:
    beside = found.beside.get(moment.beside[0])
    error = ""
    match event:
        case ExecutionFailed(reason=reason):
            error = _failure(beside) or shortened(reason, MAX_ERROR)
        case ExecutionCancelled(reason=sealed):
            error = error_of(sealed)
        case PlanUpdated(plan=sealed):
            error = shortened(_what_failed(read(sealed)), MAX_ERROR)
    return LiveEvent.OrchestrationComplete(
        status=moment.status, result=_result_of(beside), metrics=_metrics(moment.metrics), error=error
    )


def _failure(event: Recorded | None) -> str:
    failed = event.msg if event is not None else None
    return error_of(failed.error) if isinstance(failed, StepFailed) else ""


def _what_failed(plan: Any) -> str:
    """As the plan tells people what to do about it."""
    return next(iter(texts_of(plan.get("next_steps"))), "") if isinstance(plan, dict) else ""


def _result_of(event: Recorded | None) -> Json | None:
    done = event.msg if event is not None else None
    if isinstance(done, StepAdopted):
        done = done.completed
    return json_of(done.result) if isinstance(done, StepCompleted) else None


def _metrics(metrics: Metrics | None) -> LiveEvent.Metrics | None:
    if metrics is None:
        return None
    return LiveEvent.Metrics(
        execution_time=metrics.took,
        tokens_used=_int32(metrics.tokens),
        agents=metrics.agents,
        runs=metrics.runs,
        departments=metrics.departments,
        revisions=metrics.revisions,
        quality_score=metrics.quality,
    )


def _department_start(moment: Moment, started: DepartmentStarted, found: Found) -> LiveEvent.DepartmentStart:
    return LiveEvent.DepartmentStart(department_name=started.department, relevance=started.relevance)


def _department_complete(moment: Moment, done: DepartmentCompleted, found: Found) -> LiveEvent.DepartmentComplete:
    return LiveEvent.DepartmentComplete(
        outputs=_outputs(moment, done, found),
        quality_score=done.quality_score,
        execution_time=moment.took,
        status=done.status,
    )


def _outputs(moment: Moment, done: DepartmentCompleted, found: Found) -> Json:
    parts = []
    for output, position in zip(done.outputs, moment.beside, strict=True):
        # What failed, or was not done, may have the result of an earlier time.
        result = _result_of(found.beside.get(position)) if output.HasField("ref") else None
        fields = f'"status":{quoted(output.status)},"score":{output.score},"round":{output.round}'
        parts.append(f'{quoted(output.agent)}:{{{fields},"output":{result.text if result else "null"}}}')
    return Json(text=f"{{{','.join(parts)}}}")


def _agent_start(moment: Moment, started: Any, found: Found) -> LiveEvent.AgentStart:
    run = moment.run or _NO_RUN
    return LiveEvent.AgentStart(step=run.step, run_id=run.id, attempt=run.attempt, role=run.role, round=run.round)


def _thinking(moment: Moment, thinking: AgentThinking, found: Found) -> LiveEvent.AgentThinking:
    run = moment.run or _NO_RUN
    return LiveEvent.AgentThinking(step=run.step, text=text_of(thinking.text), run_id=run.id, dropped=thinking.dropped)


def _agent_complete(moment: Moment, ended: RunCompleted | RunFailed, found: Found) -> LiveEvent.AgentComplete:
    run = moment.run or _NO_RUN
    return LiveEvent.AgentComplete(
        status=moment.status,
        output=json_of(ended.result) if isinstance(ended, RunCompleted) else None,
        tokens_used=_int32(ended.tokens_used),
        execution_time=moment.took,
        step=run.step,
        run_id=run.id,
        attempt=run.attempt,
        error=error_of(ended.error) if isinstance(ended, RunFailed) else "",
        dropped=ended.dropped,
    )


def _tool_call(moment: Moment, called: ToolCalled, found: Found) -> LiveEvent.ToolCall:
    run = moment.run or _NO_RUN
    return LiveEvent.ToolCall(
        tool_name=called.tool, arguments=json_of(called.arguments), run_id=run.id, call=called.call
    )


def _tool_result(moment: Moment, returned: ToolReturned, found: Found) -> LiveEvent.ToolResult:
    run = moment.run or _NO_RUN
    return LiveEvent.ToolResult(
        tool_name=returned.tool,
        result=json_of_bytes(found.blob) if found.blob is not None else json_of(returned.result),
        error=error_of(returned.error),
        execution_time=moment.took,
        run_id=run.id,
        call=returned.call,
    )


def _check(moment: Moment, checked: QualityChecked, found: Found) -> LiveEvent.QualityCheck:
    return LiveEvent.QualityCheck(
        score=checked.score,
        reasons=texts_of(read(checked.reasons)),
        passed=checked.passed,
        step=checked.step,
        round=checked.round,
    )


def _review(moment: Moment, reviewed: WorkReviewed, found: Found) -> LiveEvent.ReviewStatus:
    return LiveEvent.ReviewStatus(
        status=reviewed.status,
        round=reviewed.round,
        notes=text_of(reviewed.notes),
        reviewer_id=reviewed.reviewer,
        step=reviewed.step,
    )


def _int32(count: int) -> int:
    """The log counts in 64 bits."""
    return max(0, min(count, _MAX_INT32))


_TOLD: Final[Mapping[str, Callable[[Moment, Any, Found], Any]]] = {
    "orchestration-start": _start,
    "orchestration-complete": _complete,
    "department-start": _department_start,
    "department-complete": _department_complete,
    "agent-start": _agent_start,
    "agent-thinking": _thinking,
    "agent-complete": _agent_complete,
    "tool-call": _tool_call,
    "tool-result": _tool_result,
    "quality-check": _check,
    "review-status": _review,
}
