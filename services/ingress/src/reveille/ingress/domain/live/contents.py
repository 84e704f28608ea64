"""What is sealed in events, as live events tell it: nothing in it, and no key that is not here, is an error."""

from collections.abc import Iterable
from typing import Any, Final

import orjson

from reveille.contracts.common.v1.common_pb2 import Json, Sealed
from reveille.kernel.sealing import open_sealed

MAX_ERROR: Final = 2_000


def text_of(sealed: Sealed) -> str:
    """ "" where its key is not here."""
    try:
        return open_sealed(sealed).decode(errors="replace")
    except KeyError:
        return ""


def error_of(sealed: Sealed) -> str:
    return shortened(text_of(sealed), MAX_ERROR)


def json_of(sealed: Sealed) -> Json | None:
    """None: there is none. What is no JSON is told as a text, what cannot be opened as `{"sealed": <key id>}`."""
    if sealed.key_id:
        return Json(text=orjson.dumps({"sealed": sealed.key_id}).decode())
    return json_of_bytes(sealed.data) if sealed.data else None


def json_of_bytes(data: bytes) -> Json:
    """On one line, as server-sent events have it."""
    try:
        orjson.loads(data)
    except orjson.JSONDecodeError:
        return Json(text=quoted(data.decode(errors="replace")))
    # In a text they are escaped: these stand between two parts.
    return Json(text=data.decode().replace("\n", " ").replace("\r", " "))


def read(sealed: Sealed) -> Any:
    """None where it is no JSON."""
    try:
        return orjson.loads(text_of(sealed))
    except orjson.JSONDecodeError:
        return None


def quoted(text: str) -> str:
    return orjson.dumps(text).decode()


def texts_of(value: Any) -> list[str]:
    """The texts of a list."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def joined(texts: Iterable[str]) -> str:
    return "\n".join(text for text in texts if text)
