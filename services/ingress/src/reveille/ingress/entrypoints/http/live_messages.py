"""What clients of `/ws/events` say, read strictly, and what they are told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import orjson

from reveille.contracts.ingress.v1.live_pb2 import LiveEvent
from reveille.ingress.application.live import LiveEntry
from reveille.ingress.domain.refusals import Malformed
from reveille.ingress.entrypoints.http.strict_json import parse as parse_json

# Bytes of what a client says.
MAX_SAID: Final = 16 * 1024
MAX_REF: Final = 100
MAX_ID: Final = 300
MAX_NAMES: Final = 100
MAX_SPEED: Final = 1000
OVERVIEW: Final = "overview"
TYPES: Final = tuple(one.name.replace("_", "-") for one in LiveEvent.DESCRIPTOR.oneofs_by_name["event"].fields)

Ref = str | int | float | None


class Wrong(Exception):
    """What was said cannot be done; `code` is for programs, `ref` is what was given with it."""

    def __init__(self, code: str, message: str, ref: Ref = None) -> None:
        super().__init__(message)
        self.code = code
        self.ref = ref


@dataclass(frozen=True, slots=True)
class Target:
    """What is subscribed: one of the three. A socket has one subscription for each."""

    execution_id: str = ""
    conversation_id: str = ""
    topic: str = ""

    @property
    def names(self) -> dict[str, str]:
        """As messages have them."""
        given = {"executionId": self.execution_id, "conversationId": self.conversation_id, "topic": self.topic}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Empty: all."""

    types: frozenset[str] = frozenset()
    agents: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()

    def takes(self, entry: LiveEntry) -> bool:
        return (
            (not self.types or entry.type in self.types)
            and (not self.agents or entry.agent in self.agents)
            and (not self.departments or entry.department in self.departments)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    """after: of an execution, the sequence behind which it begins; None: live. by_execution: the same for those of a
    conversation, where those that are not named begin at their first event. within: the conversation that an execution
    must be of; "" is any. speed: of a replay; None: no replay.
    """

    target: Target
    ref: Ref = None
    after: int | None = None
    by_execution: Mapping[str, int] | None = None
    within: str = ""
    wanted: Wanted = field(default_factory=Wanted)
    speed: float | None = None


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    target: Target
    ref: Ref = None


@dataclass(frozen=True, slots=True)
class Ping:
    ref: Ref = None


@dataclass(frozen=True, slots=True)
class Pong:
    """The client lives."""


Said = Subscribe | Unsubscribe | Ping | Pong


def read(text: str | None) -> Said:
    """None: it was no text. Raises Wrong."""
    if text is None:
        raise Wrong("not_a_text", "messages are texts, expected JSON")
    # Most characters are one byte: only what may be too large is counted.
    size = len(text) if len(text) > MAX_SAID or 4 * len(text) <= MAX_SAID else len(text.encode())
    if size > MAX_SAID:
        raise Wrong("too_large", f"a message has more than {MAX_SAID} bytes, at most so many are taken")
    try:
        said = parse_json(text.encode())
    except Malformed as error:
        raise Wrong("malformed_json", str(error).replace("the body", "the message", 1)) from None
    if not isinstance(said, dict):
        raise Wrong("not_an_object", 'the message is no JSON object, expected {"type": "subscribe", …}')
    given = {name: value for name, value in said.items() if value is not None}
    ref = _ref(given.get("ref"))
    try:
        return _read(given, ref)
    except Wrong as error:
        error.ref = ref
        raise


def _read(given: Mapping[str, Any], ref: Ref) -> Said:
    match given.get("type"):
        case "subscribe":
            return _subscribe(given, ref)
        case "unsubscribe":
            return Unsubscribe(_target(given), ref)
        case "ping":
            return Ping(ref)
        case "pong":
            return Pong()
        case other:
            raise Wrong("unknown_type", f"type is {_shown(other)}, expected subscribe, unsubscribe or ping")


def _subscribe(given: Mapping[str, Any], ref: Ref) -> Subscribe:
    target = _target(given)
    if target.topic:
        for name in ("after", "types", "agents", "departments", "replay"):
            if name in given:
                raise _invalid(name, f"topic {target.topic} takes none")
        return Subscribe(target=target, ref=ref)
    after = given.get("after")
    if target.conversation_id and isinstance(after, dict):
        by_execution = {_text("after", name): _sequence(f"after.{name[:80]}", value) for name, value in after.items()}
        after = None
    else:
        by_execution = None
        after = None if after is None else _sequence("after", after)
    if target.conversation_id and after:
        told = f'it is {after}, expected 0, or by execution its sequence: {{"<executionId>": {after}}}'
        raise _invalid("after", told)
    speed = _speed(given["replay"]) if "replay" in given else None
    if target.conversation_id and speed is not None:
        raise _invalid("replay", "a conversation has none, expected an executionId")
    return Subscribe(
        target=target,
        ref=ref,
        after=after,
        by_execution=by_execution,
        within=_text("conversationId", given["conversationId"]) if "conversationId" in given else "",
        wanted=Wanted(
            types=_names("types", given.get("types"), TYPES),
            agents=_names("agents", given.get("agents")),
            departments=_names("departments", given.get("departments")),
        ),
        speed=speed,
    )


def _target(given: Mapping[str, Any]) -> Target:
    """An execution beside its conversation is the execution's."""
    if "topic" in given:
        if given["topic"] != OVERVIEW:
            raise _invalid("topic", f"it is {_shown(given['topic'])}, expected {OVERVIEW}")
        if "executionId" in given or "conversationId" in given:
            raise _invalid("topic", "it stands beside an executionId or conversationId, expected one of them")
        return Target(topic=OVERVIEW)
    if "executionId" in given:
        return Target(execution_id=_text("executionId", given["executionId"]))
    if "conversationId" in given:
        return Target(conversation_id=_text("conversationId", given["conversationId"]))
    raise Wrong("invalid_message", "nothing is named, expected an executionId, a conversationId or a topic")


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_ID:
        raise _invalid(name, f"it is {_shown(value)}, expected a text of 1 to {MAX_ID} characters")
    return value


def _sequence(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _invalid(name, f"it is {_shown(value)}, expected the sequence of an event, or 0")
    return value


def _names(name: str, value: Any, known: Iterable[str] = ()) -> frozenset[str]:
    if value is None:
        return frozenset()
    if not isinstance(value, list) or len(value) > MAX_NAMES:
        raise _invalid(name, f"it is {_shown(value)}, expected a list of at most {MAX_NAMES} texts")
    for one in value:
        _text(name, one)
        if known and one not in known:
            raise _invalid(name, f"it has {_shown(one)}, expected some of {', '.join(known)}")
    return frozenset(value)


def _speed(value: Any) -> float:
    given = value.get("speed", 1) if isinstance(value, dict) else None
    if isinstance(given, int | float) and not isinstance(given, bool) and (given == 0 or 1 <= given <= MAX_SPEED):
        return float(given)
    raise _invalid("replay", f'it is {_shown(value)}, expected {{"speed": n}}, n from 1 to {MAX_SPEED}, or 0')


def _ref(value: Any) -> Ref:
    if value is None or (isinstance(value, str) and len(value) <= MAX_REF):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise _invalid("ref", f"it is {_shown(value)}, expected a number, or a text of at most {MAX_REF} characters")


def _invalid(name: str, message: str) -> Wrong:
    return Wrong("invalid_message", f"{name}: {message}")


def _shown(value: Any) -> str:
    """At most so much of it as fits into a line."""
    shown = orjson.dumps(value).decode()
    return shown if len(shown) <= 80 else f"{shown[:80]}…"


def message(type: str, *, ref: Ref = None, **fields: Any) -> str:
    """Fields that are None are left out."""
    document = {"type": type, **fields, "ref": ref}
    return orjson.dumps({name: value for name, value in document.items() if value is not None}).decode()


def error_message(error: Wrong, **fields: Any) -> str:
    return message("error", code=error.code, message=str(error), ref=error.ref, **fields)


@lru_cache(maxsize=64)
def event_message(entry: LiveEntry, *, conversation_id: str = "", replay: bool = False) -> str:
    """Made once for the many who hear it at the same moment."""
    conversation = ',"conversationId":' + orjson.dumps(conversation_id).decode() if conversation_id else ""
    kind = ',"replay":true' if replay else ""
    execution = orjson.dumps(entry.execution_id).decode()
    said = f'{{"type":"event","executionId":{execution}{conversation},"sequence":{entry.sequence}{kind}'
    return f'{said},"event":{entry.text}}}'
