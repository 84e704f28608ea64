"""Two tenants of one platform, who call everything alike, all the way from a webhook to a result, never meet."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

from tests.e2e.remote import RemoteAgent
from tests.e2e.running import ENDED, PATIENCE, Platform, until

WORDS: Final = {"t_acme": "Zitronenfalter", "t_beta": "Quittengelee"}
E: Final = "the-execution-of-both"
PARTY: Final = "the-party-of-both"
FLEET: Final = """
version: 1
tenant: {tenant}
agents:
  teller: {{skill: "planned:tell", title: {word}}}
  far: {{remote: true, title: {word} far away}}
rules:
  - {{name: opened, on: {{kind: opened}}, wake: teller}}
blueprints:
  - blueprint: tale
    title: {word}
    steps: {{tell: {{agent: teller, category: {{words: [{word}]}}}}}}
    approvals: [{{before: complete, ask: "Release {word}?", within: 1h, otherwise: reject}}]
"""


@dataclass(slots=True)
class Tenant:
    name: str
    key: str
    http: httpx.Client
    signal: str = ""

    @property
    def word(self) -> str:
        return WORDS[self.name]

    def get(self, path: str, **query: Any) -> Any:
        answer = self.http.get(path, params=query)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        return answer.json()

    def post(self, path: str, body: Any, **headers: str) -> Any:
        answer = self.http.post(path, json=body, headers=headers)
        assert answer.status_code == 202, f"{path}: {answer.text}"
        return answer.json()

    def ended(self) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            found: dict[str, Any] = self.get(f"/api/v1/executions/{E}")
            return found if found["status"] in ENDED else None

        return until(look, f"the execution of {self.name} ended")


@pytest.fixture
def both(shared: Platform) -> Iterator[tuple[Tenant, Tenant]]:
    """With a fleet each; the platform's own tenant is as it was."""
    with ExitStack() as stack:
        acme, beta = (_tenant(shared, name, stack) for name in WORDS)
        for one in (acme, beta):
            fleet = FLEET.format(tenant=one.name, word=one.word)
            applied = one.http.post("/api/v1/fleet", content=fleet, headers={"content-type": "application/yaml"})
            assert applied.status_code == 202, applied.text
        yield acme, beta


def test_two_tenants_who_call_everything_alike_never_meet(both: tuple[Tenant, Tenant], shared: Platform) -> None:
    with ExitStack() as stack:
        live = {one.name: _watching(shared, one, stack) for one in both}
        for one in both:
            told = one.post("/webhook/system/opened", {"title": one.word}, **{"idempotency-key": "d-1"})
            assert told["duplicate"] is False
            one.signal = told["signal_id"]
            inputs = [{"input_id": "i", "content": one.word}]
            plan = {"blueprint": "tale", "execution_id": E, "conversation_id": "c", "inputs": inputs}
            assert one.post("/api/v1/executions", plan, **{"idempotency-key": "k"})["duplicate"] is False
            one.post("/api/v1/event-driven/start", {"party_id": PARTY, "inputs": inputs})
        asked = [until(lambda: one.get("/api/v1/approvals", status="open")["items"], "asked")[0] for one in both]  # noqa: B023
        assert asked[0]["id"] == asked[1]["id"]
        for one, decision in zip(both, ("approve", "reject"), strict=True):
            one.post(f"/api/v1/approvals/{asked[0]['id']}", {"decision": decision, "comment": one.word})
        assert [one.ended()["status"] for one in both] == ["completed", "failed"]
        for one in both:
            heard = _heard_to_the_end(live[one.name])
            assert {message["executionId"] for message in heard if message["type"] == "event"} == {E}
            _check_own(one, json.dumps(heard), "its live events")
            assert _first_of_party(shared, one)["payload"]["inputs"][0]["content"] == one.word
    for one, other in (both, both[::-1]):
        until(lambda: one.get("/api/v1/explain", signal=one.signal, agent="teller")["woke"], "its agent woke")  # noqa: B023
        _check_own(one, _begun(one), "its stream")
        for path, query in _reads(one):
            answer = one.http.get(path, params=query)
            assert answer.status_code == 200, f"{path}: {answer.text}"
            assert other.word not in answer.text, path
            assert f'"{other.name}"' not in answer.text, path
        figures = one.http.get("/metrics", headers={"accept": "text/plain"}).text
        assert (f'tenant="{one.name}"' in figures, f'tenant="{other.name}"' in figures) == (True, False)
        assert one.http.get("/api/v1/explain", params={"signal": other.signal, "agent": "teller"}).status_code == 404
        assert one.http.get(f"/api/v1/signals/{other.signal}").status_code == 404


