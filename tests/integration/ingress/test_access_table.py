"""Every way in, walked by everybody: what the platform lets happen is what stands in the matrix, and nothing else."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, Final

import grpc
import httpx
import pytest
import pytest_asyncio
from google.protobuf.message_factory import GetMessageClass

from reveille.contracts.agent_runner.v1 import queries_pb2 as agent_runner
from reveille.contracts.analyzer.v1 import queries_pb2 as analyzer
from reveille.contracts.budget.v1 import queries_pb2 as budget
from reveille.contracts.common.v1 import inbox_pb2 as inbox
from reveille.contracts.ingress.v1 import queries_pb2 as ingress
from reveille.contracts.planner.v1 import queries_pb2 as planner
from reveille.ingress.entrypoints.access_table import AGENT_SOCKET, GRPC, ROUTES, SOCKETS, Openness
from reveille.ingress.entrypoints.http.gate import NO_LONGER
from tests.integration.ingress.access_house import AGENT_KEY, PATIENCE, WORD, AccessHouse, opened
from tests.integration.ingress.access_matrix import EVERYBODY, ROLES, WHO_MAY, WHO_MAY_SAY
from tests.unit.ingress.opening import Client

pytestmark = pytest.mark.asyncio(loop_scope="module")

STRANGERS: Final = ("nobody", "garbage", "expired", "revoked")
# Everything of these is the first tenant's, or is not there.
OF_NOBODY: Final = {
    "execution_id": "none1",
    "input_id": "none2",
    "party_id": "none3",
    "name": "none4",
    "agent": "none5",
    "sequence": "9",
    "event": "boot",
    "signal_id": "00000000-0000-5000-8000-000000000001",
    "deadletter_id": "00000000-0000-7000-8000-000000000002",
    "approval_id": "00000000-0000-5000-8000-000000000003",
    "key_id": "A" * 16,
}
# What a list of theirs is called in the answer.
LISTS: Final = ("items", "agents", "accounts", "rules", "sources", "blueprints", "notifications")
# Its key, what it was refused, and what it lacks.
HAS_SOMETHING: Final = frozenset(
    f"GET /{path}" for path in ("metrics", "api/v1/me", "api/v1/audit", "api/v1/keys", "api/v1/health")
)
METHODS: Final = {
    f"{service.full_name}/{method.name}": method
    for module in (agent_runner, analyzer, budget, inbox, ingress, planner)
    for service in module.DESCRIPTOR.services_by_name.values()
    for method in service.methods
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AccessHouse]:
    async with opened(tmp_path_factory.mktemp("access")) as house:
        yield house


def path_of(route: str, ids: dict[str, str]) -> tuple[str, str]:
    method, _, template = route.partition(" ")
    return method, re.sub(r"\{(\w+)\}", lambda found: ids[found[1]], template)


async def test_the_matrix_names_all_that_the_table_does_and_nothing_else() -> None:
    assert {entry.name for entry in ROUTES} == WHO_MAY.keys()
    said = {socket.path for socket in SOCKETS} | {f"{one.path} {type}" for one in SOCKETS for type in one.messages}
    assert said == WHO_MAY_SAY.keys()


@pytest.mark.parametrize("route", list(WHO_MAY))
async def test_a_route_is_for_those_of_the_matrix(house: AccessHouse, route: str) -> None:
    method, path = path_of(route, OF_NOBODY)
    for who in (*STRANGERS, *ROLES, "admin key"):
        answer = await house.ask(who, method, path)
        role = "admin" if who == "admin key" else who
        told = f"{who} got {answer.status_code} {answer.text[:300]}"
        if WHO_MAY[route] == EVERYBODY:
            assert answer.status_code in (200, 404, 503), told
        elif route.startswith("POST /webhooks/"):
            # Whatever he shows, here it is no proof.
            expected = {
                "/webhooks/github": (401, "missing_signature"),
                "/webhooks/custom/none4": (404, "unknown_source"),
            }
            refused = (answer.status_code, answer.json()["code"])
            assert refused == expected.get(path, (403, "door_closed")), told
        elif who in STRANGERS:
            assert_unknown(answer, "missing_credential" if who == "nobody" else "wrong_credential")
        elif role in WHO_MAY[route]:
            assert answer.status_code not in (401, 403), told
            assert answer.status_code < 500, told
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed"), told


def assert_unknown(answer: httpx.Response, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (401, code), answer.text
    assert answer.headers["www-authenticate"] == "Bearer"
    assert WORD not in answer.text


@pytest.mark.parametrize("route", [route for route in WHO_MAY if "{" in route and "/webhook" not in route])
async def test_of_another_tenants_things_nobody_learns_that_they_are_there(house: AccessHouse, route: str) -> None:
    if route.endswith("/assets/{name}"):
        return
    told = []
    for ids in (OF_NOBODY | house.ids, OF_NOBODY):
        method, path = path_of(route, ids)
        if "event-driven/input/" in path:
            path += f"?party_id={ids['party_id']}"
        answer = await house.ask("foreigner", method, path, **body_for(route))
        expected = (204, 404) if route == "DELETE /api/v1/keys/{key_id}" else (404,)
        assert answer.status_code in expected, f"{path}: {answer.text}"
        told.append(without_ids(answer, ids))
    assert told[0] == told[1]


def body_for(route: str) -> dict[str, Any]:
    """What would do it, if it were his."""
    if route.startswith(("GET", "DELETE")):
        return {}
    bodies: dict[str, Any] = {
        "/inputs": {"content": WORD} if route.startswith("POST") else {"add": [{"content": WORD}]},
        "/approvals/{approval_id}": {"decision": "approve"},
    }
    return {"json": next((body for end, body in bodies.items() if route.endswith(end)), {})}


def without_ids(answer: httpx.Response, ids: dict[str, str]) -> Any:
    text = answer.text
    for name, id in ids.items():
        text = re.sub(rf"(?<![\w-]){re.escape(id)}(?![\w-])", f"<{name}>", text)
    return re.sub(r'"trace_id":"\w+"', "", text)


@pytest.mark.parametrize("route", [one for one in WHO_MAY if one.startswith("GET ") and "{" not in one])
async def test_where_another_tenant_has_much_a_list_is_empty(house: AccessHouse, route: str) -> None:
    if WHO_MAY[route] == EVERYBODY:
        return
    query = {"signal": house.ids["signal_id"], "agent": "scout"} if route.endswith("/explain") else {}
    answer = await house.ask("foreigner", *path_of(route, {}), params=query)
    assert answer.status_code == (404 if query else 200), answer.text
    assert WORD not in answer.text
    hidden = [id for name, id in house.ids.items() if name.endswith("_id") and len(id) > 9 and id not in query.values()]
    assert not [id for id in hidden if id in answer.text]
    mine = await house.ask("admin", *path_of(route, {}), params=query)
    assert mine.status_code == 200, mine.text
    if route not in HAS_SOMETHING:
        document = answer.json()
        for name in LISTS:
            assert not document.get(name), f"{name}: {answer.text}"


async def test_of_figures_another_tenant_sees_its_own_alone(house: AccessHouse) -> None:
    """That there is a key of it."""
    series = (await house.ask("foreigner", "GET", "/api/v1/analytics")).json()["series"]
    assert [(one["label"], one["total"]) for one in series["events"]] == [("KeyIssued", 1)]
    assert not [name for name, values in series.items() if values and name != "events"]


async def test_what_the_process_takes_is_for_whoever_runs_it(house: AccessHouse) -> None:
    taken = [(await house.ask(who, "GET", "/metrics")).json()["system"]["memory"] for who in ("viewer", "foreigner")]
    assert taken[0]["rssMb"] > 1
    assert taken[1] == {"rssMb": None}


async def test_what_its_own_tenant_has_is_there(house: AccessHouse) -> None:
    """Else there would be nothing that another one could have seen."""
    for route, roles in WHO_MAY.items():
        if not route.startswith("GET") or roles == EVERYBODY or route.endswith(("/stream", "/explain", "/sequence}")):
            continue
        answer = await house.ask("viewer" if "viewer" in roles else "admin", *path_of(route, OF_NOBODY | house.ids))
        assert answer.status_code == 200, f"{route}: {answer.text}"


@asynccontextmanager
async def socket(house: AccessHouse, path: str, who: str, *, by: str = "header") -> AsyncIterator[Client]:
    """By header, or by query as pages in browsers do."""
    client = Client()
    headers = [(b"host", b"reveille.example")]
    shown, query = house.keys[who], b""
    if shown and by == "header":
        headers.append((b"authorization", f"Bearer {shown}".encode()))
    elif shown:
        query = f"token={shown}".encode()
    scope = {
        "type": "websocket",
        "path": path,
        "query_string": query,
        "headers": headers,
        "client": ("192.0.2.1", 5000),
        "extensions": {"websocket.http.response": {}},
    }
    task = asyncio.create_task(house.app(scope, client.receive, client.send))
    client.ended = task  # type: ignore[attr-defined]
    try:
        yield client
    finally:
        client.hang_up()
        await asyncio.wait([task], timeout=PATIENCE)
        task.cancel()
        await asyncio.wait([task])


async def opening(client: Any) -> tuple[int, str]:
    """How the handshake was answered: 101, or a refusal and its code."""
    async with asyncio.timeout(PATIENCE):
        await client.answered.wait()
    return client.status, "" if client.status == 101 else json.loads(client.body)["code"]


PATHS: Final = {
    "/ws/events": "/ws/events",
    "/ws/orchestration/{party_id}": "/ws/orchestration/p",
    "/ws/agents/{agent}": "/ws/agents/far",
}


@pytest.mark.parametrize("by", ["header", "query"])
@pytest.mark.parametrize("template", list(PATHS))
async def test_a_socket_is_opened_by_those_of_the_matrix(house: AccessHouse, template: str, by: str) -> None:
    for who in (*STRANGERS, *ROLES, "admin key"):
        async with socket(house, PATHS[template], who, by=by) as client:
            answered = await opening(client)
            role = "admin" if who == "admin key" else who
            if who in STRANGERS:
                assert answered == (401, "missing_credential" if who == "nobody" else "wrong_credential"), who
            elif role in WHO_MAY_SAY[template]:
                assert answered == (101, ""), who
            else:
                assert answered == (403, "not_allowed"), who


@pytest.mark.parametrize("role", ROLES)
async def test_on_the_socket_of_live_events_each_says_what_he_may_and_the_socket_lives_on(
    house: AccessHouse, role: str
) -> None:
    answers = {"subscribe": "subscribed", "unsubscribe": "error", "ping": "pong"}
    async with socket(house, "/ws/events", role) as client:
        for type in ("subscribe", "unsubscribe", "ping"):
            may = role in WHO_MAY_SAY[f"/ws/events {type}"]
            client.say(
                json.dumps({"type": type, "executionId": "nothing" if type == "unsubscribe" else "e", "ref": type})
            )
            heard = await client.hear()
            while heard.get("ref") != type and heard["type"] != "pong":
                heard = await client.hear()
            assert (heard["type"], heard.get("code") == "not_allowed") == (answers[type] if may else "error", not may)
        client.say('{"type": "pong"}')
        client.say('{"type": "ping", "ref": "last"}')
        while (heard := await client.hear()).get("ref") != "last":
            assert heard.get("code") != "not_allowed"


async def test_who_opens_a_partys_socket_may_say_what_can_be_said_there(house: AccessHouse) -> None:
    for role in sorted(WHO_MAY_SAY["/ws/orchestration/{party_id} ping"]):
        async with socket(house, "/ws/orchestration/p", role) as client:
            client.say('{"type": "ping"}')
            while (heard := await client.hear())["type"] != "pong":
                assert heard["type"] != "error"


async def test_what_agents_say_is_what_the_table_has_and_they_may_say_it(house: AccessHouse) -> None:
    async with socket(house, "/ws/agents/far", "agent") as client:
        assert (await client.hear())["type"] == "welcome"
        for type in AGENT_SOCKET.messages:
            client.say(json.dumps({"type": type, "runId": "r"}))
        client.say('{"type": "nothing"}')
        heard = [await client.hear()]
        while heard[-1]["code"] != "unknown_type":
            heard.append(await client.hear())
    assert "not_allowed" not in {one["code"] for one in heard}
    known = heard[-1]["message"].rpartition("expected one of ")[2].split(", ")
    assert set(AGENT_SOCKET.messages) == set(known)


async def test_an_agents_key_of_the_settings_connects_that_agent_alone(house: AccessHouse) -> None:
    house.keys["far"] = AGENT_KEY
    async with socket(house, "/ws/agents/far", "far") as client:
        assert (await client.hear())["type"] == "welcome"
    async with socket(house, "/ws/agents/other", "far") as client:
        assert await opening(client) == (403, "not_allowed")
    assert (await house.ask("far", "GET", "/api/v1/signals")).status_code == 403


async def test_another_tenants_party_and_agent_are_not_there_and_its_events_are_never_told(house: AccessHouse) -> None:
    for path, code in (("/ws/orchestration/p", "not_found"), ("/ws/agents/far", "unknown_agent")):
        async with socket(house, path, "foreigner") as client:
            assert await opening(client) == (404, code)
    async with socket(house, "/ws/events", "foreigner") as client:
        client.say('{"type": "subscribe", "executionId": "e", "after": 0, "ref": "r"}')
        client.say('{"type": "ping", "ref": "end"}')
        heard = [await client.hear()]
        while heard[-1].get("ref") != "end":
            heard.append(await client.hear())
        assert not [one for one in heard if one["type"] == "event"]
        assert WORD not in json.dumps(heard)


async def test_a_socket_and_a_stream_end_when_their_key_is_revoked(house: AccessHouse) -> None:
    body = {"name": "short", "roles": ["viewer"]}
    issued = (await house.ask("admin", "POST", "/api/v1/keys", json=body)).json()
    house.keys["short"] = issued["key"]
    async with (
        socket(house, "/ws/events", "short") as events,
        socket(house, "/ws/orchestration/p", "short") as party,
        asyncio.TaskGroup() as group,
    ):
        stream = group.create_task(house.ask("short", "GET", "/api/v1/executions/p/stream"))
        assert [await opening(one) for one in (events, party)] == [(101, "")] * 2
        revoked = await house.ask("admin", "DELETE", f"/api/v1/keys/{issued['key_id']}")
        assert revoked.status_code == 204
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait([events.ended, party.ended])  # type: ignore[attr-defined]
            assert (await stream).status_code in (200, 401)
        assert (events.closed, party.closed) == (NO_LONGER, NO_LONGER)


async def test_the_table_has_every_method_of_every_service_and_nothing_else() -> None:
    health = {"grpc.health.v1.Health/Check": Openness.OPEN, "grpc.health.v1.Health/Watch": Openness.OPEN}
    assert {**dict.fromkeys(METHODS, Openness.PLATFORM), **health} == GRPC


def tokens(house: AccessHouse) -> Iterator[tuple[str, bool]]:
    yield "", False
    yield f"Bearer {'0' * 64}", False
    yield f"Bearer {house.keys['admin']}", False
    yield f"Bearer {house.keys['admin key']}", False
    yield f"Bearer {house.token}", True


@pytest.mark.parametrize("method", list(METHODS))
async def test_a_method_is_for_the_platforms_own_services(house: AccessHouse, method: str) -> None:
    about = METHODS[method]
    requests, answers = GetMessageClass(about.input_type), GetMessageClass(about.output_type)
    serialisers = {"request_serializer": requests.SerializeToString, "response_deserializer": answers.FromString}
    async with grpc.aio.insecure_channel(f"127.0.0.1:{house.platform.grpc.port}") as channel:
        for shown, ours in tokens(house):
            metadata = (("authorization", shown),) if shown else ()
            if about.client_streaming:
                call = channel.stream_stream(f"/{method}", **serialisers)(metadata=metadata, timeout=PATIENCE)
                await call.done_writing()
            else:
                call = channel.unary_unary(f"/{method}", **serialisers)(requests(), metadata=metadata, timeout=PATIENCE)
            code = await call.code()
            assert (code != grpc.StatusCode.UNAUTHENTICATED) == ours, f"{shown[:12]}: {code}"
