"""Where the analyzer's events go."""

from typing import Final

from reveille.contracts.analyzer.v1.events_pb2 import TriggerFired
from reveille.kernel.event_bus import Routes
from reveille.kernel.events import Recorded
from reveille.kernel.ids import derive


def execution_of(event: Recorded) -> str:
    assert isinstance(event.msg, TriggerFired)
    return derive("execution", event.msg.trigger_id)


ROUTES: Final[Routes] = {"reveille.analyzer.v1.TriggerFired": {"planner": execution_of}}
