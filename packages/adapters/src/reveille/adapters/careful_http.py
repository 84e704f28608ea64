"""uvicorn's HTTP, which hands on no request that two readers could take for two different ones, and waits for nobody.

What is refused here has cost nothing but its bytes: no task, no scope that anybody sees, no line in the log.
"""

import asyncio
import json
import re
import secrets
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Request line and header fields together; those of providers and their proxies are below 8 KiB.
MAX_HEAD_BYTES: Final = 64 * 1024
MAX_FIELDS: Final = 128
# What stands around a chunk of a body may be as much as the body, and so much more: sizes, extensions, trailers.
MAX_FRAMING_BYTES: Final = 64 * 1024
# A client has so long for a whole head, and for what is left of a body when it is answered already.
PATIENCE_SECONDS: Final = 15.0
# Whoever was refused may still be sending: a connection that is closed over it would take the answer with it.
LINGER_SECONDS: Final = 1.0
# What is read by its name: two of them would be one for whoever stands in front, and another one here.
ONCE: Final = frozenset(
    (
        b"authorization",
        b"content-encoding",
        b"content-length",
        b"content-type",
        b"host",
        b"idempotency-key",
        b"if-match",
        b"last-event-id",
        b"origin",
        b"sec-websocket-key",
        b"sec-websocket-version",
        b"traceparent",
        b"transfer-encoding",
        b"upgrade",
    )
)
ONCE_EACH: Final = (b"ce-", b"webhook-", b"x-github-", b"x-gitlab-", b"x-hub-", b"x-jenkins-")
_HOST: Final = re.compile(rb"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


class _Refused(Exception):
    pass


class CarefulHttp(HttpToolsProtocol):
    """HTTP/1.0 and 1.1. patience: seconds."""

    patience = PATIENCE_SECONDS
    _in_head = True
    _whole = True  # whether the last message has come to its end
    _framing = 0
    _refusal: tuple[int, str, str] | None = None
    _late: asyncio.TimerHandle | None = None
    _upgraded = False
    _ended = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._ended or self.transport.is_closing():
            return
        self._framing += len(data)
        super().data_received(data)
        if self._upgraded or self._ended:
            return
        if self._in_head and not self._whole and self._framing > MAX_HEAD_BYTES:
            self._end(431, "head_too_large", f"the head is above the limit of {MAX_HEAD_BYTES} bytes")
        elif not self._in_head and not self._whole and self._framing > MAX_FRAMING_BYTES:
            self._end(400, "malformed_request", "what is around the chunks is larger than the body")
        answered = self.cycle is not None and self.cycle.response_complete
        if not self._whole and (self._in_head or answered):
            self._wait()

    def handle_websocket_upgrade(self) -> None:
        self._upgraded = True
        self._stop_waiting()
        super().handle_websocket_upgrade()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._whole, self._framing = True, False, 0

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:
            super().on_header(name, value)
        # Else it stands behind the body, where whoever reads headers late would take it for one.

    def on_headers_complete(self) -> None:
        self._check_head()
        self._in_head, self._framing = False, 0
        self._stop_waiting()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._framing -= 2 * len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._whole = True
        self._stop_waiting()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Of the library, whatever its parser does not take, or refused above while it was parsing."""
        self._end(*(self._refusal or (400, "malformed_request", "the request is no HTTP/1.1")))

    def _check_head(self) -> None:
        headers = self.headers
        if sum([len(name) + len(value) + 4 for name, value in headers]) + len(self.url) > MAX_HEAD_BYTES:
            self._refuse(431, "head_too_large", f"the head is above the limit of {MAX_HEAD_BYTES} bytes")
        if len(headers) > MAX_FIELDS:
            self._refuse(431, "head_too_large", f"the head has {len(headers)} fields, at most {MAX_FIELDS} are read")
        version, given = self.parser.get_http_version(), dict(headers)
        if len(given) < len(headers):
            self._check_once([name for name, _ in headers])
        if version not in ("1.0", "1.1"):
            self._refuse(400, "malformed_request", f"HTTP/{version} is not spoken here, expected HTTP/1.1")
        coding = given.get(b"transfer-encoding")
        if coding is not None and (version == "1.0" or coding.strip().lower() != b"chunked"):
            self._refuse(400, "malformed_request", "Transfer-Encoding is set, expected none or chunked, by HTTP/1.1")
        self._check_host(version, given.get(b"host"))
        if b"%00" in self.url:
            self._refuse(400, "malformed_request", "the path or its query holds a character that no name has")

    def _check_once(self, names: Sequence[bytes]) -> None:
        for name in names:
            if names.count(name) > 1 and (name in ONCE or name.startswith(ONCE_EACH)):
                self._refuse(400, "repeated_header", f"{name.decode()} stands there twice, expected it once")

    def _check_host(self, version: str, host: bytes | None) -> None:
        if host is None:
            if version == "1.1":
                self._refuse(400, "malformed_host", "Host is missing")
        elif not _HOST.fullmatch(host):
            self._refuse(400, "malformed_host", "Host is no name or address with a port")
        if self.url[:1] in (b"/", b"*"):
            return
        # A proxy writes the whole address, and then Host must say the same.
        parsed = httptools.parse_url(self.url)
        named = (parsed.host or b"") + (b":%d" % parsed.port if parsed.port else b"")
        if host is None or named.lower() != host.lower():
            self._refuse(400, "malformed_host", "the request is for another host than Host says")

    def _refuse(self, status: int, code: str, detail: str) -> None:
        """Out of the parser, whose library then asks for the answer."""
        self._refusal = (status, code, detail)
        raise _Refused(detail)

    def _end(self, status: int, code: str, detail: str) -> None:
        """Answer, where nothing else is being answered on this connection, and close it soon."""
        if self._ended or self.transport.is_closing():
            return
        self._ended = True
        self._stop_waiting()
        cycle = self.cycle
        if self.pipeline or (cycle is not None and cycle.response_started and not cycle.response_complete):
            self.transport.close()
            return
        if cycle is not None and not cycle.response_complete:
            # Whoever waits for the rest of its body hears that nobody is there any more.
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.write(_problem(status, code, detail))
        self._late = self.loop.call_later(LINGER_SECONDS, self.transport.close)
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def _wait(self) -> None:
        if self._late is None:
            self._late = self.loop.call_later(self.patience, self._give_up)

    def _stop_waiting(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _give_up(self) -> None:
        self._late = None
        if self._whole or not self._in_head:
            self.transport.close()  # it has said nothing yet, or goes on talking after the answer
        else:
            self._end(408, "head_too_slow", f"the head did not come within {self.patience:.0f} s")


def _problem(status: int, code: str, detail: str) -> bytes:
    title = HTTPStatus(status).phrase
    body: dict[str, Any] = {"type": f"urn:reveille:problem:{code}", "title": title, "status": status, "detail": detail}
    text = json.dumps({**body, "instance": "", "code": code, "trace_id": secrets.token_hex(16)}).encode()
    head = f"HTTP/1.1 {status} {title}\r\ncontent-type: application/problem+json\r\nconnection: close\r\n"
    return head.encode() + b"content-length: %d\r\n\r\n" % len(text) + text
