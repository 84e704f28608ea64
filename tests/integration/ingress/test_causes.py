"""The chain of causes of an execution, out of a log in which one signal woke two agents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf.message import Message

from reveille.contracts.agent_runner.v1.events_pb2 import AgentSlept, AgentWoken, RunCompleted, RunStarted, Work
from reveille.contracts.analyzer.v1.events_pb2 import TriggerFired
from reveille.contracts.budget.v1.events_pb2 import Reservation, TokensReserved, TokensSettled
from reveille.contracts.planner.v1.events_pb2 import ExecutionCompleted, ExecutionStarted, StepReady
from reveille.kernel.event_store import Append
from reveille.kernel.events import About, Meta, Origin, new_event
from reveille.kernel.ids import UuidV7Ids

if TYPE_CHECKING:
    from tests.integration.ingress.conftest import House


class Log:
    """Writes events as the services would, with causes and correlation."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._ids = UuidV7Ids()
        self._revisions: dict[str, int] = {}

    async def add(self, stream: str, message: Message, cause: bytes, correlation: str) -> bytes:
        event = new_event(self._ids.new(), message, Meta(1, About(correlation), Origin(cause, "someone", 0, 1)))
        stream = f"default.{stream}"
        await self._house.store.append([Append(stream, self._revisions.get(stream, -1), [event])])
        self._revisions[stream] = self._revisions.get(stream, -1) + 1
        return event.id

    async def execution(self, name: str, signal: bytes, correlation: str, released_by: bytes = b"") -> bytes:
        """All that one woken agent leaves in the log; returns its last event."""
        work = Work(execution_id=name, run_id=f"run{name}", step="main", agent=name)
        fired = await self.add(f"watch-{name}", TriggerFired(agent=name, rule="r"), signal, correlation)
        start = await self.add(f"execution-{name}", ExecutionStarted(execution_id=name), fired, correlation)
        ready = StepReady(execution_id=name, run_id=f"run{name}", step="main")
        at = await self.add(f"execution-{name}", ready, start, correlation)
        reservation = Reservation(execution_id=name, run_id=f"run{name}", agent=name, tokens=5)
        reserved = await self.add("ledger", TokensReserved(reservation=reservation), released_by or at, correlation)
        woken = await self.add(f"agent-{name}", AgentWoken(work=work), reserved, correlation)
        started = await self.add(f"run-run{name}", RunStarted(work=work), woken, correlation)
        done = await self.add(f"run-run{name}", RunCompleted(work=work), started, correlation)
        settled = await self.add("ledger", TokensSettled(run_id=f"run{name}", used=5), done, correlation)
        await self.add(f"agent-{name}", AgentSlept(agent=name, run_id=f"run{name}"), done, correlation)
        await self.add(f"execution-{name}", ExecutionCompleted(execution_id=name), done, correlation)
        return settled


async def signal_in(house: House, delivery: str = "d-1") -> tuple[bytes, str]:
    body = house.pull_request()
    told = await house.client.post("/webhooks/github", content=body, headers=house.signed(body, delivery=delivery))
    return (await house.events("SignalReceived"))[-1].id, told.json()["signal_id"]


async def causes(house: House, execution: str) -> list[dict[str, Any]]:
    await house.caught_up()
    answer = await house.client.get(f"/api/v1/executions/{execution}/causes")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]  # type: ignore[no-any-return]


def names(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"].rpartition(".")[2] for event in events]


WHOLE = [
    "SignalReceived", "TriggerFired", "ExecutionStarted", "StepReady", "TokensReserved", "AgentWoken", "RunStarted",
    "RunCompleted", "TokensSettled", "AgentSlept", "ExecutionCompleted",
]  # fmt: skip


async def test_the_chain_leads_from_the_signal_to_the_end_without_a_hole(house: House) -> None:
    signal, correlation = await signal_in(house)
    await Log(house).execution("a", signal, correlation)
    events = await causes(house, "a")
    assert names(events) == WHOLE
    known = {event["id"] for event in events}
    assert [event["causation_id"] in known for event in events] == [False] + [True] * 10
    assert events[0]["summary"] == "github pull_request.opened in acme/app #7 by octocat"
    assert events[1]["summary"] == "rule r wakes a"
    assert events[4]["summary"] == "5 tokens are reserved for a"
    assert {event["service"] for event in events} == {"ingress", "analyzer", "planner", "budget", "agent-runner"}


async def test_another_agent_that_the_same_signal_woke_is_left_out(house: House) -> None:
    signal, correlation = await signal_in(house)
    log = Log(house)
    await log.execution("a", signal, correlation)
    await log.execution("b", signal, correlation)
    events = await causes(house, "b")
    assert names(events) == WHOLE
    assert not any(event["stream"].endswith(("-a", "runa")) for event in events)


async def test_a_reservation_that_anothers_end_released_is_there_all_the_same(house: House) -> None:
    first, correlation = await signal_in(house, "d-1")
    second, other = await signal_in(house, "d-2")
    log = Log(house)
    settled = await log.execution("a", first, correlation)
    await log.execution("b", second, other, released_by=settled)
    assert names(await causes(house, "b")) == WHOLE


async def test_an_execution_that_is_not_there_is_not_found(house: House) -> None:
    answer = await house.client.get("/api/v1/executions/none/causes")
    assert answer.status_code == 404
