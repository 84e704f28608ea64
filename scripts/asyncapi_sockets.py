"""The sockets and the stream of live events, as channels of AsyncAPI."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from scripts.asyncapi_events import CONVERSATION, EVENTS, EXECUTION, TRACE, Told
from scripts.asyncapi_examples import (
    AGENT_CLIENT,
    AGENT_SERVER,
    LIVE_CLIENT,
    LIVE_SERVER,
    PARTY_CLIENT,
    PARTY_SERVER,
)
from scripts.asyncapi_schemas import REFERENCE, comments_of, event_schema, is_payload, schema_of

from reveille.contracts.common.v1.common_pb2 import Json
from reveille.contracts.ingress.v1.live_pb2 import LiveEvent
from reveille.ingress.domain.live.wire import wire

# Of the first example, in nanoseconds since 1970; each next one comes 400 ms later.
BEGAN: Final = 1_795_255_200_000_000_000
STEP: Final = 400_000_000
_JSON: Final = "application/json"


def channels() -> dict[str, Any]:
    events = [_live(name) for name in EVENTS]
    return {
        "live-events": _channel(
            "/ws/events",
            "Live events of any executions on one socket: each once, in order and without a hole (docs/live.md).",
            [*(f"live-{name}" for name in (*LIVE_CLIENT, *LIVE_SERVER)), *events],
        ),
        "party": _channel(
            "/ws/orchestration/{party_id}",
            "First the state of a party, then what changes it (docs/plans.md).",
            [f"party-{name}" for name in (*PARTY_CLIENT, *PARTY_SERVER)],
            parameters={"party_id": {"description": "The party. `?after=<sequence>` goes on behind an event."}},
        ),
        "agent": _channel(
            "/ws/agents/{id}",
            "An agent that runs elsewhere (docs/agent-socket.md); also `/?agent={id}`.",
            [f"agent-{name}" for name in (*AGENT_CLIENT, *AGENT_SERVER)],
            parameters={"id": {"description": "The agent. `?capacity=` says how many runs it takes at a time."}},
        ),
        "live-stream": {
            "address": "/api/v1/executions/{id}/stream",
            "description": (
                "Live events of one execution as Server-sent events, for those without WebSocket: `id` is the "
                "sequence, `event` the type, `data` the event alone. Last-Event-ID goes on behind a sequence, as the "
                "query `after`; `types`, `agents` and `departments` filter."
            ),
            "parameters": {"id": {"description": "The execution."}},
            "messages": {_sent(name): {"$ref": f"#/components/messages/{_sent(name)}"} for name in EVENTS},
        },
    }


def operations() -> dict[str, Any]:
    events = [_live(name) for name in EVENTS]
    return {
        "live-events-asks": _operation("receive", "live-events", "A client asks.", [f"live-{n}" for n in LIVE_CLIENT]),
        "live-events-tells": _operation(
            "send", "live-events", "The platform tells.", [*(f"live-{name}" for name in LIVE_SERVER), *events]
        ),
        "party-asks": _operation("receive", "party", "A client asks.", [f"party-{name}" for name in PARTY_CLIENT]),
        "party-tells": _operation("send", "party", "The platform tells.", [f"party-{name}" for name in PARTY_SERVER]),
        "agent-answers": _operation("receive", "agent", "An agent says.", [f"agent-{name}" for name in AGENT_CLIENT]),
        "agent-asks": _operation("send", "agent", "The platform says.", [f"agent-{name}" for name in AGENT_SERVER]),
        "live-stream-tells": {
            **_operation("send", "live-stream", "The platform tells.", [_sent(name) for name in EVENTS]),
            "bindings": {"http": {"method": "GET", "bindingVersion": "0.3.0"}},
        },
    }


def messages() -> dict[str, Any]:
    comments = comments_of()
    made: dict[str, Any] = {}
    sockets = {"live": (LIVE_CLIENT, LIVE_SERVER), "party": (PARTY_CLIENT, PARTY_SERVER)}
    for socket, tables in {**sockets, "agent": (AGENT_CLIENT, AGENT_SERVER)}.items():
        for name, said in (pair for table in tables for pair in table.items()):
            made[f"{socket}-{name}"] = _message(name, said.about, schema_of(said), said.example)
    for sequence, (name, told) in enumerate(EVENTS.items(), 1):
        event = example(name, told, sequence)
        about = comments.get(_type_of(name).full_name, f"One of the live events: {name}.")
        frame = {"type": "event", "executionId": EXECUTION, "sequence": sequence, "event": event}
        made[_live(name)] = _message(name, about, _frame_schema(name), frame)
        made[_sent(name)] = _message(name, about, {"$ref": f"#/components/schemas/{_live(name)}"}, event)
    return made


def schemas() -> dict[str, Any]:
    comments = comments_of()
    return {"reference": REFERENCE, **{_live(name): event_schema(_type_of(name), name, comments) for name in EVENTS}}


def example(name: str, told: Told, sequence: int) -> dict[str, Any]:
    """As the platform writes it. Raises ValueError where live.proto has no such field."""
    at = BEGAN + sequence * STEP
    live = LiveEvent(
        execution_id=EXECUTION,
        conversation_id=CONVERSATION,
        agent_id=told.agent,
        department=told.department,
        sequence=sequence,
        timestamp=Timestamp(seconds=at // 10**9, nanos=at % 10**9),
        trace_id=TRACE,
        **{name.replace("-", "_"): _filled(_type_of(name), told.fields)},
    )
    document: dict[str, Any] = json.loads(wire(live))
    return document


def _filled(descriptor: Descriptor, fields: Mapping[str, Any]) -> Any:
    """What makes a message of it."""
    made: dict[str, Any] = {}
    for name, value in fields.items():
        if (field := descriptor.fields_by_name.get(name)) is None:
            raise ValueError(f"{descriptor.full_name} has no field {name}")
        if field.message_type is None:
            made[name] = value
        elif is_payload(field):
            made[name] = Json(text=json.dumps(value, ensure_ascii=False, separators=(",", ":")))
        else:
            made[name] = _filled(field.message_type, value)
    return _class_of(descriptor)(**made)


def _class_of(descriptor: Descriptor) -> type[Message]:
    found: type[Message] = getattr(LiveEvent, descriptor.name)
    return found


def _type_of(name: str) -> Descriptor:
    found: Descriptor = LiveEvent.DESCRIPTOR.fields_by_name[name.replace("-", "_")].message_type
    return found


def _live(name: str) -> str:
    """What a socket sends: an event within its message."""
    return f"live-event-{name}"


def _sent(name: str) -> str:
    """What a stream sends: the event alone."""
    return f"stream-event-{name}"


def _frame_schema(name: str) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type", "executionId", "sequence", "event"],
        "properties": {
            "type": {"const": "event"},
            "executionId": {"type": "string"},
            "conversationId": {"type": "string", "description": "Where it is told as one of this conversation."},
            "sequence": {"type": "integer", "description": "From 1 within the execution, without a hole."},
            "replay": {"const": True, "description": "Where it is replayed."},
            "event": {"$ref": f"#/components/schemas/{_live(name)}"},
        },
    }


def _message(name: str, about: str, schema: Mapping[str, Any], payload: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "summary": about,
        "contentType": _JSON,
        "payload": schema,
        "examples": [{"name": name, "payload": payload}],
    }


def _channel(address: str, about: str, names: Iterable[str], *, parameters: Mapping[str, Any] | None = None) -> Any:
    return {
        "address": address,
        "description": about,
        **({"parameters": parameters} if parameters else {}),
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {"ws": {"method": "GET", "bindingVersion": "0.1.0"}},
    }


def _operation(action: str, channel: str, summary: str, names: Iterable[str]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": summary,
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in names],
    }
