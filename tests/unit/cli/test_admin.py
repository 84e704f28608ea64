"""The admin port, asked as whoever restarts services and Prometheus ask it."""

from collections.abc import Mapping

import httpx
import pytest

from reveille.cli.admin import Admin

pytestmark = pytest.mark.asyncio


async def figures() -> Mapping[str, float]:
    return {"reveille_log_position": 12, "reveille_seen_total": 3}


async def ask(path: str, *reasons: str, method: str = "GET") -> httpx.Response:
    admin = Admin("planner", not_ready=lambda: list(reasons), figures=figures)
    transport = httpx.ASGITransport(app=admin)
    async with httpx.AsyncClient(transport=transport, base_url="http://admin") as client:
        return await client.request(method, path)


async def test_a_process_that_answers_is_healthy_whatever_is_away() -> None:
    answer = await ask("/healthz", "the log is away")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_readiness_names_its_reasons() -> None:
    ready, unready = await ask("/readyz"), await ask("/readyz", "the log is away: no")
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "reasons": []})
    assert (unready.status_code, unready.json()) == (503, {"status": "unready", "reasons": ["the log is away: no"]})


async def test_figures_are_in_the_text_that_prometheus_reads() -> None:
    answer = await ask("/metrics", "the log is away")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.text.splitlines()
    assert 'reveille_log_position{service="planner"} 12' in lines
    assert 'reveille_ready{service="planner"} 0' in lines
    assert "# TYPE reveille_seen_total counter" in lines
    assert "# TYPE process_resident_memory_bytes gauge" in lines
    (memory,) = [line for line in lines if line.startswith("process_resident_memory_bytes{")]
    assert float(memory.split()[1]) > 1_000_000


async def test_what_else_is_asked_is_refused() -> None:
    assert (await ask("/docs")).status_code == 404
    assert (await ask("/readyz", method="POST")).status_code == 405
