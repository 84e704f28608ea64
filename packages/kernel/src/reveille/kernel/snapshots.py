"""Snapshots of loaded streams as JSON. A snapshot is a cache: whatever does not fit is ignored."""

import base64
import json
import types
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from reveille.kernel.decider import Decider

Answered = Mapping[tuple[str, int], int]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A stream's state, its revision, and per sender and partition the highest position that it has answered."""

    state: Any
    revision: int
    answered: Answered


def encode(decider: Decider, loaded: Loaded) -> bytes:
    answered = [[sender, partition, position] for (sender, partition), position in loaded.answered.items()]
    document = {
        "version": [decider.category, decider.version],
        "revision": loaded.revision,
        "answered": answered,
        "state": plain(loaded.state),
    }
    return json.dumps(document, separators=(",", ":")).encode()


def decode(decider: Decider, snapshot: bytes) -> Loaded | None:
    try:
        document = json.loads(snapshot)
        if document["version"] != [decider.category, decider.version]:
            return None
        answered = {(sender, partition): position for sender, partition, position in document["answered"]}
        return Loaded(restore(type(decider.initial), document["state"]), document["revision"], answered)
    except (ValueError, TypeError, LookupError):  # another build's, which forgot to say so
        return None


def plain(value: Any) -> Any:
    """A dataclass of scalars, tuples, mappings with string keys and further dataclasses, as JSON's types."""
    if is_dataclass(value):
        return [plain(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


def restore(kind: Any, value: Any) -> Any:
    """The inverse of `plain`, by the annotated type."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        if value is None:
            return None
        return restore(next(argument for argument in arguments if argument is not type(None)), value)
    if is_dataclass(kind) and isinstance(kind, type):
        return kind(**{name: restore(hint, item) for (name, hint), item in zip(_hints(kind), value, strict=True)})
    if origin in (tuple, frozenset):
        return origin(restore(arguments[0], item) for item in value)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        make: Any = dict if origin is Mapping else origin
        return make({key: restore(arguments[1], item) for key, item in value.items()})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    if kind is bytes:
        return base64.b64decode(value)
    return value


@cache
def _hints(kind: type) -> tuple[tuple[str, Any], ...]:
    hints = get_type_hints(kind)
    return tuple((field.name, hints[field.name]) for field in fields(kind))
