"""Protobuf messages as the plain values that REST answers are made of."""

import base64
import json
from collections.abc import Callable
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from reveille.kernel.clock import SECOND, to_rfc3339

Convert = Callable[[Any], Any]

_ENUM: Final = FieldDescriptor.TYPE_ENUM
_MESSAGE: Final = FieldDescriptor.TYPE_MESSAGE
_BYTES: Final = FieldDescriptor.TYPE_BYTES

_converters: Final[dict[str, Convert]] = {}


def to_plain(message: Message) -> dict[str, Any]:
    """snake_case keys and whole numbers; enums as lower-case names without their prefix; times in RFC 3339.

    A message that is not set is None. A `reveille.common.v1.Json` becomes what its text says.
    """
    plain: dict[str, Any] = _converter(message.DESCRIPTOR)(message)
    return plain


def _converter(descriptor: Descriptor) -> Convert:
    convert = _converters.get(descriptor.full_name)
    if convert is None:
        convert = _converters[descriptor.full_name] = _SPECIAL.get(descriptor.full_name) or _fields(descriptor)
    return convert


def _fields(descriptor: Descriptor) -> Convert:
    getters: list[tuple[str, Convert]] = []

    def convert(message: Any) -> dict[str, Any]:
        if not getters:  # at the first message and not before: a type may hold itself
            getters.extend((field.name, _getter(field)) for field in descriptor.fields)
        return {name: get(message) for name, get in getters}

    return convert


def _getter(field: FieldDescriptor) -> Convert:
    name = field.name
    if _is_map(field):
        of_value = _scalar(field.message_type.fields_by_name["value"])
        if of_value is None:
            return lambda message: dict(getattr(message, name))
        return lambda message: {key: of_value(value) for key, value in getattr(message, name).items()}
    one = _scalar(field)
    if field.label == FieldDescriptor.LABEL_REPEATED:
        if one is None:
            return lambda message: list(getattr(message, name))
        return lambda message: [one(value) for value in getattr(message, name)]
    if field.has_presence:
        present = one or _same
        return lambda message: present(getattr(message, name)) if message.HasField(name) else None
    if one is None:
        return lambda message: getattr(message, name)
    return lambda message: one(getattr(message, name))


def _scalar(field: FieldDescriptor) -> Convert | None:
    """None: the value stays as it is."""
    if field.type == _MESSAGE:
        return _converter(field.message_type)
    if field.type == _ENUM:
        names = _names(field.enum_type)
        return lambda number: names.get(number, str(number))  # a newer peer may know more of them
    if field.type == _BYTES:
        return lambda data: base64.b64encode(data).decode()
    return None


def _is_map(field: FieldDescriptor) -> bool:
    return field.type == _MESSAGE and bool(field.message_type.GetOptions().map_entry)


def _names(enum: EnumDescriptor) -> dict[int, str]:
    capitals = "".join(f"_{letter}" if letter.isupper() else letter for letter in enum.name).lstrip("_").upper()
    return {value.number: value.name.removeprefix(f"{capitals}_").lower() for value in enum.values}


def _same(value: Any) -> Any:
    return value


def _timestamp(value: Any) -> str:
    return to_rfc3339(value.seconds * SECOND + value.nanos // 1000)


def _json(value: Any) -> Any:
    # Not orjson: it turns whole numbers above 64 bits into floats.
    return json.loads(value.text) if value.text else None


_SPECIAL: Final[dict[str, Convert]] = {"google.protobuf.Timestamp": _timestamp, "reveille.common.v1.Json": _json}
