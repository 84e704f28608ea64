"""Live events on the stack: services that append nudge, by Redis, the ingress at which somebody watches."""

import asyncio
from pathlib import Path
from uuid import uuid4

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from tests.e2e.running import PATIENCE
from tests.e2e.stack import Stack
from tests.live_client import LiveClient
from tests.servers import redis_url


async def test_what_is_watched_is_nudged_and_nothing_else(tmp_path: Path) -> None:
    platform = Stack(tmp_path, fleet=None)
    try:
        await asyncio.to_thread(platform.start)
        watched, other = f"watched-{uuid4().hex}", f"other-{uuid4().hex}"
        for party in (watched, other):
            await _post(platform, "start", {"party_id": party, "inputs": [{"content": "jungle theme party"}]})
        client = LiveClient(lambda: f"{platform.url.replace('http', 'ws', 1)}/ws/events", watched)
        async with Redis.from_url(redis_url()) as redis, redis.pubsub() as ear:
            await ear.psubscribe(f"{platform.topic_prefix}:*")
            async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
                watching = tasks.create_task(client.watch(until=1_000))
                nudged = ""
                for number in range(1_000):
                    for party in (watched, other):
                        said = {"party_id": party, "content": f"cake number {number}", "input_id": f"i{number}"}
                        await _post(platform, "input", said)
                    if nudged := await _nudged(ear, platform.topic_prefix):
                        break
                watching.cancel()
                await _post(platform, "input", {"party_id": watched, "content": "a venue by the lake"})
                await client.watch(until=client.last + 1)
        assert nudged == f"default.execution-{watched}"
    finally:
        await asyncio.to_thread(platform.close)


async def _nudged(ear: PubSub, prefix: str) -> str:
    """The stream of an execution on whose channel something was published; "": of none yet."""
    while heard := await ear.get_message(ignore_subscribe_messages=True, timeout=0.5):
        channel: str = heard["channel"].decode().removeprefix(f"{prefix}:")
        if channel.startswith("default.execution-"):
            return channel
    return ""


async def _post(platform: Stack, path: str, body: object) -> None:
    answer = await asyncio.to_thread(platform.http.post, f"/api/v1/event-driven/{path}", json=body)
    assert answer.is_success, answer.text
