"""The whole of ingress on real adapters, of each mode: a log, blobs and views, gRPC on loopback, HTTP in process."""

import asyncio
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from reveille.adapters.embedded_bus import EmbeddedBus
from reveille.adapters.grpc import Server, open_channel
from reveille.adapters.inline_store import InlineEventStore
from reveille.adapters.sql_tables import SqlPositions
from reveille.cli.catalogue import EVENT_TYPES
from reveille.ingress.adapters.queries import Queries
from reveille.ingress.application.fleet_file import default_fleet
from reveille.ingress.application.notifying import ALONE
from reveille.ingress.application.routing import ROUTES
from reveille.ingress.bootstrap import Ingress, build, fleet_from
from reveille.ingress.domain.fleet import WantedFleet
from reveille.ingress.entrypoints.grpc import QueryServicer
from reveille.ingress.entrypoints.http.app import create_app
from reveille.ingress.settings import Settings
from reveille.kernel.blobs import Blobs
from reveille.kernel.clock import SystemClock
from reveille.kernel.event_store import EventStore
from reveille.kernel.events import Recorded
from reveille.kernel.ids import UuidV7Ids
from reveille.kernel.leases import Leases
from reveille.kernel.service import Ports
from tests.integration.ingress.grounds import GROUNDS, Ground, template_database

SECRET = b"It's a Secret to Everybody"
KEY = b"k" * 32


def _signed(
    body: bytes, *, event: str = "pull_request", delivery: str = "d-1", secret: bytes = SECRET
) -> dict[str, str]:
    """The headers that GitHub sends."""
    return {
        "content-type": "application/json",
        "x-github-event": event,
        "x-github-delivery": delivery,
        "x-hub-signature-256": "sha256=" + hmac.digest(secret, body, "sha256").hex(),
    }


def _pull_request(**changed: Any) -> bytes:
    change = {
        "number": 7,
        "title": "Faster parser",
        "draft": False,
        "html_url": "https://github.example/acme/app/pull/7",
        "labels": [{"name": "perf"}],
        "head": {"ref": "faster", "sha": "b" * 40},
        "base": {"ref": "main", "sha": "a" * 40},
        **changed,
    }
    return json.dumps(
        {
            "action": "opened",
            "number": 7,
            "pull_request": change,
            "repository": {"full_name": "acme/app"},
            "sender": {"login": "octocat"},
        }
    ).encode()


@dataclass(frozen=True, slots=True)
class House:
    """Ingress as it runs, and a client in front of its door."""

    ingress: Ingress
    store: EventStore
    client: httpx.AsyncClient
    blobs: Blobs

    signed = staticmethod(_signed)
    pull_request = staticmethod(_pull_request)

    async def events(self, type_name: str = "") -> list[Recorded]:
        events = await self.store.read_all(0, 10_000)
        return [event for event in events if event.type.endswith(f".{type_name}") or not type_name]

    async def head(self) -> int:
        """Where the log ends, but for who did what: that stands behind what was done."""
        return next(
            (one.position for one in reversed(await self.events()) if one.type != "reveille.ingress.v1.ActDone"), 0
        )

    async def signals(self) -> list[Any]:
        return [event.msg.signal for event in await self.events("SignalReceived")]  # type: ignore[union-attr]

    async def caught_up(self) -> None:
        await self.ingress.service.follower.wait_for(await self.store.head())


Open = Callable[..., Awaitable[House]]


@pytest.fixture(scope="session")
def template() -> Iterator[str]:
    with template_database() as url:
        yield url


@pytest.fixture(params=list(GROUNDS))
async def open_house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Open]:
    """Opens one with the settings given; what is opened is closed after the test. planner: its servicer, if any."""
    # Only what uses a server makes it start.
    template = "" if request.param == "embedded" else request.getfixturevalue("template")
    async with AsyncExitStack() as stack:
        ground = await GROUNDS[request.param](tmp_path, template, stack)

        async def open_one(planner: Any = None, **settings: Any) -> House:
            given = Settings(**{"embedded": True, **settings})
            return await stack.enter_async_context(_House(ground, given, planner))

        yield open_one


@pytest.fixture
async def house(open_house: Open) -> House:
    """Embedded on loopback, with a secret for GitHub."""
    return await open_house(github_secrets=(SECRET,))


class _House:
    def __init__(
        self,
        ground: Ground,
        settings: Settings,
        planner: Any,
        fleet: WantedFleet | None = None,
        *,
        replica: str = "test",
        leases: Leases = ALONE,
    ) -> None:
        """fleet: that is in force from the start; None: the one that ships."""
        self._ground = ground
        self._settings = settings
        self._planner = planner
        self._fleet = fleet or fleet_from(default_fleet(), file="default.yaml")
        self._replica = replica
        self._leases = leases
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> House:
        stack, clock = self._stack, SystemClock()
        store, blobs = self._ground.store, self._ground.blobs
        nothing = InlineEventStore(EVENT_TYPES)
        stack.push_async_callback(nothing.close)
        ports = Ports(
            store=store,
            # It has no inbox, and never asks for a consumer.
            bus=EmbeddedBus(ROUTES, store=nothing, positions=nothing, clock=clock),
            transactions=self._ground.views,
            positions=SqlPositions(),
            clock=clock,
            ids=UuidV7Ids(),
            replica=self._replica,
        )
        built = build(ports, self._settings, blobs=blobs, key=KEY, leases=self._leases)
        await built.fleets.apply(replace(self._fleet, tenant=self._settings.tenant))
        await built.keys.load()
        await self._run(built)
        server = Server([QueryServicer(built.reading), *([self._planner] if self._planner else [])], token="t")
        port = await server.start()
        stack.push_async_callback(server.stop, 0)
        channel = open_channel(f"127.0.0.1:{port}", token="t")
        stack.push_async_callback(channel.close)
        # Nobody listens at port 1: the other services are not there.
        nobody = open_channel("127.0.0.1:1", token="t")
        stack.push_async_callback(nobody.close)
        others = ("analyzer", "planner", "budget", "agent-runner")
        there = {"ingress": channel, **({"planner": channel} if self._planner else {})}
        queries = Queries.over({**dict.fromkeys(others, nobody), **there})
        transport = httpx.ASGITransport(app=create_app(built, queries), client=("127.0.0.1", 5000))
        client = httpx.AsyncClient(transport=transport, base_url="http://localhost:3004")
        await stack.enter_async_context(client)
        return House(built, store, client, blobs)

    async def _run(self, built: Ingress) -> None:
        running = asyncio.create_task(built.service.run())

        async def stop() -> None:
            running.cancel()
            await asyncio.wait([running])

        self._stack.push_async_callback(stop)

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()
