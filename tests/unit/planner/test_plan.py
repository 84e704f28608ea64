"""A plan is cancelled, forked, asked about and told: what the random histories do not look at."""

import json
from typing import Any

from reveille.contracts.analyzer.v1.events_pb2 import Beginning, Cancellation
from reveille.contracts.budget.v1.events_pb2 import BudgetUpdated
from reveille.contracts.common.v1.common_pb2 import PRIORITY_HIGH, PRIORITY_LOW, EventRef, Money
from reveille.contracts.ingress.v1.events_pb2 import Blueprint, BlueprintStep, Category
from reveille.contracts.planner.v1.events_pb2 import (
    ExecutionCancelled,
    ExecutionCancelling,
    ExecutionCompleted,
    MoneyPlanned,
    PlanUpdated,
    ResultDiscarded,
    StepAdopted,
    StepCompleted,
    StepFailed,
    StepPlanned,
    StepReady,
    StepRetryScheduled,
    StepRevoked,
    StepTerms,
)
from reveille.kernel.sealing import open_sealed, seal, seal_json
from reveille.planner.domain.commands import Adopted, Answer, AwaitTokens, FailStep, RetryStep, TakeEstimate
from reveille.planner.domain.commands import CompleteStep as Complete
from tests.property.plans import House


def step(name: str, **more: Any) -> BlueprintStep:
    return BlueprintStep(name=name, agent=f"a-{name}", category=Category(words=[name]), **more)


PARTY = Blueprint(
    name="party",
    steps=[
        step("venue", priority=1, reads=["budget"], compensate="a-undo", ask="Where?"),
        step("food", after=["venue"], priority=3, compensate="a-undo"),
    ],
    required=["venue", "food"],
    money_from=["venue"],
    facts=["budget"],
)


def house(*about: str, **facts: Any) -> House:
    """Inputs about these steps, taken."""
    one = House(PARTY)
    one.world.inputs = {f"i-{name}": (f"text {name}", (name,)) for name in about}
    one.world.facts = facts
    one.tell(one.change())
    return one


def of(one: House, *types: type) -> list[Any]:
    return [event for event in one.events if isinstance(event, types)]


def told(one: House) -> dict[str, Any]:
    plan: dict[str, Any] = json.loads(open_sealed(of(one, PlanUpdated)[-1].plan))
    return plan


def complete(one: House, name: str, **result: Any) -> None:
    ready = next(event for event in reversed(of(one, StepReady)) if event.step == name)
    one.tell(
        Complete(
            now=1,
            step=name,
            attempt=ready.attempt,
            run_id=ready.run_id,
            tokens_used=10,
            result=seal_json(result),
            ref=EventRef(stream=f"t.run-{ready.run_id}", revision=3),
        )
    )


def fail(one: House, name: str, *, retry: bool = False, interrupted: bool = False, attempt: int = 1) -> None:
    one.tell(
        FailStep(
            now=1_000,
            step=name,
            attempt=attempt,
            tokens_used=1,
            reason="error",
            error=seal(b"no oven"),
            retry=retry,
            interrupted=interrupted,
        )
    )


def cancel(one: House) -> None:
    command = one.change()
    one.tell(type(command)(**{**fields(command), "cancellation": Cancellation(by="ann", reason=seal(b"rain"))}))


def fields(command: Any) -> dict[str, Any]:
    return {name: getattr(command, name) for name in command.__slots__}


def test_urgency_is_a_matter_of_the_step() -> None:
    one = house("venue", "food")
    complete(one, "venue")
    assert [event.priority for event in of(one, StepReady)] == [PRIORITY_HIGH, PRIORITY_LOW]


def test_a_plan_is_complete_when_all_that_it_requires_is_done_and_opens_again_with_an_input() -> None:
    one = house("venue", "food")
    complete(one, "venue")
    complete(one, "food")
    assert of(one, ExecutionCompleted) == [ExecutionCompleted(execution_id="e", tokens_used=20, living=True)]
    assert of(one, PlanUpdated)[-1].status == "completed"
    one.world.inputs["more"] = ("more", ("food",))
    one.tell(one.change())
    assert of(one, PlanUpdated)[-1].status == "running"
    complete(one, "food")
    assert len(of(one, ExecutionCompleted)) == 2


