"""Free text and outside payloads are sealed once, before the append. Key id "" is plain."""

import json
from typing import Any

from reveille.contracts.common.v1.common_pb2 import Sealed


def seal(data: bytes) -> Sealed:
    return Sealed(data=data)


def seal_json(value: Any) -> Sealed:
    return seal(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def open_sealed(sealed: Sealed) -> bytes:
    if sealed.key_id:
        raise KeyError(f"no key {sealed.key_id}")
    return sealed.data
