"""The tool `signals.recent` of agents that run elsewhere, against a platform that answers what it is told to."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from reveille.agents import ToolFailed
from reveille.agents.tools.signals import recent_at


@contextmanager
def platform(status: int, body: bytes) -> Iterator[tuple[str, list[str]]]:
    """Its address, and the paths that it was asked for."""
    asked: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"ws://127.0.0.1:{server.server_port}/?agent=x", asked
        finally:
            server.shutdown()
            thread.join()


def signal(id: str, *, hours_ago: float) -> dict[str, Any]:
    at = datetime.now(UTC) - timedelta(hours=hours_ago)
    return {"id": id, "received_at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z")}


async def test_what_is_older_than_the_hours_that_were_asked_for_is_left_out() -> None:
    items = [signal("new", hours_ago=0.1), signal("old", hours_ago=5)]
    with platform(200, json.dumps({"items": items, "next": None}).encode()) as (url, asked):
        recent = recent_at(url)
        assert [one["id"] for one in await recent(repository="acme/a pp", hours=4, limit=7)] == ["new"]
        assert [one["id"] for one in await recent(hours=6)] == ["new", "old"]
    assert asked == ["/api/v1/signals?limit=7&repository=acme%2Fa+pp", "/api/v1/signals?limit=100"]


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (403, b'{"detail": "reading is closed"}', "the platform answers 403: reading is closed"),
        (503, b"", "the platform answers 503"),
        (200, b"<html>", "the platform cannot be asked for signals"),
        (200, b"[]", "the platform cannot be asked for signals"),
    ],
)
async def test_what_is_refused_or_no_answer_is_told(status: int, body: bytes, told: str) -> None:
    with platform(status, body) as (url, _), pytest.raises(ToolFailed, match=told):
        await recent_at(url)()


async def test_a_platform_that_is_away_is_told() -> None:
    with platform(200, b"") as (url, _):
        pass
    with pytest.raises(ToolFailed, match="the platform cannot be asked for signals"):
        await recent_at(url)()


@pytest.mark.parametrize("asked", [{"hours": 0}, {"hours": 10_000}, {"limit": 0}, {"limit": 201}])
async def test_what_cannot_be_asked_for_is_refused_before_anybody_is_asked(asked: dict[str, int]) -> None:
    with platform(200, b'{"items": []}') as (url, paths), pytest.raises(ToolFailed, match="expected 1 to"):
        await recent_at(url)(**asked)
    assert paths == []
