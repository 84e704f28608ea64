"""The signature by which a receiver of our webhooks knows that they are ours, as Standard Webhooks has it."""

import base64
from collections.abc import Sequence

from reveille.ingress.domain.body_mac import BodyMac


def signature(keys: Sequence[bytes], id: str, seconds: int, body: bytes) -> str:
    """One for each key, so that a receiver may change its own at any time. seconds: since 1970.

    https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    signed = f"{id}.{seconds}.".encode() + body
    macs = [bytes.fromhex(BodyMac(key).hexdigest(signed)) for key in keys]
    return " ".join(f"v1,{base64.b64encode(mac).decode()}" for mac in macs)
