"""Events as Kafka records: the CloudEvents 1.0 Kafka binding in binary mode, the value being the protobuf message."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID

from google.protobuf.message import DecodeError, Message

from reveille.kernel.clock import SECOND
from reveille.kernel.events import NO_ORIGIN, About, Meta, Origin, Recorded, service_of, tenant_of
from reveille.kernel.ids import text

# A broker's headers may have no value, and one name may come twice: then the last one counts.
Headers = Sequence[tuple[str, bytes | None]]
Decode = Callable[[str, bytes], Message | None]

SOURCE: Final = "reveille/"
# No database keeps it in a text.
NUL: Final = "\x00"

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
# Of a time as it is written here, 2026-11-21T12:00:00.000000Z.
_LENGTH: Final = 27
_FIXED: Final = (("ce_specversion", b"1.0"), ("content-type", b"application/protobuf"))


class Unreadable(Exception):
    """A record that is no event of ours; the message says what is missing or wrong."""


def headers_of(event: Recorded) -> list[tuple[str, bytes]]:
    meta = event.meta
    about = meta.about
    headers = [
        *_FIXED,
        ("ce_id", text(event.id).encode()),
        *_of_type(event.type),
        ("ce_subject", event.stream.encode()),
        ("ce_time", _rfc3339(meta.time)),
        ("ce_tenant", tenant_of(event.stream).encode()),
        ("ce_correlationid", about.correlation.encode()),
        ("ce_streamrevision", b"%d" % event.revision),
        ("ce_position", b"%d" % event.position),
        ("ce_hop", b"%d" % about.hop),
    ]
    if meta.origin.cause:
        headers.append(("ce_causationid", text(meta.origin.cause).encode()))
    if about.trace:
        headers.append(("traceparent", about.trace.encode()))
    return headers


def event_of(value: bytes | None, found: Mapping[str, bytes], decode: Decode) -> tuple[Recorded, str]:
    """The event and its sender, by the headers `found`. An unknown type gives no message. Raises Unreadable.

    What only the log knows of an event's cause (its sender, partition and position) is not on the wire.
    """
    try:
        type_name, stream = found["ce_type"].decode(), found["ce_subject"].decode()
        cause, trace = found.get("ce_causationid"), found.get("traceparent", b"")
        meta = Meta(
            _microseconds(found["ce_time"]),
            About(found["ce_correlationid"].decode(), trace.decode(), int(found["ce_hop"])),
            Origin(_id(cause)) if cause else NO_ORIGIN,
        )
        id, position, revision = (
            _id(found["ce_id"]),
            int(found["ce_position"]),
            int(found["ce_streamrevision"]),
        )
        sender = found["ce_source"].decode().removeprefix(SOURCE)
    except KeyError as error:
        raise Unreadable(f"the record has no header {error.args[0]}") from error
    except ValueError as error:
        raise Unreadable(f"a header of the record is not what it should be: {_unfit(found)}") from error
    if not (_is_stream(stream) and 0 < position < 2**63 and 0 <= revision < 2**31 and 0 <= meta.about.hop < 2**31):
        said = f"revision {revision}, position {position}, hop {meta.about.hop}"
        raise Unreadable(f"the record is said to be of {'' if _is_stream(stream) else 'no stream, '}{said}")
    if not type_name:
        raise Unreadable("the record's header ce_type is empty")
    for text_of_ours in (type_name, stream, sender, meta.about.correlation, meta.about.trace):
        if NUL in text_of_ours:
            raise Unreadable("a header of the record holds the character 0")
    try:
        msg = decode(type_name, value or b"")
    except DecodeError as error:
        raise Unreadable(f"the record's value is no {type_name}: {error}") from error
    return Recorded(id, type_name, value or b"", meta, msg, position, stream, revision), sender


def unreadable(value: bytes | None, found: Mapping[str, bytes], offset: int, at: int) -> Recorded:
    """What can be made of a record that is no event. at: the record's own time, in microseconds since 1970.

    It is of the tenant that it names; whoever can write to an inbox is trusted with that.
    """
    tenant = found.get("ce_tenant", b"").decode(errors="replace")
    type_name = found.get("ce_type", b"").decode(errors="replace").replace(NUL, "")[:200]
    trace = found.get("traceparent", b"").decode(errors="replace").replace(NUL, "")[:100]
    try:
        id = UUID(found.get("ce_id", b"").decode()).bytes
    except ValueError:
        id = bytes(16)
    stream = f"{tenant if _is_name(tenant) else 'default'}.unreadable"
    return Recorded(id, type_name, value or b"", Meta(at, About(text(id), trace)), None, -offset - 1, stream, 0)


def given(headers: Headers) -> dict[str, bytes]:
    return {name: value or b"" for name, value in headers}


def _unfit(found: Mapping[str, bytes]) -> str:
    """Which headers are not what they should be; what they hold may be anybody's."""
    return ", ".join(name for name, read in _READ.items() if name in found and not _fits(read, found[name]))


def _fits(read: Callable[[bytes], object], value: bytes) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True


def _id(written: bytes) -> bytes:
    """Raises ValueError."""
    if len(written) == 36 and written[8:9] == written[13:14] == written[18:19] == written[23:24] == b"-":
        digits = written.replace(b"-", b"")
        if len(digits) == 32 and digits.isalnum():
            return bytes.fromhex(digits.decode())
    return UUID(written.decode()).bytes


@lru_cache(maxsize=1024)
def _of_type(type_name: str) -> tuple[tuple[str, bytes], tuple[str, bytes]]:
    return ("ce_type", type_name.encode()), ("ce_source", f"{SOURCE}{service_of(type_name)}".encode())


def _rfc3339(microseconds: int) -> bytes:
    seconds, rest = divmod(microseconds, SECOND)
    return b"%b.%06dZ" % (_second(seconds), rest)


# Events come by the thousand in a second, and what a calendar takes is most of what their times take.
@lru_cache(maxsize=64)
def _second(seconds: int) -> bytes:
    return (_EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None).isoformat().encode()


def _microseconds(rfc3339: bytes) -> int:
    if len(rfc3339) == _LENGTH and rfc3339[19:20] == b"." and rfc3339[26:] == b"Z" and rfc3339[20:26].isdigit():
        return _begun(rfc3339[:19]) + int(rfc3339[20:26])
    return _parsed(rfc3339)


@lru_cache(maxsize=64)
def _begun(second: bytes) -> int:
    return _parsed(second + b"Z")


def _parsed(rfc3339: bytes) -> int:
    at = datetime.fromisoformat(rfc3339.decode())
    if at.tzinfo is None:
        raise ValueError(f"a time without a zone: {rfc3339!r}")
    return (at - _EPOCH) // _MICROSECOND


def _is_stream(stream: str) -> bool:
    tenant, dot, rest = stream.partition(".")
    return bool(dot and rest) and _is_name(tenant)


def _is_name(tenant: str) -> bool:
    return bool(tenant) and len(tenant) <= 63 and tenant.isascii() and tenant.replace("_", "a").isalnum()


_TEXTS: Final = ("ce_type", "ce_subject", "ce_source", "ce_correlationid", "traceparent")
_NUMBERS: Final = ("ce_hop", "ce_position", "ce_streamrevision")
_READ: Final[Mapping[str, Callable[[bytes], object]]] = {
    **dict.fromkeys(_TEXTS, bytes.decode),
    **dict.fromkeys(_NUMBERS, int),
    "ce_id": _id,
    "ce_causationid": lambda written: written and _id(written),
    "ce_time": _microseconds,
}
