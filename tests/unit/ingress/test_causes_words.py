"""Each event says in words what happened: nobody who asks why is answered with the name of a type."""

from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from reveille.contracts.agent_runner.v1 import events_pb2 as agent_runner_pb2
from reveille.contracts.agent_runner.v1.events_pb2 import FAILURE_CANCELLED, FAILURE_ERROR, RunFailed, Work, WorkRevoked
from reveille.contracts.analyzer.v1 import events_pb2 as analyzer_pb2
from reveille.contracts.analyzer.v1.events_pb2 import (
    CategoryScore,
    InputClassified,
    TriggerFired,
    TriggerGathered,
    TriggerSuppressed,
)
from reveille.contracts.budget.v1 import events_pb2 as budget_pb2
from reveille.contracts.budget.v1.events_pb2 import BudgetUpdated
from reveille.contracts.common.v1.common_pb2 import (
    DeadLetterDropped,
    DeadLetterRetried,
    MessageParked,
    Money,
    Sealed,
)
from reveille.contracts.ingress.v1 import events_pb2 as ingress_pb2
from reveille.contracts.ingress.v1.events_pb2 import CancelRequested, InputAdded, InputContent, Start
from reveille.contracts.planner.v1 import events_pb2 as planner_pb2
from reveille.contracts.planner.v1.events_pb2 import ExecutionCompleted, StepInvalidated
from reveille.ingress.domain.causes import MAX_SHOWN, summary
from tests.unit.log import Log

OWNERS = (ingress_pb2, analyzer_pb2, planner_pb2, budget_pb2, agent_runner_pb2)
# It stands inside what is sealed.
SEALED = {InputContent.DESCRIPTOR.full_name}
OF_ALL = (MessageParked.DESCRIPTOR, DeadLetterRetried.DESCRIPTOR, DeadLetterDropped.DESCRIPTOR)


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
    return [*(one for one in defined if one.full_name not in parts | values | SEALED), *OF_ALL]


@pytest.mark.asyncio
@pytest.mark.parametrize("event", events(), ids=lambda one: one.name)
async def test_an_event_has_words_of_its_own(event: Descriptor) -> None:
    (recorded,) = await Log().write("t.stream-1", GetMessageClass(event)())
    assert event.name not in summary(recorded)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("event", "words"),
    [
        (TriggerGathered(rule="r", start=Start(blueprint="party")), "it waits to begin plan party by rule r"),
        (TriggerGathered(rule="r", agent="a"), "it waits for a by rule r"),
        (TriggerSuppressed(blueprint="party", detail="too long"), "plan party does not begin: too long"),
        (TriggerSuppressed(agent="a", detail="too long"), "a stays asleep: too long"),
    ],
)
async def test_what_waits_and_what_is_suppressed_names_the_agent_or_the_plan(event: Message, words: str) -> None:
    (recorded,) = await Log().write("t.watch-b", event)
    assert summary(recorded) == words


@pytest.mark.asyncio
async def test_work_that_was_handed_on_names_who_handed_it_on() -> None:
    (recorded,) = await Log().write("t.watch-b", TriggerFired(agent="b", handed_on_by="a"))
    assert summary(recorded) == "b wakes for what a has handed on"


WORK = Work(run_id="r", agent="cake-agent")


def input_added(text: str) -> InputAdded:
    return InputAdded(input_id="i-1", content=Sealed(data=InputContent(text=text).SerializeToString()))


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("event", "words"),
    [
        (TriggerFired(rule="r", start=Start(blueprint="party", prompt="secret")), "rule r begins plan party"),
        (input_added("a jungle\n theme"), "input i-1 comes: a jungle theme"),
        (input_added("x" * 500), f"input i-1 comes: {'x' * (MAX_SHOWN - 1)}…"),
        (CancelRequested(), "somebody wants it cancelled"),
        (CancelRequested(reason=Sealed(data=b"it rains")), "somebody wants it cancelled: it rains"),
        (
            InputClassified(input_id="i-1", categories=[CategoryScore(category="cake", confidence=0.9)]),
            "input i-1 is for cake (90%)",
        ),
        (InputClassified(input_id="i-1"), "input i-1 is for nothing in the plan"),
        (
            StepInvalidated(step="cake", changed=["facts", "theme"]),
            "what step cake was done with has changed: facts, theme",
        ),
        (BudgetUpdated(total=Money(min=100, max=250_050)), "the plan costs 1.00 to 2,500.50"),
        (
            BudgetUpdated(total=Money(min=100, max=90_000), limit=80_000, over_by=10_000, driver="venue"),
            "the plan costs 1.00 to 900.00, which may be 100.00 too much, most of all for venue",
        ),
        (WorkRevoked(work=WORK, queued=True), "cake-agent is not to begin it any more"),
        (WorkRevoked(work=WORK), "cake-agent is to stop"),
        (RunFailed(work=WORK, reason=FAILURE_CANCELLED), "cake-agent does it no more: nobody wants its result"),
        (RunFailed(work=WORK, reason=FAILURE_ERROR, tokens_used=3), "cake-agent failed after 3 tokens"),
        (ExecutionCompleted(tokens_used=3), "the execution is complete after 3 tokens"),
        (ExecutionCompleted(tokens_used=3, living=True), "the plan is complete for now after 3 tokens"),
    ],
)
async def test_an_event_of_a_plan_says_what_happened(event: Message, words: Any) -> None:
    (recorded,) = await Log().write("t.stream-1", event)
    assert summary(recorded) == words