def test_a_cancelled_plan_revokes_what_runs_and_undoes_what_was_done_the_last_first() -> None:
    one = house("venue", "food")
    complete(one, "venue", place="barn")
    complete(one, "food")
    one.world.inputs["more"] = ("more", ("food",))
    one.tell(one.change())
    cancel(one)
    running = of(one, StepReady)[2]
    assert [event.run_id for event in of(one, StepRevoked)] == [running.run_id]
    assert of(one, ExecutionCancelling)[0].by == "ann"
    (undoing,) = of(one, StepReady)[3:]
    assert (undoing.step, undoing.agent) == ("undo:venue", "a-undo")
    assert undoing.undoes == of(one, StepCompleted)[0].ref
    complete(one, "undo:venue")
    assert of(one, ExecutionCancelled)[0].reason == seal(b"rain")
    assert of(one, PlanUpdated)[-1].status == "cancelled"
    complete(one, "food")  # it comes too late
    assert isinstance(one.events[-1], ResultDiscarded)
    count = len(one.events)
    one.tell(one.change())
    assert len(one.events) == count


def test_what_waits_to_be_tried_again_keeps_no_plan_from_being_cancelled() -> None:
    one = House(PARTY)
    one.world.inputs = {"i": ("text", ("venue",))}
    command = one.change()
    terms = tuple(StepTerms(step=name, attempts=2, backoff_ms=10, agent_digest="x") for name in ("venue", "food"))
    one.tell(type(command)(**{**fields(command), "terms": terms}))
    fail(one, "venue", retry=True)
    (retry,) = of(one, StepRetryScheduled)
    cancel(one)
    assert of(one, ExecutionCancelled)
    count = len(one.events)
    one.tell(RetryStep(now=2_000, step="venue", due=retry.retry_at.ToMicroseconds()))
    assert len(one.events) == count


def test_what_cannot_be_undone_does_not_keep_the_rest_from_it() -> None:
    one = house("venue", "food")
    complete(one, "venue")
    complete(one, "food")
    cancel(one)
    fail(one, "undo:food")
    complete(one, "undo:venue")
    assert [type(event) for event in one.events if isinstance(event, StepFailed | ExecutionCancelled)] == [
        StepFailed,
        ExecutionCancelled,
    ]
    assert [failure["step"] for failure in told(one)["failures"]] == ["undo:food"]
    assert told(one)["next_steps"] == ["Undo by hand what food has done: undoing it failed (error: no oven)."]


def test_a_cancelled_plan_asks_for_nothing_any_more() -> None:
    one = house("venue")
    assert told(one)["next_steps"] == ["Say what you want for food."]
    complete(one, "venue")
    cancel(one)
    assert (told(one)["next_steps"], told(one)["recommendations"]) == ([], [])


def test_a_failed_attempt_is_tried_again_with_the_same_and_counts_on() -> None:
    one = House(PARTY)
    one.world.inputs = {"i": ("text", ("venue",))}
    command = one.change()
    terms = tuple(StepTerms(step=name, attempts=2, backoff_ms=10, agent_digest="x") for name in ("venue", "food"))
    one.tell(type(command)(**{**fields(command), "terms": terms}))
    fail(one, "venue", retry=True)
    (retry,) = of(one, StepRetryScheduled)
    one.tell(RetryStep(now=2_000, step="venue", due=retry.retry_at.ToMicroseconds()))
    first, second = of(one, StepReady)
    assert (second.attempt, second.digest, second.inputs) == (2, first.digest, first.inputs)
    assert first.run_id != second.run_id
    fail(one, "venue", retry=True, attempt=2)
    assert of(one, StepFailed)
    assert told(one)["failures"] == [{"step": "venue", "agent": "a-venue", "reason": "error: no oven", "blocks": []}]
    assert of(one, PlanUpdated)[-1].status == "failed"


