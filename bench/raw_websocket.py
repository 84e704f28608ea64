"""A client's end of a WebSocket at next to no cost: of thousands, a client library would be what is measured."""

import asyncio
import base64
import os
import time
from typing import Final, cast

TEXT: Final = 0x81
CLOSE: Final = 0x88
PING: Final = 0x89
PONG: Final = 0x8A
_MASKED: Final = 0x80


class RawWebSocket(asyncio.Protocol):
    """Asks to be upgraded, and parts what comes into frames."""

    def __init__(self, path: str) -> None:
        self.transport: asyncio.Transport
        self._path = path
        self._left = b""
        self._open = False

    def opened(self) -> None:
        """From now on `say` may be called."""

    def heard(self, kind: int, data: bytes, now: int) -> None:
        """kind: the first byte of a frame. now: when its last byte came, in nanoseconds of the monotonic clock."""

    def ended(self, reason: str) -> None:
        """It was not let in, or is no more."""

    def say(self, text: bytes, kind: int = TEXT) -> None:
        """Of less than 64 KiB."""
        mask, size = os.urandom(4), len(text)
        length = bytes((_MASKED | size,)) if size < 126 else bytes((_MASKED | 126,)) + size.to_bytes(2, "big")
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(text))
        self.transport.write(bytes((kind,)) + length + mask + masked)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = (
            f"GET {self._path} HTTP/1.1",
            "Host: 127.0.0.1",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
        )
        self.transport.write("\r\n".join((*lines, "", "")).encode())

    def connection_lost(self, error: Exception | None) -> None:
        self.ended(f"the connection is lost: {error}")

    def data_received(self, data: bytes) -> None:
        now = time.monotonic_ns()
        self._left += data
        if not self._open and not self._is_let_in():
            return
        place = 0
        while (frame := _frame(self._left, place)) is not None:
            kind, start, place = frame
            self.heard(kind, self._left[start:place], now)
        self._left = self._left[place:]

    def _is_let_in(self) -> bool:
        head, ended, rest = self._left.partition(b"\r\n\r\n")
        if not ended:
            return False
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            self.ended(head.decode(errors="replace")[:200])
            return False
        self._open, self._left = True, rest
        self.opened()
        return True


def _frame(data: bytes, place: int) -> tuple[int, int, int] | None:
    """Kind, where its payload starts and where it ends; None: it is not all there."""
    if len(data) - place < 2:
        return None
    size, start = data[place + 1] & 0x7F, place + 2
    if size > 125:
        more = 2 if size == 126 else 8
        size, start = int.from_bytes(data[start : start + more], "big"), start + more
    return (data[place], start, start + size) if len(data) >= start + size else None
