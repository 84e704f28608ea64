"""Whoever begins requests and does not end them, or asks without an end, takes nothing from those who do not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from reveille.ingress.domain.access import Role
from reveille.ingress.domain.flood import Rate
from reveille.ingress.entrypoints.http import taking, writing
from tests.integration.ingress.conftest import House, Open
from tests.integration.ingress.test_entering import key
from tests.integration.ingress.told_executions import begin

pytestmark = pytest.mark.parametrize("open_house", ["embedded"], indirect=True)
# Well within which a test ends, and which no test comes near.
LONG = 3_600.0
ELSEWHERE: dict[str, Any] = {"host": "0.0.0.0", "admin_key": b"a" * 32}
TOLD = {"authorization": "Bearer s", "content-type": "application/json"}


class Awaited:
    """A body that never comes. begun: somebody waits for it."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.begun.set()
        await asyncio.Event().wait()
        yield b""


async def never() -> AsyncIterator[bytes]:
    await asyncio.Event().wait()
    yield b""


async def half() -> AsyncIterator[bytes]:
    yield b'{"status": '
    await asyncio.Event().wait()


@pytest.mark.parametrize("body", [never, half])
@pytest.mark.parametrize(
    ("path", "headers"), [("/webhooks/ci", TOLD), ("/webhook/system/boot", {"authorization": f"Bearer {'a' * 32}"})]
)
async def test_a_body_that_does_not_come_is_waited_for_so_long_and_no_longer(
    open_house: Open,
    monkeypatch: pytest.MonkeyPatch,
    body: Callable[[], AsyncIterator[bytes]],
    path: str,
    headers: dict[str, str],
) -> None:
    monkeypatch.setattr(taking, "BODY_SECONDS", 0.05)
    house = await open_house(**ELSEWHERE, ci_secrets=(b"s",))
    async with asyncio.timeout(60):
        answer = await house.client.post(path, content=body(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (408, "body_too_slow")
    assert not await house.events("SignalReceived")


async def test_an_address_whose_bodies_do_not_come_leaves_places_for_others(
    open_house: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "BODY_SECONDS", LONG)
    house = await open_house(**ELSEWHERE, ci_secrets=(b"s",), max_in_flight=4)
    async with from_address(house, "192.0.2.1") as slow, from_address(house, "192.0.2.2") as other:
        async with asyncio.TaskGroup() as tasks:
            bodies = [Awaited(), Awaited()]
            begun = [tasks.create_task(slow.post("/webhooks/ci", content=one, headers=TOLD)) for one in bodies]
            for body in bodies:
                await body.begun.wait()
            third = await slow.post("/webhooks/ci", content=never(), headers=TOLD)
            assert (third.status_code, third.json()["code"]) == (429, "too_many_requests")
            assert int(third.headers["retry-after"]) > 0
            taken = await other.post("/webhooks/ci", json={"status": "failed"}, headers=TOLD)
            assert taken.status_code == 202, taken.text
            for one in begun:
                one.cancel()
        # Whoever has hung up keeps no place.
        again = await slow.post("/webhooks/ci", json={"status": "succeeded"}, headers=TOLD)
        assert again.status_code == 202, again.text


async def test_a_tenant_whose_requests_do_not_end_leaves_places_for_other_tenants(
    open_house: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "BODY_SECONDS", LONG)
    house = await open_house(**ELSEWHERE, max_in_flight=4)
    acme, beta = await key(house, Role.OPERATOR, tenant="acme"), await key(house, Role.VIEWER, tenant="beta")
    headers = {**acme, "content-type": "application/json"}
    bodies = [Awaited() for _ in "123"]
    async with asyncio.TaskGroup() as tasks:
        begun = [
            tasks.create_task(house.client.post("/api/v1/executions", content=body, headers=headers)) for body in bodies
        ]
        for body in bodies:
            await body.begun.wait()
        more = await house.client.get("/api/v1/signals", headers=acme)
        assert (more.status_code, "3 requests of tenant acme are in flight" in more.text) == (429, True)
        assert (await house.client.get("/api/v1/signals", headers=beta)).status_code == 200
        for one in begun:
            one.cancel()
    assert (await house.client.get("/api/v1/signals", headers=acme)).status_code == 200


async def test_streams_take_no_place_of_requests_and_one_tenant_not_all_of_theirs(open_house: Open) -> None:
    house = await open_house(**ELSEWHERE, max_in_flight=4)
    watching = {tenant: await key(house, Role.VIEWER, tenant=tenant) for tenant in ("acme", "beta")}
    async with asyncio.TaskGroup() as tasks:
        for tenant in watching:
            await begin(house, "e", tenant=tenant)
        begun = [await _streaming(tasks, house, watching["acme"]) for _ in "123"]
        more = await house.client.get("/api/v1/executions/e/stream", headers=watching["acme"])
        assert (more.status_code, "of this kind are open of tenant acme" in more.text) == (429, True)
        begun.append(await _streaming(tasks, house, watching["beta"]))
        assert (await house.client.get("/api/v1/signals", headers=watching["acme"])).status_code == 200
        for one in begun:
            one.cancel()


async def _streaming(tasks: asyncio.TaskGroup, house: House, headers: dict[str, str]) -> asyncio.Task[None]:
    """Once it has begun to answer."""
    begun = asyncio.Event()
    app = house.client._transport.app  # type: ignore[attr-defined]
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/api/v1/executions/e/stream",
        "raw_path": b"/api/v1/executions/e/stream",
        "query_string": b"",
        "headers": [(b"host", b"reveille.example"), *((k.encode(), v.encode()) for k, v in headers.items())],
        "client": ("192.0.2.1", 5000),
        "http_version": "1.1",
        "scheme": "http",
        "server": ("reveille.example", 80),
        "root_path": "",
        "extensions": {},
    }

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == 200
            begun.set()

    task = tasks.create_task(app(scope, asyncio.Event().wait, send))
    await begun.wait()
    return task


async def test_whoever_guesses_keys_where_figures_are_asked_for_is_limited_as_everywhere(open_house: Open) -> None:
    house = await open_house(**ELSEWHERE, rate_limit=Rate(2, 3600))
    guesses = [{"authorization": f"Bearer guess{number}"} for number in range(3)]
    answers = [await house.client.get("/metrics", headers=guess) for guess in guesses]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    # Who asks whether it lives is answered whatever else was asked.
    assert [(await house.client.get("/healthz")).status_code for _ in range(5)] == [200] * 5


async def test_an_ipv6_network_is_one_sender(open_house: Open) -> None:
    house = await open_house(**ELSEWHERE, rate_limit=Rate(2, 3600))
    answers = []
    for address in ("2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:1::1"):
        async with from_address(house, address) as client:
            answers.append((await client.get("/api/v1/signals")).status_code)
    assert answers == [401, 401, 429, 401]


def from_address(house: House, address: str) -> httpx.AsyncClient:
    app = house.client._transport.app  # type: ignore[attr-defined]
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, client=(address, 5000)), base_url="http://reveille.example"
    )
