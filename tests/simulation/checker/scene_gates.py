"""What is asked at a hierarchy's gate, who answers it, and that nothing is complete that was not let through."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from reveille.contracts.ingress.v1.events_pb2 import (
    AUTOPILOT_ASSISTED,
    AUTOPILOT_AUTO,
    ApprovalDecided,
    Blueprint,
    ExecutionForked,
    ExecutionRequested,
)
from reveille.contracts.planner.v1.events_pb2 import (
    APPROVAL_KIND_GATE,
    ApprovalRequested,
    ApprovalResolved,
    ExecutionCancelling,
    ExecutionCompleted,
    ExecutionStarted,
    PlanUpdated,
)
from reveille.kernel.events import Recorded, key_of, tenant_of
from reveille.kernel.sealing import open_sealed
from reveille.kernel.timestamps import microseconds
from tests.simulation.checker.history import History
from tests.simulation.checker.plan_log import DONE, PlanLog, result_in, take

COMPLETE: Final = "complete"


@dataclass(slots=True)
class Gate:
    """What is asked, and what was answered for what the plan had come to then."""

    open: ApprovalRequested | None = None
    about: str = ""
    resolved: set[str] = field(default_factory=set)
    answers: dict[str, bool] = field(default_factory=dict)


def check(history: History, stream: str, events: Sequence[Recorded], started: ExecutionStarted) -> Iterator[str]:
    """What a plan has come to is called complete where nobody is to be asked, or somebody let exactly this through."""
    log, gate = PlanLog(stream), Gate()
    yield from _autopilot(history, stream, started)
    for event in events:
        take(log, event.msg)
        blueprint = log.defined.blueprint
        match event.msg:
            case ExecutionCancelling() if gate.open is not None:
                yield f"is being cancelled, and {gate.open.approval_id} is still asked"
            case ApprovalRequested(kind=kind) as asked if kind == APPROVAL_KIND_GATE:
                if asked.approval_id in gate.resolved:
                    yield f"asks {asked.approval_id} again"
                if gate.open is not None:
                    yield f"asks {asked.approval_id}, and {gate.open.approval_id} is still asked"
                yield from _question(blueprint, asked)
                gate.open, gate.about = asked, _come_to(log)
            case ApprovalResolved(kind=kind) as resolved if kind == APPROVAL_KIND_GATE:
                if gate.open is None or resolved.approval_id != gate.open.approval_id:
                    yield f"resolves {resolved.approval_id}, which is not open: {gate.open}"
                    continue
                yield from _answer(history, event, gate.open, resolved, blueprint, started)
                gate.resolved.add(resolved.approval_id)
                if resolved.how != "moot":
                    gate.answers[gate.about] = resolved.approved
                gate.open = None
            case ExecutionCompleted() | PlanUpdated(status="completed"):
                if blueprint.gates and not gate.answers.get(_come_to(log), False):
                    yield f"is complete at {event.position}, and nobody has let it through"
                if gate.open is not None:
                    yield f"is complete at {event.position}, and {gate.open.approval_id} is still asked"
    if gate.open is not None:
        yield f"comes to rest, and {gate.open.approval_id} is still asked"


def _come_to(log: PlanLog) -> str:
    results = {
        name: result_in(node.completed) if node.status == DONE and node.completed is not None else None
        for name, node in log.of_blueprint.items()
    }
    return json.dumps(results, sort_keys=True)


def _autopilot(history: History, stream: str, started: ExecutionStarted) -> Iterator[str]:
    """Of a fork that says nothing of it, it is that of its execution."""
    tenant, execution_id = tenant_of(stream), key_of(stream)
    while True:
        inputs = history.streams.get(f"{tenant}.inputs-{execution_id}")
        asked = inputs[0].msg if inputs else None
        if isinstance(asked, ExecutionForked) and not asked.autopilot:
            execution_id = asked.from_execution
            continue
        right = asked.autopilot if isinstance(asked, ExecutionRequested | ExecutionForked) else 0
        if started.autopilot != right:
            yield f"has autopilot {started.autopilot}, {right} was asked for"
        return


def _question(blueprint: Blueprint, asked: ApprovalRequested) -> Iterator[str]:
    if not blueprint.gates:
        yield f"asks {asked.approval_id}, and its blueprint has no gate"
        return
    (gate,) = blueprint.gates
    told = (asked.step, open_sealed(asked.question).decode(), asked.risk, asked.otherwise)
    if told != (COMPLETE, gate.ask, gate.risk, gate.otherwise):
        yield f"asks {told} at {gate}"


def _answer(
    history: History,
    event: Recorded,
    asked: ApprovalRequested,
    resolved: ApprovalResolved,
    blueprint: Blueprint,
    started: ExecutionStarted,
) -> Iterator[str]:
    match resolved.how:
        case "decided":
            decisions = history.streams.get(f"{tenant_of(event.stream)}.approval-{asked.approval_id}", [])
            said = [one.msg.approved for one in decisions if isinstance(one.msg, ApprovalDecided)]
            if said != [resolved.approved]:
                yield f"takes {resolved.approved} for the answer to {asked.approval_id}, {said} was decided"
        case "deadline":
            if resolved.approved != (asked.otherwise == "approve") or event.meta.time < microseconds(asked.deadline):
                yield f"takes {resolved.approved} for no answer to {asked.approval_id}, or did not wait for it"
        case "autopilot":
            mode = started.autopilot or blueprint.autopilot or AUTOPILOT_ASSISTED
            if mode != AUTOPILOT_AUTO and (mode != AUTOPILOT_ASSISTED or asked.risk != "low"):
                yield f"lets its autopilot answer {asked.approval_id} of risk {asked.risk} in mode {mode}"
        case _:
            if resolved.how != "moot" or resolved.approved:
                yield f"resolves {asked.approval_id} as {resolved.how} with {resolved.approved}"
