"""A hierarchy decides by its blueprint's numbers, and tells of its departments what their steps came to."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from reveille.contracts.planner.v1.events_pb2 import (
    DepartmentCompleted,
    DepartmentStarted,
    ExecutionStarted,
    QualityChecked,
    StepAdopted,
    StepCompleted,
    StepReady,
    StepRemoved,
    WorkReviewed,
)
from reveille.kernel.events import Recorded, key_of, tenant_of
from reveille.kernel.sealing import open_sealed
from tests.simulation import scenes
from tests.simulation.checker import scene_gates
from tests.simulation.checker.broken import Broken
from tests.simulation.checker.history import History
from tests.simulation.checker.plan_log import (
    OPEN,
    PLANNED,
    PlanLog,
    Wanted,
    plan_log,
    result_in,
    take,
    wanted_plans,
)
from tests.simulation.checker.scene_oracle import Made, decided
from tests.simulation.checker.scene_standing import oracle_of


def check(history: History) -> Iterator[Broken]:
    wanted = wanted_plans(history)
    for stream, events in history.executions(plans=True):
        started = events[0].msg
        if not isinstance(started, ExecutionStarted) or started.blueprint not in scenes.NAMES:
            continue
        asked = wanted.get((tenant_of(stream), key_of(stream)))
        for what in (
            *_reviews(stream, events),
            *_departments(stream, events),
            *scene_gates.check(history, stream, events, started),
            *(_at_rest(history, stream, events, asked) if asked is not None else ()),
        ):
            yield Broken(promise=0, what=f"{stream} {what}")


def _reviews(stream: str, events: Sequence[Recorded]) -> Iterator[str]:
    """What a review says of each draft that it was given stands right behind it, and nowhere else."""
    log, scores, expected = PlanLog(stream), dict[str, int](), list[tuple[Any, ...]]()
    adopted = False
    for event in events:
        blueprint = log.defined.blueprint
        match event.msg:
            case QualityChecked() | WorkReviewed() if adopted:
                continue  # as it was in another execution, by its blueprint
            case QualityChecked(step=step, score=score):
                scores[step] = score
            case WorkReviewed(step=step, round=number, status=status):
                if status == "approved" and scores.get(step, 0) < blueprint.min_quality:
                    yield f"approves {step} with {scores.get(step)} of {blueprint.min_quality}"
                if status == "revise" and number > blueprint.max_revisions:
                    yield f"wants {step} revised in round {number}, which is the last"
            case StepReady(step=step, round=number) if number > blueprint.max_revisions + 1:
                yield f"begins round {number} of {blueprint.max_revisions + 1} with {step}"
        if isinstance(event.msg, QualityChecked | WorkReviewed):
            if not expected or expected.pop(0) != _as_told(event.msg):
                yield f"says {_as_told(event.msg)} of a draft, which its review does not"
            continue
        if expected:
            yield f"does not say {expected}, which its review does"
        take(log, event.msg)
        expected = list(_judged(log, event.msg)) if isinstance(event.msg, StepCompleted) else []
        adopted = isinstance(event.msg, StepAdopted) and scenes.role_of(event.msg.completed.step) == "review"


def _judged(log: PlanLog, completed: StepCompleted) -> Iterator[tuple[Any, ...]]:
    if scenes.role_of(completed.step) != "review":
        return
    blueprint, ready = log.defined.blueprint, log.steps[completed.step].ready
    assert ready is not None
    said = {one["specialist"]: one for one in result_in(completed)["reviews"]}
    for name, step in json.loads(open_sealed(ready.facts))["drafts"].items():
        one = said[name]
        yield "checked", step, ready.round, one["score"], one["score"] >= blueprint.min_quality, one["reasons"]
        yield "reviewed", step, ready.round, decided(blueprint, one, ready.round), ready.agent, one["notes"]


def _as_told(msg: QualityChecked | WorkReviewed) -> tuple[Any, ...]:
    if isinstance(msg, QualityChecked):
        return "checked", msg.step, msg.round, msg.score, msg.passed, json.loads(open_sealed(msg.reasons))
    return "reviewed", msg.step, msg.round, msg.status, msg.reviewer, open_sealed(msg.notes).decode()


@dataclass(slots=True)
class Told:
    """Of a department, since it is in the plan."""

    started: DepartmentStarted
    completed: DepartmentCompleted | None = None


def _departments(stream: str, events: Sequence[Recorded]) -> Iterator[str]:
    """A department starts once with each briefing, and completes, once with each end, when nothing is under way."""
    log, told = PlanLog(stream), dict[str, Told]()
    for event in events:
        take(log, event.msg)
        match event.msg:
            case DepartmentStarted(department=name) as started:
                if name in told and told[name].started.digest == started.digest:
                    yield f"starts {name} twice with the same briefing"
                yield from _begun(log, started)
                told[name] = Told(started)
            case DepartmentCompleted(department=name) as completed:
                if name not in told:
                    yield f"completes {name}, which has not started"
                    continue
                if told[name].completed == completed:
                    yield f"completes {name} twice with the same"
                yield from _ended(log, completed)
                told[name].completed = completed
            case StepRemoved(step=name):
                told.pop(name, None)


def _begun(log: PlanLog, started: DepartmentStarted) -> Iterator[str]:
    node, name = log.steps.get(started.department), started.department
    made = next(one for one in log.defined.blueprint.departments if one.name == name)
    if node is None or (node.ready is None and not node.adopted):
        yield f"starts {name}, whose head has not begun to brief"
        return
    if started.digest not in (node.ready.digest if node.ready else "", node.completed.digest if node.completed else ""):
        yield f"starts {name} with a briefing {started.digest} that there is not"
    item = json.loads(open_sealed(node.planned.item))
    if (started.head, started.relevance) != (made.head, item["relevance"]):
        yield f"starts {name} under {started.head} with {started.relevance}, {made.head} and {item} are right"
    if started.relevance < log.defined.blueprint.min_relevance:
        yield f"wakes {name}, whose relevance is {started.relevance}"


def _ended(log: PlanLog, completed: DepartmentCompleted) -> Iterator[str]:
    name = completed.department
    of_it = {step: node for step, node in log.of_blueprint.items() if step.partition("/")[0] == name}
    if open_ := {step: node.status for step, node in of_it.items() if node.status in (*OPEN, PLANNED)}:
        yield f"completes {name}, and {open_} are under way"
    for output in completed.outputs:
        node = of_it.get(output.step)
        if output.HasField("ref") and (node is None or node.completed is None or node.completed.ref != output.ref):
            yield f"completes {name} with an output of {output.step} that is not its result"
    scores = [one.score for one in completed.outputs]
    if completed.quality_score != (round(sum(scores) / len(scores)) if scores else 0):
        yield f"completes {name} with a quality of {completed.quality_score}, its outputs have {scores}"
    if completed.status != _status([one.status for one in completed.outputs]):
        yield f"completes {name} as {completed.status}, its outputs are {[one.status for one in completed.outputs]}"


def _status(outputs: Sequence[str]) -> str:
    if outputs and set(outputs) == {"approved"}:
        return "approved"
    if "approved" in outputs:
        return "partial"
    return "rejected" if "rejected" in outputs else "failed"


def _at_rest(history: History, stream: str, events: Sequence[Recorded], wanted: Wanted) -> Iterator[str]:
    """What was said last of each department is what the oracle makes of it."""
    log = plan_log(stream, events)
    if wanted.cancelled or log.at_cancelling is not None or not log.at_rest:
        return
    made = history.fleet(log.tenant, wanted.fleet_revision).blueprints[wanted.blueprint]
    oracle = oracle_of(history, log, wanted, made)
    last: dict[str, Message] = {}
    for event in events:
        match event.msg:
            case DepartmentStarted(department=name) | DepartmentCompleted(department=name):
                last[name] = event.msg
            case StepRemoved(step=name):
                last.pop(name, None)
    right_ones = oracle.made
    if not oracle.results:  # its orchestrator has failed, and so has what had begun
        right_ones = {name: Made(0) for name in last}
    if sorted(last) != sorted(right_ones):
        yield f"has told of departments {sorted(last)} in the end, {sorted(right_ones)} are right"
        return
    for name, right in right_ones.items():
        told = last[name]
        if not isinstance(told, DepartmentCompleted):
            yield f"never completes {name}"
        elif _outputs(told) != _right(right):
            yield f"completes {name} with {_outputs(told)}, {_right(right)} is right"


def _outputs(told: DepartmentCompleted) -> Mapping[str, tuple[str, int, int, str]]:
    return {one.agent: (one.step, one.round, one.score, one.status) for one in told.outputs}


def _right(made: Made) -> Mapping[str, tuple[str, int, int, str]]:
    return {name: (one.step, one.round, one.score, one.status) for name, one in made.outputs.items()}
