"""Promise 7: the timeline of each plan has numbers without holes, in the order of the log, and leaves nothing out."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, text

from reveille.contracts.budget.v1.events_pb2 import BudgetUpdated
from reveille.contracts.ingress.v1.events_pb2 import InputAdded, InputRemoved
from reveille.contracts.planner.v1.events_pb2 import PlanUpdated, StepCompleted, StepReady, StepRemoved
from reveille.kernel.events import key_of, tenant_of
from tests.simulation.checker.broken import Broken
from tests.simulation.checker.history import History
from tests.simulation.world import World

# What clients of a plan are told.
TOLD: Final = (InputAdded, InputRemoved, StepReady, StepCompleted, StepRemoved, PlanUpdated, BudgetUpdated)


@dataclass(slots=True)
class Timelines:
    """positions: of their events in the log, by tenant and execution, in the order of their numbers."""

    positions: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    numbers: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))


async def timelines_of(world: World) -> Timelines:
    found = Timelines()
    for tenant, execution_id, sequence, position in await world.databases["ingress"].run(_rows):
        found.positions[tenant, execution_id].append(position)
        found.numbers[tenant, execution_id].append(sequence)
    return found


def _rows(connection: Connection) -> list[Any]:
    asked = text("SELECT tenant, execution_id, sequence, position FROM timeline ORDER BY sequence")
    return list(connection.execute(asked))


def check(history: History, timelines: Timelines) -> Iterator[Broken]:
    told: dict[tuple[str, str], set[int]] = defaultdict(set)
    plans = {(tenant_of(stream), key_of(stream)) for stream, _ in history.executions(plans=True)}
    for event in history.log:
        if isinstance(event.msg, TOLD) and (key := (tenant_of(event.stream), key_of(event.stream))) in plans:
            told[key].add(event.position)
    for key in sorted(plans | timelines.positions.keys()):
        positions, numbers = timelines.positions.get(key, []), timelines.numbers.get(key, [])
        name = f"the timeline of plan {key[1]} of {key[0]}"
        if numbers != list(range(1, len(numbers) + 1)):
            yield Broken(promise=7, what=f"{name} has holes: {numbers}")
        if positions != sorted(set(positions)):
            yield Broken(promise=7, what=f"{name} is not in the order of the log: {positions}")
        if missing := told[key] - set(positions):
            yield Broken(promise=7, what=f"{name} leaves out what stands at {sorted(missing)}")
