"""The view `trail`: where in the log the events of each correlation stand."""

from typing import Any, Protocol


class Trail(Protocol):
    def positions(self, connection: Any, correlation: str, limit: int) -> list[int]:
        """In the order of the log."""
        ...
