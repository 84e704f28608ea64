"""What every process of the platform does: listen, serve until it is told to stop, drain, and end."""

import asyncio
import contextlib
import gc
import logging
import signal
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import uvicorn

from reveille.adapters.careful_http import CarefulHttp
from reveille.adapters.heard_socket import HeardSocket
from reveille.kernel.errors import Misconfigured

BACKLOG: Final = 2048


class _Server(uvicorn.Server):
    """Signals are the platform's: it drains before HTTP is closed."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass(frozen=True, slots=True)
class Http:
    """An ASGI application and the sockets that it answers, with tls by HTTPS and nothing else.

    ping, silence: seconds after which a WebSocket is pinged, and after which one that says nothing is closed. proxies:
    addresses and networks whose X-Forwarded-For says who asks; of anybody else it says nothing.
    """

    app: Any
    sockets: Sequence[socket.socket]
    ping: float = 30.0
    silence: float = 60.0
    tls: ssl.SSLContext | None = None
    proxies: Sequence[str] = ()

    @property
    def url(self) -> str:
        host, port = self.sockets[0].getsockname()[:2]
        scheme = "http" if self.tls is None else "https"
        return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


class _Refusals(logging.Filter):
    """uvicorn's library takes a socket that was refused by an answer of HTTP for one that got none.

    And what a client sends that is no text, or no HTTP, which he is told, for a fault of the platform.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        return record.msg not in (
            "ASGI callable returned without completing handshake.",
            "Invalid UTF-8 sequence received from client.",
            "Invalid HTTP request received.",
            "Unsupported upgrade request.",
        )


_REFUSALS: Final = _Refusals()


async def until_stopped(
    run: Awaitable[None],
    *,
    drain: Callable[[], Awaitable[None]],
    https: Sequence[Http],
    up: Callable[[], None],
) -> None:
    """Serve until SIGTERM or SIGINT, or until `run` ends; then drain, and end HTTP last. Raises what `run` died of."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    servers = [_Server(server_config(http)) for http in https]
    running = asyncio.ensure_future(run)
    serving = [
        asyncio.create_task(server.serve(sockets=list(http.sockets)), name="http")
        for server, http in zip(servers, https, strict=True)
    ]
    stop = asyncio.create_task(stopping.wait(), name="stop")
    logging.getLogger("uvicorn.error").addFilter(_REFUSALS)
    _tame_garbage_collection()
    up()
    try:
        await asyncio.wait((running, *serving, stop), return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            await drain()
    finally:
        stop.cancel()
        for server in servers:
            server.should_exit = True
        await asyncio.wait(serving)
        running.cancel()
        await asyncio.wait([running])
    if not running.cancelled() and (error := running.exception()):
        raise error


def listen(host: str, port: int, *, at_once: bool = True) -> socket.socket:
    """at_once: who comes before anybody answers waits; else he is refused, and a balancer asks another replica."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        if at_once:
            listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise Misconfigured(f"cannot listen on {host}:{port}: {error.strerror}") from error
    listening.setblocking(False)
    return listening


def server_config(http: Http) -> uvicorn.Config:
    tls = http.tls
    return uvicorn.Config(
        http.app,
        log_config=None,
        access_log=False,
        lifespan="off",
        proxy_headers=bool(http.proxies),
        forwarded_allow_ips=list(http.proxies),
        http=CarefulHttp,
        ws=HeardSocket,
        # Up to it a message that is too large is answered; what is larger ends the socket.
        ws_max_size=1024 * 1024,
        ws_ping_interval=http.ping,
        ws_ping_timeout=http.silence,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=3,
        backlog=BACKLOG,
        server_header=False,
        ssl_context_factory=None if tls is None else lambda config, usual: tls,
    )


def _tame_garbage_collection() -> None:
    """A third of the time under load went into looking at what start-up had made and never lets go of."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
