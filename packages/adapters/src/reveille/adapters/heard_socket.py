"""uvicorn's WebSockets, of which an application learns when they were last heard of; none outlives its client."""

import asyncio
from typing import Any, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import OPEN

# In a scope's extensions: a function that says when anything came last, a protocol's pong too, by the loop's time.
ALIVE: Final = "reveille.alive"
# And one that sends a `text_frame` within the call; False: it takes none now, and `send` has to wait until it does.
AT_ONCE: Final = "reveille.at_once"
# A transport that is closed waits for its client to take what is left, for ever where he has stopped reading.
LEFT_SECONDS: Final = 30.0
# RFC 6455: the last and only frame of a text.
_TEXT: Final = 0x81


def text_frame(text: str) -> bytes:
    """A whole message as a server sends it: the same bytes for every client."""
    data = text.encode()
    size = len(data)
    if size < 126:
        return bytes((_TEXT, size)) + data
    if size < 65_536:
        return bytes((_TEXT, 126)) + size.to_bytes(2, "big") + data
    return bytes((_TEXT, 127)) + size.to_bytes(8, "big") + data


class HeardSocket(WebSocketsSansIOProtocol):
    _heard = 0.0
    _owed = b""
    _end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._heard = self.loop.time()
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        self._heard = self.loop.time()
        super().data_received(data)

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if not self.handshake_complete:  # else it was refused, and there is no scope
            scope: dict[str, Any] = self.scope  # type: ignore[assignment]
            scope["extensions"] = {**scope["extensions"], ALIVE: lambda: self._heard, AT_ONCE: self.send_at_once}

    def handle_ping(self) -> None:
        """Whoever takes no answers is owed but the last: else they would pile up as fast as he pings."""
        pongs = b"".join(self.conn.data_to_send())
        if self.writable.is_set() or self.conn.state is not OPEN:
            self.transport.write(pongs)
        elif pongs:  # the first ping of several that came together is answered for all of them
            self._owed = pongs

    def resume_writing(self) -> None:
        super().resume_writing()
        owed, self._owed = self._owed, b""
        if owed and not self.transport.is_closing():
            self.transport.write(owed)

    def send_at_once(self, frame: bytes) -> bool:
        conn = self.conn
        # Whoever has agreed on an extension, such as compression, takes other frames.
        if conn.state is not OPEN or not self.handshake_complete or conn.extensions or not self.writable.is_set():
            return False
        if self.disconnected or self.transport.is_closing():
            return False
        self.transport.write(frame)
        return True

    def keepalive_timeout(self) -> None:
        """A client that speaks is there, also if its library answers no ping."""
        left = self._heard + (self.ping_timeout or 0.0) - self.loop.time()
        if left > 0:
            self.pong_timer = self.loop.call_later(left, self.keepalive_timeout)
            return
        super().keepalive_timeout()
        self._end_soon()

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        super().on_task_complete(task)
        self._end_soon()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._end is not None:
            self._end.cancel()
            self._end = None
        super().connection_lost(exc)

    def _end_soon(self) -> None:
        if not self.disconnected and self._end is None:
            self._end = self.loop.call_later(LEFT_SECONDS, self.transport.abort)
