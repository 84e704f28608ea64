"""JSON schemas of what goes over the sockets: of live events by live.proto, of all else by example."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.timestamp_pb2 import Timestamp
from scripts.asyncapi_examples import Said

from reveille.contracts.common.v1.common_pb2 import Json
from reveille.contracts.ingress.v1.live_pb2 import LiveEvent

PROTO: Final = Path(__file__).resolve().parent.parent / "protos/reveille/ingress/v1/live.proto"
_NUMBERS: Final = {FieldDescriptor.CPPTYPE_INT32, FieldDescriptor.CPPTYPE_INT64}
_FRACTIONS: Final = {FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT}
REFERENCE: Final = {
    "type": "object",
    "description": "In place of a payload of more than 8 KiB: `GET $ref` gives the event with all of it.",
    "required": ["$ref", "bytes", "preview"],
    "properties": {
        "$ref": {"type": "string"},
        "bytes": {"type": "integer"},
        "preview": {"type": "string", "description": "Its first 200 characters."},
    },
}


def event_schema(own: Descriptor, name: str, comments: Mapping[str, str]) -> dict[str, Any]:
    common = [field for field in LiveEvent.DESCRIPTOR.fields if field.containing_oneof is None]
    fields = [*common, *own.fields]
    properties = {"type": {"const": name}, **{field.json_name: _field_schema(field, comments) for field in fields}}
    return {"type": "object", "required": list(properties), "properties": properties}


def is_payload(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.full_name == Json.DESCRIPTOR.full_name


def _field_schema(field: FieldDescriptor, comments: Mapping[str, str]) -> dict[str, Any]:
    told = comments.get(field.full_name)
    about = {"description": told} if told else {}
    if is_payload(field):
        either = [{"$ref": "#/components/schemas/reference"}, {"description": "Any JSON; null is none."}]
        return {"anyOf": either, **about}
    if field.message_type is not None:
        if field.message_type.full_name == Timestamp.DESCRIPTOR.full_name:
            return {"type": "string", "format": "date-time", **about}
        properties = {one.json_name: _field_schema(one, comments) for one in field.message_type.fields}
        return {"type": ["object", "null"], "required": list(properties), "properties": properties, **about}
    if field.label == FieldDescriptor.LABEL_REPEATED:
        return {"type": "array", "items": {"type": _scalar(field)}, **about}
    return {"type": [_scalar(field), "null"] if field.has_presence else _scalar(field), **about}


def _scalar(field: FieldDescriptor) -> str:
    if field.cpp_type in _NUMBERS:
        return "integer"
    if field.cpp_type in _FRACTIONS:
        return "number"
    return "boolean" if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL else "string"


def schema_of(said: Said) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for name, value in said.example.items():
        if name == "type":
            properties[name] = {"const": value}
        else:
            kind = _json_type(value)
            properties[name] = {"type": [kind, "null"] if name in said.nullable else kind}
            if name == "ref":
                properties[name] = {
                    "type": ["string", "number"],
                    "description": "Of the client's; it is answered with.",
                }
    required = [name for name in properties if name not in said.optional]
    return {"type": "object", "required": required, "properties": properties}


def _json_type(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
    return "object"


def comments_of() -> dict[str, str]:
    """By full name, what live.proto says above a message or a field."""
    found: dict[str, str] = {}
    path: list[str] = [LiveEvent.DESCRIPTOR.file.package]
    above: list[str] = []
    for line in PROTO.read_text().splitlines():
        text = line.strip()
        if text.startswith("//"):
            above.append(text.removeprefix("//").strip())
            continue
        opened = re.fullmatch(r"(message|oneof) (\w+) \{", text)
        field = re.fullmatch(r"(?:repeated |optional )?[\w.]+ (\w+) = \d+;", text)
        name = opened[2] if opened else field[1] if field else ""
        if name and above:
            # Fields of a oneof are its message's.
            found[".".join([*(part for part in path if part), name])] = " ".join(above)
        if opened:
            path.append(opened[2] if opened[1] == "message" else "")
        elif text == "}":
            path.pop()
        above = []
    return found
