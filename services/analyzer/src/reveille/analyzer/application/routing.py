"""Where the analyzer's events go.

What a pattern detects, and the plans that rules begin, come back to itself: each stream is decided on alone.
"""

from typing import Final

from reveille.contracts.analyzer.v1.events_pb2 import InputsAnalyzed, TriggerFired
from reveille.kernel.event_bus import Routes
from reveille.kernel.events import Recorded, tenant_of
from reveille.kernel.ids import derive


def woken(event: Recorded) -> str | None:
    """A plan has its inputs analyzed first."""
    assert isinstance(event.msg, TriggerFired)
    return None if event.msg.HasField("start") else derive("execution", event.msg.trigger_id)


def begun(event: Recorded) -> str | None:
    assert isinstance(event.msg, TriggerFired)
    return derive("execution", event.msg.trigger_id) if event.msg.HasField("start") else None


def execution(event: Recorded) -> str:
    assert isinstance(event.msg, InputsAnalyzed)
    return event.msg.execution_id


def tenant(event: Recorded) -> str:
    return tenant_of(event.stream)


ROUTES: Final[Routes] = {
    "reveille.analyzer.v1.TriggerFired": {"planner": woken, "analyzer": begun},
    "reveille.analyzer.v1.InputsAnalyzed": {"planner": execution},
    "reveille.analyzer.v1.PatternDetected": {"analyzer": tenant},
}
