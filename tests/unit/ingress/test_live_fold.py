"""Live events: what the log's events become for whoever watches, each of the eleven as it is on the wire."""

from typing import Any

import pytest

from reveille.contracts.agent_runner.v1.events_pb2 import Failure
from reveille.contracts.common.v1.common_pb2 import EventRef, Signal, SignalContent
from reveille.contracts.ingress.v1.events_pb2 import SignalReceived
from reveille.contracts.planner.v1.events_pb2 import (
    ExecutionCompleted,
)
from reveille.ingress.domain.live.moments import TYPES
from reveille.kernel.sealing import seal
from tests.unit.ingress import live_events as log
from tests.unit.ingress.live_events import TRACE, execution, live, recorded
from tests.unit.ingress.plan_events import Written

COMMON = {"executionId": "e", "conversationId": "talk", "traceId": TRACE.split("-")[1]}
SCENE = [
    *log.asked("e", "a storm at sea", "two sailors", conversation="talk", project_id="p-7"),
    *log.begun("e", inputs=2, departments=["camera", "sound"], steps=9, conversation="talk"),
]
DRAFT = log.drafting("e", "camera/lens", "lens", "camera", 1)


def told(*events: Written) -> list[dict[str, Any]]:
    return live("e", recorded(*events))


def last(*events: Written) -> dict[str, Any]:
    return told(*SCENE, *events)[-1]


def of(event: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: event[name] for name in names}


def test_an_execution_starts_with_what_was_wanted() -> None:
    assert told(*SCENE) == [
        {
            "type": "orchestration-start",
            **COMMON,
            "agentId": "",
            "department": "",
            "sequence": 1,
            "timestamp": "2026-11-21T12:00:00.015Z",
            "projectId": "p-7",
            "userPrompt": "a storm at sea\ntwo sailors",
            "complexity": "moderate",
            "blueprint": "film-scene",
        }
    ]


def test_a_wake_says_what_woke_and_whom() -> None:
    content = SignalContent(title="Faster parser", summary="opened").SerializeToString()
    signal = SignalReceived(signal=Signal(id="s", content=seal(content)))
    start = told(("t.signal-s", signal), *log.woken("e", "reviewer", [EventRef(stream="t.signal-s", revision=0)]))[0]
    assert of(start, "projectId", "userPrompt", "complexity", "blueprint") == {
        "projectId": "reviewer",
        "userPrompt": "Faster parser",
        "complexity": "simple",
        "blueprint": "",
    }


def test_an_agent_starts_a_step_of_its_department() -> None:
    assert last(DRAFT, log.ran("e", "camera/lens", "lens")) == {
        "type": "agent-start",
        **COMMON,
        "agentId": "lens",
        "department": "camera",
        "sequence": 2,
        "timestamp": "2026-11-21T12:00:00.035Z",
        "step": "camera/lens",
        "runId": "e-camera_lens-1",
        "attempt": 1,
        "role": "draft",
        "round": 1,
    }


def test_an_agent_thinks_aloud() -> None:
    event = last(DRAFT, log.ran("e", "camera/lens"), log.thought("e", "wide, then close", "camera/lens", dropped=4))
    assert of(event, "type", "agentId", "department", "step", "text", "runId", "dropped") == {
        "type": "agent-thinking",
        "agentId": "lens",
        "department": "camera",
        "step": "camera/lens",
        "text": "wide, then close",
        "runId": "e-camera_lens-1",
        "dropped": 4,
    }


def test_a_tool_is_called_and_answers() -> None:
    ready = [log.ready("e"), log.ran("e")]
    call, result = told(*SCENE, *ready, log.called("e", words=["sea"]), log.returned("e", {"hits": 2}))[-2:]
    assert of(call, "type", "agentId", "toolName", "arguments", "runId", "call") == {
        "type": "tool-call",
        "agentId": "reviewer",
        "toolName": "search",
        "arguments": {"words": ["sea"]},
        "runId": "e-work-1",
        "call": 1,
    }
    assert of(result, "type", "agentId", "toolName", "result", "error", "executionTime", "runId", "call") == {
        "type": "tool-result",
        "agentId": "reviewer",
        "toolName": "search",
        "result": {"hits": 2},
        "error": "",
        "executionTime": 5.0,
        "runId": "e-work-1",
        "call": 1,
    }


def test_an_agent_is_done() -> None:
    events = [log.ready("e"), log.ran("e"), log.thought("e", "hm"), log.came_to("e", {"title": "Storm"}, tokens=120)]
    names = ("type", "agentId", "status", "output", "tokensUsed", "executionTime", "step", "attempt", "error")
    assert of(last(*events), *names, "dropped") == {
        "type": "agent-complete",
        "agentId": "reviewer",
        "status": "completed",
        "output": {"title": "Storm"},
        "tokensUsed": 120,
        "executionTime": 10.0,
        "step": "work",
        "attempt": 1,
        "error": "",
        "dropped": 0,
    }


