"""One example of each live event, with the fields that live.proto gives it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

EXECUTION: Final = "0198a7c2-5f1e-7c3a-9a51-1f0c5e6d7b21"
CONVERSATION: Final = "pilot-episode"
TRACE: Final = "4bf92f3577b34da6a3ce929d0e0e4736"
RUN: Final = "7d1f0f64-0f0b-5c9e-8a3c-3f2b9f6f2a10"
DRAFT: Final = "story/plot-writer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One live event. fields: in the names of live.proto; what is left out is empty there."""

    agent: str = ""
    department: str = ""
    fields: Mapping[str, Any]


# In the order in which one scene tells them.
EVENTS: Final[Mapping[str, Told]] = {
    "orchestration-start": Told(
        fields={
            "project_id": "pilot",
            "user_prompt": "A lighthouse keeper finds a letter from her own future.",
            "complexity": "moderate",
            "blueprint": "film-scene",
        }
    ),
    "department-start": Told(
        agent="story-head", department="story", fields={"department_name": "story", "relevance": 0.9}
    ),
    "agent-start": Told(
        agent="plot-writer",
        department="story",
        fields={"step": DRAFT, "run_id": RUN, "attempt": 1, "role": "draft", "round": 1},
    ),
    "agent-thinking": Told(
        agent="plot-writer",
        department="story",
        fields={"step": DRAFT, "text": "looking for the turn of the scene", "run_id": RUN},
    ),
    "tool-call": Told(
        agent="plot-writer",
        department="story",
        fields={"tool_name": "memory.search", "arguments": {"query": "lighthouse"}, "run_id": RUN, "call": 1},
    ),
    "tool-result": Told(
        agent="plot-writer",
        department="story",
        fields={
            "tool_name": "memory.search",
            "result": [{"text": "the keeper writes with her left hand"}],
            "execution_time": 12.5,
            "run_id": RUN,
            "call": 1,
        },
    ),
    "agent-complete": Told(
        agent="plot-writer",
        department="story",
        fields={
            "status": "completed",
            "output": {"kind": "plot", "title": "The Second Tide", "summary": "She answers the letter."},
            "tokens_used": 640,
            "execution_time": 412.0,
            "step": DRAFT,
            "run_id": RUN,
            "attempt": 1,
        },
    ),
    "quality-check": Told(
        agent="plot-writer",
        department="story",
        fields={"score": 62.0, "reasons": ["the prompt's `letter` is in no beat"], "step": DRAFT, "round": 1},
    ),
    "review-status": Told(
        agent="plot-writer",
        department="story",
        fields={
            "status": "revise",
            "round": 1,
            "notes": "let her find the letter on screen",
            "reviewer_id": "story-head",
            "step": DRAFT,
        },
    ),
    "department-complete": Told(
        agent="story-head",
        department="story",
        fields={
            "outputs": {
                "$ref": f"/api/v1/executions/{EXECUTION}/events/10",
                "bytes": 18_240,
                "preview": '{"plot-writer":{"status":"approved","score":81,"round":2,"output":{"kind":"plot"',
            },
            "quality_score": 81.0,
            "execution_time": 2_310.0,
            "status": "approved",
        },
    ),
    "orchestration-complete": Told(
        fields={
            "status": "completed",
            "result": {"title": "The Second Tide", "summary": "A scene of nine beats."},
            "metrics": {
                "execution_time": 5_120.0,
                "tokens_used": 4_870,
                "agents": 7,
                "runs": 12,
                "departments": 2,
                "revisions": 1,
                "quality_score": 79.5,
            },
        }
    ),
}
