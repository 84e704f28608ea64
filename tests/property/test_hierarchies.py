"""A hierarchy comes to what its inputs say, however they came, and works no round more than its blueprint allows."""

import random

from hypothesis import given
from hypothesis import strategies as st

from reveille.contracts.ingress.v1.events_pb2 import (
    AUTOPILOT_ASSISTED,
    AUTOPILOT_AUTO,
    AUTOPILOT_MANUAL,
    ROLE_BRIEF,
    Gate,
)
from reveille.contracts.planner.v1.events_pb2 import (
    APPROVAL_KIND_GATE,
    ApprovalRequested,
    ApprovalResolved,
    DepartmentCompleted,
    DepartmentStarted,
    ExecutionCompleted,
    PlanUpdated,
    QualityChecked,
    StepReady,
    WorkReviewed,
)
from reveille.kernel.sealing import seal
from reveille.planner.domain.commands import Answer, MissDeadline
from tests.property.hierarchies import MIN_QUALITY, Hierarchy, Made, expected, hierarchy

SEEDS = st.integers(min_value=0, max_value=2**32)


def want(house: Hierarchy, random_: random.Random, number: int) -> None:
    """Somebody says something, or takes it back."""
    inputs = house.world.inputs
    if inputs and random_.random() < 0.3:
        del inputs[random_.choice(sorted(inputs))]
    else:
        inputs[f"i{number}"] = (f"text {random_.randint(0, 4)}", ("orchestrate",))
    house.world.conditions = tuple(step.name for step in house.plan.steps if step.when) if inputs else ()


def texts(house: Hierarchy) -> list[str]:
    return [text for text, _ in house.world.inputs.values()]


def check(house: Hierarchy) -> None:
    if not house.world.inputs:
        assert house.state.steps == {}
        return
    made = expected(house.plan, texts(house))
    standing = house.standing()
    assert standing["compose"]["made"] == {name: as_told(house, name, one) for name, one in made.items()}
    drafts = {step.name for step in house.plan.steps if step.department and step.round and "/review" not in step.name}
    assert {name for name in standing if name in drafts} == {
        f"{department}/{specialist}" if number == 1 else f"{department}/{specialist}/{number}"
        for department, one in made.items()
        for number, specialists in enumerate(one.drafts, start=1)
        for specialist in specialists
    }


def as_told(house: Hierarchy, name: str, made: Made) -> object:
    department = next(one for one in house.plan.departments if one.name == name)
    return {
        "title": department.title,
        "head": department.head,
        "relevance": made.relevance,
        "outputs": {
            specialist: {
                "step": f"{name}/{specialist}" if number == 1 else f"{name}/{specialist}/{number}",
                "status": status,
                "score": score,
                "round": number,
            }
            for specialist, (number, score, status) in made.outputs.items()
        },
    }


@given(SEEDS)
def test_a_hierarchy_comes_to_what_its_inputs_say(seed: int) -> None:
    random_ = random.Random(seed)
    house = Hierarchy(hierarchy(random_))
    for number in range(5):
        want(house, random_, number)
        house.tell(house.change())
        house.settle(random_)
        check(house)


@given(SEEDS)
def test_changes_while_departments_work_leave_nothing_of_what_was_wanted_before(seed: int) -> None:
    random_ = random.Random(seed)
    house = Hierarchy(hierarchy(random_))
    for number in range(6):
        want(house, random_, number)
        house.tell(house.change())
        for _ in range(random_.randint(0, 6)):
            if house.open:
                house.answer(random_.randrange(len(house.open)))
    house.settle(random_)
    check(house)


@given(SEEDS)
def test_what_is_told_of_departments_is_in_order_and_true(seed: int) -> None:
    random_ = random.Random(seed)
    house = Hierarchy(hierarchy(random_))
    want(house, random_, 0)
    house.tell(house.change())
    house.settle(random_)
    made = expected(house.plan, texts(house))
    started = [event.department for event in house.events if isinstance(event, DepartmentStarted)]
    completed = {event.department: event for event in house.events if isinstance(event, DepartmentCompleted)}
    assert sorted(started) == sorted(made) == sorted(completed)
    for name, told in completed.items():
        outputs = {one.agent: (one.round, one.score, one.status) for one in told.outputs}
        assert outputs == made[name].outputs
        scores = [score for _, score, _ in outputs.values()]
        assert told.quality_score == (round(sum(scores) / len(scores)) if scores else 0)
    for event in house.events:
        if isinstance(event, QualityChecked):
            assert event.passed == (event.score >= MIN_QUALITY)
            assert 1 <= event.round <= house.plan.max_revisions + 1
        if isinstance(event, WorkReviewed) and event.round > house.plan.max_revisions:
            assert event.status != "revise"
    assert house.state.status == "completed"


