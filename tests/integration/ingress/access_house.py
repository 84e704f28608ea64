"""One whole platform in this process where everybody has to say who he is, with something of everything in it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx

from reveille.adapters.grpc_access import token_of
from reveille.cli.embedded import Platform, open_platform, prepare_views
from reveille.cli.settings import UpSettings
from reveille.ingress.application.keys import Keys
from reveille.ingress.domain.access import Role
from reveille.ingress.domain.keys import WantedKey
from reveille.ingress.entrypoints.http.app import create_app
from reveille.ingress.settings import Settings
from reveille.kernel.clock import SECOND
from reveille.kernel.ids import UuidV7Ids, text
from tests.integration.ingress.access_matrix import ROLES
from tests.integration.ingress.told_executions import park
from tests.unit.manual_clock import ManualClock

# The machine may be busy with other tests.
PATIENCE: Final = 60.0
TENANT: Final = "default"
ADMIN: Final = "admin-" + "x" * 40
AGENT_KEY: Final = "the key of the far one"
GITHUB: Final = b"It's a Secret to Everybody"
# Stands in whatever the first tenant has that can hold a word.
WORD: Final = "Zitronenfalter"
FLEET: Final = f"""
version: 1
tenant: {TENANT}
agents:
  scout: {{skill: "reveille.agents.coding:review", title: {WORD}}}
  far: {{remote: true, title: {WORD}}}
rules:
  - {{name: all, on: {{source: system}}, wake: scout}}
sources:
  shop: {{scheme: token, header: Authorization, fields: {{kind: "=shop.opened"}}}}
blueprints:
  - blueprint: tale
    title: {WORD}
    steps: {{tell: {{agent: scout, always: true}}}}
    approvals: [{{before: complete, ask: "{WORD}?"}}]
    autopilot: manual
notifications:
  - {{name: ops, url: "http://127.0.0.1:1/"}}
"""


class AccessHouse:
    """keys: what each caller shows, by who he is. ids: of what the first tenant has, by what it is."""

    def __init__(self, platform: Platform, app: Any) -> None:
        self.platform = platform
        self.app = app
        self.keys: dict[str, str] = {"garbage": "garbage", "admin key": ADMIN, "nobody": ""}
        self.ids: dict[str, str] = {}
        transport = httpx.ASGITransport(app=app, client=("192.0.2.1", 5000))
        self.client = httpx.AsyncClient(transport=transport, base_url="http://reveille.example", timeout=PATIENCE)

    @property
    def token(self) -> str:
        """Of the platform's own services."""
        return token_of(self.platform.ingress.key)

    async def ask(self, who: str, method: str, path: str, **how: Any) -> httpx.Response:
        headers = {**how.pop("headers", {}), **self.shown_by(who)}
        return await self.client.request(method, path, headers=headers, **how)

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.ask("admin key", "GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def shown_by(self, who: str) -> dict[str, str]:
        shown = self.keys[who]
        return {"authorization": f"Bearer {shown}"} if shown else {}

    async def settle(self) -> None:
        await self._issue_keys()
        fleet = await self.ask(
            "admin", "POST", "/api/v1/fleet", content=FLEET, headers={"content-type": "application/yaml"}
        )
        assert fleet.status_code == 202, fleet.text
        self.ids["signal_id"] = (await self._post("/webhook/system/opened", {"title": WORD}))["signal_id"]
        inputs = [{"input_id": "i", "content": WORD}]
        await self._post("/api/v1/executions", {"blueprint": "tale", "execution_id": "e", "inputs": inputs})
        await self._post("/api/v1/event-driven/start", {"party_id": "p", "inputs": inputs})
        self.ids |= {
            "execution_id": "e",
            "input_id": "i",
            "party_id": "p",
            "name": "tale",
            "agent": "far",
            "sequence": "1",
        }
        self.ids["deadletter_id"] = await self._park()
        (approval,) = await self._there("/api/v1/approvals")
        self.ids["approval_id"] = approval["id"]
        await self._there("/api/v1/notifications")
        await self._there("/api/v1/executions/e/events")

    async def _issue_keys(self) -> None:
        keys = self.platform.ingress.keys
        for role in ROLES:
            self.keys[role] = await _issued(keys, TENANT, role)
        self.keys["foreigner"] = await _issued(keys, "foreign", "admin")
        self.keys["revoked"] = await _issued(keys, TENANT, "admin")
        revoked = self.keys["revoked"].split(".")[1]
        await keys.revoke(TENANT, revoked, by="test")
        yesterday = ManualClock(int((time.time() - 86_400) * SECOND))
        ingress = self.platform.ingress
        before = Keys(store=self.platform.store, clock=yesterday, ids=UuidV7Ids(), replica="x", key=ingress.key)
        self.keys["expired"] = await _issued(before, TENANT, "admin", lasts=60)
        await keys.load()
        self.ids["key_id"] = self.keys["viewer"].split(".")[1]

    async def _post(self, path: str, body: Any) -> Any:
        answer = await self.ask("admin", "POST", path, json=body)
        assert answer.status_code == 202, f"{path}: {answer.text}"
        return answer.json()

    async def _park(self) -> str:
        letter = await park(self.platform.store, TENANT, WORD)
        await self.get("/api/v1/deadletters", wait_for=letter.position, timeout=30)
        return text(letter.id)

    async def _there(self, path: str) -> list[Any]:
        """What a list has as soon as it has anything."""
        async with asyncio.timeout(PATIENCE):
            while not (items := (await self.get(path))["items"]):
                await self.platform.ingress.service.follower.wait_for(await self.platform.store.head(), PATIENCE)
                await asyncio.sleep(0.02)
        found: list[Any] = items
        return found


async def _issued(keys: Keys, tenant: str, role: str, *, lasts: int = 0) -> str:
    issued = await keys.issue(
        tenant, WantedKey(name=f"the {role}", roles=frozenset({Role(role)}), lasts=lasts), by="test"
    )
    assert issued.text is not None
    return issued.text


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[AccessHouse]:
    settings = UpSettings(data=folder)
    await asyncio.to_thread(prepare_views, settings)
    receiving = Settings(
        embedded=True,
        auth=True,
        admin_key=ADMIN.encode(),
        github_secrets=(GITHUB,),
        agent_keys=(("far", AGENT_KEY.encode()),),
    )
    platform = await open_platform(settings, receiving, {})
    running = asyncio.create_task(platform.run())
    try:
        house = AccessHouse(platform, create_app(platform.ingress, platform.queries))
        await platform.ingress.fleets.load()
        await platform.ingress.keys.load()
        await house.settle()
        yield house
        await house.client.aclose()
    finally:
        running.cancel()
        await asyncio.wait([running])
        await platform.close()
