"""Structured logs: what a line holds and what it never holds."""

import io
import json
import logging
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from reveille.adapters.logs import configure
from reveille.adapters.redaction import is_secret, redact
from reveille.kernel import trace_context
from reveille.kernel.errors import Misconfigured

TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


class Log(io.StringIO):
    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def log() -> Iterator[Log]:
    """Everything from `info` on as JSON lines."""
    root = logging.getLogger()
    handlers, level, hook = root.handlers[:], root.level, sys.excepthook
    stream = Log()
    configure("info", "json", stream)
    yield stream
    sys.excepthook = hook
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_line_is_json_with_its_level_time_and_logger(log: Log) -> None:
    structlog.get_logger("reveille.planner").info("step ready", step="work", attempt=1)
    [line] = log.lines
    assert line.pop("time").endswith("Z")
    assert line == {"event": "step ready", "level": "info", "logger": "reveille.planner", "step": "work", "attempt": 1}


def test_each_line_says_which_process_it_is_of(log: Log) -> None:
    configure("info", "json", log, service="planner", instance="planner-1")
    logging.getLogger("a.library").info("x", extra={"service": "mine"})
    assert [(line["service"], line["instance"]) for line in log.lines] == [("planner", "planner-1")]


def test_a_line_says_what_it_is_about_by_itself_or_by_its_task(log: Log) -> None:
    told = {"trace": TRACE, "correlation": "c", "tenant": "t"}
    wanted = {"trace_id": "a" * 32, "span_id": "b" * 16, "correlation": "c", "tenant": "t"}
    logging.getLogger("x").info("by itself", extra=told)
    with trace_context.about(TRACE, "c", "t"):
        logging.getLogger("x").info("by its task")
    logging.getLogger("x").info("of nothing")
    *both, nothing = log.lines
    assert all(wanted.items() <= line.items() for line in both)
    assert not set(wanted) & set(nothing)


def test_warnings_and_what_ends_a_process_are_lines_too(log: Log) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(False)
        logging.captureWarnings(True)
        warnings.warn("this goes away", DeprecationWarning, stacklevel=1)
    try:
        raise ValueError("the token is ghp_" + "a" * 36)
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)
    warned, ended = log.lines
    assert (warned["level"], ended["level"], ended["event"]) == ("warning", "critical", "ended by an error")
    assert "this goes away" in warned["event"]
    assert "ValueError: the token is [redacted]" in ended["exception"]


def test_libraries_log_the_same_way(log: Log) -> None:
    logging.getLogger("alembic").info("listening on %s:%d", "127.0.0.1", 3004)
    [line] = log.lines
    assert (line["event"], line["logger"], line["level"]) == ("listening on 127.0.0.1:3004", "alembic", "info")


def test_of_a_socket_neither_its_address_nor_its_messages_are_told(log: Log) -> None:
    configure("debug", "json", log)
    server = logging.getLogger("uvicorn.error")
    server.debug("< TEXT '%s'", "what a person wrote")
    server.info('%s - "WebSocket %s" [accepted]', "127.0.0.1", "/?agent=far&key=hunter2")
    server.error("it fell over")
    assert [line["event"] for line in log.lines] == ["it fell over"]


def test_what_is_below_the_level_is_not_there(log: Log) -> None:
    structlog.get_logger("reveille").debug("details")
    logging.getLogger("alembic").debug("details")
    assert log.lines == []


def test_a_line_carries_the_trace_and_the_correlation_of_its_task(log: Log) -> None:
    with trace_context.about(TRACE, "execution-1"):
        structlog.get_logger("reveille").info("inside")
        logging.getLogger("grpc").warning("a library inside")
    structlog.get_logger("reveille").info("outside")
    inside, library, outside = log.lines
    assert (inside["trace_id"], inside["correlation"]) == ("a" * 32, "execution-1")
    assert (library["trace_id"], library["correlation"]) == ("a" * 32, "execution-1")
    assert "trace_id" not in outside
    assert "correlation" not in outside


