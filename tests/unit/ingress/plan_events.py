"""Events of plans and of plain wakes, as the services write them."""

from google.protobuf.message import Message

from reveille.contracts.agent_runner.v1.events_pb2 import RunStarted, Work
from reveille.contracts.analyzer.v1.events_pb2 import Beginning, InputClassified, InputsAnalyzed
from reveille.contracts.budget.v1.events_pb2 import BudgetUpdated, TokensReserved
from reveille.contracts.common.v1.common_pb2 import Money
from reveille.contracts.ingress.v1.events_pb2 import (
    ExecutionRequested,
    InputAdded,
    InputContent,
    InputRemoved,
    InputsChanged,
)
from reveille.contracts.planner.v1.events_pb2 import (
    ExecutionCompleted,
    ExecutionStarted,
    PlanUpdated,
    StepCompleted,
    StepInvalidated,
    StepPlanned,
    StepReady,
    StepRemoved,
    StepRestored,
)
from reveille.kernel.sealing import seal, seal_json
from tests.unit.log import Log

Written = tuple[str, Message]


def inputs(id: str, *messages: Message) -> list[Written]:
    return [(f"t.inputs-{id}", message) for message in messages]


def requested(id: str, blueprint: str = "party") -> Written:
    return (f"t.inputs-{id}", ExecutionRequested(execution_id=id, blueprint=blueprint))


def added(id: str, input_id: str, text: str = "jungle") -> Written:
    content = InputContent(text=text, source_type="text", added_by="ada").SerializeToString()
    return (f"t.inputs-{id}", InputAdded(execution_id=id, input_id=input_id, content=seal(content)))


def removed(id: str, input_id: str) -> Written:
    return (f"t.inputs-{id}", InputRemoved(execution_id=id, input_id=input_id))


def changed(id: str) -> Written:
    """Which is none of the timeline's."""
    return (f"t.inputs-{id}", InputsChanged(execution_id=id, blueprint="party"))


def analyzed(id: str, *, rule: str = "", blueprint: str = "party") -> list[Written]:
    stream = f"t.analysis-{id}"
    beginning = Beginning(rule=rule) if rule else None
    return [
        (stream, InputClassified(execution_id=id, input_id="i")),
        (stream, InputsAnalyzed(execution_id=id, blueprint=blueprint, beginning=beginning)),
    ]


def started(id: str, blueprint: str = "party") -> Written:
    return (f"t.execution-{id}", ExecutionStarted(execution_id=id, blueprint=blueprint))


def of(id: str, message: Message) -> Written:
    return (f"t.execution-{id}", message)


def planned(id: str, step: str = "theme", agent: str = "theme-agent") -> Written:
    return of(id, StepPlanned(execution_id=id, step=step, agent=agent))


def ready(id: str, step: str = "theme", agent: str = "theme-agent", attempt: int = 1) -> Written:
    return of(id, StepReady(execution_id=id, step=step, agent=agent, attempt=attempt, run_id=f"run-{step}"))


def ran(id: str, step: str = "theme", agent: str = "theme-agent") -> Written:
    work = Work(run_id=f"{id}-{step}", execution_id=id, step=step, agent=agent, attempt=1)
    return (f"t.run-{id}-{step}", RunStarted(work=work))


def done(id: str, step: str = "theme", **result: object) -> Written:
    sealed = seal_json(result or {"summary": "jungle"})
    return of(id, StepCompleted(execution_id=id, step=step, attempt=1, run_id=f"run-{step}", result=sealed))


def invalidated(id: str, step: str = "theme") -> Written:
    return of(id, StepInvalidated(execution_id=id, step=step))


def restored(id: str, step: str = "theme") -> Written:
    return of(id, StepRestored(execution_id=id, step=step))


def gone(id: str, step: str = "theme", agent: str = "theme-agent") -> Written:
    return of(id, StepRemoved(execution_id=id, step=step, agent=agent, reason="no input needs it"))


def updated(id: str, version: int, status: str = "running") -> Written:
    plan = seal_json({"completion_percent": 25, "next_steps": ["choose a venue"]})
    return of(id, PlanUpdated(execution_id=id, version=version, status=status, plan=plan))


def counted(id: str) -> Written:
    money = Money(min=50_000, max=80_050)
    budget = BudgetUpdated(
        execution_id=id, by_step={"venue": money}, total=money, limit=80_000, over_by=50, driver="venue"
    )
    return (f"t.estimate-{id}", budget)


def wake(id: str) -> list[Written]:
    """All of an execution that only wakes an agent."""
    return [
        started(id, blueprint=""),
        planned(id, "work"),
        ready(id, "work"),
        ("t.ledger", TokensReserved()),
        ran(id, "work"),
        done(id, "work"),
        of(id, ExecutionCompleted(execution_id=id)),
    ]


async def write(log: Log, *events: Written) -> None:
    for stream, message in events:
        await log.write(stream, message)
