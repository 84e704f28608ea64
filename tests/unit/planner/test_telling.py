"""An execution as people see it, from its events."""

import json

import pytest
from google.protobuf.message import Message

from reveille.contracts.common.v1.common_pb2 import EventRef, Sealed
from reveille.contracts.ingress.v1.events_pb2 import (
    AUTOPILOT_ASSISTED,
    ROLE_COMPOSE,
    ROLE_DRAFT,
    Blueprint,
    BlueprintStep,
    Department,
)
from reveille.contracts.planner.v1.events_pb2 import (
    APPROVAL_KIND_GATE,
    ApprovalRequested,
    ApprovalResolved,
    DepartmentCompleted,
    DepartmentStarted,
    ExecutionCancelled,
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionStarted,
    PlanDefined,
    PlanUpdated,
    QualityChecked,
    StepAdopted,
    StepCompleted,
    StepFailed,
    StepPlanned,
    StepReady,
    StepReleased,
    StepRemoved,
    StepRetryScheduled,
    StepWaiting,
    WorkReviewed,
)
from reveille.contracts.planner.v1.queries_pb2 import ApprovalView, ExecutionView, StepView
from reveille.kernel.sealing import seal, seal_json
from reveille.kernel.timestamps import timestamp
from reveille.planner.application.telling import told
from tests.unit.log import Log
from tests.unit.manual_clock import NOON

pytestmark = pytest.mark.asyncio

STARTED = ExecutionStarted(
    execution_id="e", rule="rule", signal_ids=["s"], signals=[EventRef(stream="t.signal-1", revision=0)]
)
PLANNED = StepPlanned(execution_id="e", step="wake", agent="a", tokens=500)
RETRY = StepRetryScheduled(step="wake", attempt=1, reason="timeout", tokens_used=20)
COMPLETED = StepCompleted(step="wake", attempt=1, tokens_used=70, result=Sealed(data='{"grüße": 1}'.encode()))
FAILED = StepFailed(step="wake", attempt=1, reason="error", error=Sealed(data=b"no"), tokens_used=30)

WAITING = StepWaiting(step="wake", attempt=1, account="agent:a@2026-11-21", until=timestamp(NOON))
RELEASED = StepReleased(step="wake", attempt=1)
ASKED = ApprovalRequested(
    approval_id="x",
    execution_id="e",
    step="wake",
    attempt=1,
    question=Sealed(data="darf sie? größer".encode()),
    risk="low",
    tokens=500,
    deadline=timestamp(NOON + 60_000_000),
    otherwise="reject",
)


def resolved(how: str, *, approved: bool = False, by: str = "") -> ApprovalResolved:
    return ApprovalResolved(approval_id="x", execution_id="e", step="wake", approved=approved, by=by, how=how)


def ready(attempt: int = 1) -> StepReady:
    return StepReady(step="wake", agent="a", attempt=attempt, run_id=f"r{attempt}", tokens=500)


def ready_of(step: str) -> StepReady:
    return StepReady(step=step, agent="a", attempt=1, run_id="r1", blueprint="party")


async def view(*events: Message, plan: bool = False) -> ExecutionView:
    """Each event comes a second after the one before."""
    log = Log()
    recorded = []
    begun = (ExecutionStarted(execution_id="e", blueprint="party"),) if plan else (STARTED, PLANNED)
    for second, event in enumerate((*begun, *events)):
        recorded += await log.write("t.execution-e", event, now=NOON + second * 1_000_000)
    return told(recorded)


async def step(*events: Message) -> StepView:
    (only,) = (await view(*events)).steps
    return only


async def test_an_execution_names_itself_its_agent_and_what_caused_it() -> None:
    execution = await view()
    assert (execution.id, execution.tenant, execution.agent, execution.cause.rule) == ("e", "t", "a", "rule")
    assert (execution.cause.kind, list(execution.cause.signal_ids)) == ("rule", ["s"])


async def test_an_execution_that_the_sender_asked_for_has_a_trigger_for_its_cause() -> None:
    (started,) = await Log().write("t.execution-e", ExecutionStarted(execution_id="e"))
    assert told([started]).cause.kind == "trigger"


