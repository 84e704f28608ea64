"""A service's admin port: health for whoever restarts it, and figures for Prometheus."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from reveille.adapters.prometheus import TEXT, Sample, text_of

# What the process tells Prometheus now.
Figures = Callable[[], Awaitable[Sequence[Sample]]]


class Admin:
    """An ASGI application: /healthz, /readyz and /metrics; on a cluster's own network only."""

    def __init__(self, service: str, *, not_ready: Callable[[], list[str]], figures: Figures) -> None:
        self._service = service
        self._not_ready = not_ready
        self._figures = figures

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        match scope["path"]:
            case _ if scope["method"] not in ("GET", "HEAD"):
                await _answer(send, 405, b"text/plain", b"only GET\n")
            case "/healthz":
                await _json(send, 200, {"status": "ok"})
            case "/readyz":
                reasons = self._not_ready()
                body = {"status": "unready" if reasons else "ready", "reasons": reasons}
                await _json(send, 503 if reasons else 200, body)
            case "/metrics":
                text = text_of([(self._service, await self._figures())])
                await _answer(send, 200, TEXT.encode(), text.encode())
            case _:
                await _answer(send, 404, b"text/plain", b"only /healthz, /readyz and /metrics\n")


async def _json(send: Any, status: int, body: Mapping[str, Any]) -> None:
    await _answer(send, status, b"application/json", json.dumps(body).encode())


async def _answer(send: Any, status: int, kind: bytes, body: bytes) -> None:
    headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body)), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
