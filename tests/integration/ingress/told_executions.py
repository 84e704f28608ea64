"""Executions as the services that decide about them write them into the log."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from google.protobuf.message import Message

from reveille.contracts.agent_runner.v1.events_pb2 import (
    FAILURE_ERROR,
    AgentThinking,
    AgentWoken,
    ModelAnswered,
    ModelCalled,
    RunCompleted,
    RunFailed,
    RunStarted,
    ToolCalled,
    Work,
)
from reveille.contracts.planner.v1.events_pb2 import (
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionStarted,
    QualityChecked,
    StepFailed,
    StepReady,
)
from reveille.kernel.event_store import Append, EventStore
from reveille.kernel.events import About, Meta, Recorded, new_event
from reveille.kernel.ids import UuidV7Ids
from reveille.kernel.sealing import seal
from tests.letters import letter_of

if TYPE_CHECKING:
    from tests.integration.ingress.conftest import House

IDS = UuidV7Ids()
SECOND = 1_000_000


async def write(store: EventStore, stream: str, *messages: Message, at: int = 1_795_262_400 * SECOND) -> None:
    """After whatever stands in the stream; each a millisecond after the one before."""
    last = await store.read_backwards(stream, 1)
    events = [
        new_event(IDS.new(), message, Meta(at + number * 1_000, About("c"), replica="other"))
        for number, message in enumerate(messages)
    ]
    await store.append([Append(stream, last[0].revision if last else -1, events)])


async def park(store: EventStore, tenant: str, error: str) -> Recorded:
    """The dead letter of a step's failure, of which both say the same."""
    failed = StepFailed(execution_id="w", step="s", attempt=1, error=seal(error.encode()))
    await write(store, f"{tenant}.execution-w", failed)
    (event,) = await store.read_backwards(f"{tenant}.execution-w", 1)
    await write(store, f"{tenant}.deadletter-planner-0", letter_of("planner", event, error))
    (parked,) = await store.read_backwards(f"{tenant}.deadletter-planner-0", 1)
    return parked


def work(id: str, agent: str) -> Work:
    return Work(run_id=f"{id}-run", execution_id=id, step="wake", attempt=1, agent=agent)


async def begin(
    house: House, id: str, *, agent: str = "lead", blueprint: str = "", tenant: str = "default", said: str = "hm"
) -> None:
    """An agent is woken, and thinks."""
    started = ExecutionStarted(execution_id=id, blueprint=blueprint)
    ready = StepReady(execution_id=id, step="wake", agent=agent, attempt=1, run_id=f"{id}-run")
    await write(house.store, f"{tenant}.execution-{id}", started, ready)
    await write(house.store, f"{tenant}.agent-{agent}", AgentWoken(work=work(id, agent)))
    thinking = AgentThinking(run_id=f"{id}-run", text=seal(said.encode()))
    called = ToolCalled(run_id=f"{id}-run", call=1, tool="search", arguments=seal(b'{"for": "it"}'))
    await write(house.store, f"{tenant}.run-{id}-run", RunStarted(work=work(id, agent)), thinking, called)


async def end(
    house: House,
    id: str,
    *,
    agent: str = "lead",
    fails: bool = False,
    tokens: int = 11,
    tenant: str = "default",
    said: str = "",
) -> None:
    run = f"{tenant}.run-{id}-run"
    if tokens:
        called = ModelCalled(run_id=f"{id}-run", call=1, model="m", cap=100)
        answered = ModelAnswered(run_id=f"{id}-run", call=1, model="m", input_tokens=tokens - 1, output_tokens=1)
        await write(house.store, run, called, answered)
    if fails:
        failed = RunFailed(work=work(id, agent), tokens_used=tokens, reason=FAILURE_ERROR, error=seal(b"no"))
        await write(house.store, run, failed)
        await write(house.store, f"{tenant}.execution-{id}", ExecutionFailed(execution_id=id, tokens_used=tokens))
        return
    result = seal(json.dumps({"done": said or id}).encode())
    await write(house.store, run, RunCompleted(work=work(id, agent), tokens_used=tokens, result=result))
    await write(house.store, f"{tenant}.execution-{id}", ExecutionCompleted(execution_id=id, tokens_used=tokens))


async def checked(house: House, id: str, *, department: str, score: int) -> None:
    checked = QualityChecked(execution_id=id, department=department, step=f"{department}/x", score=score)
    await write(house.store, f"default.execution-{id}", checked)


async def recorded(house: House, *types: str, count: int = 1) -> list[Recorded]:
    """The events of these types, as soon as there are so many."""
    async with asyncio.timeout(60):
        while True:
            head = await house.store.head()
            events = [event for event in await house.events() if event.type.rpartition(".")[2] in types]
            if len(events) >= count:
                return events
            await house.store.wait(head)


async def listed(house: House, **query: Any) -> list[dict[str, Any]]:
    await house.caught_up()
    answer = await house.client.get("/api/v1/notifications", params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items
