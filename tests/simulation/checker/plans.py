"""What stands in a plan at rest is what an oracle makes anew from what people want in the end, and so is its money."""

from collections.abc import Iterator
from typing import Any

from reveille.contracts.budget.v1.events_pb2 import BudgetUpdated
from reveille.contracts.ingress.v1.events_pb2 import Blueprint
from tests.property.plans import Oracle, World
from tests.simulation.blueprints import CONDITIONS, as_read, categories_of, facts_of, result_of
from tests.simulation.checker import scene_standing
from tests.simulation.checker.broken import Broken
from tests.simulation.checker.history import History
from tests.simulation.checker.plan_log import (
    DONE,
    FAILED,
    OPEN,
    SKIPPED,
    WAITING,
    PlanLog,
    Wanted,
    plan_log,
    read_by,
    result_in,
    wanted_plans,
)


def check(history: History) -> Iterator[Broken]:
    wanted = wanted_plans(history)
    logs = {(log.tenant, log.execution_id): log for log in (
        plan_log(stream, events) for stream, events in history.executions(plans=True)
    )}  # fmt: skip
    for tenant, execution_id in sorted({*wanted, *logs}):
        log, asked = logs.get((tenant, execution_id)), wanted.get((tenant, execution_id))
        if log is None or asked is None:
            told = "is planned, and nobody wants it" if asked is None else "is wanted, and nobody plans it"
            yield Broken(promise=0, what=f"plan {execution_id} of {tenant} {told}")
            continue
        for what in _plan(history, log, asked):
            yield Broken(promise=0, what=f"{log.stream} {what}")


def _plan(history: History, log: PlanLog, wanted: Wanted) -> Iterator[str]:
    for name, node in log.steps.items():
        if node.status in OPEN and node.status != WAITING:
            yield f"comes to rest with step {name} {node.status}"
        if node.status == DONE and node.ready is not None and node.completed is not None and ":" not in name:
            yield from _agreed(history, name, node.ready, node.completed)
    if wanted.cancelled or log.at_cancelling is not None:
        return
    made = history.fleet(log.tenant, wanted.fleet_revision).blueprints[wanted.blueprint]
    if made.departments:
        if log.at_rest:  # else it waits for tokens
            yield from scene_standing.check(history, log, wanted, made)
        return
    oracle = oracle_of(history, log, wanted, made)
    steps = {name: node.status for name, node in log.of_blueprint.items()}
    owners = {node.planned.of or name for name, node in log.of_blueprint.items()}
    listed = {step.name for step in made.steps if step.for_each}
    if owners - oracle.wanted() or oracle.wanted() - owners - listed:
        yield f"has steps {sorted(owners)}, {sorted(oracle.wanted())} are right"
    if not log.at_rest:
        return  # it waits for tokens
    failed = {run for run, read in oracle.runs().items() if run in oracle.failed and read == oracle.failed[run]}
    expected = {run: result_of(run.partition("[")[0], read) for run, read in oracle.runs().items() if run not in failed}
    standing = {run: result_in(node.completed) for run, node in log.of_blueprint.items()
                if node.status == DONE and node.completed is not None}  # fmt: skip
    for run in sorted({*expected, *standing}):
        if standing.get(run) != expected.get(run):
            yield f"has {standing.get(run)} of {run} in the end, {expected.get(run)} is right: {steps}"
    for run, status in steps.items():
        right = DONE if run in expected else FAILED if run in failed else SKIPPED
        if status != right:
            yield f"has {run} {status} in the end, {right} is right"
    yield from _told(history, log, wanted, made, oracle, expected)


def _agreed(history: History, name: str, ready: Any, completed: Any) -> Iterator[str]:
    """What a step came to is what its agent makes of what it was to be given."""
    if ready.run_id != completed.run_id:
        return  # an older result is right again, perhaps of the plan that this one was forked from
    right = result_of(name.partition("[")[0], read_by(history, ready))
    if result_in(completed) != right:
        yield f"has {result_in(completed)} of attempt {ready.attempt} at {name}, what it reads comes to {right}"


def _told(
    history: History, log: PlanLog, wanted: Wanted, made: Blueprint, oracle: "LogOracle", expected: dict[str, Any]
) -> Iterator[str]:
    """What the budget service and the plan say last."""
    last = log.updated[-1]
    if [one.version for one in log.updated] != list(range(1, len(log.updated) + 1)):
        yield f"is told in versions {[one.version for one in log.updated]}"
    money: dict[str, tuple[int, int]] = {}
    for run, result in expected.items():
        owner = run.partition("[")[0]
        if owner in made.money_from:
            least, most = money.get(owner, (0, 0))
            money[owner] = (least + 100 * result["money"]["min"], most + 100 * result["money"]["max"])
    estimates = [one.msg for one in history.streams.get(f"{log.tenant}.estimate-{log.execution_id}", ())]
    told = estimates[-1] if estimates else BudgetUpdated()
    assert isinstance(told, BudgetUpdated)
    if {step: (one.min, one.max) for step, one in told.by_step.items()} != money:
        yield f"costs {dict(told.by_step)} by its last estimate, {money} is right"
    if (told.total.min, told.total.max) != tuple(sum(one[side] for one in money.values()) for side in (0, 1)):
        yield f"costs {told.total} in all by its last estimate, {money} is right"
    limit = round(100 * facts_of(wanted.parameters, [tags for _, tags in wanted.inputs.values()]).get("budget", 0))
    if estimates and (told.limit, told.over_by) != (limit, max(0, told.total.max - limit) if limit else 0):
        yield f"has {told.over_by} over {told.limit} by its last estimate, of {told.total.max} and {limit}"
    if last.budget != told:
        yield f"is told to cost {last.budget}, its last estimate is {told}"
    required = list(made.required) or [step.name for step in made.steps if step.name in oracle.wanted()
                                       and not step.optional]  # fmt: skip
    done = sum(name in oracle.wanted() and oracle.make(name) is not None for name in required)
    percent = 100 * done // len(required) if required else 0
    if last.completion_percent != percent:
        yield f"is told to be done by {last.completion_percent} %, {percent} % is right"


class LogOracle(Oracle):
    """failed: by run that failed for good, with what. Whether it had to fail is another question."""

    def __init__(self, made: Blueprint, world: World, failed: dict[str, str]) -> None:
        super().__init__(made, world, frozenset())
        self.failed = failed

    def runs(self) -> dict[str, Any]:
        return {run: as_read(*read) for run, read in super().runs().items()}

    def _make(self, name: str) -> Any:
        reads = self._reads(name)
        if reads is None:
            return None
        told = [(run, as_read(*read)) for run, read in reads]
        if any(self.failed.get(run) == read for run, read in told):
            return None
        results = [result_of(name, read) for _, read in told]
        return results if self.steps[name].for_each else results[0]


def oracle_of(history: History, log: PlanLog, wanted: Wanted, made: Blueprint) -> LogOracle:
    inputs = {id: (text, categories_of(made, text, tags)) for id, (text, tags) in wanted.inputs.items()}
    facts = facts_of(wanted.parameters, [tags for _, tags in wanted.inputs.values()])
    categories = {one for _, about in inputs.values() for one in about}
    conditions = tuple(step.name for step in made.steps if step.when and CONDITIONS[step.when](facts, categories))
    failed = {run: read_by(history, node.ready) for run, node in log.of_blueprint.items()
              if node.status == FAILED and node.ready is not None}  # fmt: skip
    return LogOracle(made, World(inputs=inputs, facts=facts, conditions=conditions), failed)
