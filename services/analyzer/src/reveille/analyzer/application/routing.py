"""Where the analyzer's events go; what a pattern detects comes back to itself, for each stream is decided on alone."""

from typing import Final

from reveille.contracts.analyzer.v1.events_pb2 import TriggerFired
from reveille.kernel.event_bus import Routes
from reveille.kernel.events import Recorded, tenant_of
from reveille.kernel.ids import derive


def execution_of(event: Recorded) -> str:
    assert isinstance(event.msg, TriggerFired)
    return derive("execution", event.msg.trigger_id)


def tenant(event: Recorded) -> str:
    return tenant_of(event.stream)


ROUTES: Final[Routes] = {
    "reveille.analyzer.v1.TriggerFired": {"planner": execution_of},
    "reveille.analyzer.v1.PatternDetected": {"analyzer": tenant},
}
