"""A fork has what its execution had at that moment: its inputs, and its results, which are not made again."""

from collections.abc import Iterator, Sequence
from itertools import takewhile

from reveille.contracts.ingress.v1.events_pb2 import ExecutionForked, InputAdded, InputsChanged
from reveille.contracts.planner.v1.events_pb2 import (
    QualityChecked,
    StepAdopted,
    StepCompleted,
    StepReady,
    WorkReviewed,
)
from reveille.kernel.events import Recorded, key_of, tenant_of
from tests.simulation.checker.broken import Broken
from tests.simulation.checker.history import History
from tests.simulation.checker.plan_log import DONE, plan_log, wanted_plans
from tests.simulation.checker.timelines import Timelines
from tests.simulation.planners import Asked

# A draft, and its score or what becomes of it.
Said = tuple[str, str]


def check(history: History, asked: Sequence[Asked], timelines: Timelines) -> Iterator[Broken]:
    at = {(one.tenant, one.told[0].execution_id): one for one in asked if one.forks and one.told}
    for event, forked in history.all(ExecutionForked):
        tenant = tenant_of(event.stream)
        wish = at[tenant, key_of(event.stream)]
        for what in (*_results(history, tenant, forked), *_inputs(history, tenant, forked, wish, timelines)):
            yield Broken(promise=0, what=f"{event.stream}, a fork of {forked.from_execution}, {what}")


def _results(history: History, tenant: str, forked: ExecutionForked) -> Iterator[str]:
    """That none of them is made again while it holds is checked where attempts are."""
    events = history.streams[f"{tenant}.execution-{forked.execution_id}"]
    adopted = {
        one.msg.completed.step: (one.msg.completed.digest, one.msg.completed.ref)
        for one in events
        if isinstance(one.msg, StepAdopted)
    }
    there = {}
    if forked.HasField("at"):
        if forked.at.stream != f"{tenant}.execution-{forked.from_execution}":
            yield f"goes on from {forked.at.stream}"
            return
        log = plan_log(forked.at.stream, history.streams[forked.at.stream][: forked.at.revision + 1])
        there = {
            name: (node.completed.digest, node.completed.ref)
            for name, node in log.of_blueprint.items()
            if node.status == DONE and node.completed is not None and f"undo:{name}" not in log.steps
        }
    if adopted != there:
        yield f"has the results of {sorted(adopted)}, those of {sorted(there)} were there"
        return
    if forked.HasField("at"):
        then = _said(history.streams[forked.at.stream][: forked.at.revision + 1])
        right = {step: said for step, said in then.items() if step in adopted and said}
        if (now := {step: said for step, said in _adopted(events).items() if said}) != right:
            yield f"has the reviews {now}, {right} were there"


def _adopted(events: Sequence[Recorded]) -> dict[str, list[Said]]:
    """What was said by reviews as they were taken over."""
    until = next((place for place, one in enumerate(events) if isinstance(one.msg, StepReady)), len(events))
    return _said(events[:until])


def _said(events: Sequence[Recorded]) -> dict[str, list[Said]]:
    """By review, what its latest result said of each draft: it stands right behind it."""
    found: dict[str, list[Said]] = {}
    latest = ""
    for event in events:
        match event.msg:
            case StepCompleted(step=step) | StepAdopted(completed=StepCompleted(step=step)):
                latest, found[step] = step, []
            case QualityChecked(step=step, score=score):
                found[latest].append((step, str(score)))
            case WorkReviewed(step=step, status=status):
                found[latest].append((step, status))
    return found


def _inputs(history: History, tenant: str, forked: ExecutionForked, wish: Asked, timelines: Timelines) -> Iterator[str]:
    if not wish.at:
        return  # as it stood when the request came, which nobody outside knows
    until = timelines.positions[tenant, forked.from_execution][wish.at - 1]
    then = wanted_plans(history, until=until)[tenant, forked.from_execution]
    stream = history.streams[f"{tenant}.inputs-{forked.execution_id}"]
    first = takewhile(lambda one: not isinstance(one.msg, InputsChanged), stream)
    taken = [one.msg.input_id for one in first if isinstance(one.msg, InputAdded)]
    took = taken[: len(taken) - len(wish.add)]
    if took != list(then.inputs):
        yield f"takes over the inputs {took}, {list(then.inputs)} were there at {until}"
