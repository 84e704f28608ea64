"""Microseconds since 1970 as events hold them."""

from google.protobuf.timestamp_pb2 import Timestamp


def timestamp(microseconds: int) -> Timestamp:
    seconds, rest = divmod(microseconds, 1_000_000)
    return Timestamp(seconds=seconds, nanos=rest * 1000)


def microseconds(timestamp: Timestamp) -> int:
    """0 where it is unset."""
    return timestamp.seconds * 1_000_000 + timestamp.nanos // 1000
