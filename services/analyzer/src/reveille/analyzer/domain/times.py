"""Microseconds since 1970 as events hold them."""

from google.protobuf.timestamp_pb2 import Timestamp


def microseconds(timestamp: Timestamp) -> int:
    """0 where it is unset."""
    return timestamp.seconds * 1_000_000 + timestamp.nanos // 1000


def timestamp(microseconds: int) -> Timestamp | None:
    """None, which leaves a field unset, for 0."""
    if not microseconds:
        return None
    seconds, rest = divmod(microseconds, 1_000_000)
    return Timestamp(seconds=seconds, nanos=rest * 1000)
