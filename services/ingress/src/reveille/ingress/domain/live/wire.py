"""Live events as the JSON that clients read."""

from collections.abc import Callable
from functools import cache
from typing import Any, Final
from urllib.parse import quote

import orjson
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from reveille.contracts.common.v1.common_pb2 import Json
from reveille.contracts.ingress.v1.live_pb2 import LiveEvent
from reveille.ingress.domain.live.contents import shortened
from reveille.kernel.clock import SECOND, to_rfc3339

# Bytes of a payload's JSON, characters of a text: more is told by reference, or cut off.
MAX_PAYLOAD: Final = 8 * 1024
MAX_TEXT: Final = 8 * 1024
PREVIEW: Final = 200

# (message, where the event is to be had whole; "": it is told so)
Get = Callable[[Any, str], Any]


def wire(live: LiveEvent, *, whole: bool = False) -> str:
    """whole: nothing by reference, and no text cut off."""
    chosen = live.WhichOneof("event") or ""
    event = getattr(live, chosen)
    elsewhere = "" if whole else address(live.execution_id, live.sequence)
    at = live.timestamp
    document = {
        "type": chosen.replace("_", "-"),
        "executionId": live.execution_id,
        "conversationId": live.conversation_id,
        "agentId": live.agent_id,
        "department": live.department,
        "sequence": live.sequence,
        "timestamp": to_rfc3339(at.seconds * SECOND + at.nanos // 1000),
        "traceId": live.trace_id,
        **_fields(event, elsewhere),
    }
    return orjson.dumps(document).decode()


def address(execution_id: str, sequence: int) -> str:
    return f"/api/v1/executions/{quote(execution_id, safe='')}/events/{sequence}"


def _fields(message: Message, elsewhere: str) -> dict[str, Any]:
    return {name: get(message, elsewhere) for name, get in _getters(message.DESCRIPTOR)}


@cache
def _getters(descriptor: Descriptor) -> tuple[tuple[str, Get], ...]:
    return tuple((field.json_name, _getter(field)) for field in descriptor.fields)


def _getter(field: FieldDescriptor) -> Get:
    name = field.name
    if field.label == FieldDescriptor.LABEL_REPEATED:
        return lambda message, elsewhere: [_text(one, elsewhere) for one in getattr(message, name)]
    if field.message_type is not None:
        told = _payload if field.message_type.full_name == Json.DESCRIPTOR.full_name else _fields
        return lambda message, elsewhere: told(getattr(message, name), elsewhere) if message.HasField(name) else None
    if field.has_presence:
        return lambda message, elsewhere: getattr(message, name) if message.HasField(name) else None
    if field.type == FieldDescriptor.TYPE_STRING:
        return lambda message, elsewhere: _text(getattr(message, name), elsewhere)
    return lambda message, elsewhere: getattr(message, name)


def _text(text: str, elsewhere: str) -> str:
    return shortened(text, MAX_TEXT) if elsewhere else text


def _payload(payload: Json, elsewhere: str) -> Any:
    """It is JSON already, and goes in as it is."""
    data = payload.text.encode()
    if elsewhere and len(data) > MAX_PAYLOAD:
        return {"$ref": elsewhere, "bytes": len(data), "preview": payload.text[:PREVIEW]}
    return orjson.Fragment(data)
