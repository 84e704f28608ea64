"""The port of tracing: one span around what a message causes."""

from collections.abc import Mapping
from typing import Final, Protocol


class Span(Protocol):
    @property
    def traceparent(self) -> str: ...

    def end(self, error: Exception | None = None) -> None: ...


class Spans(Protocol):
    def start(self, name: str, parent: str, attributes: Mapping[str, str | int]) -> Span:
        """parent: a W3C traceparent, or "" for a new trace."""
        ...


class _Passed:
    """Nobody traces: the context goes through unchanged."""

    __slots__ = ("traceparent",)

    def __init__(self, traceparent: str) -> None:
        self.traceparent = traceparent

    def end(self, error: Exception | None = None) -> None: ...


class NoSpans:
    def start(self, name: str, parent: str, attributes: Mapping[str, str | int]) -> Span:
        return _Passed(parent)


NO_SPAN: Final[Span] = _Passed("")
