"""A decision in the making."""

from collections.abc import Iterable

from google.protobuf.message import Message

from reveille.kernel.events import About
from reveille.planner.domain.state import Execution, Plan, evolve

_CAUSE = About("")


class Draft:
    """What is decided so far, and the execution as it is after that. Nobody sees it but the one who decides."""

    __slots__ = ("events", "now", "state")

    def __init__(self, state: Execution, now: int) -> None:
        self.events: list[Message] = []
        self.state = state
        self.now = now

    def add(self, event: Message) -> None:
        self.events.append(event)
        self.state = evolve(self.state, event, _CAUSE)

    def add_all(self, events: Iterable[Message]) -> None:
        for event in events:
            self.add(event)

    @property
    def plan(self) -> Plan:
        assert self.state.plan is not None
        return self.state.plan

    @property
    def id(self) -> str:
        assert self.state.started is not None
        return self.state.started.execution_id
