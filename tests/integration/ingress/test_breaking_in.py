"""What somebody tries who wants more than he may: ways that were open once, or that only care keeps shut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from reveille.contracts.ingress.v1.events_pb2 import SignalReceived
from tests.integration.ingress.access_house import AccessHouse, opened
from tests.integration.ingress.test_access_table import opening, socket

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.asyncio(loop_scope="module")
SLASHED = ("/api/v1/keys/", "/api/v1/keys%2f", "/api/v1/audit/", "/docs/", "/status/", "/healthz/")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AccessHouse]:
    async with opened(tmp_path_factory.mktemp("breaking")) as house:
        yield house


@pytest.mark.parametrize("path", SLASHED)
async def test_nobody_is_sent_on_to_the_host_that_a_request_names(house: AccessHouse, path: str) -> None:
    """Whoever follows takes his key along, or his browser there."""
    for method in ("GET", "POST"):
        for who in ("nobody", "admin"):
            answer = await house.ask(who, method, path, headers={"host": "evil.example"})
            assert (answer.status_code, answer.headers.get("location")) == (404, None), f"{who}: {method} {path}"


@pytest.mark.parametrize("tenant", ["default.keys", "../default", "a/b", " ", "Default", "ä"])
async def test_a_persons_tenant_is_a_tenants_name(house: AccessHouse, tenant: str) -> None:
    """It is a part of streams' names: `default.keys` would be another tenant's stream."""
    body = {"subject": "somebody", "tenant": tenant}
    answer = await house.ask("admin key", "POST", "/api/v1/erasures", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_body")
    assert answer.json()["errors"][0]["path"] == "tenant"


@pytest.mark.parametrize(
    ("who", "path", "act"),
    [
        ("source", "/ws/orchestration/p", "GET /ws/orchestration/{party_id}"),
        ("viewer", "/ws/agents/far", "GET /ws/agents/{agent}"),
        ("agent", "/ws/orchestration/p", "GET /ws/orchestration/{party_id}"),
    ],
)
async def test_a_socket_that_is_refused_to_somebody_known_is_on_record(
    house: AccessHouse, who: str, path: str, act: str
) -> None:
    before = len(await acts(house, act))
    async with socket(house, path, who, by="query") as client:
        assert await opening(client) == (403, "not_allowed")
    found = await acts(house, act)
    assert len(found) == before + 1
    newest = found[0]
    assert (newest["by"], newest["status"], newest["path"]) == (f"the {who}", 403, path)


async def test_a_socket_of_an_agent_that_a_key_is_not_for_is_on_record(house: AccessHouse) -> None:
    """It is refused by the socket itself, behind the gate."""
    house.keys["other agent"] = await issued_for(house, "other")
    async with socket(house, "/ws/agents/far", "other agent") as client:
        assert await opening(client) == (403, "not_allowed")
    newest, *_ = await acts(house, "GET /ws/agents/{agent}")
    assert newest["by"] == "of other"


async def test_what_a_socket_refuses_a_stranger_writes_nothing(house: AccessHouse) -> None:
    head = await house.platform.store.head()
    for who in ("nobody", "garbage", "expired", "revoked"):
        async with socket(house, "/ws/agents/far", who) as client:
            assert (await opening(client))[0] == 401
    events = await house.platform.store.read_all(head, 1_000)
    assert [event for event in events if event.type.endswith(".ActDone")] == []


async def acts(house: AccessHouse, act: str) -> list[dict[str, Any]]:
    """The newest first."""
    answer = await house.get("/api/v1/audit", limit=100)
    return [one for one in answer["items"] if one["act"] == act]


async def issued_for(house: AccessHouse, agent: str) -> str:
    body = {"name": f"of {agent}", "roles": ["agent"], "agents": [agent]}
    answer = await house.ask("admin key", "POST", "/api/v1/keys", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["key"])


async def test_what_a_delivery_is_called_after_its_words_is_not_in_the_log_as_it_was_said(house: AccessHouse) -> None:
    """Beside what is encrypted, and what erasing makes unreadable, it would stand for ever."""
    push = {"ref": "refs/heads/quetzal", "before": "0" * 40, "after": "1" * 40, "repository": "acme/quetzal"}
    told = [(await house.ask("admin", "POST", "/webhook/git", json=push)).json() for _ in range(2)]
    assert [one["duplicate"] for one in told] == [False, True]
    (event,) = await house.platform.store.read_at([told[0]["position"]])
    assert isinstance(event.msg, SignalReceived)
    assert "quetzal" not in event.msg.signal.delivery
    other = await house.ask("admin", "POST", "/webhook/git", json=push | {"ref": "refs/heads/walrus"})
    assert other.json()["duplicate"] is False
