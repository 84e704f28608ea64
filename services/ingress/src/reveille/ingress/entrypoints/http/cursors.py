"""Cursors of lists: a position, signed, so that nobody can make one up, and none is of use to another tenant."""

import base64
import binascii
import hmac
from typing import Final

from reveille.ingress.domain.refusals import Malformed

MAC_BYTES: Final = 12


class Cursors:
    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, tenant: str, name: str, position: int) -> str | None:
        """name: of the list, so that one list's cursor is none of another's. None: there is nothing behind."""
        if not position:
            return None
        told = str(position).encode()
        return base64.urlsafe_b64encode(self._mac(tenant, name, told) + told).rstrip(b"=").decode()

    def position(self, tenant: str, name: str, cursor: str | None) -> int:
        """0 where there is no cursor. Raises Malformed where it is none of ours."""
        if cursor is None:
            return 0
        try:
            data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            data = b""
        mac, told = data[:MAC_BYTES], data[MAC_BYTES:]
        if not told or not hmac.compare_digest(mac, self._mac(tenant, name, told)):
            raise Malformed("invalid_cursor", "cursor: it is none that this list gave, expected its `next`")
        return int(told)

    def _mac(self, tenant: str, name: str, told: bytes) -> bytes:
        # No tenant's name has a slash.
        return hmac.digest(self._key, f"{tenant}/{name}:".encode() + told, "sha256")[:MAC_BYTES]
