"""Structured logs, of ours and of libraries alike: JSON lines for machines, colours for people."""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import Any, Final, TextIO

import orjson
import structlog
from structlog.typing import Processor

from reveille.adapters.redaction import redact, redact_named
from reveille.kernel import trace_context
from reveille.kernel.errors import Misconfigured

LEVELS: Final[Mapping[str, int]] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
FORMATS: Final = ("json", "console")

_Event = MutableMapping[str, Any]


def configure(
    level: str = "info", format: str = "", stream: TextIO | None = None, *, service: str = "", instance: str = ""
) -> None:
    """format: `json` or `console`; "": console on a terminal, else json. May be called again.

    service, instance: of the process; each line of JSON has them.
    """
    if level.lower() not in LEVELS:
        raise Misconfigured(f"log level is {level!r}, expected one of {', '.join(LEVELS)}")
    if format and format not in FORMATS:
        raise Misconfigured(f"log format is {format!r}, expected one of {', '.join(FORMATS)}")
    out = stream or sys.stderr
    threshold = LEVELS[level.lower()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        _about,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        # Methods below the level do nothing at all, not even look at their arguments.
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    console = format == "console" or (not format and out.isatty())
    last: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if console:
        last += [structlog.processors.format_exc_info, _without_secrets, structlog.dev.ConsoleRenderer(colors=True)]
    else:
        process = {key: value for key, value in (("service", service), ("instance", instance)) if value}
        last += [
            structlog.processors.format_exc_info,
            _without_secrets,
            lambda logger, method, event: {**event, **process},
            structlog.processors.JSONRenderer(_json),
        ]
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.PositionalArgumentsFormatter()], processors=last
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(threshold)
    # What would stand on stderr as it is.
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):  # which would print past all this
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
        # Below that it tells of each socket's address, with the key in its query, and of each message's text.
        logging.getLogger(name).setLevel(max(threshold, logging.WARNING))


def _about(logger: Any, method: str, event: _Event) -> _Event:
    """What the line itself says that it is about (`extra`), or else the running task."""
    record = event.get("_record")
    trace = getattr(record, "trace", "") or trace_context.traceparent.get()
    told = {
        "trace_id": trace_context.trace_id(trace),
        "span_id": trace_context.span_id(trace),
        "correlation": getattr(record, "correlation", "") or trace_context.correlation.get(),
        "tenant": getattr(record, "tenant", "") or trace_context.tenant.get(),
    }
    for key, value in told.items():
        if value:
            event.setdefault(key, value)
    return event


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        logging.getLogger("reveille").critical("ended by an error", exc_info=(kind, error, trace))


def _without_secrets(logger: Any, method: str, event: _Event) -> _Event:
    return {key: redact(value) if key == "event" else redact_named(key, value) for key, value in event.items()}


def _json(event: Any, **_: Any) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