def test_a_change_while_it_waits_to_be_tried_again_tries_the_new_thing_at_once() -> None:
    one = House(PARTY)
    one.world.inputs = {"i": ("text", ("venue",))}
    command = one.change()
    terms = tuple(StepTerms(step=name, attempts=2, backoff_ms=10, agent_digest="x") for name in ("venue", "food"))
    one.tell(type(command)(**{**fields(command), "terms": terms}))
    fail(one, "venue", retry=True)
    (retry,) = of(one, StepRetryScheduled)
    one.world.inputs["more"] = ("more", ("venue",))
    changed = one.change()
    one.tell(type(changed)(**{**fields(changed), "terms": terms}))
    assert [event.attempt for event in of(one, StepReady)] == [1, 2]
    count = len(one.events)
    one.tell(RetryStep(now=2_000, step="venue", due=retry.retry_at.ToMicroseconds()))
    assert len(one.events) == count


def test_what_a_person_refuses_tokens_fails_and_leaves_the_ledgers_line() -> None:
    one = house("venue")
    one.tell(
        AwaitTokens(
            now=1, step="venue", attempt=1, account="agent:a-venue@d", left=0, until=9, ask=True, answer_ms=1_000
        )
    )
    assert of(one, PlanUpdated)[-1].status == "waiting"
    asked = one.state.steps["venue"].asked
    assert asked is not None
    one.tell(Answer(now=2, approval_id=asked.approval_id, approved=False, by="ann", comment=seal(b"too dear")))
    assert [event.run_id for event in of(one, StepRevoked)] == [of(one, StepReady)[0].run_id]
    assert told(one)["failures"][0]["reason"] == "rejected: too dear"


def test_money_is_told_when_it_changes_and_the_plan_when_the_budget_has_added_it_up() -> None:
    one = house("venue", budget=100)
    complete(one, "venue", money={"min": 80, "max": 120.5})
    (planned,) = of(one, MoneyPlanned)
    assert (planned.limit, planned.by_step["venue"]) == (10_000, Money(min=8_000, max=12_050))
    updated = BudgetUpdated(
        execution_id="e",
        by_step={"venue": Money(min=8_000, max=12_050)},
        total=Money(min=8_000, max=12_050),
        limit=10_000,
        over_by=2_050,
        driver="venue",
    )
    one.tell(TakeEstimate(now=1, budget=updated))
    assert told(one)["budget_summary"] == {
        "total_budget": {"min": 80, "max": 120.5},
        "by_step": {"venue": {"min": 80, "max": 120.5}},
        "limit": 100,
        "over_by": 20.5,
        "over_at_least": 0,
        "driver": "venue",
    }
    assert told(one)["recommendations"][0] == {
        "category": "budget",
        "priority": "high",
        "description": "The plan may exceed its budget of 100 by 20.5: venue costs the most.",
    }
    count = len(one.events)
    one.tell(TakeEstimate(now=1, budget=updated))
    assert len(one.events) == count


def test_what_an_agent_says_of_money_or_recommends_and_is_not_so_is_left_out() -> None:
    one = house("venue")
    complete(
        one, "venue", money={"min": 9, "max": "much"}, recommendations=[{"description": 3}, "x", {"description": "y"}]
    )
    assert not of(one, MoneyPlanned)
    assert {"category": "venue", "priority": "medium", "description": "y"} in told(one)["recommendations"]


def test_people_are_asked_for_what_is_missing_in_the_blueprints_words() -> None:
    one = house("food")
    plan = told(one)
    assert plan["next_steps"] == ["Where?"]
    assert plan["missing_agents"] == ["a-venue"]
    assert {"category": "venue", "priority": "high", "description": "Where?"} in plan["recommendations"]
    assert (plan["completion_percent"], plan["active_agents"]) == (0, ["a-food"])


