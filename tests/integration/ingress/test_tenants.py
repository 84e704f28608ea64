"""A tenant never sees another's anything, whatever both of them call it."""

import base64
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select
from standardwebhooks import Webhook

from reveille.contracts.common.v1.common_pb2 import EventRef, MessageParked
from reveille.contracts.planner.v1.events_pb2 import ApprovalRequested
from reveille.ingress.adapters.sql.tables import tenants
from reveille.ingress.application.fleets import Fleets
from reveille.ingress.bootstrap import fleet_from
from reveille.ingress.domain.fleet import WantedFleet
from reveille.ingress.settings import Settings, TenantSecret
from reveille.kernel.clock import SystemClock
from reveille.kernel.ids import UuidV7Ids, text
from tests.integration.ingress.conftest import SECRET, House, Open, _House
from tests.integration.ingress.grounds import GROUNDS
from tests.integration.ingress.provider_api import Said, provider_api
from tests.integration.ingress.receiver import receiver
from tests.integration.ingress.tenants import (
    APPROVAL,
    FLEET,
    PlannerOfTenants,
    Tenant,
    by_id,
    reads,
    settled,
    tenant,
)
from tests.integration.ingress.told_executions import recorded, write

ACME, BETA = "Zitronenfalter", "Quittengelee"
IDS = UuidV7Ids()
Both = tuple[Tenant, Tenant]
Opening = Callable[..., Awaitable[House]]
PATHS = (
    *(f"executions/{{}}{what}" for what in ("", "/events", "/events/stats", "/causes", "/stream")),
    *(f"{what}/{{}}" for what in ("event-driven/status", "approvals", "deadletters", "signals", "blueprints")),
)
HOSTILE = (
    "..",
    ".",
    "../../acme.execution-e",
    "acme.execution-e",
    "e/../e",
    "acme/e",
    "%2e%2e",
    "\N{LATIN SMALL LETTER E WITH ACUTE}",
    "\N{MATHEMATICAL FRAKTUR SMALL E}",
    "e\x00",
    "E",
    "-e",
)
# Of nothing.
NEVER = "00000000-0000-5000-8000-000000000000"


@pytest.fixture
def planner() -> PlannerOfTenants:
    return PlannerOfTenants()


@pytest.fixture
async def opening(tmp_path: Path, planner: PlannerOfTenants) -> AsyncIterator[Opening]:
    async with AsyncExitStack() as stack:
        ground = await GROUNDS["embedded"](tmp_path, "", stack)

        async def opened(**settings: Any) -> House:
            return await stack.enter_async_context(_House(ground, Settings(embedded=True, **settings), planner))

        yield opened


@pytest.fixture
async def both(opening: Opening, planner: PlannerOfTenants) -> Both:
    return await settle(await opening(), planner)


async def settle(house: House, planner: PlannerOfTenants) -> Both:
    return await settled(house, planner, "acme", ACME), await settled(house, planner, "beta", BETA)


async def test_two_tenants_who_call_everything_alike_see_their_own_everywhere(
    open_house: Open, planner: PlannerOfTenants
) -> None:
    both = await settle(await open_house(planner=planner), planner)
    await _no_id_leads_to_anothers(both[1])
    for one, other in (both, both[::-1]):
        for path in reads(one):
            answer = await one.ask("GET", path)
            assert answer.status_code == 200, f"{path}: {answer.text}"
            assert other.word not in answer.text, path
            assert f'"{other.name}"' not in answer.text, path
        shown = {path: (await one.ask("GET", path)).text for path in by_id(one)}
        # Counts alone have no words.
        assert {path for path, body in shown.items() if one.word not in body} == {"/api/v1/executions/e/events/stats"}


async def test_what_has_an_id_of_anothers_own_is_as_if_it_were_not_there(both: Both) -> None:
    acme, beta = both
    for one, other in ((acme, beta), (beta, acme)):
        for path in (f"/api/v1/signals/{other.signal}", f"/api/v1/deadletters/{other.letter}"):
            await _missing(one, path)
        for act in ("retry", "drop"):
            await _missing(one, f"/api/v1/deadletters/{other.letter}/{act}", "POST")
    assert len((await beta.get("/api/v1/deadletters", status="parked"))["items"]) == 1


