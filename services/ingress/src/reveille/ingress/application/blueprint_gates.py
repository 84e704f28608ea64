"""Reading what people are asked before a plan goes on, and how much of it is left to the autopilot."""

from collections.abc import Mapping
from typing import Any, Final

from yaml.nodes import Node, SequenceNode

from reveille.contracts.ingress.v1.events_pb2 import Gate
from reveille.ingress.application.fleet_document import FleetDocument, Read, Wrong
from reveille.ingress.application.fleet_values import DAY_MS, SECOND_MS, TITLE, choice, duration
from reveille.ingress.domain.autopilots import AUTOPILOTS

# What an approval may stand before.
COMPLETE: Final = "complete"
MAX_GATES: Final = 1
ANSWERS: Final = ("reject", "approve")
RISKS: Final = ("low", "medium", "high")
AUTOPILOT: Final = choice(AUTOPILOTS)


def approvals(document: FleetDocument) -> Read:
    gate = document.section(
        {
            "before": choice({COMPLETE: COMPLETE}),
            "ask": TITLE,
            "within": duration(SECOND_MS, 30 * DAY_MS),
            "otherwise": choice({one: one for one in ANSWERS}),
            "risk": choice({one: one for one in RISKS}),
        },
        needed=("before", "ask"),
    )
    several = document.several(gate)

    def read(node: Node, path: str) -> list[dict[str, Any]]:
        if isinstance(node, SequenceNode) and len(node.value) > MAX_GATES:
            raise Wrong(f"it has {len(node.value)} approvals, at most {MAX_GATES} is asked for: before `{COMPLETE}`")
        found: list[dict[str, Any]] = several(node, path)
        return found

    return read


def as_gate(one: Mapping[str, Any]) -> Gate:
    return Gate(
        before=one["before"],
        ask=one["ask"],
        within_ms=one.get("within", DAY_MS),
        otherwise=one.get("otherwise", "reject"),
        risk=one.get("risk", "medium"),
    )
