"""What a plan's steps are given where others are done in part, and whom a revocation names."""

from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.contracts.ingress.v1.events_pb2 import Blueprint, BlueprintStep, Category
from reveille.contracts.planner.v1.events_pb2 import StepReady, StepRevoked
from reveille.kernel.sealing import seal, seal_json
from reveille.planner.domain.commands import CompleteStep, FailStep
from tests.property.plans import House

STEPS = (
    BlueprintStep(name="lists", agent="a", category=Category()),
    BlueprintStep(name="each", agent="b", after=["lists"], for_each="lists.words", always=True),
    BlueprintStep(name="sum", agent="c", after=["each"], always=True),
)


def house() -> House:
    one = House(Blueprint(name="words", steps=STEPS))
    one.world.inputs = {"i": ("text", ("lists",))}
    one.tell(one.change())
    return one


def begun(one: House, name: str) -> StepReady:
    return next(event for event in reversed(one.events) if isinstance(event, StepReady) and event.step == name)


def complete(one: House, name: str, **result: object) -> None:
    ready = begun(one, name)
    ref = EventRef(stream=f"t.run-{ready.run_id}", revision=3)
    one.tell(
        CompleteStep(
            now=1,
            step=name,
            attempt=ready.attempt,
            run_id=ready.run_id,
            tokens_used=0,
            result=seal_json(result),
            ref=ref,
        )
    )


def fail(one: House, name: str) -> None:
    attempt = begun(one, name).attempt
    one.tell(FailStep(now=1, step=name, attempt=attempt, tokens_used=0, reason="error", error=seal(b"no"), retry=False))


def test_of_a_list_that_is_done_in_part_nothing_is_read_that_no_digest_covers() -> None:
    one = house()
    complete(one, "lists", words=["red", "blue"])
    complete(one, "each[red]", value=1)
    fail(one, "each[blue]")
    ready = begun(one, "sum")
    assert (list(ready.results), sorted(ready.basis)) == ([], ["agent", "step"])


def test_a_list_that_is_done_as_a_whole_is_read() -> None:
    one = house()
    complete(one, "lists", words=["red", "blue"])
    complete(one, "each[red]", value=1)
    complete(one, "each[blue]", value=2)
    assert [result.step for result in begun(one, "sum").results] == ["each[]", "each[]"]


def test_a_revocation_names_the_agent_that_has_the_attempt() -> None:
    one = house()
    steps = [BlueprintStep(name="lists", agent="other", category=Category()), *STEPS[1:]]
    one.plan = Blueprint(name="words", steps=steps)
    one.tell(one.change())
    assert begun(one, "lists").agent == "other"
    one.world.inputs = {}
    one.tell(one.change())
    assert [event.agent for event in one.events if isinstance(event, StepRevoked)][-1] == "other"
