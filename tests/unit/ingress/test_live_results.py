"""Live events: which results, failures and odd things of the log they tell, and how much of them."""

from typing import Any

import pytest

from reveille.contracts.agent_runner.v1.events_pb2 import RunFailed, ToolReturned
from reveille.contracts.common.v1.common_pb2 import Sealed
from reveille.contracts.ingress.v1.events_pb2 import Blueprint, BlueprintStep, Role
from reveille.contracts.planner.v1.events_pb2 import (
    ExecutionCancelled,
    ExecutionCompleted,
    ExecutionFailed,
    PlanDefined,
    PlanUpdated,
    StepAdopted,
    StepCompleted,
    StepFailed,
    StepInvalidated,
    StepReady,
    StepRemoved,
    StepRestored,
)
from reveille.ingress.domain.live.opening import complexity
from reveille.kernel.events import Recorded
from reveille.kernel.sealing import seal, seal_json
from tests.unit.ingress import live_events as log
from tests.unit.ingress.live_events import execution, live, recorded, text
from tests.unit.ingress.plan_events import Written
from tests.unit.ingress.test_live_fold import SCENE, last, told


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


def test_a_fork_of_a_hierarchy_has_what_was_composed_there() -> None:
    scene = Blueprint(steps=[BlueprintStep(name="compose", role=Role.ROLE_COMPOSE), BlueprintStep(name="story/review")])
    events = [
        execution("e", PlanDefined(blueprint=scene)),
        *(
            execution("e", StepAdopted(completed=StepCompleted(step=step, result=seal_json(result))))
            for step, result in (("compose", "the scene"), ("story/review", "all good"))
        ),
    ]
    assert last(*events, execution("e", ExecutionCompleted(living=True)))["result"] == "the scene"


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


@pytest.mark.parametrize(("words", "expected"), [(3, "moderate"), (20, "complex")])
def test_how_complex_a_hierarchy_is_follows_from_what_is_wanted(words: int, expected: str) -> None:
    asked = log.asked("e", "word " * words, conversation="talk", project_id="p")
    begun = log.begun("e", inputs=1, departments=["camera", "sound", "story"], steps=32, conversation="talk")
    assert told(*asked, *begun)[0]["complexity"] == expected


def test_roles_of_a_newer_build_are_none() -> None:
    ready = StepReady(step="work", agent="a", run_id=log.run_of("e"))
    ready.MergeFromString(b"\xb0\x01\x63")  # role = 99
    assert last(execution("e", ready), log.ran("e"))["role"] == ""
