"""Digests of what people wrote and agents found: keyed, so that nobody can guess from them what they are of."""

import hmac
import json
from typing import Any, Final

# Hexadecimal digits of what an HMAC-SHA256 keeps here: 128 bits.
DIGITS: Final = 32


def derived(key: bytes, purpose: str) -> bytes:
    """A key of its own for each purpose."""
    return hmac.digest(key, purpose.encode(), "sha256")


class Digests:
    """The same for the same key and the same values, on every replica and for as long as the log lives."""

    def __init__(self, key: bytes) -> None:
        # Copied for each digest: to look the algorithm up by its name takes twenty times as long as the digest.
        self._keyed = hmac.new(key, digestmod="sha256")

    def of_bytes(self, data: bytes) -> str:
        mac = self._keyed.copy()
        mac.update(data)
        return mac.hexdigest()[:DIGITS]

    def of(self, value: Any) -> str:
        """Of a JSON value, whatever the order of an object's keys."""
        return self.of_bytes(json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode())
