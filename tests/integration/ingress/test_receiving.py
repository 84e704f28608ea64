"""Receiving and fleets on a log that loses answers, and on one that others write to as well."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from reveille.contracts.agent_runner.v1.events_pb2 import AgentSlept, RunStarted
from reveille.contracts.common.v1.common_pb2 import SignalContent
from reveille.contracts.ingress.v1.events_pb2 import Limits
from reveille.ingress.application.fleet_file import default_fleet
from reveille.ingress.application.fleets import Fleets
from reveille.ingress.application.receiving import Received, Receiving
from reveille.ingress.bootstrap import fleet_from
from reveille.ingress.domain.delivery import Delivery
from reveille.kernel.errors import Unknown
from reveille.kernel.event_store import NO_STREAM, Append, Appended, Conflict
from reveille.kernel.events import About, Meta, new_event
from reveille.kernel.ids import UuidV7Ids

if TYPE_CHECKING:
    from tests.integration.ingress.conftest import House

TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
RUN = "5b0e3b1c-6d0f-5c0e-9a3c-7d2f1e8b4a60"


class InstantClock:
    def now(self) -> int:
        return 1_000_000

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


class LosesAnswers:
    """A real log whose first answers to appends get lost: what was written stands, or does not."""

    def __init__(self, store: Any, *, lost: int, written: bool) -> None:
        self._store = store
        self._lost = lost
        self._written = written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def append(self, batch: Sequence[Append]) -> list[Appended | Conflict]:
        if self._lost == 0:
            return await self._store.append(batch)  # type: ignore[no-any-return]
        self._lost -= 1
        if self._written:
            await self._store.append(batch)
        raise Unknown("no answer came", retry_after=0.01)


def receiving_on(house: House, store: Any) -> Receiving:
    return Receiving(
        store=store,
        blobs=house.ingress.receiving._blobs,
        fleets=house.ingress.fleets,
        clock=InstantClock(),
        ids=UuidV7Ids(),
        replica="test",
        key=b"key",
    )


def received(key: str = "d-1", body: bytes = b"{}", actor: str = "") -> Received:
    delivery = Delivery(source="system", kind="boot", means="system.event", key=key, content=SignalContent(actor=actor))
    return Received(delivery=delivery, body=body, verified=False, trace=TRACE)


@pytest.mark.parametrize("written", [True, False])
async def test_an_answer_that_got_lost_makes_no_second_signal(house: House, written: bool) -> None:
    receiving = receiving_on(house, LosesAnswers(house.store, lost=3, written=written))
    receipt = await receiving.receive("default", received())
    (signal,) = await house.signals()
    assert not receipt.duplicate
    assert receipt.signal_id == signal.id


async def test_when_no_answer_comes_at_all_it_is_not_received(house: House) -> None:
    receiving = receiving_on(house, LosesAnswers(house.store, lost=100, written=False))
    with pytest.raises(Unknown):
        await receiving.receive("default", received())


async def test_a_batch_is_answered_one_by_one_with_its_own_repetitions(house: House) -> None:
    receiving = receiving_on(house, house.store)
    first = await receiving.receive("default", received("a"))
    receipts = await receiving.receive_many("default", [received("a"), received("b"), received("b"), received("")])
    assert [receipt.duplicate for receipt in receipts] == [True, False, True, False]
    assert receipts[0].signal_id == first.signal_id
    assert receipts[2].signal_id == receipts[1].signal_id
    assert len(await house.signals()) == 3


async def test_the_same_delivery_of_another_tenant_is_another_one(house: House) -> None:
    receiving = receiving_on(house, house.store)
    await receiving.receive("default", received())
    assert not (await receiving.receive("other", received())).duplicate


async def test_an_act_that_bears_the_mark_of_a_run_carries_its_chain_on(house: House) -> None:
    await record(house, f"default.run-{RUN}", RunStarted(), hop=1)
    body = b'{"message": "Fix\\n\\nReveille-Run: ' + RUN.encode() + b'"}'
    await receiving_on(house, house.store).receive("default", received(body=body))
    assert [signal.hop for signal in await house.signals()] == [2]


async def test_a_mark_of_a_run_that_nobody_knows_begins_a_chain(house: House) -> None:
    body = b'{"message": "Reveille-Run: ' + RUN.encode() + b'"}'
    await receiving_on(house, house.store).receive("default", received(body=body))
    assert [signal.hop for signal in await house.signals()] == [0]


async def test_an_act_of_an_agents_account_carries_on_the_chain_that_it_acted_in(house: House) -> None:
    wanted = fleet_from(default_fleet(), file="default.yaml")
    (reviewer,) = [agent for agent in wanted.agents if agent.name == "cursor-ide-agent"]
    reviewer.identities.append("reviewer[bot]")
    await house.ingress.fleets.apply(wanted)
    receiving = receiving_on(house, house.store)
    await receiving.receive("default", received("before", actor="reviewer[bot]"))
    await record(house, "default.agent-cursor-ide-agent", AgentSlept(), hop=2)
    await receiving.receive("default", received("after", actor="reviewer[bot]"))
    await receiving.receive("default", received("person", actor="octocat"))
    await receiving.receive("default", received("as typed by somebody", actor="Reviewer[bot]"))
    assert [signal.hop for signal in await house.signals()] == [1, 3, 0, 3]


async def record(house: House, stream: str, message: Any, *, hop: int) -> None:
    event = new_event(UuidV7Ids().new(), message, Meta(1, About("c", hop=hop)))
    await house.store.append([Append(stream, NO_STREAM, [event])])


async def test_a_fleet_that_is_in_force_already_changes_nothing(house: House) -> None:
    before = await house.store.head()
    applied = await house.ingress.fleets.apply(fleet_from(default_fleet(), file="default.yaml"))
    assert applied.events == 0
    assert await house.store.head() == before


def fleets_on(store: Any) -> Fleets:
    return Fleets(store=store, clock=InstantClock(), ids=UuidV7Ids(), replica="other")


async def test_a_fleet_applied_on_one_replica_is_in_force_on_another(house: House) -> None:
    other = fleets_on(house.store)
    following = asyncio.create_task(other.run())
    wanted = replace(fleet_from(default_fleet(), file="default.yaml"), limits=Limits(tenant_tokens=7))
    applied = await house.ingress.fleets.apply(wanted)
    async with asyncio.timeout(5):
        while other.in_force("default").fleet.revision < applied.fleet.revision:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0)
    following.cancel()
    assert other.in_force("default").fleet.limits.tenant_tokens == 7


async def test_two_replicas_that_apply_at_once_both_succeed_one_after_the_other(house: House) -> None:
    wanted = fleet_from(default_fleet(), file="default.yaml")
    all_fleets = [fleets_on(house.store) for _ in range(4)]
    await asyncio.gather(
        *(
            fleets.apply(replace(wanted, limits=Limits(tenant_tokens=number + 1)))
            for number, fleets in enumerate(all_fleets)
        )
    )
    assert len(await house.events("FleetApplied")) == 5
    assert len(await house.events("LimitsDefined")) == 5


async def test_an_answer_that_got_lost_applies_a_fleet_once(house: House) -> None:
    fleets = fleets_on(LosesAnswers(house.store, lost=2, written=True))
    wanted = replace(fleet_from(default_fleet(), file="default.yaml"), limits=Limits(tenant_tokens=7))
    await fleets.apply(wanted)
    assert len(await house.events("FleetApplied")) == 2
