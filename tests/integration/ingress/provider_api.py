"""A provider's API on loopback, as a test says it answers."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True)
class Said:
    status: int = 200
    document: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    # In place of the document.
    body: bytes | None = None
    # Says nothing until the server ends.
    never: bool = False


@dataclass(slots=True)
class Asked:
    path: str
    headers: Mapping[str, str]


# The answer to a path, by how often anything was asked before.
Answers = Callable[[str, int], Said]


@dataclass(slots=True)
class ProviderApi:
    answers: Answers
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def paths(self) -> list[str]:
        return [one.path for one in self.asked]


@contextmanager
def provider_api(answers: Answers) -> Iterator[ProviderApi]:
    api = ProviderApi(answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            before = len(api.asked)
            api.asked.append(Asked(self.path, {name.lower(): value for name, value in self.headers.items()}))
            said = api.answers(self.path, before)
            if said.never:
                api.ended.wait(60)
                self.close_connection = True
                return
            body = said.body if said.body is not None else json.dumps(said.document).encode()
            self.send_response(said.status)
            for name, value in {"content-length": str(len(body)), **said.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:  # whoever asked has heard enough
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    api.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield api
    finally:
        api.ended.set()
        server.shutdown()
        thread.join()
        server.server_close()
