"""The words for priorities, outside and in fleet files."""

from collections.abc import Mapping
from typing import Final

from reveille.contracts.common.v1.common_pb2 import Priority

PRIORITIES: Final[Mapping[str, Priority]] = {
    "critical": Priority.PRIORITY_CRITICAL,
    "high": Priority.PRIORITY_HIGH,
    "medium": Priority.PRIORITY_MEDIUM,
    "low": Priority.PRIORITY_LOW,
}
