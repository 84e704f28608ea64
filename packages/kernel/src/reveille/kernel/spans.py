"""The port of tracing: one span around what a message causes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, Protocol

from reveille.kernel.events import About
from reveille.kernel.trace_context import trace_id

Kind = Literal["internal", "server", "client", "producer", "consumer"]
Value = str | int | float | bool


class Span(Protocol):
    @property
    def traceparent(self) -> str: ...

    def tell(self, name: str, value: Value) -> None:
        """An attribute that was not known when it began."""
        ...

    def end(self, error: Exception | None = None) -> None:
        """error: what ended it. Its class is told and its text is not, which may be anybody's."""
        ...


class Spans(Protocol):
    def start(
        self,
        name: str,
        parent: str,
        attributes: Mapping[str, Value],
        *,
        kind: Kind = "internal",
        links: Sequence[str] = (),
    ) -> Span:
        """parent: a W3C traceparent, or "" for a new trace. links: of all that a batch takes in."""
        ...


class _Passed:
    """Nobody traces: the context goes through unchanged."""

    __slots__ = ("traceparent",)

    def __init__(self, traceparent: str) -> None:
        self.traceparent = traceparent

    def tell(self, name: str, value: Value) -> None: ...

    def end(self, error: Exception | None = None) -> None: ...


class NoSpans:
    def start(
        self,
        name: str,
        parent: str,
        attributes: Mapping[str, Value],
        *,
        kind: Kind = "internal",
        links: Sequence[str] = (),
    ) -> Span:
        return _Passed(parent)


NO_SPAN: Final[Span] = _Passed("")
# A batch of more is linked to the first of them.
MOST_LINKS: Final = 64


def of_batch(
    spans: Spans, name: str, abouts: Iterable[About], attributes: Mapping[str, Value], *, kind: Kind = "internal"
) -> Span:
    """A part of the trace that all of a batch is about; where there are several, a trace of its own, linked to them."""
    traces = list(dict.fromkeys(about.trace for about in abouts if about.trace))
    if not traces:
        return NO_SPAN
    alone = len({trace_id(trace) for trace in traces}) == 1
    others = traces[1:] if alone else traces
    return spans.start(name, traces[0] if alone else "", attributes, kind=kind, links=others[:MOST_LINKS])