async def test_who_has_nothing_finds_empty_lists_and_nothing_else(both: Both) -> None:
    gamma = await tenant(both[0].house, "gamma")
    for path in by_id(both[0]):
        await _missing(gamma, path)
    for path in reads(both[0]):
        answer = await gamma.ask("GET", path)
        assert answer.status_code in (200, 404), path
        assert ACME not in answer.text, path
        assert BETA not in answer.text, path
    for name in ("signals", "blueprints", "approvals", "notifications", "deadletters", "executions"):
        assert await gamma.get(f"/api/v1/{name}") == {"items": [], "next": None}
    fleet = await gamma.get("/api/v1/fleet")
    assert (fleet["tenant"], fleet["revision"], fleet["agents"]) == ("gamma", -1, [])
    stats = await gamma.get("/api/v1/executions/events/stats")
    assert stats["store"]["total_plans"] == stats["store"]["total_events"] == 0
    for path, body in (
        ("/webhook/trigger/scout", {}),
        (f"/api/v1/approvals/{APPROVAL}", {"decision": "approve"}),
        ("/api/v1/executions/e/cancel", {}),
        ("/api/v1/executions/e/fork", {}),
        ("/api/v1/executions/e/inputs", {"content": "x"}),
        ("/api/v1/event-driven/input", {"party_id": "p", "content": "x"}),
    ):
        answer = await gamma.ask("POST", path, json=body)
        assert answer.status_code == 404, f"{path}: {answer.text}"


async def test_a_delivery_and_a_key_of_an_earlier_request_are_known_to_their_tenant_alone(
    both: Both,
) -> None:
    acme, beta = both
    assert acme.signal != beta.signal
    for one in both:
        again = await one.post("/webhook/system/opened", {"title": one.word}, status=200, key="d-1")
        assert (again["signal_id"], again["duplicate"]) == (one.signal, True)
        event = {"specversion": "1.0", "id": "1", "source": "s", "type": "t", "data": {"title": one.word}}
        headers = {"content-type": "application/cloudevents+json"}
        answers = [await one.ask("POST", "/api/v1/events", content=json.dumps(event), headers=headers) for _ in "12"]
        assert [answer.status_code for answer in answers] == [202, 200]
        body = {"blueprint": "tale", "inputs": [{"input_id": "n", "content": one.word}]}
        first = await one.post("/api/v1/executions", body, key="new")
        assert (await one.post("/api/v1/executions", body, status=200, key="new"))["duplicate"] is True
        assert (await one.ask("POST", "/api/v1/executions", json={**body, "execution_id": "e"})).status_code == 409
        assert first["execution_id"] not in {"e", "p"}
    body = {"input_id": "second", "content": "of acme alone"}
    await acme.post("/api/v1/executions/e/inputs", body, key="input")
    assert [one["input_id"] for one in (await acme.get("/api/v1/executions/e"))["inputs"]] == ["i", "second"]
    assert [one["input_id"] for one in (await beta.get("/api/v1/executions/e"))["inputs"]] == ["i"]


async def test_what_one_decides_or_cancels_is_decided_for_nobody_else(both: Both) -> None:
    acme, beta = both
    await _asked(acme, beta)
    decided = await acme.post(f"/api/v1/approvals/{APPROVAL}", {"decision": "approve", "comment": ACME})
    assert decided["duplicate"] is False
    rejected = await beta.post(f"/api/v1/approvals/{APPROVAL}", {"decision": "reject"})
    assert (rejected["decision"], rejected["duplicate"]) == ("reject", False)
    await acme.post("/api/v1/executions/e/cancel", {"reason": "enough"})
    (cancelled,) = await recorded(acme.house, "CancelRequested")
    assert cancelled.stream == "acme.inputs-e"
    assert (await beta.get("/api/v1/executions/e"))["detail"] is None


