"""A plan comes to what its inputs say, whatever happened before, and not a step more is done than that takes."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reveille.contracts.planner.v1.events_pb2 import PlanUpdated, ResultDiscarded, StepCompleted
from reveille.kernel.sealing import open_sealed
from tests.property.plans import DECIDER, FACTS, NOWHERE, House, Oracle, blueprint

SEEDS = st.integers(min_value=0, max_value=2**32)


def change(house: House, random_: random.Random, number: int) -> None:
    """One to three things at once, as one request may ask."""
    names = [step.name for step in house.plan.steps if step.HasField("category")]
    for part in range(random_.randint(1, 3)):
        kind, world = random_.random(), house.world
        if kind < 0.45 or not world.inputs:
            about = tuple(sorted(random_.sample(names, min(len(names), random_.randint(0, 2)))))
            world.inputs[f"i{number}-{part}"] = (f"text {random_.randint(0, 3)}", about)
        elif kind < 0.7:
            del world.inputs[random_.choice(sorted(world.inputs))]
        elif kind < 0.9:
            fact = random_.choice(FACTS)
            if fact in world.facts and random_.random() < 0.4:
                del world.facts[fact]
            else:
                world.facts[fact] = random_.randint(0, 2)
        else:
            conditional = [step.name for step in house.plan.steps if step.when]
            world.conditions = tuple(sorted(random_.sample(conditional, random_.randint(0, len(conditional)))))


def plain(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def check_standing(house: House) -> None:
    oracle = Oracle(house.plan, house.world, house.failing)
    expected: dict[str, Any] = {}
    for name, result in oracle.results().items():
        runs = [run for run, _ in oracle._reads(name) or ()]
        expected |= dict(zip(runs, result if oracle.steps[name].for_each else [result], strict=True))
    assert house.standing() == expected
    assert {step.of or name for name, step in house.state.steps.items()} <= oracle.wanted()


class Minimal:
    """What must be done again, from what each run was last done with."""

    def __init__(self) -> None:
        self._done: dict[str, str] = {}
        self._failed: dict[str, str] = {}

    def expected(self, house: House) -> list[str]:
        oracle = Oracle(house.plan, house.world, house.failing)
        wanted, runs = oracle.wanted(), {run: plain(read) for run, read in oracle.runs().items()}
        there = {run for run in {*self._done, *self._failed} if run.partition("[")[0] in wanted}
        kept = {run for run in there if run in runs or self._is_blocked(run, oracle)}
        self._done = {run: read for run, read in self._done.items() if run in kept}
        # What could not be tried has another chance when it can.
        self._failed = {run: read for run, read in self._failed.items() if run in runs}
        again = []
        for run, read in runs.items():
            if self._done.get(run) == read:
                self._failed.pop(run, None)
            elif self._failed.get(run) != read:
                again.append(run)
                if run.partition("[")[0] in house.failing:
                    self._failed[run] = read
                else:
                    self._done[run] = read
                    self._failed.pop(run, None)
        return again

    def _is_blocked(self, run: str, oracle: Oracle) -> bool:
        """What cannot be done now keeps what it had, for when it can."""
        return oracle._reads(run.partition("[")[0]) is None


@given(SEEDS)
def test_exactly_the_steps_whose_reading_changed_run_again(seed: int) -> None:
    random_ = random.Random(seed)
    house, minimal = House(blueprint(random_, random_.randint(2, 9))), Minimal()
    for number in range(8):
        change(house, random_, number)
        before = len(house.began)
        house.tell(house.change())
        house.settle(random_)
        check_standing(house)
        assert sorted(house.began[before:]) == sorted(minimal.expected(house))


@given(SEEDS)
def test_steps_whose_agents_fail_hold_back_only_what_cannot_do_without_them(seed: int) -> None:
    random_ = random.Random(seed)
    house, minimal = House(blueprint(random_, random_.randint(2, 9))), Minimal()
    names = [step.name for step in house.plan.steps]
    house.failing = frozenset(random_.sample(names, random_.randint(1, 2)))
    # Of a step that is done for each of a list, or lists for others, the oracle does not follow a part that failed.
    plain_steps = {step.name for step in house.plan.steps if not step.for_each}
    house.failing &= plain_steps
    for number in range(6):
        change(house, random_, number)
        before = len(house.began)
        house.tell(house.change())
        house.settle(random_)
        check_standing(house)
        assert sorted(house.began[before:]) == sorted(minimal.expected(house))


@given(SEEDS)
def test_changes_while_steps_run_make_their_late_results_stale(seed: int) -> None:
    random_ = random.Random(seed)
    house = House(blueprint(random_, random_.randint(2, 9)))
    for number in range(10):
        change(house, random_, number)
        house.tell(house.change())
        for _ in range(random_.randint(0, 4)):
            if house.open:
                late = house.open[(place := random_.randrange(len(house.open)))]
                told = house.answer(place)
                if late.run_id in house.revoked:
                    assert [type(event) for event in told] == [ResultDiscarded]
    house.settle(random_)
    check_standing(house)
    used = {event.run_id for event in house.events if isinstance(event, StepCompleted)}
    assert not used & house.revoked


@given(SEEDS)
def test_what_is_told_again_changes_nothing(seed: int) -> None:
    random_ = random.Random(seed)
    house = House(blueprint(random_, random_.randint(2, 6)))
    for number in range(4):
        change(house, random_, number)
        told = house.change()
        house.tell(told)
        assert not house.tell(told)
        while house.open:
            ready = house.open[0]
            house.answer(0)
            house.open.insert(0, ready)
            assert not house.answer(0)
        house.settle(random_)
        assert not house.tell(told)


@given(SEEDS)
def test_adding_and_removing_an_input_before_anything_ended_leaves_the_results_as_they_were(seed: int) -> None:
    random_ = random.Random(seed)
    house = House(blueprint(random_, random_.randint(2, 7)))
    change(house, random_, 0)
    house.tell(house.change())
    house.settle(random_)
    before = house.standing()
    names = [step.name for step in house.plan.steps if step.HasField("category")]
    house.world.inputs["passing"] = ("for a moment", tuple(names))
    house.tell(house.change())
    del house.world.inputs["passing"]
    house.tell(house.change())
    began = len(house.began)
    house.settle(random_)
    assert house.standing() == before
    assert len(house.began) == began


@given(SEEDS)
def test_a_plan_is_replayed_to_what_it_is(seed: int) -> None:
    random_ = random.Random(seed)
    house = House(blueprint(random_, random_.randint(2, 6)))
    for number in range(4):
        change(house, random_, number)
        house.tell(house.change())
        house.settle(random_)
    state = DECIDER.initial
    for event in house.events:
        state = DECIDER.evolve(state, type(event).FromString(event.SerializeToString()), NOWHERE)
    assert (state.steps, state.status, state.tokens_used) == (
        house.state.steps,
        house.state.status,
        house.state.tokens_used,
    )


@given(SEEDS)
def test_the_plan_that_is_told_is_the_plan_that_stands(seed: int) -> None:
    random_ = random.Random(seed)
    house = House(blueprint(random_, random_.randint(2, 7)))
    for number in range(5):
        change(house, random_, number)
        house.tell(house.change())
        house.settle(random_)
        oracle = Oracle(house.plan, house.world, house.failing)
        told = next(event for event in reversed(house.events) if isinstance(event, PlanUpdated))
        plan, done = json.loads(open_sealed(told.plan)), oracle.results()
        required = list(house.plan.required)
        assert plan["completion_percent"] == 100 * sum(name in done for name in required) // len(required)
        assert told.status == ("completed" if all(name in done for name in required) else "waiting")
        assert plan["missing_agents"] == [f"a-{name}" for name in required if name not in oracle.wanted()]
        assert plan["checklist_summary"]["completed_tasks"] == len(done.keys() & {*oracle.wanted(), *required})
        costs: dict[str, list[dict[str, int]]] = {}
        for run, result in house.standing().items():
            costs.setdefault(run.partition("[")[0], []).append(result["money"])
        expected = {
            name: {side: sum(one[side] for one in costs[name]) for side in ("min", "max")}
            for name in house.plan.money_from
            if name in costs
        }
        assert plan["budget_summary"]["by_step"] == expected


def broken(monkeypatch: pytest.MonkeyPatch, name: str, value: Callable[..., Any]) -> None:
    from reveille.planner.domain import wave

    monkeypatch.setattr(wave, name, value)


def bites(test: Callable[[int], None]) -> bool:
    inner: Callable[[int], None] = test.hypothesis.inner_test  # type: ignore[attr-defined]
    for seed in range(60):
        try:
            inner(seed)
        except AssertionError:
            return True
    return False


def test_an_engine_that_runs_everything_again_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    from reveille.planner.domain.wave import digest_of

    changes = [0]
    changing = House.change

    def counted(house: House) -> Any:
        changes[0] += 1
        return changing(house)

    monkeypatch.setattr(House, "change", counted)
    broken(monkeypatch, "digest_of", lambda basis: f"{digest_of(basis)} {changes[0]}")
    assert bites(test_exactly_the_steps_whose_reading_changed_run_again)


def test_an_engine_that_overlooks_a_fact_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    from reveille.planner.domain.wave import digest_of

    broken(
        monkeypatch,
        "digest_of",
        lambda basis: digest_of({name: value for name, value in basis.items() if name != "fact guests"}),
    )
    assert bites(test_exactly_the_steps_whose_reading_changed_run_again)


def test_an_engine_that_does_not_stop_at_an_equal_result_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    from reveille.planner.domain import completing

    count = iter(range(10**9))
    monkeypatch.setattr(completing, "_result_digest", lambda *given: f"{next(count)}", raising=True)
    assert bites(test_exactly_the_steps_whose_reading_changed_run_again)
