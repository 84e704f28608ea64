"""All event types and all routes of the platform, gathered from its services."""

from typing import Final

from reveille.agent_runner.application import routing as agent_runner
from reveille.analyzer.application import routing as analyzer
from reveille.budget.application import routing as budget
from reveille.contracts.agent_runner.v1 import events_pb2 as agent_runner_events
from reveille.contracts.analyzer.v1 import events_pb2 as analyzer_events
from reveille.contracts.budget.v1 import events_pb2 as budget_events
from reveille.contracts.common.v1 import common_pb2
from reveille.contracts.ingress.v1 import events_pb2 as ingress_events
from reveille.contracts.planner.v1 import events_pb2 as planner_events
from reveille.ingress.application import routing as ingress
from reveille.kernel.event_bus import Routes
from reveille.kernel.events import EventTypes
from reveille.planner.application import routing as planner

SERVICES: Final = ("ingress", "analyzer", "planner", "budget", "agent-runner")

EVENT_TYPES: Final = EventTypes(
    [common_pb2, ingress_events, analyzer_events, planner_events, budget_events, agent_runner_events]
)

# Each event type is routed by its owner alone, so that no table overwrites another's.
ROUTES: Final[Routes] = {
    **ingress.ROUTES,
    **analyzer.ROUTES,
    **planner.ROUTES,
    **budget.ROUTES,
    **agent_runner.ROUTES,
}
