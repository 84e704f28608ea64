"""The JSON of the agent socket: what an agent may say, checked, and what it is told (see docs/agent-socket.md)."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from reveille.agents import Input, Signal, Task
from reveille.kernel.clock import to_rfc3339

MAX_RESULT_BYTES: Final = 128 * 1024
MAX_TEXT: Final = 4_000
MAX_TOKENS: Final = 10**12
MAX_DEPTH: Final = 64
# Of all payloads that a trigger carries: a batch of signals may have more than a socket can be asked to take.
MAX_PAYLOADS: Final = 2 * 1024 * 1024
# Of all results that it carries: a step may wait for one that was done for each of a long list.
MAX_RESULTS: Final = 2 * 1024 * 1024
_ID: Final = re.compile(r"[0-9A-Za-z-]{1,64}")


class Wrong(Exception):
    """A message that says nothing this protocol knows; `code` is for programs."""

    def __init__(self, code: str, message: str, run_id: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.run_id = run_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    run_id: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """tokens: used so far in all; None where it does not say."""

    run_id: str
    text: str
    tokens: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreTokens:
    run_id: str
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOn:
    """number: of what the run hands on, from 1: told again, it is the same."""

    run_id: str
    number: int
    agent: str
    note: str
    priority: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskComplete:
    """result: its JSON. partial: what it had when its tokens were spent."""

    run_id: str
    attempt: int
    tokens: int
    result: bytes
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFailed:
    run_id: str
    attempt: int
    tokens: int
    error: str
    retry: bool


@dataclass(frozen=True, slots=True)
class Pong:
    pass


Said = Ack | Progress | MoreTokens | HandOn | TaskComplete | TaskFailed | Pong


def parse(text: str) -> Said:
    """Raises Wrong."""
    try:
        document = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise Wrong("invalid_json", f"the message is not JSON: {str(error)[:200]}") from error
    if not isinstance(document, dict):
        raise Wrong("invalid_message", "the message must be an object")
    message = _Message(document)
    match document.get("type"):
        case "ack":
            return Ack(run_id=message.id(), attempt=message.number("attempt", least=1))
        case "progress":
            tokens = message.number("tokensUsed") if document.get("tokensUsed") is not None else None
            return Progress(run_id=message.id(), text=message.text("text", default=""), tokens=tokens)
        case "more_tokens":
            return MoreTokens(run_id=message.id(), tokens=message.number("tokens", least=1))
        case "hand_on":
            payload = document.get("payload") or {}
            if not isinstance(payload, dict):
                raise Wrong("invalid_message", "payload must be an object")
            return HandOn(
                run_id=message.id(),
                number=message.number("number", least=1),
                agent=message.text("agent"),
                note=message.text("note", default=""),
                priority=message.text("priority", default="medium"),
                payload=payload,
            )
        case "task_complete":
            return TaskComplete(
                run_id=message.id(),
                attempt=message.number("attempt", least=1),
                tokens=message.number("tokensUsed"),
                result=_result(document.get("result")),
                partial=message.truth("partial"),
            )
        case "task_failed":
            return TaskFailed(
                run_id=message.id(),
                attempt=message.number("attempt", least=1),
                tokens=message.number("tokensUsed"),
                error=message.text("error", default=""),
                retry=message.truth("retry"),
            )
        case "pong":
            return Pong()
    known = "ack, progress, more_tokens, hand_on, task_complete, task_failed, pong"
    raise Wrong("unknown_type", f"type is {str(document.get('type'))[:50]!r}, expected one of {known}")


class _Message:
    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def id(self) -> str:
        value = self._document.get("runId")
        if not isinstance(value, str) or not _ID.fullmatch(value):
            raise Wrong("invalid_message", "runId must be the id of a run")
        return value

    def number(self, name: str, *, least: int = 0) -> int:
        value = self._document.get(name)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MAX_TOKENS:
            raise Wrong("invalid_message", f"{name} must be a whole number from {least} to {MAX_TOKENS}")
        return value

    def truth(self, name: str) -> bool:
        value = self._document.get(name, False)
        if not isinstance(value, bool):
            raise Wrong("invalid_message", f"{name} must be true or false")
        return value

    def text(self, name: str, *, default: str | None = None) -> str:
        value = self._document.get(name, default)
        if not isinstance(value, str):
            raise Wrong("invalid_message", f"{name} must be a text")
        return value[:MAX_TEXT]


def _result(value: Any) -> bytes:
    if value is not None and not isinstance(value, dict):
        raise Wrong("invalid_message", "result must be an object, or null")
    if _depth(value) > MAX_DEPTH:
        raise Wrong("invalid_message", f"result is nested deeper than {MAX_DEPTH}")
    data = json.dumps(value or {}, ensure_ascii=False, allow_nan=False).encode(errors="replace")
    if len(data) > MAX_RESULT_BYTES:
        raise Wrong("result_too_large", f"a result of {len(data)} bytes, at most {MAX_RESULT_BYTES}")
    return data


def _depth(value: Any) -> int:
    deepest, level = 0, [value]
    while level:
        deepest += 1
        inner = [one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)]
        level = [item for items in inner for item in items]
    return deepest


def _finite(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise ValueError("a number is larger than JSON's readers take")
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def text_of(type_name: str, **fields: Any) -> str:
    return json.dumps({"type": type_name, **fields}, ensure_ascii=False, separators=(",", ":"))


def trigger(task: Task, *, mark: str, agents: Mapping[str, Any], deadline: int, used: int) -> str:
    """deadline: microseconds since 1970; 0 is none. used: what is known to be used of the tokens already."""
    handed = task.handed_on
    return text_of(
        "trigger",
        runId=task.run_id,
        attempt=task.attempt,
        priority=task.priority,
        task={
            "agent": task.agent,
            "executionId": task.execution_id,
            "step": task.step,
            "rule": task.rule,
            "handedOn": {"by": handed.by, "note": handed.note, "payload": handed.payload} if handed else None,
            "mark": mark,
            "agents": {name: list(capabilities) for name, capabilities in agents.items()},
            "blueprint": task.blueprint,
            "inputs": [_input(one) for one in task.inputs],
            "facts": dict(task.facts),
            "results": _results(task),
            "item": task.item,
            "undoes": task.undoes,
            "department": task.department,
            "role": task.role,
            "round": task.round,
        },
        signals=_signals(task),
        tokens=task.tokens,
        tokensUsed=used,
        deadline=to_rfc3339(deadline) if deadline else None,
    )


def _input(one: Input) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


def _results(task: Task) -> dict[str, Any]:
    """null stands for a result that was left out for its size; the API has it."""
    room = MAX_RESULTS

    def shown(result: Any) -> Any:
        nonlocal room
        size = len(json.dumps(result, ensure_ascii=False))
        if size > room:
            return None  # a smaller one behind it may still fit
        room -= size
        return result

    return {
        step: [shown(one) for one in result] if isinstance(result, list) else shown(result)
        for step, result in task.results.items()
    }


def _signals(task: Task) -> list[dict[str, Any]]:
    room, shown = MAX_PAYLOADS, []
    for signal in task.signals:
        size = len(json.dumps(signal.payload, ensure_ascii=False))
        room -= size
        shown.append(_signal(signal, whole=room >= 0))
        if room < 0:
            room += size  # a smaller one behind it may still fit
    return shown


def _signal(signal: Signal, *, whole: bool) -> dict[str, Any]:
    plain = {name: getattr(signal, name) for name in signal.__dataclass_fields__}
    paths = None if signal.paths is None else list(signal.paths)
    # null is a payload that was left out for its size; the API has it.
    return {**plain, "paths": paths, "labels": dict(signal.labels), "payload": dict(signal.payload) if whole else None}