async def test_a_dead_letter_that_names_anothers_event_does_not_show_it(both: Both) -> None:
    acme, beta = both
    (theirs,) = await beta.house.store.read_backwards("acme.execution-w", 1)
    ref = EventRef(stream=theirs.stream, revision=theirs.revision)
    letter = MessageParked(service="planner", event_id=text(theirs.id), event_type=theirs.type, event=ref, error="no")
    await write(beta.house.store, "beta.deadletter-planner-0", letter)
    await beta.house.caught_up()
    item = (await beta.get("/api/v1/deadletters"))["items"][0]
    shown = await beta.ask("GET", f"/api/v1/deadletters/{item['id']}")
    assert (shown.json()["event"]["in_log"], ACME in shown.text) == (False, False)
    shown = await acme.ask("GET", f"/api/v1/deadletters/{acme.letter}")
    assert (shown.json()["event"]["in_log"], ACME in shown.text) == (True, True)


async def test_the_clones_of_the_machine_are_its_own_tenants(both: Both) -> None:
    push = {"repository": "r", "ref": "main", "before": "a" * 40, "after": "b" * 40, "path": "/"}
    answer = await both[0].ask("POST", "/webhook/git", json=push)
    assert (answer.status_code, answer.json()["code"]) == (403, "clone_not_allowed")
    assert "another tenant's" in answer.json()["detail"]