async def test_a_version_is_the_streams_revision() -> None:
    execution = await view(ready())
    assert (execution.version, execution.position) == (2, 3)


async def test_a_step_that_may_start_is_ready() -> None:
    one = await step(ready())
    assert (one.status, one.attempt, one.run_id, one.tokens.reserved) == ("ready", 1, "r1", 500)


async def test_an_execution_whose_step_is_ready_is_running() -> None:
    assert (await view(ready())).status == "running"


async def test_an_execution_that_waits_for_its_next_attempt_is_waiting() -> None:
    assert (await view(ready(), RETRY)).status == "waiting"


async def test_a_step_that_waits_for_its_next_attempt_says_why_and_holds_nothing() -> None:
    one = await step(ready(), RETRY)
    assert (one.status, json.loads(one.error.text), one.tokens.reserved, one.tokens.used) == (
        "planned",
        "timeout",
        0,
        20,
    )


async def test_a_step_started_with_its_first_attempt() -> None:
    assert (await step(ready(1), RETRY, ready(2))).started_at.ToMicroseconds() == NOON + 2_000_000


async def test_a_step_that_is_done_has_its_result() -> None:
    one = await step(ready(), COMPLETED)
    assert (one.status, json.loads(one.result.text), one.tokens.reserved) == ("done", {"grüße": 1}, 0)


async def test_a_step_that_is_done_has_no_error_of_an_earlier_attempt() -> None:
    assert not (await step(ready(), RETRY, ready(2), COMPLETED)).HasField("error")


async def test_all_attempts_of_a_step_count() -> None:
    assert (await step(ready(), RETRY, ready(2), COMPLETED)).tokens.used == 90


async def test_a_completed_execution_has_its_steps_result_its_end_and_what_it_used() -> None:
    execution = await view(ready(), COMPLETED, ExecutionCompleted(execution_id="e", tokens_used=70))
    assert (execution.status, execution.tokens_used, execution.result.text) == ("completed", 70, '{"grüße": 1}')
    assert execution.ended_at.ToMicroseconds() == NOON + 4_000_000


async def test_a_failed_step_says_why() -> None:
    one = await step(ready(), FAILED)
    assert (one.status, json.loads(one.error.text), one.tokens.used) == ("failed", "error: no", 30)


async def test_a_failed_execution_has_no_result() -> None:
    execution = await view(ready(), FAILED, ExecutionFailed(execution_id="e", tokens_used=30))
    assert (execution.status, execution.tokens_used, execution.HasField("result")) == ("failed", 30, False)


async def approval(*events: Message) -> ApprovalView:
    (only,) = (await view(ready(), WAITING, ASKED, *events)).approvals
    return only


async def test_a_step_that_waits_for_tokens_says_for_which_and_holds_none() -> None:
    one = await step(ready(), WAITING)
    assert (one.status, one.tokens.reserved) == ("waiting_tokens", 0)
    assert json.loads(one.error.text) == (
        "waits for tokens of agent:a@2026-11-21, until 2026-11-21T12:00:00.000Z at the latest"
    )
    assert (await view(ready(), WAITING)).status == "waiting"


async def test_a_step_that_was_released_is_ready_with_its_tokens_again() -> None:
    one = await step(ready(), WAITING, RELEASED)
    assert (one.status, one.tokens.reserved, one.HasField("error")) == ("ready", 500, False)
    assert (await view(ready(), WAITING, RELEASED)).status == "running"


async def test_a_step_about_which_a_person_is_asked_waits_for_the_answer() -> None:
    execution = await view(ready(), WAITING, ASKED)
    assert (execution.status, execution.steps[0].status) == ("waiting", "waiting_approval")


async def test_an_approval_says_what_is_asked_and_what_no_answer_means() -> None:
    asked = await approval()
    assert (asked.id, asked.execution_id, asked.step, asked.agent) == ("x", "e", "wake", "a")
    assert (asked.question, asked.risk, asked.cost, asked.otherwise) == ("darf sie? größer", "low", 500, "reject")
    assert (asked.status, asked.deadline.ToMicroseconds()) == ("open", NOON + 60_000_000)
    assert asked.requested_at.ToMicroseconds() == NOON + 4_000_000
    assert not asked.HasField("resolved_at")


