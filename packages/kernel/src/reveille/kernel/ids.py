"""Ids: fresh ones are UUIDv7 and come in through a port; derived ones are UUIDv5 of what they are derived from."""

import hashlib
import os
import time
from typing import Protocol

# The namespace of every derived id. It must never change: replaying a log derives the same ids.
NAMESPACE = bytes.fromhex("5b0e3b1c6d0f4c0e9a3c7d2f1e8b4a60")


class Ids(Protocol):
    def new(self) -> bytes:
        """16 bytes, never given before, rising with time from one caller (RFC 9562, version 7)."""
        ...


class UuidV7Ids:
    def __init__(self) -> None:
        self._last = 0
        self._random: list[bytes] = []

    def new(self) -> bytes:
        # The 12 bits behind the milliseconds count on, so that ids of one millisecond rise too (RFC 9562, 6.2, 3).
        stamp = max((time.time_ns() << 12) // 1_000_000, self._last + 1)
        self._last = stamp
        if not self._random:  # one call of the system for 512 ids
            drawn = os.urandom(4096)
            self._random = [drawn[start : start + 8] for start in range(0, 4096, 8)]
        return uuid7(stamp, self._random.pop())


def uuid7(stamp: int, rest: bytes) -> bytes:
    """stamp: 48 bits of milliseconds and 12 of their fraction; rest: 8 random bytes, of which 2 bits are not used."""
    high = (stamp & ~0xFFF) << 4 | 0x7000 | (stamp & 0xFFF)
    low = int.from_bytes(rest, "big") & 0x3FFFFFFFFFFFFFFF | 0x8000000000000000
    return (high << 64 | low).to_bytes(16, "big")


def text(id: bytes) -> str:
    digits = id.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def derive(*parts: str) -> str:
    """The UUIDv5 of the parts, as text. Parts must not hold the separator U+001F."""
    digest = hashlib.sha1(NAMESPACE + "\x1f".join(parts).encode(), usedforsecurity=False).digest()
    return text(digest[:6] + bytes((digest[6] & 0x0F | 0x50, digest[7], digest[8] & 0x3F | 0x80)) + digest[9:16])
