"""Each event says in words what happened: nobody who asks why is answered with the name of a type."""

import pytest
from google.protobuf.descriptor import Descriptor
from google.protobuf.message_factory import GetMessageClass

from reveille.contracts.agent_runner.v1 import events_pb2 as agent_runner_pb2
from reveille.contracts.analyzer.v1 import events_pb2 as analyzer_pb2
from reveille.contracts.analyzer.v1.events_pb2 import TriggerFired
from reveille.contracts.budget.v1 import events_pb2 as budget_pb2
from reveille.contracts.ingress.v1 import events_pb2 as ingress_pb2
from reveille.contracts.planner.v1 import events_pb2 as planner_pb2
from reveille.ingress.domain.causes import summary
from tests.unit.log import Log

OWNERS = (ingress_pb2, analyzer_pb2, planner_pb2, budget_pb2, agent_runner_pb2)


def events() -> list[Descriptor]:
    """All messages of the events' files but those that are parts of others."""
    defined: list[Descriptor] = [one for owner in OWNERS for one in owner.DESCRIPTOR.message_types_by_name.values()]
    parts = {field.message_type.full_name for one in defined for field in one.fields if field.message_type}
    values = {
        field.message_type.full_name
        for one in defined
        for nested in one.nested_types
        for field in nested.fields
        if field.message_type
    }
    return [one for one in defined if one.full_name not in parts | values]


@pytest.mark.asyncio
@pytest.mark.parametrize("event", events(), ids=lambda one: one.name)
async def test_an_event_has_words_of_its_own(event: Descriptor) -> None:
    (recorded,) = await Log().write("t.stream-1", GetMessageClass(event)())
    assert event.name not in summary(recorded)


@pytest.mark.asyncio
async def test_work_that_was_handed_on_names_who_handed_it_on() -> None:
    (recorded,) = await Log().write("t.watch-b", TriggerFired(agent="b", handed_on_by="a"))
    assert summary(recorded) == "b wakes for what a has handed on"
