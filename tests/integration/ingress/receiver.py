"""Somebody who takes webhooks on loopback, as a test says he answers."""

import asyncio
import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Taken:
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.body)
        return document


@dataclass(frozen=True, slots=True)
class Says:
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    # Nothing is said until somebody lets it, or the server ends.
    held: bool = False


# What is answered to a webhook, by how many came before.
Answers = Callable[[Taken, int], Says]


@dataclass(slots=True)
class Receiver:
    answers: Answers
    url: str = ""
    taken: list[Taken] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)
    came: threading.Condition = field(default_factory=threading.Condition)

    async def has(self, count: int) -> list[Taken]:
        """As soon as so many came."""
        return await asyncio.to_thread(self._has, count)

    def _has(self, count: int) -> list[Taken]:
        with self.came:
            if not self.came.wait_for(lambda: len(self.taken) >= count, 60):
                raise AssertionError(f"{len(self.taken)} webhooks came, expected {count}")
            return list(self.taken)


@contextmanager
def receiver(
    answers: Answers = lambda taken, before: Says(), *, port: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[Receiver]:
    one = Receiver(answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            taken = Taken(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            with one.came:
                says = one.answers(taken, len(one.taken))
                one.taken.append(taken)
                one.came.notify_all()
            if says.held:
                one.let_go.wait(60)
            try:
                self.send_response(says.status)
                for name, value in {"content-length": str(len(says.body)), **says.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(says.body)
            except OSError:  # whoever sent it has heard enough
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    one.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield one
    finally:
        one.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()
