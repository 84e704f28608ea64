"""Live events: what the log's events become for whoever watches, each of the eleven as it is on the wire."""

from typing import Any

import pytest

from reveille.contracts.agent_runner.v1.events_pb2 import Failure, RunFailed, ToolReturned
from reveille.contracts.common.v1.common_pb2 import EventRef, Sealed, Signal, SignalContent
from reveille.contracts.ingress.v1.events_pb2 import Role, SignalReceived
from reveille.contracts.planner.v1.events_pb2 import (
    ExecutionCancelled,
    ExecutionCompleted,
    ExecutionFailed,
    PlanUpdated,
    StepAdopted,
    StepCompleted,
    StepFailed,
    StepInvalidated,
    StepReady,
    StepRemoved,
    StepRestored,
)
from reveille.ingress.domain.live.moments import TYPES
from reveille.ingress.domain.live.opening import complexity
from reveille.kernel.events import Recorded
from reveille.kernel.sealing import seal, seal_json
from tests.unit.ingress import live_events as log
from tests.unit.ingress.live_events import TRACE, execution, live, recorded, text
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


def test_who_composes_has_the_result_whatever_is_done_after_it() -> None:
    event = last(
        log.ready("e", "compose", role=Role.ROLE_COMPOSE),
        log.completed("e", {"text": "the scene"}, "compose"),
        log.completed("e", {"text": "a draft"}, "camera/lens"),
        execution("e", ExecutionCompleted(execution_id="e", living=True)),
    )
    assert event["result"] == {"text": "the scene"}


@pytest.mark.parametrize("gone", [StepInvalidated(step="late"), StepRemoved(step="late")])
def test_a_result_that_counts_no_more_is_not_the_executions(gone: Any) -> None:
    done = execution("e", ExecutionCompleted(execution_id="e", living=True))
    steps = [log.completed("e", 1, "early"), log.completed("e", 2, "late"), execution("e", gone)]
    assert last(*steps, done)["result"] == 1
    assert last(*steps, execution("e", StepRestored(step="late")), done)["result"] == 2


def test_a_fork_has_the_results_that_it_adopted() -> None:
    adopted = StepAdopted(completed=StepCompleted(step="theme", result=seal_json("jungle")))
    assert last(execution("e", adopted), execution("e", ExecutionCompleted(living=True)))["result"] == "jungle"


def test_a_living_plan_that_fails_says_so_once_each_time() -> None:
    def updated(status: str) -> Written:
        plan = {"next_steps": ["Change what theme is to do: it failed (error)."]} if status == "failed" else {}
        return execution("e", PlanUpdated(execution_id="e", status=status, plan=seal_json(plan)))

    shown = told(*SCENE, *map(updated, ["running", "failed", "failed", "running", "failed", "completed"]))
    assert [one["type"] for one in shown[1:]] == ["orchestration-complete"] * 2
    assert [(one["status"], one["result"]) for one in shown[1:]] == [("failed", None)] * 2
    assert shown[1]["error"] == "Change what theme is to do: it failed (error)."


def test_an_execution_that_fails_or_is_cancelled_says_why() -> None:
    failed = execution("e", StepFailed(step="work", reason="error", error=text("no such file")))
    ended = execution("e", ExecutionFailed(reason="step work failed", tokens_used=7))
    event = told(*log.woken("e"), failed, ended)[-1]
    assert (event["status"], event["error"], event["metrics"]["tokensUsed"]) == ("failed", "no such file", 7)
    assert told(*log.woken("e"), ended)[-1]["error"] == "step work failed"
    event = last(execution("e", ExecutionCancelled(reason=text("enough"), tokens_used=1)))
    assert (event["status"], event["error"], event["metrics"]["qualityScore"]) == ("cancelled", "enough", None)


def test_what_is_large_is_told_by_reference_and_had_whole() -> None:
    result = {"text": "é" * 5_000}
    events = recorded(*SCENE, log.ready("e"), log.ran("e"), log.came_to("e", result))
    output = live("e", events)[-1]["output"]
    # The JSON around the text takes 11 bytes.
    assert (output["$ref"], output["bytes"]) == ("/api/v1/executions/e/events/3", 10_011)
    assert output["preview"] == '{"text":"' + "é" * 191
    assert live("e", events, whole=True)[-1]["output"] == result