def test_an_agent_elsewhere_gets_its_own_tenants_work_alone(both: tuple[Tenant, Tenant], shared: Platform) -> None:
    with ExitStack() as stack:
        agents = [stack.enter_context(RemoteAgent(shared, "far", key=one.key)) for one in both]
        # What comes first to the second one would be the first one's, if it came to it.
        for one, agent in zip(both, agents, strict=True):
            one.post("/webhook/trigger/far", {"payload": {"word": one.word}})
            trigger = agent.next("trigger")
            _check_own(one, json.dumps(trigger), "what its agent is told")
            agent.complete(trigger, told=one.word)


def test_who_has_no_fleet_has_nothing_and_is_counted_nowhere(shared: Platform) -> None:
    with ExitStack() as stack:
        nobody = _tenant(shared, "t_nobody", stack)
        assert nobody.post("/webhook/system/opened", {"title": "to whom it may concern"})["duplicate"] is False
        assert nobody.http.post("/webhook/trigger/teller", json={}).status_code == 404
        assert nobody.get("/api/v1/agents")["items"] == nobody.get("/api/v1/executions")["items"] == []
        assert nobody.get("/metrics")["agents"]["total"] == 0
        bus = nobody.get("/api/v1/executions/events/stats")["bus"]
        # Its one signal, which the analyzer alone looks at.
        assert bus["total_published"] <= 1
        assert "t_nobody" not in str(shared.get("/api/v1/signals"))


def _tenant(platform: Platform, name: str, stack: ExitStack) -> Tenant:
    wanted = {"name": f"of {name}", "roles": ["admin", "agent"], "tenant": name}
    issued = platform.http.post("/api/v1/keys", json=wanted)
    assert issued.status_code == 201, issued.text
    key = issued.json()["key"]
    headers = {"authorization": f"Bearer {key}"}
    return Tenant(
        name, key, stack.enter_context(httpx.Client(base_url=platform.url, headers=headers, timeout=PATIENCE))
    )


def _watching(platform: Platform, one: Tenant, stack: ExitStack) -> ClientConnection:
    """To all that the conversation will have."""
    address = platform.url.replace("http", "ws", 1) + "/ws/events"
    headers = {"Authorization": f"Bearer {one.key}"}
    opening = connect(address, additional_headers=headers, open_timeout=PATIENCE, proxy=None)
    socket: ClientConnection = stack.enter_context(opening)
    socket.send(json.dumps({"type": "subscribe", "conversationId": "c", "after": 0}))
    assert json.loads(socket.recv(PATIENCE))["type"] == "subscribed"
    return socket


def _begun(one: Tenant) -> str:
    """The first event of the plan's stream, which has no end."""
    with one.http.stream("GET", f"/api/v1/executions/{E}/stream") as stream:
        return next(line for line in stream.iter_lines() if line.startswith("data: "))


def _heard_to_the_end(socket: ClientConnection) -> list[dict[str, Any]]:
    heard: list[dict[str, Any]] = []
    while not heard or heard[-1].get("event", {}).get("type") != "orchestration-complete":
        heard.append(json.loads(socket.recv(PATIENCE)))
    return heard


def _first_of_party(platform: Platform, one: Tenant) -> dict[str, Any]:
    address = f"{platform.url.replace('http', 'ws', 1)}/ws/orchestration/{PARTY}?token={one.key}"
    with connect(address, open_timeout=PATIENCE, proxy=None) as socket:
        first: dict[str, Any] = json.loads(socket.recv(PATIENCE))
    return first


def _check_own(one: Tenant, told: str, what: str) -> None:
    assert one.word in told, what
    assert not [word for name, word in WORDS.items() if name != one.name and word in told], what


def _reads(one: Tenant) -> list[tuple[str, dict[str, Any]]]:
    lists = ("signals", "agents", "budgets", "fleet", "blueprints", "approvals", "notifications", "deadletters",
             "analytics", "keys", "audit", "executions", "executions/events", "executions/events/stats")  # fmt: skip
    of_execution = ("", "/causes", "/events", "/events/stats")
    return [
        *((f"/api/v1/{name}", {}) for name in lists),
        *((f"/api/v1/executions/{E}{what}", {}) for what in of_execution),
        (f"/api/v1/event-driven/status/{PARTY}", {}),
        ("/api/v1/executions", {"conversation_id": "c"}),
        ("/api/v1/explain", {"signal": one.signal, "agent": "teller"}),
        ("/status", {}),
        ("/metrics", {}),
    ]
