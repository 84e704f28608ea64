"""Ingress with a planner beside it that says of each execution what a test tells it to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reveille.contracts.analyzer.v1.events_pb2 import TriggerFired
from reveille.contracts.common.v1.common_pb2 import EventRef, Json
from reveille.contracts.ingress.v1.events_pb2 import InputContent, Start
from reveille.contracts.planner.v1.queries_pb2 import (
    ExecutionView,
    GetExecutionRequest,
    GetExecutionResponse,
    InputView,
    ListExecutionsRequest,
    ListExecutionsResponse,
)
from reveille.contracts.planner.v1.queries_pb2_grpc import QueryServiceServicer
from reveille.kernel.event_store import NO_STREAM, Append
from reveille.kernel.events import About, Meta, new_event
from reveille.kernel.ids import UuidV7Ids, derive, text

if TYPE_CHECKING:
    from tests.integration.ingress.conftest import House

EXECUTIONS = "/api/v1/executions"
PARTIES = "/api/v1/event-driven"


class ToldPlanner(QueryServiceServicer):
    def __init__(self) -> None:
        self.views: dict[str, ExecutionView] = {}
        self.listed: list[ListExecutionsRequest] = []

    def say(self, execution_id: str, **fields: Any) -> ExecutionView:
        view = ExecutionView(id=execution_id, tenant="default", **{"blueprint": "party", "status": "running", **fields})
        self.views[execution_id] = view
        return view

    async def GetExecution(self, request: GetExecutionRequest, context: Any) -> GetExecutionResponse:
        if request.execution_id not in self.views:
            raise KeyError(f"no execution {request.execution_id}")
        return GetExecutionResponse(execution=self.views[request.execution_id])

    async def ListExecutions(self, request: ListExecutionsRequest, context: Any) -> ListExecutionsResponse:
        self.listed.append(request)
        return ListExecutionsResponse(items=self.views.values())


async def start(house: House, execution_id: str = "p", *texts: str, **more: Any) -> dict[str, Any]:
    inputs = [{"input_id": f"i{number}", "content": text} for number, text in enumerate(texts)]
    body = {"blueprint": "party", "execution_id": execution_id, "inputs": inputs, **more}
    answer = await house.client.post(EXECUTIONS, json=body)
    assert answer.status_code == 202, answer.text
    told: dict[str, Any] = answer.json()
    return told


def json_of(value: str) -> Json:
    return Json(text=value)


def stream_of(execution_id: str) -> str:
    return f"default.inputs-{execution_id}"


async def recorded(house: House, execution_id: str) -> list[Any]:
    """The events of the plan's inputs, in order."""
    stream = stream_of(execution_id)
    return [event.msg for event in (await house.store.read_streams({stream: NO_STREAM}))[stream]]


async def types(house: House, execution_id: str) -> list[str]:
    return [type(event).__name__ for event in await recorded(house, execution_id)]


async def contents(house: House, execution_id: str) -> list[tuple[str, str]]:
    """(input id, text) of all inputs that ever came."""
    return [
        (event.input_id, InputContent.FromString(event.content.data).text)
        for event in await recorded(house, execution_id)
        if event.DESCRIPTOR.name == "InputAdded"
    ]


async def begin_by_rule(house: House, planner: ToldPlanner, *, prompt: str = "a party in June") -> tuple[str, str]:
    """(execution id, trigger id) of a plan that a rule has begun, as the log and the planner show it."""
    ids = UuidV7Ids()
    trigger_id = text(ids.new())
    execution_id = derive("execution", trigger_id)
    stream = "default.watch-blueprint:party"
    fired = TriggerFired(
        trigger_id=trigger_id,
        rule="plan-parties",
        fleet_revision=house.ingress.fleets.in_force("default").fleet.revision,
        start=Start(blueprint="party", prompt=prompt),
    )
    news = [new_event(ids.new(), fired, Meta(1_700_000_000_000_000, About("a-signal", "", 1), replica="other"))]
    (appended,) = await house.store.append([Append(stream, NO_STREAM, news)])
    ref = EventRef(stream=stream, revision=appended.revision)  # type: ignore[union-attr]
    first = InputView(input_id=trigger_id, categories=["theme"], confidence=0.5, ref=ref)
    planner.say(execution_id, inputs=[first], inputs_revision=-1)
    return execution_id, trigger_id
