"""Spans for tests, which keep what they were told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reveille.kernel.spans import Kind, Value


@dataclass(kw_only=True)
class RecordedSpan:
    """attributes: from its start on. told: those that came later. ended: by each end, the error that it was told."""

    name: str
    parent: str
    links: Sequence[str]
    attributes: Mapping[str, Value]
    traceparent: str
    told: dict[str, Value] = field(default_factory=dict)
    ended: list[Exception | None] = field(default_factory=list)

    def tell(self, name: str, value: Value) -> None:
        self.told[name] = value

    def end(self, error: Exception | None = None) -> None:
        self.ended.append(error)


class RecordedSpans:
    """Gives every span the parent's trace and an id of its own."""

    def __init__(self) -> None:
        self.started: list[RecordedSpan] = []

    def start(
        self,
        name: str,
        parent: str,
        attributes: Mapping[str, Value],
        *,
        kind: Kind = "internal",
        links: Sequence[str] = (),
    ) -> RecordedSpan:
        traceparent = parent[:36] + f"{len(self.started) + 1:016x}-01" if parent else ""
        span = RecordedSpan(name=name, parent=parent, links=links, attributes=attributes, traceparent=traceparent)
        self.started.append(span)
        return span
