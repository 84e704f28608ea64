"""What every Clock promises."""

import asyncio
import time

import pytest

from reveille.kernel.clock import SECOND, Clock, SystemClock
from tests.simulation.virtual import VirtualLoop, Wall, WallClock
from tests.unit.manual_clock import ManualClock

CLOCKS = ["system", "manual", "virtual"]


def on(clock_name: str, promise: object) -> None:
    """Run a promise with the clock, on the loop that the clock belongs to."""
    if clock_name == "virtual":
        loop = VirtualLoop()
        loop.run_until_complete(promise(WallClock(Wall(loop))))  # type: ignore[operator]
        loop.close()
    else:
        clock: Clock = SystemClock() if clock_name == "system" else ManualClock()
        asyncio.run(promise(clock))  # type: ignore[operator]


@pytest.mark.parametrize("name", CLOCKS)
def test_after_a_sleep_at_least_so_much_time_has_passed(name: str) -> None:
    async def promise(clock: Clock) -> None:
        before = clock.now()
        await clock.sleep(0.02)
        assert clock.now() - before >= 0.019 * SECOND

    on(name, promise)


@pytest.mark.parametrize("name", CLOCKS)
def test_time_is_in_whole_microseconds_of_this_century(name: str) -> None:
    async def promise(clock: Clock) -> None:
        now = clock.now()
        assert isinstance(now, int)
        assert 946_684_800 * SECOND < now < 4_102_444_800 * SECOND

    on(name, promise)


@pytest.mark.parametrize("name", CLOCKS)
def test_whoever_sleeps_lets_the_others_have_their_turn(name: str) -> None:
    async def promise(clock: Clock) -> None:
        order: list[str] = []

        async def other() -> None:
            order.append("other")

        task = asyncio.ensure_future(other())
        await clock.sleep(0.001)
        order.append("sleeper")
        await task
        assert order == ["other", "sleeper"]

    on(name, promise)


def test_the_system_clock_tells_the_time_of_the_system() -> None:
    assert abs(SystemClock().now() - time.time() * SECOND) < 60 * SECOND