async def test_a_cursor_of_one_tenant_is_none_of_anothers(both: Both) -> None:
    acme, beta = both
    for path in ("executions", "executions/events", "executions/e/events"):
        cursor = (await acme.get(f"/api/v1/{path}", limit=1))["next"]
        assert (await acme.ask("GET", f"/api/v1/{path}", params={"cursor": cursor})).status_code == 200
        answer = await beta.ask("GET", f"/api/v1/{path}", params={"cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor"), path


async def test_a_fleet_is_for_its_own_tenant_alone(both: Both) -> None:
    acme, beta = both
    refused = await beta.apply(FLEET.format(tenant="acme", word=BETA, url="http://127.0.0.1:1/"), status=422)
    assert "it is 'acme', expected 'beta'" in refused["detail"]
    await beta.apply("version: 1\ntenant: beta\nagents: {}\n")
    assert "scout" not in {agent["name"] for agent in (await beta.get("/api/v1/fleet"))["agents"]}
    assert {agent["name"] for agent in (await acme.get("/api/v1/fleet"))["agents"]} >= {"scout", "far"}
    assert (await beta.ask("POST", "/webhook/trigger/scout", json={})).status_code == 404
    await acme.post("/webhook/trigger/scout", {})


async def test_each_tenants_notifications_go_where_its_fleet_says_signed_with_its_own_key(
    opening: Opening, planner: PlannerOfTenants
) -> None:
    keys = {"default": b"of the owner, 24 bytes..", "acme": b"of acme alone, 24 bytes."}
    signed = (("ops", keys["default"]), ("acme/ops", keys["acme"]))
    house = await opening(notification_keys=signed, notify_private=frozenset({"*"}))
    with receiver() as to_acme, receiver() as to_beta:
        acme = await settled(house, planner, "acme", ACME, to_acme.url)
        beta = await settled(house, planner, "beta", BETA, to_beta.url)
        ((of_acme,), (of_beta,)) = await to_acme.has(1), await to_beta.has(1)
        await recorded(house, "NotificationDelivered", count=2)
        assert BETA.encode() not in of_acme.body
        assert ACME.encode() not in of_beta.body
        assert of_acme.id != of_beta.id
        assert Webhook("whsec_" + base64.b64encode(keys["acme"]).decode()).verify(of_acme.body, dict(of_acme.headers))
        assert "webhook-signature" not in of_beta.headers
        await house.caught_up()
        for one, taken in ((acme, of_acme), (beta, of_beta)):
            assert [row["id"] for row in (await one.get("/api/v1/notifications"))["items"]] == [taken.id]


async def test_a_fleet_of_a_tenant_that_appears_later_is_in_force_on_every_replica(opening: Opening) -> None:
    house = await opening()
    other = Fleets(store=house.store, clock=SystemClock(), ids=IDS, replica="other")
    await other.load()
    assert other.in_force("late").fleet.revision == -1
    wanted = fleet_from(FLEET.format(tenant="late", word=ACME, url="http://127.0.0.1:1/"), file="f")
    applied = await house.ingress.fleets.apply(wanted)
    await other.load()
    assert other.in_force("late").fleet.revision == applied.fleet.revision
    assert set(other.tenants) == {"default", "late"}
    # As a replica that starts knows them: by the view, and by what came since.
    await house.caught_up()
    started = await house.ingress.service.ports.transactions.run(_known)
    assert sorted(started) == [("fleet", "default"), ("fleet", "late")]


async def test_providers_are_asked_for_the_tenant_of_the_settings_alone(opening: Opening) -> None:
    """Their tokens are its own, and show what nobody else may see."""
    with provider_api(lambda *_: Said(document=[{"filename": "src/new.py"}])) as api:
        of_beta = TenantSecret("beta", "github", b"another one")
        house = await opening(github_secrets=(SECRET,), github_api=api.url, tenant_secrets=(of_beta,))
        fleet = house.ingress.fleets.in_force("default").fleet
        wanted = WantedFleet(
            tenant="beta", agents=list(fleet.agents.values()), rules=list(fleet.rules.values()), limits=fleet.limits
        )
        await house.ingress.fleets.apply(wanted)
        body = house.pull_request()
        for secret in (SECRET, of_beta.secret):
            answer = await house.client.post(
                "/webhooks/github", content=body, headers=house.signed(body, secret=secret)
            )
            assert answer.status_code == 202, answer.text
        signals: list[tuple[str, Any]] = [(one.stream, one.msg) for one in await house.events("SignalReceived")]
        asks = {stream.partition(".")[0]: received.signal.enriching for stream, received in signals}
        assert asks == {"default": True, "beta": False}
        await recorded(house, "SignalEnriched")
        assert len(api.asked) == 1


async def _no_id_leads_to_anothers(beta: Tenant) -> None:
    """However it is written."""
    for id in HOSTILE:
        for path in PATHS:
            answer = await beta.ask("GET", f"/api/v1/{path.format(quote(id, safe=''))}")
            assert (answer.status_code < 500, ACME in answer.text) == (True, False), f"{path} of {id!r}: {answer.text}"
        for path, body in (
            ("/api/v1/executions", {"blueprint": "tale", "execution_id": id, "inputs": []}),
            ("/api/v1/executions/e/inputs", {"input_id": id, "content": BETA}),
            ("/api/v1/event-driven/start", {"party_id": id, "inputs": []}),
            ("/api/v1/executions/e/fork", {"execution_id": id}),
        ):
            assert (await beta.ask("POST", path, json=body)).status_code < 500, f"{path} with {id!r}"
        # A delivery and a conversation may be called anything.
        headers = {"idempotency-key": quote(id)}
        told = await beta.ask("POST", "/webhook/system/opened", json={"title": BETA}, headers=headers)
        assert told.status_code in (202, 400), told.text
        assert (await beta.get("/api/v1/executions", conversation_id=id))["items"] == []
    streams = {event.stream for event in await beta.house.events() if BETA.encode() in event.data}
    assert {stream.partition(".")[0] for stream in streams} == {"beta"}


async def _asked(*tenants: Tenant) -> None:
    """What each of them is asked has one id."""
    for one in tenants:
        question = ApprovalRequested(approval_id=APPROVAL, execution_id="e", step="s")
        await write(one.house.store, f"{one.name}.execution-e", question)


async def _missing(one: Tenant, path: str, method: str = "GET") -> None:
    """In the words for what never was there."""
    answer = await one.ask(method, path)
    assert (answer.status_code, ACME in answer.text, BETA in answer.text) == (404, False, False), answer.text
    parts = path.split("/")
    id = parts[4] if parts[3] != "event-driven" else parts[5]
    never = await one.ask(method, _in_its_place(id, path))
    assert _words(_in_its_place(id, answer.text)) == _words(never.text)


def _in_its_place(id: str, text: str) -> str:
    return re.sub(rf"\b{re.escape(id)}\b", NEVER, text)


def _words(problem: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(problem)
    return {name: value for name, value in document.items() if name != "trace_id"}


def _known(connection: Any) -> list[tuple[str, str]]:
    return [(row.category, row.tenant) for row in connection.execute(select(tenants))]