def test_a_text_that_is_large_is_cut_off_and_had_whole() -> None:
    events = recorded(*SCENE, log.ready("e"), log.ran("e"), log.thought("e", "y" * 9_000))
    assert live("e", events)[-1]["text"] == "y" * 8_191 + "…"
    assert live("e", events, whole=True)[-1]["text"] == "y" * 9_000


def test_a_tools_result_may_be_a_blob() -> None:
    returned = log.of_run("e", ToolReturned(call=1, tool="read", result_blob="d1"))
    events = recorded(*SCENE, log.ready("e"), log.ran("e"), returned)
    assert live("e", events, blob=b'{"lines": [1]}')[-1]["result"] == {"lines": [1]}
    assert live("e", events)[-1]["result"] is None


@pytest.mark.parametrize("data", [b"plain words", b"NaN", b'{"a": 1', b"[" * 2_000])
def test_what_is_no_json_is_told_as_a_text(data: bytes) -> None:
    ended = log.of_run("e", log.came_to("e", 0)[1])
    ended[1].result.CopyFrom(seal(data))  # type: ignore[attr-defined]
    assert last(log.ready("e"), log.ran("e"), ended)["output"] == data.decode()


def test_what_cannot_be_opened_names_its_key() -> None:
    ended = log.of_run("e", log.came_to("e", 0)[1])
    ended[1].result.CopyFrom(Sealed(key_id="k9", data=b"?"))  # type: ignore[attr-defined]
    assert last(log.ready("e"), log.ran("e"), ended)["output"] == {"sealed": "k9"}


def test_a_clock_that_is_set_back_makes_no_time_negative() -> None:
    events = recorded(*SCENE, log.ready("e"), log.ran("e"), log.came_to("e", 1), apart=-1_000_000)
    assert live("e", events)[-1]["executionTime"] == 0.0


def test_figures_beyond_32_bits_are_told_as_the_most() -> None:
    assert last(log.ready("e"), log.ran("e"), log.came_to("e", 1, tokens=1 << 40))["tokensUsed"] == (1 << 31) - 1


def test_what_belongs_to_no_run_of_it_is_no_event_of_it() -> None:
    unknown = Recorded(
        b"", "reveille.planner.v1.FromTheFuture", b"", recorded(*SCENE)[0].meta, None, 999, "t.execution-e", 9
    )
    shown = live(
        "e",
        [
            *recorded(*SCENE, log.ran("e"), log.thought("e", "early")),
            unknown,
            *recorded(log.ready("e"), log.ran("e"), log.came_to("e", 1), log.thought("e", "late")),
        ],
    )
    assert [one["type"] for one in shown] == ["orchestration-start", "agent-start", "agent-complete"]


def test_each_attempt_is_a_run_of_its_own() -> None:
    shown = told(
        *SCENE,
        *[log.ready("e"), log.ran("e"), log.of_run("e", RunFailed(retry=True))],
        *[log.ready("e", attempt=2), log.ran("e", attempt=2), log.came_to("e", 1, attempt=2)],
    )
    assert [(one["type"], one.get("attempt")) for one in shown[1:]] == [
        ("agent-start", 1),
        ("agent-complete", 1),
        ("agent-start", 2),
        ("agent-complete", 2),
    ]


@pytest.mark.parametrize(
    ("words", "steps", "departments", "expected"),
    [(3, 1, 0, "simple"), (20, 1, 0, "moderate"), (3, 30, 0, "moderate"), (60, 6, 0, "complex"), (3, 30, 4, "complex")],
)
def test_how_complex_it_is_follows_from_words_steps_and_departments(
    words: int, steps: int, departments: int, expected: str
) -> None:
    assert complexity("word " * words, steps=steps, departments=departments) == expected


def test_roles_of_a_newer_build_are_none() -> None:
    ready = StepReady(step="work", agent="a", run_id=log.run_of("e"))
    ready.MergeFromString(b"\xb0\x01\x63")  # role = 99
    assert last(execution("e", ready), log.ran("e"))["role"] == ""
