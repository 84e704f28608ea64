"""What the running task is about: the trace, the correlation and the tenant that its logs and its calls carry on."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

traceparent: Final[ContextVar[str]] = ContextVar("traceparent", default="")
correlation: Final[ContextVar[str]] = ContextVar("correlation", default="")
tenant: Final[ContextVar[str]] = ContextVar("tenant", default="")


@contextmanager
def about(trace: str, correlated: str = "", of_tenant: str = "") -> Iterator[None]:
    """trace: a W3C traceparent, "" where nobody traces."""
    traced, related, owned = traceparent.set(trace), correlation.set(correlated), tenant.set(of_tenant)
    try:
        yield
    finally:
        tenant.reset(owned)
        correlation.reset(related)
        traceparent.reset(traced)


def trace_id(trace: str) -> str:
    """`00-<trace id>-<span id>-<flags>` → the trace id; "" for anything else."""
    parts = trace.split("-")
    return parts[1] if len(parts) >= 4 and len(parts[1]) == 32 else ""


def span_id(trace: str) -> str:
    """The span id of the same."""
    parts = trace.split("-")
    return parts[2] if len(parts) >= 4 and len(parts[2]) == 16 else ""
