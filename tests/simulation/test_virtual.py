"""A loop on which no time passes but what somebody waits for."""

import asyncio
import threading
from collections.abc import Iterator
from random import Random

import pytest

from tests.simulation.virtual import START, Deadlock, SeededIds, VirtualLoop, Wall


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    loop = VirtualLoop()
    yield loop
    loop.close()


def test_an_hour_passes_at_once(loop: VirtualLoop) -> None:
    loop.run_until_complete(asyncio.sleep(3600))
    assert loop.time() == pytest.approx(3600)


def test_timers_come_in_the_order_of_their_times(loop: VirtualLoop) -> None:
    came: list[float] = []

    async def wait(seconds: float) -> None:
        await asyncio.sleep(seconds)
        came.append(seconds)

    async def all_of_them() -> None:
        await asyncio.gather(*(wait(seconds) for seconds in (5.0, 0.5, 60.0, 0.1)))

    loop.run_until_complete(all_of_them())
    assert came == [0.1, 0.5, 5.0, 60.0]


def test_whoever_waits_for_nothing_is_told(loop: VirtualLoop) -> None:
    waiting = loop.create_future()
    with pytest.raises(Deadlock):
        loop.run_until_complete(waiting)


def test_another_thread_is_refused(loop: VirtualLoop) -> None:
    refused: list[Exception] = []

    def call() -> None:
        try:
            loop.call_soon_threadsafe(print)
        except RuntimeError as error:
            refused.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    assert "comes from another thread" in str(refused[0])


def test_the_wall_can_be_set_and_goes_on_from_there(loop: VirtualLoop) -> None:
    wall = Wall(loop)
    wall.jump(-10.0)
    loop.run_until_complete(asyncio.sleep(2.5))
    assert wall.now() == START - 7_500_000


def test_ids_follow_from_the_seed_and_rise(loop: VirtualLoop) -> None:
    some, same = (SeededIds(Wall(loop), Random(7)) for _ in range(2))
    ids = [some.new() for _ in range(100)]
    assert ids == [same.new() for _ in range(100)]
    assert ids == sorted(set(ids))
