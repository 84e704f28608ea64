"""A tenant who would have the platform ask its own network: by the URL of a notification."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from reveille.ingress.adapters import webhook_sender
from reveille.ingress.adapters.public_addresses import NotPublic, is_public, public_addresses
from reveille.ingress.adapters.webhook_sender import WebhookSender
from reveille.ingress.application.notification_telling import Answer, Webhook
from reveille.ingress.settings import Settings
from tests.certificates import Authority
from tests.integration.ingress.conftest import _House
from tests.integration.ingress.grounds import GROUNDS
from tests.integration.ingress.receiver import receiver
from tests.integration.ingress.tenants import PlannerOfTenants, settled

if TYPE_CHECKING:
    from tests.integration.ingress.conftest import House

Opening = Callable[..., Any]


@pytest.fixture
async def opening(tmp_path: Path) -> AsyncIterator[Opening]:
    async with AsyncExitStack() as stack:
        ground = await GROUNDS["embedded"](tmp_path, "", stack)

        async def opened(planner: PlannerOfTenants, **settings: Any) -> House:
            return await stack.enter_async_context(_House(ground, Settings(embedded=True, **settings), planner))

        yield opened


async def test_another_tenants_notification_does_not_go_to_a_private_address(opening: Opening) -> None:
    planner = PlannerOfTenants()
    house = await opening(planner)
    with receiver() as inside, receiver() as of_owner:
        acme = await settled(house, planner, "acme", "Zitronenfalter", inside.url)
        await settled(house, planner, "default", "Quittengelee", of_owner.url)
        # Whoever runs the platform may: his own came, so that both had their turn.
        await of_owner.has(1)
        row: dict[str, Any] = {}
        async with asyncio.timeout(60):
            while not row.get("attempts"):
                await house.caught_up()
                row = next(iter((await acme.get("/api/v1/notifications"))["items"]), row)
        assert row["status"] != "delivered"
        assert row["error"] == "127.0.0.1 is at a private address, where notifications of this tenant do not go"
        assert inside.taken == []


async def test_a_setting_lets_it(opening: Opening) -> None:
    planner = PlannerOfTenants()
    house = await opening(planner, notify_private=frozenset({"acme"}))
    with receiver() as inside:
        await settled(house, planner, "acme", "Zitronenfalter", inside.url)
        await inside.has(1)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00:ec2::254", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::"),
    ],
)
def test_an_address_that_not_everybody_can_reach_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])
def test_an_address_that_everybody_can_reach_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f000001", "[::1]".strip("[]")])
async def test_however_this_machine_is_written_it_is_this_machine(host: str) -> None:
    with pytest.raises(NotPublic):
        await public_addresses(host, 80)


async def test_what_goes_by_its_address_says_the_receivers_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that answers nothing is passed over."""
    _known(monkeypatch, ["127.0.0.2", "127.0.0.1"])
    with receiver() as one:
        port = one.url.split(":")[2].partition("/")[0]
        assert (await _sent(f"http://receiver.example:{port}/hook?a=b")).status == 200
        (taken,) = one.taken
        assert (taken.headers["host"], taken.path) == (f"receiver.example:{port}", "/hook?a=b")


@pytest.mark.parametrize(("name", "status"), [("receiver.example", 200), ("other.example", 0)])
async def test_what_goes_by_its_address_is_checked_by_the_receivers_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, status: int
) -> None:
    _known(monkeypatch, ["127.0.0.1"])
    authority = Authority(tmp_path)
    pair = authority.issue("receiver", (name,))
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.cert))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.cert, pair.key)
    with receiver(tls=context) as one:
        port = one.url.split(":")[2].partition("/")[0]
        answer = await _sent(f"https://receiver.example:{port}/hook")
        assert answer.status == status, answer.error
        assert len(one.taken) == (1 if status else 0)


def _known(monkeypatch: pytest.MonkeyPatch, addresses: Sequence[str]) -> None:
    async def found(host: str, port: int) -> Sequence[str]:
        assert host == "receiver.example"
        return addresses

    monkeypatch.setattr(webhook_sender, "public_addresses", found)
    monkeypatch.setattr(webhook_sender, "getproxies", dict)


async def _sent(url: str) -> Answer:
    async with WebhookSender().session() as send:
        return await send(Webhook(url=url, headers={}, body=b"{}", timeout=30.0, anywhere=False))