@pytest.mark.parametrize(
    ("reason", "status"), [(Failure.FAILURE_TIMEOUT, "failed"), (Failure.FAILURE_CANCELLED, "cancelled")]
)
def test_an_agent_that_fails_says_why_shortly(reason: Failure, status: str) -> None:
    event = last(log.ready("e"), log.ran("e"), log.failed("e", "x" * 3_000, reason=reason))
    assert (event["status"], event["output"], len(event["error"])) == (status, None, 2_000)


def test_a_department_starts_with_its_relevance() -> None:
    event = last(log.department("e", "camera", 0.75))
    assert of(event, "type", "agentId", "department", "departmentName", "relevance") == {
        "type": "department-start",
        "agentId": "camera-head",
        "department": "camera",
        "departmentName": "camera",
        "relevance": 0.75,
    }


def test_a_department_ends_with_what_its_specialists_made() -> None:
    event = last(
        log.department("e"),
        log.completed("e", {"text": "wide"}, "camera/lens"),
        log.completed("e", {"text": "slow"}, "camera/move"),
        log.department_done("e", "camera", ("lens", "camera/lens", 80), ("move", "camera/move", 71)),
    )
    assert of(event, "type", "agentId", "outputs", "qualityScore", "executionTime", "status") == {
        "type": "department-complete",
        "agentId": "camera-head",
        "outputs": {
            "lens": {"status": "approved", "score": 80, "round": 1, "output": {"text": "wide"}},
            "move": {"status": "approved", "score": 71, "round": 1, "output": {"text": "slow"}},
        },
        "qualityScore": 76.0,
        "executionTime": 15.0,
        "status": "approved",
    }


def test_quality_is_checked_with_reasons() -> None:
    event = last(log.checked("e", 64, "too short", "no sailor in it"))
    assert of(event, "type", "agentId", "department", "score", "reasons", "passed", "step", "round") == {
        "type": "quality-check",
        "agentId": "lens",
        "department": "camera",
        "score": 64.0,
        "reasons": ["too short", "no sailor in it"],
        "passed": False,
        "step": "camera/lens",
        "round": 1,
    }


def test_work_is_reviewed_with_notes() -> None:
    event = last(log.reviewed("e", "revise", "name the sailors"))
    assert of(event, "type", "agentId", "department", "status", "round", "notes", "reviewerId", "step") == {
        "type": "review-status",
        "agentId": "lens",
        "department": "camera",
        "status": "revise",
        "round": 1,
        "notes": "name the sailors",
        "reviewerId": "camera-head",
        "step": "camera/lens",
    }


def test_an_execution_is_complete_with_its_result_and_figures() -> None:
    event = last(
        *[log.department("e"), log.department("e", "sound")],
        *[log.checked("e", 90, passed=True), log.reviewed("e", "revise", "")],
        *[log.department_done("e", "camera", ("lens", "", 80)), log.department_done("e", "sound", ("ear", "", 71))],
        *[log.ready("e"), log.ran("e"), log.came_to("e", {"title": "Storm"}), log.completed("e", {"title": "Storm"})],
        log.completed("e", {"categories": {}}, "classify:3"),
        log.completed("e", {"undone": True}, "undo:work"),
        execution("e", ExecutionCompleted(execution_id="e", tokens_used=130, living=True)),
    )
    assert of(event, "type", "agentId", "status", "result", "metrics", "error") == {
        "type": "orchestration-complete",
        "agentId": "",
        "status": "completed",
        "result": {"title": "Storm"},
        "metrics": {
            "executionTime": 75.0,
            "tokensUsed": 130,
            "agents": 1,
            "runs": 1,
            "departments": 2,
            "revisions": 1,
            "qualityScore": 75.5,
        },
        "error": "",
    }


def test_each_of_the_eleven_has_an_example_here() -> None:
    events = [
        *SCENE,
        *[log.department("e"), DRAFT, log.ran("e", "camera/lens"), log.thought("e", "hm", "camera/lens")],
        *[log.called("e", step="camera/lens"), log.returned("e", 1, step="camera/lens")],
        *[log.came_to("e", {}, "camera/lens"), log.checked("e", 80), log.reviewed("e", "approved", "")],
        log.department_done("e", "camera"),
        execution("e", ExecutionCompleted(execution_id="e")),
    ]
    shown = told(*events)
    assert {one["type"] for one in shown} == set(TYPES)
    assert [one["sequence"] for one in shown] == list(range(1, 12))
