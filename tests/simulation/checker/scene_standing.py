"""How a hierarchy's steps stand at rest, against its oracle."""

from collections.abc import Iterator
from typing import Any

from reveille.contracts.ingress.v1.events_pb2 import Blueprint
from tests.simulation.blueprints import categories_of
from tests.simulation.checker.history import History
from tests.simulation.checker.plan_log import DONE, FAILED, SKIPPED, PlanLog, Wanted, read_by, result_in
from tests.simulation.checker.scene_oracle import SceneOracle


def oracle_of(history: History, log: PlanLog, wanted: Wanted, made: Blueprint) -> SceneOracle:
    texts = [text for text, tags in wanted.inputs.values() if categories_of(made, text, tags)]
    failed = {
        name: read_by(history, node.ready)
        for name, node in log.of_blueprint.items()
        if node.status == FAILED and node.ready is not None
    }
    return SceneOracle(made, texts, failed)


def check(history: History, log: PlanLog, wanted: Wanted, made: Blueprint) -> Iterator[str]:
    oracle = oracle_of(history, log, wanted, made)
    there: dict[str, Any] = {
        name: result_in(node.completed)
        for name, node in log.of_blueprint.items()
        if node.status == DONE and node.completed is not None
    }
    steps = {name: node.status for name, node in log.of_blueprint.items()}
    for name in sorted({*there, *oracle.results}):
        if there.get(name) != oracle.results.get(name):
            yield f"has {there.get(name)} of {name} in the end, {oracle.results.get(name)} is right: {steps}"
    for name, status in steps.items():
        failed = name in oracle.read and oracle.failed.get(name) == oracle.read[name]
        right = DONE if name in oracle.results else FAILED if failed else SKIPPED
        if status != right:
            yield f"has {name} {status} in the end, {right} is right"
        if right == SKIPPED and not oracle.failed:
            yield f"has step {name}, and nobody asks for it"
    yield from _told(log, oracle)


def _told(log: PlanLog, oracle: SceneOracle) -> Iterator[str]:
    last = log.updated[-1]
    if [one.version for one in log.updated] != list(range(1, len(log.updated) + 1)):
        yield f"is told in versions {[one.version for one in log.updated]}"
    percent = 100 * oracle.done // oracle.required
    if last.completion_percent != percent:
        yield f"is told to be done by {last.completion_percent} %, {percent} % is right"
    if oracle.done == oracle.required:
        if last.status not in ("completed", "failed"):  # failed: it was not let through
            yield f"is told to be {last.status}, and everything is done"
    elif last.status != ("failed" if oracle.read else "waiting"):
        yield f"is told to be {last.status}, {oracle.done} of {oracle.required} is done"
