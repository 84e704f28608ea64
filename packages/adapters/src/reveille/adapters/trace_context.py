"""What the running task is about: the trace and the correlation that its logs and its calls carry on."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

traceparent: Final[ContextVar[str]] = ContextVar("traceparent", default="")
correlation: Final[ContextVar[str]] = ContextVar("correlation", default="")


@contextmanager
def about(trace: str, correlated: str = "") -> Iterator[None]:
    """trace: a W3C traceparent, "" where nobody traces."""
    traced = traceparent.set(trace)
    related = correlation.set(correlated)
    try:
        yield
    finally:
        correlation.reset(related)
        traceparent.reset(traced)


def trace_id(trace: str) -> str:
    """`00-<trace id>-<span id>-<flags>` → the trace id; "" for anything else."""
    parts = trace.split("-")
    return parts[1] if len(parts) >= 4 and len(parts[1]) == 32 else ""
