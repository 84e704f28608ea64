"""The W3C trace context of a request, or a new one."""

import re
from typing import Any, Final

from reveille.kernel.ids import Ids
from reveille.kernel.spans import Span

# Any flags; of a later version what it has in common with version 00.
_PARENT: Final = re.compile(rb"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_TRACE: Final = "reveille.trace"
_SPAN: Final = "reveille.span"


def parent_of(headers: dict[bytes, bytes]) -> str:
    """The sender's context as version 00; "" where it sent none that is valid."""
    found = _PARENT.fullmatch(headers.get(b"traceparent", b""))
    if found is None or not found[1].strip(b"0") or not found[2].strip(b"0"):
        return ""
    return f"00-{found[1].decode()}-{found[2].decode()}-{found[3].decode()}"


def new_trace(ids: Ids) -> str:
    return f"00-{ids.new().hex()}-{ids.new()[8:].hex()}-01"


def trace_of(scope: Any, ids: Ids) -> str:
    """The same for all that asks about one request."""
    trace: str | None = scope.get(_TRACE)
    if trace is None:
        trace = scope[_TRACE] = parent_of(dict(scope["headers"])) or new_trace(ids)
    return trace


def keep_trace(scope: Any, trace: str) -> None:
    scope[_TRACE] = trace


def keep_span(scope: Any, span: Span) -> None:
    """Of the request: it ends with its answer."""
    scope[_SPAN] = span


def end_span(scope: Any, status: int) -> None:
    """status: of the answer; 0: there was none."""
    span: Span | None = scope.get(_SPAN)
    if span is not None:
        if status:
            span.tell("http.response.status_code", status)
        span.end(Unanswered(str(status)) if status >= 500 else None)


class Unanswered(Exception):
    """The fault is not the caller's."""

    @property
    def error_type(self) -> str:
        return str(self)


def trace_id_of(scope: Any, ids: Ids) -> str:
    return trace_of(scope, ids).split("-")[1]