def test_an_error_stands_with_its_traceback_in_one_line(log: Log) -> None:
    try:
        raise RuntimeError("on purpose")
    except RuntimeError:
        structlog.get_logger("reveille").exception("turn failed")
    [line] = log.lines
    assert "RuntimeError: on purpose" in line["exception"]


def test_what_json_does_not_know_is_written_as_text(log: Log) -> None:
    structlog.get_logger("reveille").info("odd", what=object, ids={1, 2}, data=b"\xff")
    [line] = log.lines
    assert line["what"] == "<class 'object'>"
    assert sorted(line["ids"]) == [1, 2]


def test_values_under_secret_names_are_left_out(log: Log) -> None:
    headers = {"X-Hub-Signature-256": "sha256=00ff", "Authorization": "Bearer x", "user-agent": "hookshot"}
    structlog.get_logger("reveille").info("refused", headers=headers, api_key="k", tokens_used=17)
    [line] = log.lines
    assert line["headers"] == {
        "X-Hub-Signature-256": "[redacted]",
        "Authorization": "[redacted]",
        "user-agent": "hookshot",
    }
    assert (line["api_key"], line["tokens_used"]) == ("[redacted]", 17)


def test_a_known_token_is_left_out_of_texts_and_tracebacks(log: Log) -> None:
    token = "ghp_" + "a1B2" * 9
    try:
        raise RuntimeError(f"clone of https://x:{token}@host failed")
    except RuntimeError:
        logging.getLogger("git").exception("fetch with %s", token)
    assert token not in log.getvalue()
    assert log.lines[0]["event"] == "fetch with [redacted]"


@pytest.mark.parametrize(
    "name",
    ["authorization", "X-Gitlab-Token", "github_secret", "password", "apiKey", "API_KEY", "set-cookie", "accessToken"],
)
def test_a_secret_name_is_known_in_any_spelling(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", ["tokens", "tokens_used", "tokenizer", "secretary", "keys", "author"])
def test_a_name_that_only_looks_like_it_is_none(name: str) -> None:
    assert not is_secret(name)


@pytest.mark.parametrize(
    "secret",
    [
        "github_pat_" + "1A" * 20,
        "glpat-" + "x1" * 10,
        "rvl_acme." + "k" * 16 + "." + "s" * 43,
        "sk-ant-api03-" + "Zz9" * 10,
        "xoxb-1234567890-abcdef",
        "AKIA" + "ABCDEFGHIJKLMNOP",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.c2lnbmF0dXJl",
        "whsec_" + "MfKQ9r8GKYqrTwjU",
    ],
)
def test_a_known_token_is_found_wherever_it_stands(secret: str) -> None:
    assert redact({"text": f"see {secret}, please"}) == {"text": "see [redacted], please"}


def test_the_password_of_a_url_goes_and_its_host_stays() -> None:
    assert redact("postgresql://reveille:hunter2@db:5432/views") == "postgresql://[redacted]@db:5432/views"


@pytest.mark.parametrize("name", ["token", "key"])
def test_what_opens_a_socket_goes_from_its_address(name: str) -> None:
    told = f"GET /ws/agents/far?capacity=2&{name}=hunter%202&after=3 HTTP/1.1"
    assert redact(told) == f"GET /ws/agents/far?capacity=2&{name}=[redacted]&after=3 HTTP/1.1"
    assert redact(f"'/ws/events?{name}=hunter2'") == f"'/ws/events?{name}=[redacted]'"


def test_a_bearer_goes_and_its_scheme_stays() -> None:
    assert redact("header Bearer abcdefgh.ijk") == "header Bearer [redacted]"


def test_a_value_that_holds_itself_ends() -> None:
    loop: list[Any] = []
    loop.append(loop)
    assert "[redacted]" in str(redact(loop))


@pytest.mark.parametrize(
    ("level", "format", "expected"), [("loud", "", "log level is 'loud'"), ("info", "xml", "'xml'")]
)
def test_an_unknown_level_or_format_is_refused(level: str, format: str, expected: str) -> None:
    with pytest.raises(Misconfigured, match=expected):
        configure(level, format)
