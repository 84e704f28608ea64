"""What a principal may do over HTTP, where his tenant comes from, and how much of it he may do at a time."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from reveille.contracts.ingress.v1.events_pb2 import Source, SourceScheme
from reveille.ingress.application.fleet_file import default_fleet
from reveille.ingress.bootstrap import fleet_from
from reveille.ingress.domain.access import Role
from reveille.ingress.domain.flood import Rate
from reveille.ingress.domain.keys import WantedKey
from reveille.ingress.settings import TenantSecret
from reveille.kernel.errors import Misconfigured
from tests.integration.ingress.test_doors import BATCH, JSON, STRUCTURED, gitlab, standard
from tests.recorded import payload

if TYPE_CHECKING:
    from tests.integration.ingress.conftest import House, Open

# What differs between stores is what their contract is about.
pytestmark = pytest.mark.parametrize("open_house", ["embedded"], indirect=True)
ELSEWHERE: dict[str, Any] = {"host": "0.0.0.0", "admin_key": b"a" * 32}
SIGNING = {"own": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "acme": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"}
TOKEN = SourceScheme.SOURCE_SCHEME_TOKEN


async def key(house: House, role: Role = Role.SOURCE, *, tenant: str = "default", **limited: Any) -> dict[str, str]:
    """What its owner sends."""
    issued = await house.ingress.keys.issue(tenant, WantedKey(name="k", roles=frozenset({role}), **limited), by="test")
    return {"authorization": f"Bearer {issued.text}"}


async def with_source(house: House, tenant: str, source: Source) -> None:
    shipped = fleet_from(default_fleet(), file="default.yaml")
    await house.ingress.fleets.apply(replace(shipped, tenant=tenant, sources=(source,)))


async def tenants(house: House) -> list[tuple[str, str]]:
    """Whose each signal is, and of which source."""
    events = await house.events("SignalReceived")
    return [(event.stream.partition(".")[0], event.msg.signal.source) for event in events]  # type: ignore[union-attr]


def secrets(*doors: str) -> tuple[TenantSecret, ...]:
    return tuple(TenantSecret("acme", door, b"of acme") for door in doors)


async def test_the_secret_that_fits_says_whose_a_delivery_is(open_house: Open) -> None:
    house = await open_house(
        **ELSEWHERE,
        github_secrets=(b"own",),
        jenkins_secrets=(b"own",),
        prometheus_secrets=(b"own",),
        tenant_secrets=secrets("github", "jenkins", "prometheus", "ci"),
    )
    body = house.pull_request()
    for secret, status in ((b"own", 202), (b"of acme", 202), (b"of nobody", 401)):
        answer = await house.client.post("/webhooks/github", content=body, headers=house.signed(body, secret=secret))
        assert answer.status_code == status, answer.text
        for path, told in (("/webhooks/jenkins", "jenkins/finalized"), ("/webhooks/prometheus", "prometheus/alerts")):
            headers = {"authorization": f"Bearer {secret.decode()}"}
            answer = await house.client.post(path, json=payload(told), headers=headers)
            assert answer.status_code == status, answer.text
        # A door may be one tenant's alone.
        answer = await house.client.post("/webhooks/ci", json={"status": "failed"}, headers=headers)
        assert answer.status_code == (202 if secret == b"of acme" else 401)
    alerts = len(payload("prometheus/alerts")["alerts"])
    assert sorted(await tenants(house)) == sorted(
        [
            *[("default", "github"), ("default", "jenkins"), *[("default", "prometheus")] * alerts],
            *[("acme", "github"), ("acme", "jenkins"), ("acme", "ci"), *[("acme", "prometheus")] * alerts],
        ]
    )


async def test_a_signing_token_of_one_tenant_leaves_anothers_plain_one_as_it_is(open_house: Open) -> None:
    signing = TenantSecret("acme", "gitlab", SIGNING["acme"].encode())
    house = await open_house(**ELSEWHERE, gitlab_secrets=(b"plain",), tenant_secrets=(signing,))
    body, headers = gitlab(token="plain")
    assert (await house.client.post("/webhooks/gitlab", content=body, headers=headers)).status_code == 202
    signed = {**standard(body, secret=SIGNING["acme"]), "x-gitlab-event": "Push Hook"}
    assert (await house.client.post("/webhooks/gitlab", content=body, headers=signed)).status_code == 202
    stale = {**standard(body, at=-301, secret=SIGNING["acme"]), "x-gitlab-event": "Push Hook"}
    refused = await house.client.post("/webhooks/gitlab", content=body, headers=stale)
    assert (refused.status_code, refused.json()["code"]) == (401, "stale_signature")
    _, headers = gitlab(token=SIGNING["acme"])
    assert (await house.client.post("/webhooks/gitlab", content=body, headers=headers)).status_code == 401
    assert await tenants(house) == [("default", "gitlab"), ("acme", "gitlab")]


async def test_two_tenants_have_a_source_of_one_name_and_each_its_own_way_to_prove_it(open_house: Open) -> None:
    house = await open_house(
        **ELSEWHERE,
        custom_secrets=(("billing", SIGNING["own"].encode()),),
        tenant_secrets=(*secrets("custom/billing"), TenantSecret("late", "custom/billing", b"of late")),
    )
    for tenant, source in (
        ("default", Source(name="billing", fields={"kind": "=of.default"})),
        ("acme", Source(name="billing", scheme=TOKEN, header="x-token", fields={"kind": "=of.acme"})),
        ("wrong", Source(name="billing", scheme=TOKEN, header="x-token", fields={"kind": "=of.wrong"})),
    ):
        await with_source(house, tenant, source)
    post = house.client.post
    signed = standard(b"{}", secret=SIGNING["own"])
    assert (await post("/webhooks/custom/billing", content=b"{}", headers=signed)).status_code == 202
    answers = [
        await post("/webhooks/custom/billing", json={}, headers={"x-token": one}) for one in ("of acme", "of late")
    ]
    assert [answer.status_code for answer in answers] == [202, 401]
    kinds = [event.msg.signal.kind for event in await house.events("SignalReceived")]  # type: ignore[union-attr]
    assert list(zip(await tenants(house), kinds, strict=True)) == [
        (("default", "custom"), "of.default"),
        (("acme", "custom"), "of.acme"),
    ]


async def test_a_secret_of_the_wrong_kind_closes_its_own_tenants_door_alone(open_house: Open) -> None:
    house = await open_house(**ELSEWHERE, custom_secrets=(("shop", b"no key"),), tenant_secrets=secrets("custom/shop"))
    await with_source(house, "default", Source(name="shop", scheme=SourceScheme.SOURCE_SCHEME_STANDARD))
    closed = await house.client.post("/webhooks/custom/shop", json={}, headers={"x-token": "of acme"})
    assert (closed.status_code, closed.json()["code"]) == (403, "door_closed")
    await with_source(house, "acme", Source(name="shop", scheme=TOKEN, header="x-token", fields={"kind": "=sold"}))
    taken = await house.client.post("/webhooks/custom/shop", json={}, headers={"x-token": "of acme"})
    assert taken.status_code == 202


async def test_one_secret_of_two_tenants_at_one_door_ends_the_start(open_house: Open) -> None:
    with pytest.raises(Misconfigured, match="tenants default and acme have one secret at door github"):
        await open_house(github_secrets=(b"of acme",), tenant_secrets=secrets("github"))


async def test_a_key_sends_what_is_then_its_tenants(open_house: Open) -> None:
    house = await open_house(**ELSEWHERE)
    event = json.dumps({"specversion": "1.0", "id": "e", "source": "/shop", "type": "sold"})
    for tenant in ("default", "acme"):
        shown = await key(house, tenant=tenant)
        for path, body, kind in (
            ("/webhook/system/boot", "{}", JSON),
            ("/api/v1/events", event, STRUCTURED),
            ("/api/v1/events", f"[{event}]", BATCH),
        ):
            answer = await house.client.post(path, content=body, headers={**kind, **shown})
            assert answer.status_code == 202, answer.text
    assert await tenants(house) == [
        (tenant, source) for tenant in ("default", "acme") for source in ("system", "events")
    ]
    assert all(signal.verified for signal in await house.signals())


async def test_a_key_for_some_sources_sends_for_no_other(open_house: Open) -> None:
    house = await open_house(**ELSEWHERE)
    shown = await key(house, sources=frozenset({"/shop", "git"}))
    event = {"specversion": "1.0", "id": "e", "type": "sold"}
    push = {"repository": "a/b", "ref": "r", "before": "a" * 40, "after": "b" * 40}
    for path, kind, document, status in (
        ("/api/v1/events", STRUCTURED, {**event, "source": "/shop"}, 202),
        ("/api/v1/events", STRUCTURED, {**event, "source": "/other"}, 403),
        ("/api/v1/events", BATCH, [{**event, "source": "/shop", "id": "f"}, {**event, "source": "/other"}], 403),
        ("/webhook/git", JSON, push, 202),
        ("/webhook/system/boot", JSON, {}, 403),
    ):
        answer = await house.client.post(path, content=json.dumps(document), headers={**kind, **shown})
        assert answer.status_code == status, f"{path}: {answer.text}"
    assert await tenants(house) == [("default", "events"), ("default", "git")]


@pytest.mark.parametrize("path", ["/webhook/system/boot", "/api/v1/executions", "/api/v1/fleet", "/webhooks/ci"])
async def test_of_whoever_may_not_nothing_of_the_body_is_read(open_house: Open, path: str) -> None:
    house = await open_house(**ELSEWHERE, ci_secrets=(b"s",))
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b"x" * 65_536

    for headers in ({"authorization": "Bearer nothing"}, await key(house, Role.VIEWER), dict[str, str]()):
        answer = await house.client.post(path, content=endless(), headers={**JSON, **headers})
        assert answer.status_code in (401, 403)
    assert read == 0


@pytest.mark.parametrize(("limit", "others"), [("key_rate_limit", 200), ("tenant_rate_limit", 429)])
async def test_a_key_and_a_tenant_have_so_many_requests(open_house: Open, limit: str, others: int) -> None:
    house = await open_house(**ELSEWHERE, **{limit: Rate(2, 3600)})
    first, second = await key(house, Role.VIEWER), await key(house, Role.VIEWER)
    elsewhere = await key(house, Role.VIEWER, tenant="acme")
    ask = house.client.get
    answers = [await ask("/api/v1/signals", headers=first) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert (await ask("/api/v1/signals", headers=second)).status_code == others
    assert (await ask("/api/v1/signals", headers=elsewhere)).status_code == 200


async def test_a_tenants_deliveries_count_for_its_limit_and_for_nobody_elses(open_house: Open) -> None:
    house = await open_house(
        **ELSEWHERE, ci_secrets=(b"own",), tenant_secrets=secrets("ci"), tenant_rate_limit=Rate(1, 3600)
    )

    async def post(secret: str) -> int:
        headers = {"authorization": f"Bearer {secret}"}
        return (await house.client.post("/webhooks/ci", json={"status": "failed"}, headers=headers)).status_code

    assert [await post(one) for one in ("of acme", "of acme", "own", "nobody's")] == [202, 429, 202, 401]


async def test_this_machines_owner_is_limited_by_his_address_alone(open_house: Open) -> None:
    house = await open_house(key_rate_limit=Rate(1, 3600), tenant_rate_limit=Rate(1, 3600), rate_limit=Rate(3, 3600))
    answers = [(await house.client.get("/api/v1/signals")).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]


async def test_on_this_machine_a_token_of_the_settings_guards_what_it_is_for_and_no_more(open_house: Open) -> None:
    house = await open_house(plan_tokens=(b"for plans",))
    begin, read = ("POST", "/api/v1/executions"), ("GET", "/api/v1/executions/events")
    nothing = await house.client.request(*begin, json={"blueprint": "party"})
    assert (nothing.status_code, nothing.json()["code"]) == (401, "missing_credential")
    assert (await house.client.request(*read)).status_code == 200
    shown = {"authorization": "Bearer for plans"}
    assert (await house.client.request(*begin, json={"blueprint": "party"}, headers=shown)).status_code == 202
    assert (await house.client.request(*read, headers=shown)).status_code == 200


async def test_with_auth_on_a_browsers_page_of_elsewhere_is_answered_and_cannot_read_it(open_house: Open) -> None:
    house = await open_house(**ELSEWHERE)
    headers = {**await key(house, Role.VIEWER), "origin": "https://evil.example"}
    answer = await house.client.get("/api/v1/signals", headers=headers)
    assert answer.status_code == 200
    asked = {"origin": "https://evil.example", "access-control-request-method": "GET"}
    preflight = await house.client.options("/api/v1/signals", headers=asked)
    assert preflight.status_code == 405
    for one in (answer, preflight):
        assert not [name for name in one.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("path", ["/api/v1/agents\n", "/api/v1/keys\n", "/api/v1//agents", "//api/v1/agents"])
async def test_a_path_that_is_spelt_oddly_leads_nowhere(open_house: Open, path: str) -> None:
    """The framework takes a line feed at the end for the end."""
    house = await open_house(**ELSEWHERE)
    transport: Any = house.client._transport  # httpx would not send it
    statuses = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    for shown in ([], [(b"authorization", b"Bearer " + b"a" * 32)]):
        scope: dict[str, Any] = {"type": "http", "http_version": "1.1", "method": "GET", "scheme": "http"}
        scope |= {"path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": shown}
        await transport.app({**scope, "client": ("192.0.2.1", 1), "server": ("h", 1)}, receive, send)
    assert statuses == [404, 404]
