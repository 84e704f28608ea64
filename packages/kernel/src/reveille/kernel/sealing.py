"""Free text and outside payloads are sealed once, before the append. Key id "" is plain.

What is encrypted in the log is opened on its way out of the store: deciders, reactors and views meet plain ones.
"""

import json
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from reveille.contracts.common.v1.common_pb2 import Sealed

# What encryption adds to one Sealed at most: the key's id, a nonce, a tag, and the lengths of what holds it.
MOST_ADDED: Final = 96

_SEALED: Final = Sealed.DESCRIPTOR.full_name
# Of a field that is a Sealed, or leads to one: its name, its full name, whether it is repeated, and what leads on.
_Plan = tuple[tuple[str, str, bool, "_Plan | None"], ...]


def seal(data: bytes) -> Sealed:
    return Sealed(data=data)


def seal_json(value: Any) -> Sealed:
    return seal(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def open_sealed(sealed: Sealed) -> bytes:
    if sealed.key_id:
        raise KeyError(f"no key {sealed.key_id}")
    return sealed.data


def holds_sealed(descriptor: Descriptor) -> bool:
    return bool(_plan(descriptor))


def sealed_fields(descriptor: Descriptor) -> frozenset[str]:
    """The full names of all fields below it that are Sealed."""
    return frozenset(_named(_plan(descriptor)))


def sealed_in(msg: Message) -> Iterator[tuple[str, str, Message, Sealed]]:
    """Each Sealed that is set in a message: its path from there, its field's full name, what holds it, itself."""
    return _walk(msg, _plan(msg.DESCRIPTOR), "")


def room_for_sealing(msg: Message) -> int:
    """Bytes that encryption may add to it."""
    return MOST_ADDED * sum(1 for _ in sealed_in(msg))


def _walk(msg: Message, plan: _Plan, prefix: str) -> Iterator[tuple[str, str, Message, Sealed]]:
    for name, full_name, repeated, further in plan:
        places: Iterable[tuple[str, Any]] = ()
        if repeated:
            places = ((f"{prefix}{name}[{at}]", one) for at, one in enumerate(getattr(msg, name)))
        elif msg.HasField(name):
            places = ((f"{prefix}{name}", getattr(msg, name)),)
        for path, value in places:
            if further is None:
                yield path, full_name, msg, value
            else:
                yield from _walk(value, further, f"{path}.")


@cache
def _plan(descriptor: Descriptor) -> _Plan:
    """Of what holds itself, only the outermost is looked into: no event does."""
    return _planned(descriptor, frozenset())


def _planned(descriptor: Descriptor, above: frozenset[str]) -> _Plan:
    found: list[tuple[str, str, bool, _Plan | None]] = []
    for field in descriptor.fields:
        inner = field.message_type
        if inner is None or inner.full_name in above:
            continue
        repeated = field.label == field.LABEL_REPEATED
        if inner.full_name == _SEALED:
            found.append((field.name, field.full_name, repeated, None))
        elif further := _planned(inner, above | {descriptor.full_name}):
            if inner.GetOptions().map_entry:
                raise TypeError(f"{field.full_name} is a map that leads to a Sealed, expected a list")
            found.append((field.name, field.full_name, repeated, further))
    return tuple(found)


def _named(plan: _Plan) -> Iterator[str]:
    for _, full_name, _, further in plan:
        if further is None:
            yield full_name
        else:
            yield from _named(further)
