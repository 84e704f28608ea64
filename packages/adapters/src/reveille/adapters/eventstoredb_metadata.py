"""An event's metadata as EventStoreDB keeps it: a JSON object whose values are all strings.

`$correlationId` and `$causationId` are the names by which the server's own by-correlation projection goes.
"""

import json
from typing import Any
from uuid import UUID

import orjson

from reveille.kernel.events import NO_ORIGIN, About, Meta, Origin


def encode(meta: Meta) -> bytes:
    """What is empty is left out."""
    about, origin = meta.about, meta.origin
    values = {"time": str(meta.time)}
    if about.correlation:
        values["$correlationId"] = about.correlation
    if about.trace:
        values["trace"] = about.trace
    if about.hop:
        values["hop"] = str(about.hop)
    if origin is not NO_ORIGIN:
        if origin.cause:
            values["$causationId"] = _cause(origin.cause)
        if origin.sender:
            values["sender"] = origin.sender
        if origin.partition:
            values["partition"] = str(origin.partition)
        if origin.position:
            values["position"] = str(origin.position)
    if meta.replica:
        values["replica"] = meta.replica
    return orjson.dumps(values)


def decode(metadata: bytes, recorded: int) -> Meta:
    """recorded: microseconds since 1970, the time of an event whose metadata others have written, in any form."""
    try:
        # Not orjson for what anybody may have written: it turns whole numbers above 64 bits into floats.
        values: dict[str, Any] = json.loads(metadata)
        get = values.get
        return Meta(
            int(get("time", recorded)),
            About(_text(get("$correlationId", "")), _text(get("trace", "")), int(get("hop", 0))),
            _origin(values),
            _text(get("replica", "")),
        )
    except (ValueError, TypeError, AttributeError, RecursionError):
        return Meta(recorded, About(""))


def _origin(values: dict[str, Any]) -> Origin:
    get = values.get
    cause, sender = get("$causationId", ""), get("sender", "")
    if not cause and not sender:
        return NO_ORIGIN
    return Origin(_cause_bytes(_text(cause)), _text(sender), int(get("partition", 0)), int(get("position", 0)))


def _cause(cause: bytes) -> str:
    """A UUID with its hyphens, as ids are; whatever else there may be, as plain hex digits."""
    return str(UUID(bytes=cause)) if len(cause) == 16 else cause.hex()


def _cause_bytes(text: str) -> bytes:
    return UUID(text).bytes if "-" in text else bytes.fromhex(text)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a string was expected, not {value!r}")
    return value
