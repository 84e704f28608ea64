"""A provider that does not answer is left alone for a while; the first call that is answered brings everybody back."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reveille.agent_runner.application.breaking import FAILURES, LONGEST, SHORTEST, Breakers, State
from reveille.agents import ModelAnswer, ModelRefused, ModelRequest, ModelUnavailable
from tests.unit.manual_clock import ManualClock

pytestmark = pytest.mark.asyncio

NAME = "anthropic:m"
REQUEST = ModelRequest(purpose="review", system="", prompt="p", max_output_tokens=10)
ANSWER = ModelAnswer(text="t", model=NAME, input_tokens=1, output_tokens=1, estimated=False)


class Provider:
    """Answers as it is told to; `asked` counts what really came to it."""

    name = NAME

    def __init__(self) -> None:
        self.asked = 0
        self.error: Callable[[], Exception] | None = None
        self.held: asyncio.Event | None = None

    def cap(self, request: ModelRequest) -> int:
        return 11

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        self.asked += 1
        error = self.error  # as it was when it was asked
        if self.held is not None:
            await self.held.wait()
        if error is not None:
            raise error()
        return ANSWER


def away() -> Exception:
    return ModelUnavailable("away", maybe_charged=True)


class House:
    def __init__(self) -> None:
        self.clock, self.provider = ManualClock(), Provider()
        self.breakers = Breakers(self.clock)
        self.model = self.breakers.guard(self.provider)

    @property
    def state(self) -> str:
        return self.breakers.now()[NAME]

    async def ask(self) -> ModelUnavailable | None:
        try:
            assert await self.model.complete(REQUEST) == ANSWER
        except ModelUnavailable as error:
            return error
        return None

    async def fail(self, times: int) -> None:
        self.provider.error = away
        for _ in range(times):
            assert await self.ask()

    async def probe(self) -> "asyncio.Task[ModelUnavailable | None]":
        """The call that tries after the pause, on its way until the provider is let go."""
        await self.fail(FAILURES)
        self.clock.advance(SHORTEST)
        self.provider.error, self.provider.held = None, asyncio.Event()
        task = asyncio.create_task(self.ask())
        await asyncio.sleep(0)
        return task


@pytest.fixture
def house() -> House:
    return House()


async def test_a_model_that_does_not_answer_is_asked_no_more_and_nothing_counts_as_charged(house: House) -> None:
    await house.fail(FAILURES - 1)
    assert house.state == State.CLOSED
    assert house.breakers.away() == []
    await house.fail(1)
    assert house.state == State.OPEN
    assert house.breakers.away() == [NAME]
    error = await house.ask()
    assert error is not None
    assert str(error) == "anthropic:m has not answered 5 calls in a row and is left alone"
    assert not error.maybe_charged
    assert error.retry_after == SHORTEST
    assert house.provider.asked == FAILURES


async def test_an_answer_between_failures_starts_the_count_anew(house: House) -> None:
    for _ in range(3):
        await house.fail(FAILURES - 1)
        house.provider.error = None
        assert await house.ask() is None
    assert house.state == State.CLOSED


async def test_one_call_tries_after_the_pause_and_its_answer_brings_everybody_back(house: House) -> None:
    probe = await house.probe()
    assert house.state == State.HALF_OPEN
    assert await house.ask(), "only one tries"
    assert house.provider.held is not None
    house.provider.held.set()
    assert await probe is None
    assert house.state == State.CLOSED
    assert house.provider.asked == FAILURES + 1
    assert await house.ask() is None


async def test_the_pause_doubles_up_to_five_minutes_and_begins_short_again_after_an_answer(house: House) -> None:
    await house.fail(FAILURES)
    pauses = []
    for _ in range(8):
        error = await house.ask()
        assert error is not None
        pauses.append(error.retry_after)
        house.clock.advance(error.retry_after)
        await house.fail(1)
    assert pauses == [10, 20, 40, 80, 160, 300, 300, 300]
    house.clock.advance(LONGEST)
    house.provider.error = None
    assert await house.ask() is None
    await house.fail(FAILURES)
    error = await house.ask()
    assert error is not None
    assert error.retry_after == SHORTEST


async def test_a_provider_that_asks_for_more_patience_gets_it(house: House) -> None:
    await house.fail(FAILURES - 1)
    house.provider.error = lambda: ModelUnavailable("HTTP 429", retry_after=45.0)
    assert await house.ask()
    house.clock.advance(SHORTEST)
    error = await house.ask()
    assert error is not None
    assert error.retry_after == 35.0


async def test_a_refusal_is_an_answer(house: House) -> None:
    await house.fail(FAILURES)
    house.clock.advance(SHORTEST)
    house.provider.error = lambda: ModelRefused("HTTP 400")
    with pytest.raises(ModelRefused):
        await house.ask()
    assert house.state == State.CLOSED


async def test_a_run_that_is_cancelled_while_it_tries_leaves_the_try_to_the_next(house: House) -> None:
    probe = await house.probe()
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
    house.provider.held = None
    assert house.state == State.OPEN
    assert await house.ask() is None
    assert house.state == State.CLOSED


async def test_calls_that_were_under_way_when_it_opened_do_not_prolong_the_pause(house: House) -> None:
    house.provider.error, house.provider.held = away, asyncio.Event()
    under_way = [asyncio.create_task(house.ask()) for _ in range(20)]
    await asyncio.sleep(0)
    house.provider.held.set()
    assert all(await asyncio.gather(*under_way))
    error = await house.ask()
    assert error is not None
    assert error.retry_after == SHORTEST


async def test_a_clock_that_is_set_back_makes_nobody_wait_longer(house: House) -> None:
    await house.fail(FAILURES)
    house.clock.advance(-3600)
    error = await house.ask()
    assert error is not None
    assert error.retry_after == SHORTEST


async def test_two_settings_for_one_model_share_its_breaker(house: House) -> None:
    await house.fail(FAILURES)
    with pytest.raises(ModelUnavailable):
        await house.breakers.guard(Provider()).complete(REQUEST)
    assert list(house.breakers.now()) == [NAME]


@given(st.lists(st.tuples(st.sampled_from(["ok", "away", "refused"]), st.integers(0, 400)), max_size=60))
async def test_whatever_happens_an_open_breaker_lets_nothing_through_and_an_answer_closes_it(
    history: list[tuple[str, int]],
) -> None:
    house, row, opened = House(), 0, False
    for outcome, seconds in history:
        house.clock.advance(seconds)
        errors = {"ok": None, "away": away, "refused": lambda: ModelRefused("no")}
        house.provider.error = errors[outcome]
        before = house.provider.asked
        try:
            await house.ask()
        except ModelRefused:
            pass
        went_through = house.provider.asked > before
        assert went_through or opened, "a closed breaker lets every call through"
        if went_through:
            row = row + 1 if outcome == "away" else 0
            opened = row >= FAILURES
        assert (house.state == State.OPEN) is opened
