"""Times that may be unset, as events hold them."""

from google.protobuf.timestamp_pb2 import Timestamp

from reveille.kernel import timestamps


def timestamp(microseconds: int) -> Timestamp | None:
    """None, which leaves a field unset, for 0."""
    return timestamps.timestamp(microseconds) if microseconds else None
