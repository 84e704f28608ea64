"""The admin port, asked as whoever restarts services and Prometheus ask it."""

from collections.abc import Sequence

import httpx
import pytest

from reveille.adapters.prometheus import Metric, Sample
from reveille.cli.admin import Admin
from reveille.kernel.measuring import Histogram

pytestmark = pytest.mark.asyncio


SEEN = Metric("reveille_seen_total", "counter", "what was seen", ("by",))
TOOK = Metric("reveille_took_seconds", "histogram", "how long it took")


async def figures() -> Sequence[Sample]:
    took = Histogram((0.1, 1))
    took.observe(0.1)
    took.observe(5, times=2)
    return [SEEN.of(3, 'a "name"\n'), SEEN.of(4, "b\\c"), TOOK.of(took)]


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
    assert (
        answer.text
        == r"""# HELP reveille_seen_total what was seen
# TYPE reveille_seen_total counter
reveille_seen_total{service="planner",by="a \"name\"\n"} 3
reveille_seen_total{service="planner",by="b\\c"} 4
# HELP reveille_took_seconds how long it took
# TYPE reveille_took_seconds histogram
reveille_took_seconds_bucket{service="planner",le="0.1"} 1
reveille_took_seconds_bucket{service="planner",le="1"} 1
reveille_took_seconds_bucket{service="planner",le="+Inf"} 3
reveille_took_seconds_sum{service="planner"} 10.1
reveille_took_seconds_count{service="planner"} 3
"""
    )


async def test_what_else_is_asked_is_refused() -> None:
    assert (await ask("/docs")).status_code == 404
    assert (await ask("/readyz", method="POST")).status_code == 405
