"""What has changed on the whole platform, for pages: by kinds, a few times a second, while somebody looks on."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from reveille.contracts.agent_runner.v1.events_pb2 import AgentWoken
from reveille.contracts.budget.v1.events_pb2 import TokensReserved
from reveille.contracts.common.v1.common_pb2 import MessageParked
from reveille.contracts.ingress.v1.events_pb2 import FleetApplied, SignalReceived
from reveille.contracts.planner.v1.events_pb2 import ApprovalRequested
from reveille.ingress.application.overview import KINDS, kinds_of
from tests.integration.ingress.live_house import Client, LiveHouse, until


@pytest.fixture
async def house() -> AsyncIterator[LiveHouse]:
    async with LiveHouse().serving() as house:
        yield house


async def changed_until(client: Client, position: int) -> list[str]:
    """All that is told until this position is."""
    changed: set[str] = set()
    while True:
        heard = await client.hear()
        assert heard["type"] == "overview"
        changed.update(heard["changed"])
        if heard["position"] >= position:
            return sorted(changed)


async def look(client: Client) -> dict[str, Any]:
    assert await client.ask("subscribe", topic="overview", ref=1) == {
        "type": "subscribed",
        "topic": "overview",
        "sequence": 0,
        "ref": 1,
    }
    return await client.hear()


async def test_at_first_everything_has_changed(house: LiveHouse) -> None:
    await house.begin()
    await house.caught_up()
    async with house.client() as client:
        heard = await look(client)
        assert heard == {"type": "overview", "changed": list(KINDS), "position": await house.log.store.head()}


@pytest.mark.parametrize(
    ("stream", "message", "changed"),
    [
        ("t.signal-1", SignalReceived(), ["analytics", "signals"]),
        ("t.agent-scout", AgentWoken(), ["agents", "analytics"]),
        ("t.ledger", TokensReserved(), ["agents", "analytics", "budgets"]),
        ("t.execution-e", ApprovalRequested(), ["analytics", "approvals", "executions"]),
        ("t.fleet", FleetApplied(), ["agents", "budgets", "fleet"]),
        ("t.deadletter-planner-1", MessageParked(), ["deadletters"]),
    ],
)
async def test_what_changes_is_told_by_its_kinds(
    house: LiveHouse, stream: str, message: Any, changed: list[str]
) -> None:
    async with house.client() as client:
        await look(client)
        event = (await house.log.write(stream, message))[-1]
        assert await changed_until(client, event.position) == changed


async def test_what_comes_together_is_told_together(house: LiveHouse) -> None:
    async with house.client() as client:
        await look(client)
        for number in range(1_000):
            await house.log.write(f"t.signal-{number}", SignalReceived())
        messages = 0
        while True:
            heard = await client.hear()
            messages += 1
            if heard["position"] == await house.log.store.head():
                break
    assert messages < 100


async def test_other_tenants_are_not_seen(house: LiveHouse) -> None:
    async with house.client() as client:
        await look(client)
        await house.log.write("other.signal-1", SignalReceived())
        await house.log.write("t.deadletter-planner-1", MessageParked())
        assert await changed_until(client, await house.log.store.head()) == ["deadletters"]


async def test_a_service_that_goes_away_and_comes_back_is_told_though_nothing_happens(
    house: LiveHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reveille.ingress.application.overview.HEALTH_SECONDS", 0.05)
    healths, asked = {"budget": "serving"}, list[dict[str, str]]()

    async def others() -> dict[str, str]:
        asked.append(dict(healths))
        return asked[-1]

    house.overview.others = others
    async with house.client() as client:
        await look(client)
        await until(lambda: len(asked) > 0)
        for health in ("unreachable", "serving"):
            healths["budget"] = health
            assert (await client.hear())["changed"] == ["health"]


async def test_health_is_looked_at_while_somebody_looks_on(house: LiveHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reveille.ingress.application.overview.HEALTH_SECONDS", 0.05)
    async with house.client() as client:
        await look(client)
        await until(lambda: house.looked_at > 0)
        house.reasons.append("the log is away")
        assert (await client.hear())["changed"] == ["health"]
        await client.ask("unsubscribe", topic="overview")
        assert (await client.ask("unsubscribe", topic="overview"))["code"] == "not_subscribed"


async def test_nothing_is_noted_while_nobody_looks_on(house: LiveHouse) -> None:
    await house.log.write("t.signal-1", SignalReceived())
    await house.caught_up()
    assert house.overview.position == 0
    assert house.looked_at == 0


def test_what_nobody_shows_changes_nothing() -> None:
    assert kinds_of("reveille.ingress.v1.InputsChanged") == ()
    assert kinds_of("reveille.planner.v1.FromTheFuture") == ("executions", "analytics")
