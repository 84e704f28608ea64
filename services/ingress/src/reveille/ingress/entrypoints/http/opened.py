"""Events as JSON for people: like any message, with what is sealed in them opened."""

import base64
import json
from collections.abc import Mapping
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message

from reveille.adapters.grpc import to_plain
from reveille.contracts.common.v1.common_pb2 import Sealed, SignalContent
from reveille.contracts.ingress.v1.events_pb2 import InputContent
from reveille.kernel.sealing import open_sealed

# Fields whose content is JSON; that of the others is text.
_JSON: Final = frozenset(
    {
        "arguments",
        "facts",
        "headers",
        "item",
        "parameters",
        "plan",
        "recommendations",
        "result",
        "unclassified",
        "value",
    }
)
_JSON_FIELDS: Final = frozenset({"reveille.agent_runner.v1.WorkHandedOn.content"})
_MESSAGES: Final[Mapping[str, type[Message]]] = {
    "reveille.common.v1.Signal.content": SignalContent,
    "reveille.ingress.v1.InputAdded.content": InputContent,
}


def opened(message: Message) -> dict[str, Any]:
    """What is sealed by a key that is not here says so: `{"sealed": <key id>}`."""
    told = to_plain(message)
    _open(message, told)
    return told


def _open(message: Message, told: dict[str, Any]) -> None:
    for field, value in message.ListFields():
        if field.type != FieldDescriptor.TYPE_MESSAGE:
            continue
        name = field.name
        if field.message_type.GetOptions().map_entry:
            if field.message_type.fields_by_name["value"].type == FieldDescriptor.TYPE_MESSAGE:
                told[name] = {key: _of(field, one, told[name][key]) for key, one in value.items()}
        elif field.label == FieldDescriptor.LABEL_REPEATED:
            told[name] = [_of(field, one, plain) for one, plain in zip(value, told[name], strict=True)]
        else:
            told[name] = _of(field, value, told[name])


def _of(field: FieldDescriptor, value: Message, plain: Any) -> Any:
    if isinstance(value, Sealed):
        return _content(field, value)
    if isinstance(plain, dict):
        _open(value, plain)
    return plain


def _content(field: FieldDescriptor, sealed: Sealed) -> Any:
    try:
        data = open_sealed(sealed)
    except KeyError:
        return {"sealed": sealed.key_id}
    if (cls := _MESSAGES.get(field.full_name)) is not None:
        try:
            return to_plain(cls.FromString(data))
        except DecodeError:
            return base64.b64encode(data).decode()
    if field.name in _JSON or field.full_name in _JSON_FIELDS:
        return json_or_text(data)
    return text_or_base64(data)


def json_or_text(data: bytes) -> Any:
    try:
        return json.loads(data) if data else None
    except ValueError:
        return text_or_base64(data)


def text_or_base64(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return base64.b64encode(data).decode()