@given(SEEDS)
def test_a_department_that_is_briefed_anew_starts_and_completes_anew(seed: int) -> None:
    random_ = random.Random(seed)
    house = Hierarchy(hierarchy(random_))
    open_: set[str] = set()
    briefed: list[str] = []
    for number in range(4):
        want(house, random_, number)
        before = len(house.events)
        house.tell(house.change())
        house.settle(random_)
        for event in house.events[before:]:
            match event:
                case StepReady(role=role, step=step) if role == ROLE_BRIEF:
                    briefed.append(step)
                case DepartmentStarted(department=name):
                    assert name not in open_
                    assert name in briefed
                    open_.add(name)
                case DepartmentCompleted(department=name):
                    assert name in open_
                    open_.remove(name)
        assert not open_
    started = [event.department for event in house.events if isinstance(event, DepartmentStarted)]
    assert sorted(started) == sorted(briefed)


@given(SEEDS)
def test_nothing_runs_twice_for_the_same_and_what_comes_back_is_not_done_again(seed: int) -> None:
    random_ = random.Random(seed)
    house = Hierarchy(hierarchy(random_))
    want(house, random_, 0)
    house.tell(house.change())
    house.settle(random_)
    before = len(house.began)
    house.tell(house.change())
    assert house.began[before:] == []
    ready = [event for event in house.events if isinstance(event, StepReady)]
    assert len({event.step for event in ready}) == len(ready)


GATE = Gate(before="complete", ask="Release it?", within_ms=1000, otherwise="reject", risk="medium")


def at_the_gate(seed: int, **more: object) -> Hierarchy:
    random_ = random.Random(seed)
    house = Hierarchy(hierarchy(random_, **{"gates": [GATE], "autopilot": AUTOPILOT_MANUAL, **more}))
    house.world.inputs["i"] = (f"text {seed}", ("orchestrate",))
    house.world.conditions = tuple(step.name for step in house.plan.steps if step.when)
    house.tell(house.change())
    house.settle(random_)
    return house


def answer(house: Hierarchy, *, approved: bool) -> None:
    asked = next(event for event in reversed(house.events) if isinstance(event, ApprovalRequested))
    house.tell(Answer(now=1, approval_id=asked.approval_id, approved=approved, by="ada", comment=seal(b"")))


def status(house: Hierarchy) -> str:
    return next(event.status for event in reversed(house.events) if isinstance(event, PlanUpdated))


def test_a_person_opens_the_gate_before_the_end() -> None:
    house = at_the_gate(1)
    (asked,) = [event for event in house.events if isinstance(event, ApprovalRequested)]
    assert (asked.kind, asked.step, asked.deadline.ToMilliseconds()) == (APPROVAL_KIND_GATE, "complete", 1000)
    assert status(house) == "waiting"
    assert not any(isinstance(event, ExecutionCompleted) for event in house.events)
    answer(house, approved=True)
    assert status(house) == "completed"
    assert isinstance(house.events[-2], ExecutionCompleted)
    answer(house, approved=False)
    assert status(house) == "completed"


def test_a_rejected_end_fails_the_plan_until_it_comes_to_something_else() -> None:
    house = at_the_gate(1)
    answer(house, approved=False)
    assert status(house) == "failed"
    house.world.inputs["other"] = ("something else", ("orchestrate",))
    house.tell(house.change())
    assert status(house) == "running"
    house.settle(random.Random(1))
    assert status(house) == "waiting"
    del house.world.inputs["other"]
    house.tell(house.change())
    house.settle(random.Random(1))
    # What was rejected stays so, and the question that nobody needs an answer to is closed.
    assert status(house) == "failed"
    resolved = [event.how for event in house.events if isinstance(event, ApprovalResolved)]
    assert resolved == ["decided", "moot"]


def test_nobody_answers_in_time() -> None:
    house = at_the_gate(1)
    house.tell(MissDeadline(now=1_000_001, step="complete", due=1_000_001))
    assert status(house) == "failed"


def test_the_autopilot_answers_where_it_may() -> None:
    assert status(at_the_gate(1, autopilot=AUTOPILOT_AUTO)) == "completed"
    assert status(at_the_gate(1, autopilot=AUTOPILOT_ASSISTED)) == "waiting"
    house = at_the_gate(
        1, autopilot=AUTOPILOT_ASSISTED, gates=[Gate(before="complete", ask="?", within_ms=1, risk="low")]
    )
    assert status(house) == "completed"
    (resolved,) = [event for event in house.events if isinstance(event, ApprovalResolved)]
    assert (resolved.approved, resolved.by, resolved.how) == (True, "autopilot", "autopilot")
