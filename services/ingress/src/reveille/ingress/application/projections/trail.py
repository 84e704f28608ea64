"""The view `trail`: where in the log the events of each correlation stand."""

from typing import Any, Protocol


class Trail(Protocol):
    def positions(self, connection: Any, correlation: str, *, after: int, limit: int) -> list[int]:
        """Behind a position, in the order of the log. Of all tenants: two may have one correlation."""
        ...
