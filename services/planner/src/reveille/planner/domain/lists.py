"""What a step is done for, where it is done for each of a list: a run of its own for each."""

from collections.abc import Sequence
from typing import Final

from reveille.contracts.analyzer.v1.events_pb2 import AnalyzedInput
from reveille.contracts.ingress.v1.events_pb2 import BlueprintStep
from reveille.kernel.sealing import seal_json
from reveille.planner.domain.graph import INPUTS
from reveille.planner.domain.state import Execution, Item

# Of the runs of one step.
MOST: Final = 50


def items_of(state: Execution, step: BlueprintStep, inputs: Sequence[AnalyzedInput]) -> Sequence[Item]:
    """In the list's order. inputs: of the step's category."""
    of, _, key = step.for_each.partition(".")
    if of == INPUTS:
        return [
            Item(name=one.input_id, digest=one.digest, value=seal_json({"input_id": one.input_id})) for one in inputs
        ]
    upstream = state.steps.get(of)
    return upstream.result.items.get(key, ()) if upstream is not None and upstream.result is not None else ()


def run_of(step: BlueprintStep, item: Item) -> str:
    """What the run for an item is called. A step that has a role runs at most once, under its own name."""
    return step.name if step.role else f"{step.name}[{item.name}]"