@pytest.mark.parametrize(
    ("end", "status"),
    [
        (resolved("decided", approved=True, by="ann"), "approved"),
        (resolved("decided", by="ann"), "rejected"),
        (resolved("deadline"), "expired"),
        (resolved("deadline", approved=True), "approved"),
        (resolved("moot"), "moot"),
    ],
)
async def test_an_approval_says_how_it_was_closed(end: ApprovalResolved, status: str) -> None:
    closed = await approval(end)
    assert (closed.status, closed.by, closed.resolved_at.ToMicroseconds()) == (status, end.by, NOON + 5_000_000)


async def test_an_approved_step_waits_for_the_ledger() -> None:
    assert (await step(ready(), WAITING, ASKED, resolved("decided", approved=True))).status == "waiting_tokens"


async def test_a_step_says_what_it_waits_for_and_reads_as_its_blueprint_has_it_by_now() -> None:
    first = Blueprint(steps=[BlueprintStep(name="cake", reads=["guests"])])
    later = Blueprint(steps=[BlueprintStep(name="cake", reads=["diet"], after=["theme"], needs=["venue"])])
    cake, gone = StepPlanned(step="cake[a]", agent="a", of="cake"), StepPlanned(step="gone", agent="a", after=["cake"])
    steps = (await view(PlanDefined(blueprint=first), gone, cake)).steps
    # In the blueprint's order; what it has not comes last.
    assert [(one.name, list(one.reads)) for one in steps] == [("cake[a]", ["guests"]), ("wake", []), ("gone", [])]
    events = (PlanDefined(blueprint=first), cake, gone, PlanDefined(blueprint=later))
    (told_cake, _, told_gone) = (await view(*events)).steps
    assert (list(told_cake.reads), list(told_cake.after), list(told_cake.needs)) == (["diet"], ["theme"], ["venue"])
    assert list(told_gone.after) == ["cake"]


async def test_a_plan_says_what_it_has_used_though_it_has_not_ended() -> None:
    begun = (PlanDefined(blueprint=Blueprint(name="party")), StepPlanned(step="cake", agent="a"), ready_of("cake"))
    done = StepCompleted(step="cake", attempt=1, tokens_used=70)
    used = await view(*begun, done, StepRemoved(step="cake"), plan=True)
    assert used.tokens_used == 70


async def test_a_plan_has_its_end_while_it_is_complete_and_none_when_it_goes_on() -> None:
    begun, complete, again = (
        PlanUpdated(status="running"),
        PlanUpdated(status="completed"),
        PlanUpdated(status="failed"),
    )
    ended = await view(PlanDefined(blueprint=Blueprint(name="party")), begun, complete, complete, plan=True)
    first = ended.ended_at.ToMicroseconds() - ended.started_at.ToMicroseconds()
    assert (ended.status, first > 0) == ("completed", True)
    assert not (await view(PlanDefined(), complete, begun, plan=True)).HasField("ended_at")
    # What is said again moves no end; another end is another one.
    (one, two) = [await view(PlanDefined(), complete, last, plan=True) for last in (complete, again)]
    assert one.ended_at.ToMicroseconds() < two.ended_at.ToMicroseconds()
    cancelled = await view(PlanDefined(), ExecutionCancelled(), PlanUpdated(status="cancelled"), plan=True)
    assert cancelled.HasField("ended_at")


SCENE = Blueprint(
    name="scene",
    departments=[Department(name="story", title="Story", head="h", specialists=["w"]), Department(name="visual")],
    autopilot=AUTOPILOT_ASSISTED,
)