def test_what_was_not_understood_is_asked_about() -> None:
    one = House(PARTY)
    command = one.change()
    unclassified = [
        {"input_id": "", "text": "", "tags": ["guests:many"]},
        {"input_id": "a", "text": "hm", "tags": []},
        {"input_id": "b", "text": "barn", "tags": ["colour"]},
    ]
    one.tell(type(command)(**{**fields(command), "unclassified": seal_json(unclassified)}))
    assert told(one)["next_steps"][2:] == [
        "Say what the parameters guests:many mean: they are no values of the plan's facts.",
        "Say what “hm” is about: venue, food?",
        "Say what the tags colour of “barn” mean: they name nothing in this plan.",
    ]


def test_a_model_is_asked_once_about_what_is_not_clear() -> None:
    one = House(PARTY)
    one.world.inputs = {"i": ("hm", ())}
    command = one.change()
    classifier = StepTerms(step="input-classifier", attempts=1, tokens=500)
    asking = type(command)(**{**fields(command), "unclear": ("i",), "classifier": classifier})
    one.tell(asking)
    one.tell(asking)
    (ready,) = of(one, StepReady)
    assert (ready.step, ready.agent, ready.tokens) == ("classify:0", "input-classifier", 500)
    assert [ref.stream for ref in ready.inputs] == ["input i"]
    assert json.loads(open_sealed(ready.facts)) == {"categories": {"venue": ["venue"], "food": ["food"]}}
    complete(one, "classify:0", inputs=[])
    assert of(one, PlanUpdated)[-1].status == "waiting"
    assert not of(one, StepRevoked)


def test_a_fork_keeps_what_it_would_do_the_same_way_and_does_the_rest() -> None:
    first = house("venue", "food", budget=100)
    complete(first, "venue", place="barn")
    complete(first, "food")
    fork = House(PARTY)
    fork.world.inputs = {**first.world.inputs, "more": ("more", ("food",))}
    fork.world.facts = {"budget": 100}
    command = fork.change()
    adopted = tuple(
        Adopted(
            planned=next(event for event in of(first, StepPlanned) if event.step == done.step),
            done=StepAdopted(completed=done, basis=first.state.steps[done.step].basis),
        )
        for done in of(first, StepCompleted)
    )
    beginning = Beginning(from_execution="e")
    fork.tell(type(command)(**{**fields(command), "adopted": adopted, "beginning": beginning}))
    assert fork.began == ["food"]
    assert fork.state.steps["venue"].status == "done"


def test_a_cancelled_fork_undoes_what_it_has_done_and_nothing_of_the_plan_that_it_came_from() -> None:
    first = house("venue", "food")
    complete(first, "venue", place="barn")
    fork = House(PARTY)
    fork.world.inputs = dict(first.world.inputs)
    command = fork.change()
    (planned, _), (done,) = of(first, StepPlanned), of(first, StepCompleted)
    adopted = Adopted(planned=planned, done=StepAdopted(completed=done, basis=first.state.steps["venue"].basis))
    fork.tell(type(command)(**{**fields(command), "adopted": (adopted,), "beginning": Beginning(from_execution="e")}))
    complete(fork, "food")
    cancel(fork)
    assert fork.began == ["food", "undo:food"]
    complete(fork, "undo:food")
    assert of(fork, ExecutionCancelled)


def test_one_more_of_a_list_is_one_more_run() -> None:
    steps = [
        BlueprintStep(name="lists", agent="a", category=Category()),
        BlueprintStep(name="each", agent="b", needs=["lists"], for_each="lists.words", always=True),
        BlueprintStep(name="sum", agent="c", needs=["each", "lists"], always=True),
    ]
    one = House(Blueprint(name="words", steps=steps))
    one.world.inputs = {"i": ("text", ("lists",))}
    one.tell(one.change())
    complete(one, "lists", words=["red"], summary="1 word")
    complete(one, "each[red]")
    complete(one, "sum")
    one.world.inputs["more"] = ("more", ("lists",))
    one.tell(one.change())
    complete(one, "lists", words=["red", "blue"], summary="2 words")
    complete(one, "each[blue]")
    assert one.began == ["lists", "each[red]", "sum", "lists", "each[blue]", "sum"]
    assert [result.step for result in of(one, StepReady)[-1].results] == ["each[]", "each[]", "lists"]
    assert not of(one, StepReady)[-2].results
