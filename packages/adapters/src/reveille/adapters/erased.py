"""What stands in the place of what was erased: of the form that its readers expect, so that history replays."""

import json
from collections.abc import Mapping
from typing import Any, Final

from reveille.contracts.common.v1.common_pb2 import SignalContent
from reveille.contracts.ingress.v1.events_pb2 import InputContent

WORD: Final = "[erased]"
TEXT: Final = WORD.encode()


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


_OBJECT: Final = _json({})
_LIST: Final = _json([])
_RESULT: Final = _json({"summary": WORD})
_PLAN: Final = _json(
    {
        "completion_percent": 0,
        "recommendations": [],
        "next_steps": [WORD],
        "active_agents": [],
        "missing_agents": [],
        "checklist_summary": {"total_tasks": 0, "completed_tasks": 0, "pending_tasks": 0},
        "budget_summary": {
            "total_budget": {"min": 0, "max": 0},
            "by_step": {},
            "limit": None,
            "over_by": 0,
            "over_at_least": 0,
            "driver": None,
        },
        "failures": [],
    }
)

# By field. A test knows that every field that is sealed stands here.
STAND_INS: Final[Mapping[str, bytes]] = {
    "reveille.agent_runner.v1.AgentThinking.text": TEXT,
    "reveille.agent_runner.v1.RunCompleted.result": _RESULT,
    "reveille.agent_runner.v1.RunFailed.error": TEXT,
    "reveille.agent_runner.v1.ToolCalled.arguments": _OBJECT,
    "reveille.agent_runner.v1.ToolReturned.error": TEXT,
    "reveille.agent_runner.v1.ToolReturned.result": _json(WORD),
    "reveille.agent_runner.v1.WorkHandedOn.content": _json({"note": WORD, "payload": {}}),
    "reveille.analyzer.v1.Cancellation.reason": TEXT,
    "reveille.analyzer.v1.InputClassified.facts": _OBJECT,
    "reveille.analyzer.v1.InputClassified.unknown_tags": _LIST,
    "reveille.analyzer.v1.InputsAnalyzed.facts": _OBJECT,
    "reveille.analyzer.v1.InputsAnalyzed.unclassified": _LIST,
    "reveille.common.v1.DeadLetterDropped.reason": TEXT,
    "reveille.common.v1.MessageParked.headers": _OBJECT,
    # No message of any type: whoever would handle it again is told so.
    "reveille.common.v1.MessageParked.record": TEXT,
    "reveille.common.v1.Signal.content": SignalContent(actor=WORD, title=WORD, summary=WORD).SerializeToString(),
    "reveille.ingress.v1.ApprovalDecided.comment": TEXT,
    "reveille.ingress.v1.CancelRequested.reason": TEXT,
    "reveille.ingress.v1.ExecutionForked.parameters": _OBJECT,
    "reveille.ingress.v1.ExecutionRequested.parameters": _OBJECT,
    "reveille.ingress.v1.InputAdded.content": InputContent(text=WORD, added_by=WORD).SerializeToString(),
    "reveille.ingress.v1.NotificationFailed.error": TEXT,
    "reveille.planner.v1.ApprovalRequested.question": TEXT,
    "reveille.planner.v1.ExecutionCancelled.reason": TEXT,
    "reveille.planner.v1.ExecutionCancelling.reason": TEXT,
    "reveille.planner.v1.InputsTaken.facts": _OBJECT,
    "reveille.planner.v1.InputsTaken.unclassified": _LIST,
    "reveille.planner.v1.Item.value": _OBJECT,
    "reveille.planner.v1.PlanUpdated.plan": _PLAN,
    "reveille.planner.v1.QualityChecked.reasons": _json([WORD]),
    "reveille.planner.v1.StepCompleted.recommendations": _LIST,
    "reveille.planner.v1.StepCompleted.result": _RESULT,
    "reveille.planner.v1.StepFailed.error": TEXT,
    "reveille.planner.v1.StepPlanned.item": _OBJECT,
    "reveille.planner.v1.StepReady.facts": _OBJECT,
    "reveille.planner.v1.StepReady.item": _OBJECT,
    "reveille.planner.v1.WorkReviewed.notes": TEXT,
}