async def test_a_hierarchy_says_how_its_departments_stand() -> None:
    begun = (PlanDefined(blueprint=SCENE), DepartmentStarted(department="story", head="h", relevance=0.8))
    told = await view(*begun, plan=True)
    assert told.autopilot == "assisted"
    assert [(one.name, one.status, one.relevance) for one in told.departments] == [
        ("story", "running", 0.8),
        ("visual", "asleep", 0),
    ]
    assert not told.departments[0].HasField("quality_score")
    completed = DepartmentCompleted(department="story", quality_score=71, status="partial")
    (story, _) = (await view(*begun, completed, plan=True)).departments
    assert (story.status, story.quality_score, list(story.specialists)) == ("partial", 71, ["w"])
    assert story.HasField("ended_at")
    gone = (StepPlanned(step="story", agent="h"), StepRemoved(step="story"))
    (story, _) = (await view(*begun, completed, *gone, plan=True)).departments
    assert (story.status, story.HasField("quality_score")) == ("asleep", False)


async def test_a_draft_says_what_its_head_thinks_of_it() -> None:
    draft = StepPlanned(step="story/w", agent="w")
    ready = StepReady(step="story/w", attempt=1, department="story", role=ROLE_DRAFT, round=1)
    checked = QualityChecked(step="story/w", score=64, reasons=seal_json(["too short"]))
    reviewed = WorkReviewed(step="story/w", status="revise", notes=seal(b"longer"), reviewer="h")
    told = await view(PlanDefined(blueprint=SCENE), draft, ready, checked, reviewed, plan=True)
    step = told.steps[-1]
    assert (step.department, step.role, step.round) == ("story", "draft", 1)
    review = step.review
    assert (review.status, review.score, review.notes, review.reviewer) == ("revise", 64, "longer", "h")
    assert json.loads(review.reasons.text) == ["too short"]


MADE = Blueprint(
    name="scene",
    departments=[Department(name="story")],
    steps=[
        BlueprintStep(name="story/w", agent="w", department="story", role=ROLE_DRAFT, round=1),
        BlueprintStep(name="compose", agent="o", role=ROLE_COMPOSE),
    ],
)
PLANNED_TO_MAKE = (
    PlanDefined(blueprint=MADE),
    StepPlanned(step="story/w", agent="w"),
    StepPlanned(step="compose", agent="o"),
)


def adopted(step: str, result: str) -> StepAdopted:
    return StepAdopted(completed=StepCompleted(step=step, result=seal_json(result)))


async def test_what_a_fork_has_from_another_plan_is_told_like_what_was_done_here() -> None:
    told = await view(*PLANNED_TO_MAKE, adopted("compose", "whole"), adopted("story/w", "draft"), plan=True)
    assert [(one.name, one.department, one.role, one.round) for one in told.steps] == [
        ("story/w", "story", "draft", 1),
        ("compose", "", "compose", 0),
    ]
    assert json.loads(told.result.text) == "whole"
    party = await view(PlanDefined(), StepPlanned(step="cake", agent="a"), adopted("cake", "pie"), plan=True)
    assert json.loads(party.result.text) == "pie"


async def test_the_result_of_a_hierarchy_is_what_is_composed_of_it() -> None:
    drafted = StepCompleted(step="story/w", attempt=1, result=seal_json("draft"))
    begun = (*PLANNED_TO_MAKE, ready_of("story/w"), drafted)
    assert not (await view(*begun, plan=True)).HasField("result")
    composed = StepCompleted(step="compose", attempt=1, result=seal_json("whole"))
    told = await view(*begun, ready_of("compose"), composed, drafted, plan=True)
    assert json.loads(told.result.text) == "whole"


async def test_a_gate_is_an_approval_of_no_step() -> None:
    asked = ApprovalRequested(approval_id="a", step="complete", kind=APPROVAL_KIND_GATE, question=seal(b"Release?"))
    told = await view(PlanDefined(blueprint=SCENE), asked, plan=True)
    (approval,) = told.approvals
    assert (approval.kind, approval.step, approval.question, approval.status) == (
        "gate",
        "complete",
        "Release?",
        "open",
    )
    answered = ApprovalResolved(
        approval_id="a", step="complete", kind=APPROVAL_KIND_GATE, approved=True, how="autopilot"
    )
    (approval,) = (await view(PlanDefined(blueprint=SCENE), asked, answered, plan=True)).approvals
    assert approval.status == "approved"
