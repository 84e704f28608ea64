"""Secrets of Standard Webhooks: a key written as `whsec_<base64>`."""

import base64
import binascii
from typing import Final

SIGNING: Final = b"whsec_"


def signing_key(secret: bytes) -> bytes:
    """The prefix may be left out. Raises ValueError with what was expected."""
    try:
        key = base64.b64decode(secret.removeprefix(SIGNING), validate=True)
    except binascii.Error:
        key = b""
    if not key:
        raise ValueError("whsec_ and a key in base64, as Standard Webhooks writes secrets")
    return key
