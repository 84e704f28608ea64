"""Live events at two doors of one cluster: both tell the same, also while Redis is killed and comes back."""

import asyncio
import json
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from tests.e2e.running import PATIENCE
from tests.e2e.stack import Stack
from tests.integration.adapters.redis_server import own_redis
from tests.live_client import LiveClient

API: Final = "/api/v1/executions"
TIMES: Final = 120
FLEET: Final = """
version: 1
agents:
  thinker: {skill: "lively:think_and_act", timeout: 10m}
blueprints:
  - blueprint: speech
    steps:
      speech: {agent: thinker, category: {words: [speech]}}
"""


async def test_both_doors_tell_the_same_while_redis_is_killed_and_comes_back(tmp_path: Path) -> None:
    (tmp_path / "fleet.yaml").write_text(FLEET)
    async with own_redis(tmp_path) as redis:
        platform = Stack(
            tmp_path,
            fleet=tmp_path / "fleet.yaml",
            settings={"REVEILLE_THINKING_RATE": "100000/second"},
            replicas={"ingress": 2},
            redis=redis.url(),
        )
        try:
            await asyncio.to_thread(platform.start)
            said = f"speech {json.dumps({'times': TIMES, 'pause': 0.05, 'tools': False})}"
            body = {"blueprint": "speech", "execution_id": "heard", "inputs": [{"content": said}]}
            answer = await asyncio.to_thread(platform.http.post, API, json=body)
            assert answer.status_code == 202, answer.text
            urls = [one.program.url for one in platform.services.replicas("ingress")]
            clients = [LiveClient(_address(url), "heard") for url in urls]
            # Start, run, each thought, run's end, end.
            last = TIMES + 4
            async with asyncio.timeout(2 * PATIENCE), asyncio.TaskGroup() as tasks:
                for client in clients:
                    tasks.create_task(client.watch(until=last))
                await _until_told(clients, last // 4)
                await redis.kill()
                await _until_told(clients, last // 2)
                await redis.start()
            told = [await asyncio.to_thread(_history, platform, url) for url in urls]
        finally:
            await asyncio.to_thread(platform.close)
    assert [len(one) for one in told] == [last, last]
    assert clients[0].events == clients[1].events == told[0] == told[1]
    assert [(one.connections, one.lagged) for one in clients] == [(1, 0), (1, 0)]


def _address(url: str) -> Any:
    parts = urlsplit(url)
    return lambda: f"ws://{parts.netloc}/ws/events"


async def _until_told(clients: list[LiveClient], count: int) -> None:
    while any(client.last < count for client in clients):  # noqa: ASYNC110 - whichever of them is the last
        await asyncio.sleep(0.02)


def _history(platform: Stack, url: str) -> list[dict[str, Any]]:
    position = platform.get(f"{API}/heard")["position"]
    answer = platform.http.get(f"{url}{API}/heard/events", params={"limit": 500, "wait_for": position})
    assert answer.status_code == 200, answer.text
    return [item["event"] for item in answer.json()["items"]]
