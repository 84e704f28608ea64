"""Events as the log has them, opened when somebody looks at what they say."""

import logging
import re
from collections.abc import Collection, Mapping
from typing import Final

from google.protobuf.message import Message

from reveille.adapters.data_keys import ID_LETTERS, MARK, DataKey
from reveille.adapters.encryption import Tampered
from reveille.adapters.erased import STAND_INS, TEXT
from reveille.kernel.events import Meta, New, Recorded, tenant_of
from reveille.kernel.ids import text
from reveille.kernel.sealing import sealed_in

logger = logging.getLogger(__name__)

# A Sealed in the bytes of an event: its first field, with the id of a key of ours, and its second. To decode every
# event for the keys that it may need takes ten times as long; an id that stands in somebody's text is merely not found.
_KEYS: Final = re.compile(b"\x0a" + bytes([ID_LETTERS]) + rb"(" + MARK.encode() + rb"[A-Za-z0-9_-]{20})")


def context_of(stream: str, id: bytes, path: str) -> bytes:
    """What a text is bound to: its tenant, its stream, its event and its place in that."""
    return b"\0".join((tenant_of(stream).encode(), stream.encode(), id, path.encode()))


def keys_in(data: bytes) -> tuple[str, ...]:
    """Each once."""
    if MARK.encode() not in data:
        return ()
    return tuple({found.decode(): None for found in _KEYS.findall(data)})


class OpenedRecord(Recorded):
    """Its metadata and its message are made when somebody looks at them, as those of what it is made from."""

    __slots__ = ("_inner", "_known", "_opened", "_plain", "_unreadable")

    def __init__(self, inner: Recorded, known: Mapping[str, DataKey], plain: Message | None = None) -> None:
        """known: the keys that were found. plain: its message, where this process has just written it."""
        self.id, self.type, self.data = inner.id, inner.type, inner.data
        self.position, self.stream, self.revision = inner.position, inner.stream, inner.revision
        self.keys = tuple(known)
        self._inner = inner
        self._known = known
        self._plain = plain
        self._opened = plain is not None
        self._unreadable = ""

    @property
    def meta(self) -> Meta:
        return self._inner.meta

    @meta.setter
    def meta(self, meta: Meta) -> None:
        self._inner.meta = meta

    @property
    def msg(self) -> Message | None:
        if not self._opened:
            self._plain, self._unreadable = opened(self._inner, self._known)
            self._opened = True
            if self._unreadable:
                logger.error("%s", self._unreadable)
        return self._plain

    @msg.setter
    def msg(self, msg: Message | None) -> None:
        self._plain, self._opened = msg, True

    @property
    def unreadable(self) -> str:
        if not self._opened:
            _ = self.msg
        return self._unreadable

    @unreadable.setter
    def unreadable(self, unreadable: str) -> None:
        self._unreadable = unreadable


def opened(event: Recorded, known: Mapping[str, DataKey]) -> tuple[Message | None, str]:
    """The event's message with plain texts, or None and why there is none."""
    sealed = event.msg
    if sealed is None:
        return None, event.unreadable
    if not any(one.key_id for _, _, _, one in sealed_in(sealed)):
        return sealed, ""  # from before anything was encrypted
    msg = type(sealed)()
    msg.CopyFrom(sealed)
    for path, full_name, _, one in sealed_in(msg):
        if not one.key_id:
            continue
        key = known.get(one.key_id)
        if key is None:
            return None, _told(event, path, f"is sealed with key {one.key_id!r}, which the table of keys has not")
        try:
            plain = key.open(one.data, context_of(event.stream, event.id, path))
        except Tampered as error:
            return None, _told(event, path, f"cannot be opened: {error}")
        one.data = STAND_INS.get(full_name, TEXT) if plain is None else plain
        one.key_id = ""
    return msg, ""


def sealed(new: New, stream: str, keys: Mapping[str, DataKey]) -> New:
    """keys: by path. What stands in `new` stays as it is: somebody has decided on it."""
    msg = type(new.msg)()
    msg.CopyFrom(new.msg)
    for path, _, _, one in sealed_in(msg):
        key = keys.get(path)
        if key is not None:
            one.data = key.seal(one.data, context_of(stream, new.id, path))
            one.key_id = key.id
    return New(new.id, new.type, msg.SerializeToString(), new.meta, msg)


def ids_of(events: Collection[Recorded]) -> frozenset[str]:
    return frozenset(id for event in events for id in keys_in(event.data))


def _told(event: Recorded, path: str, what: str) -> str:
    return f"{path} of {event.type} {text(event.id)} at {event.stream}@{event.revision} {what}"
