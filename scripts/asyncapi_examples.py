"""What goes over the sockets beside live events, by example: docs/asyncapi.yaml has its schemas of these from here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from scripts.asyncapi_events import CONVERSATION, EXECUTION, RUN


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message. optional: fields that may be left out; nullable: those that may be null."""

    about: str
    example: Mapping[str, Any]
    optional: Sequence[str] = ()
    nullable: Sequence[str] = ()


_OF_EXECUTION: Final = {"executionId": EXECUTION}
LIVE_CLIENT: Final[Mapping[str, Said]] = {
    "subscribe": Said(
        about="An execution's events from behind `after` on; 0 is from the beginning, and without it only what comes. "
        "Filters that are left out let all through. The same execution again takes the place of what was.",
        example={
            "type": "subscribe",
            **_OF_EXECUTION,
            "after": 0,
            "types": ["agent-start", "agent-complete"],
            "agents": ["plot-writer"],
            "departments": ["story"],
            "ref": 1,
        },
        optional=("after", "types", "agents", "departments", "ref"),
    ),
    "subscribe-conversation": Said(
        about="All executions of a conversation, those to come too. `after` is 0, or by execution its sequence.",
        example={"type": "subscribe", "conversationId": CONVERSATION, "after": {EXECUTION: 11}, "ref": "all"},
        optional=("after", "ref"),
    ),
    "subscribe-replay": Said(
        about="What has happened so far with its own pauses, each of at most 5 s, divided by `speed`: 1 to 1000, or 0 "
        "for as fast as it is taken.",
        example={"type": "subscribe", **_OF_EXECUTION, "replay": {"speed": 10}, "after": 0, "ref": "again"},
        optional=("after", "ref"),
    ),
    "subscribe-overview": Said(
        about="What has changed on the whole platform, at most every 250 ms.",
        example={"type": "subscribe", "topic": "overview", "ref": 2},
        optional=("ref",),
    ),
    "unsubscribe": Said(
        about="By executionId, conversationId or topic.",
        example={"type": "unsubscribe", **_OF_EXECUTION, "ref": 3},
        optional=("ref",),
    ),
    "ping": Said(about="Is answered with pong.", example={"type": "ping"}),
}
LIVE_SERVER: Final[Mapping[str, Said]] = {
    "subscribed": Said(
        about="Before its first event. sequence: behind which it begins; executions: the same of a conversation's.",
        example={
            "type": "subscribed",
            "conversationId": CONVERSATION,
            "sequence": 0,
            "executions": {EXECUTION: 11},
            "ref": "all",
        },
        optional=("executions", "conversationId", "ref"),
    ),
    "unsubscribed": Said(
        about="Nothing follows of it.",
        example={"type": "unsubscribed", **_OF_EXECUTION, "sequence": 11, "ref": 3},
        optional=("executionId", "ref"),
    ),
    "lagging": Said(
        about="The client reads too slowly and this subscription has ended: subscribe again behind `resumeAfter`. "
        "after: of a conversation, by execution.",
        example={
            "type": "lagging",
            **_OF_EXECUTION,
            "resumeAfter": 11,
            "conversationId": CONVERSATION,
            "after": {EXECUTION: 11},
        },
        optional=("conversationId", "after"),
    ),
    "replayed": Said(
        about="The end of a replay.",
        example={"type": "replayed", **_OF_EXECUTION, "sequence": 11, "ref": "again"},
        optional=("ref",),
    ),
    "overview": Said(
        about="What has changed; read it with wait_for=position.",
        example={"type": "overview", "changed": ["agents", "executions"], "position": 40_713},
    ),
    "error": Said(
        about="What was said had no effect, and the socket lives on.",
        example={
            "type": "error",
            "code": "unknown_execution",
            "message": "there is no execution nobody",
            "executionId": "nobody",
            "ref": 1,
        },
        optional=("executionId", "ref"),
    ),
    "pong": Said(about="The answer to ping.", example={"type": "pong"}),
}

