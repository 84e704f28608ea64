"""HMACs over bodies: the sender's signature, and our own by which a repetition is known."""

import hmac
from typing import Final

# Hashing gives up the interpreter's lock from 2,048 bytes on; taking it back from the log's writer thread costs more
# than the hashing of a usual payload (65 µs against 10). A large body is better hashed beside other work.
STEP: Final = 2_047
LARGE: Final = 64 * 1024


class BodyMac:
    """HMAC-SHA256 with one key; what depends on the key alone is computed once."""

    def __init__(self, key: bytes) -> None:
        self._empty = hmac.new(key, digestmod="sha256")

    def hexdigest(self, body: bytes) -> str:
        mac = self._empty.copy()
        if STEP < len(body) <= LARGE:
            view = memoryview(body)
            for start in range(0, len(body), STEP):
                mac.update(view[start : start + STEP])
        else:
            mac.update(body)
        return mac.hexdigest()
