"""A service's admin port: health for whoever restarts it, and figures for Prometheus."""

import json
import os
import resource
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

PROMETHEUS: Final = b"text/plain; version=0.0.4; charset=utf-8"
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")

# By name, the service's own figures now; those that end in _total only rise.
Figures = Callable[[], Awaitable[Mapping[str, float]]]


class Admin:
    """An ASGI application: /healthz, /readyz and /metrics; on a cluster's own network only."""

    def __init__(self, service: str, *, not_ready: Callable[[], list[str]], figures: Figures) -> None:
        self._service = service
        self._not_ready = not_ready
        self._figures = figures
        self._began = time.time()

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
                await _answer(send, 200, PROMETHEUS, (await self._metrics()).encode())
            case _:
                await _answer(send, 404, b"text/plain", b"only /healthz, /readyz and /metrics\n")

    async def _metrics(self) -> str:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        figures = {
            "reveille_ready": float(not self._not_ready()),
            **await self._figures(),
            "process_cpu_seconds_total": usage.ru_utime + usage.ru_stime,
            "process_resident_memory_bytes": _resident(),
            "process_start_time_seconds": self._began,
        }
        lines = []
        for name, value in figures.items():
            lines.append(f"# TYPE {name} {'counter' if name.endswith('_total') else 'gauge'}")
            lines.append(f'{name}{{service="{self._service}"}} {value:.17g}')
        return "\n".join(lines) + "\n"


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


async def _json(send: Any, status: int, body: Mapping[str, Any]) -> None:
    await _answer(send, status, b"application/json", json.dumps(body).encode())


async def _answer(send: Any, status: int, kind: bytes, body: bytes) -> None:
    headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body)), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