_PARTY: Final = {
    "party_id": "ada-7",
    "version": 3,
    "sequence": 21,
    "correlation_id": "0198a7c2-5f1e-7c3a-9a51-1f0c5e6d7b22",
    "at": "2026-11-21T10:00:00.412000Z",
}
PARTY_CLIENT: Final[Mapping[str, Said]] = {"ping": Said(about="Is answered with pong.", example={"type": "ping"})}
PARTY_SERVER: Final[Mapping[str, Said]] = {
    "state": Said(
        about="The first message, unless the socket is opened with `after`: the party's status.",
        example={
            "type": "state",
            "payload": {"party_id": "ada-7", "status": "planning", "version": 2},
            "party_id": "ada-7",
            "version": 2,
            "sequence": 20,
        },
    ),
    "input_added": Said(
        about="Somebody has said what he wants.",
        example={
            "type": "input_added",
            "payload": {
                "input_id": "i-1",
                "content": "jungle theme",
                "source_type": "text",
                "tags": [],
                "added_by": "ada",
            },
            **_PARTY,
        },
    ),
    "input_removed": Said(
        about="It is wanted no more.", example={"type": "input_removed", "payload": {"input_id": "i-1"}, **_PARTY}
    ),
    "agent_should_execute": Said(
        about="A step may start once its tokens are reserved.",
        example={
            "type": "agent_should_execute",
            "agent": "theme_agent",
            "payload": {"step": "theme", "attempt": 1, "run_id": RUN, "undoes": False},
            **_PARTY,
        },
    ),
    "agent_started": Said(
        about="Its run has begun.",
        example={
            "type": "agent_started",
            "agent": "theme_agent",
            "payload": {"step": "theme", "attempt": 1, "run_id": RUN},
            **_PARTY,
        },
    ),
    "agent_completed": Said(
        about="It is done; `how`: run, restored or adopted.",
        example={
            "type": "agent_completed",
            "agent": "theme_agent",
            "result": {"theme": "jungle", "summary": "a jungle party"},
            "payload": {"step": "theme", "attempt": 1, "run_id": RUN, "tokens_used": 0, "how": "run"},
            **_PARTY,
        },
        nullable=("result",),
    ),
    "agent_failed": Said(
        about="It has failed, or what it needs has.",
        example={
            "type": "agent_failed",
            "agent": "cake_agent",
            "payload": {"step": "cake", "reason": "failed", "error": "no bakery answers", "skipped": False},
            **_PARTY,
        },
    ),
    "agent_data_removed": Said(
        about="Nothing needs it any more.",
        example={
            "type": "agent_data_removed",
            "agent": "cake_agent",
            "payload": {"step": "cake", "reason": "nothing brings it in any more"},
            **_PARTY,
        },
    ),
    "budget_updated": Said(
        about="What the plan costs now.",
        example={
            "type": "budget_updated",
            "payload": {"total_budget": {"min": 420, "max": 640}, "by_step": {"theme": {"min": 420, "max": 640}}},
            **_PARTY,
        },
    ),
    "plan_updated": Said(
        about="The plan as it stands.",
        example={"type": "plan_updated", "payload": {"completion_percent": 50, "next_steps": []}, **_PARTY},
    ),
    "error": Said(
        about="What was said had no effect.",
        example={"type": "error", "code": "unknown_type", "message": "type is 'dance', expected ping"},
    ),
    "pong": Said(about="The answer to ping.", example={"type": "pong"}),
}

_RUN: Final = {"runId": RUN, "attempt": 1}
AGENT_CLIENT: Final[Mapping[str, Said]] = {
    "ack": Said(about="I have it.", example={"type": "ack", **_RUN}),
    "progress": Said(
        about="For those who watch: it becomes agent-thinking.",
        example={"type": "progress", "runId": RUN, "text": "half of it is read", "tokensUsed": 120},
        optional=("tokensUsed",),
    ),
    "more_tokens": Said(about="I need so many more.", example={"type": "more_tokens", "runId": RUN, "tokens": 500}),
    "hand_on": Said(
        about="Give this to another agent.",
        example={
            "type": "hand_on",
            "runId": RUN,
            "number": 1,
            "agent": "reviewer",
            "note": "look at the parser",
            "priority": "high",
            "payload": {"file": "parser.py"},
        },
    ),
    "task_complete": Said(
        about="Done.",
        example={
            "type": "task_complete",
            **_RUN,
            "tokensUsed": 240,
            "result": {"summary": "translated"},
            "partial": False,
        },
        optional=("partial",),
        nullable=("result",),
    ),
    "task_failed": Said(
        about="It did not work; `retry`: another attempt may.",
        example={"type": "task_failed", **_RUN, "tokensUsed": 240, "error": "the file is empty", "retry": False},
    ),
    "pong": Said(about="I am here.", example={"type": "pong"}),
}
AGENT_SERVER: Final[Mapping[str, Said]] = {
    "welcome": Said(
        about="The first message.",
        example={"type": "welcome", "agent": "translator", "state": "dormant", "heartbeatSeconds": 15},
    ),
    "trigger": Said(
        about="Do this; docs/agent-socket.md has the fields of `task`.",
        example={
            "type": "trigger",
            **_RUN,
            "priority": "medium",
            "task": {"agent": "translator", "executionId": EXECUTION, "step": "translator"},
            "signals": [],
            "tokens": 4_000,
            "tokensUsed": 0,
            "deadline": "2026-11-21T10:10:00.000000Z",
        },
        nullable=("deadline",),
    ),
    "cancel": Said(about="Do it no more.", example={"type": "cancel", "runId": RUN}),
    "recorded": Said(about="Its end stands in the log; forget it.", example={"type": "recorded", "runId": RUN}),
    "tokens": Said(
        about="The answer to more_tokens.", example={"type": "tokens", "runId": RUN, "tokens": 500, "granted": True}
    ),
    "handed_on": Said(
        about="The answer to hand_on.",
        example={"type": "handed_on", "runId": RUN, "number": 1, "error": "the fleet has no agent nobody"},
        nullable=("error",),
    ),
    "ping": Said(about="Answer with pong.", example={"type": "ping"}),
    "error": Said(
        about="What was said was wrong and had no effect.",
        example={"type": "error", "code": "unknown_run", "message": "no such run of this agent", "runId": RUN},
        nullable=("runId",),
    ),
}
