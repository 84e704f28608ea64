"""What an execution says of its work is limited, and what is left out is told; what decides anything never is."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reveille.adapters.settings import read_settings
from reveille.agent_runner.application.assignment import Known, Workplace
from reveille.agent_runner.application.link import Link
from reveille.agent_runner.application.thinking import MAX_KNOWN, Thinking
from reveille.agent_runner.domain.run import Interrupt
from reveille.agent_runner.settings import Settings
from reveille.agents import Context, Task
from reveille.contracts.agent_runner.v1.events_pb2 import (
    AgentThinking,
    RunCompleted,
    RunFailed,
    RunStarted,
    ToolCalled,
    ToolReturned,
)
from reveille.kernel.errors import Misconfigured
from reveille.kernel.facts import Facts
from tests.unit.agent_runner.house import House
from tests.unit.manual_clock import NOON, ManualClock
from tests.unit.running import running


@pytest.fixture
def house() -> House:
    return House()


def said(thinking: Thinking, count: int, execution: str = "e", tenant: str = "t") -> int:
    """How many of so many thoughts there is room for."""
    return sum(thinking.admits(tenant, execution) for _ in range(count))


def test_an_execution_may_say_twice_a_seconds_worth_at_once_and_then_so_much_a_second() -> None:
    clock = ManualClock()
    thinking = Thinking(10, clock)
    assert said(thinking, 50) == 20
    clock.advance(0.5)
    assert said(thinking, 50) == 5
    clock.advance(60)
    assert said(thinking, 50) == 20


def test_what_is_dropped_is_told_of_once_unless_the_telling_failed() -> None:
    thinking = Thinking(1, ManualClock())
    said(thinking, 7)
    assert (thinking.take_dropped("t", "e"), thinking.take_dropped("t", "e")) == (5, 0)
    thinking.give_back("t", "e", 5)
    assert thinking.take_dropped("t", "e") == 5
    assert thinking.take_dropped("t", "never heard of") == 0


def test_executions_and_tenants_have_room_of_their_own() -> None:
    thinking = Thinking(10, ManualClock())
    assert [said(thinking, 50, "e"), said(thinking, 50, "f"), said(thinking, 50, "e", "u")] == [20, 20, 20]


def test_a_clock_that_is_set_back_takes_no_room_away_and_gives_none() -> None:
    clock = ManualClock()
    thinking = Thinking(10, clock)
    assert said(thinking, 15) == 15
    clock.set(NOON - 3_600_000_000)
    assert said(thinking, 50) == 5
    clock.advance(1)
    assert said(thinking, 50) == 10


def test_executions_that_have_nothing_more_to_say_are_forgotten() -> None:
    clock = ManualClock()
    thinking = Thinking(10, clock)
    for number in range(MAX_KNOWN + 100):
        said(thinking, 1, f"e{number}")
    clock.advance(10)
    said(thinking, 1, "last")
    assert len(thinking._known) <= MAX_KNOWN


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(0, 60)), max_size=30), st.integers(1, 50))
def test_whatever_is_said_when_each_thought_is_recorded_or_told_of(steps: list[tuple[float, int]], rate: int) -> None:
    clock = ManualClock()
    thinking = Thinking(rate, clock)
    kept = dropped = passed = 0.0
    for seconds, count in steps:
        clock.advance(seconds)
        passed += seconds
        kept += said(thinking, count)
        dropped += thinking.take_dropped("t", "e")
        assert kept <= 2 * rate + rate * passed + 1e-3
    assert kept + dropped == sum(count for _, count in steps)


@pytest.mark.parametrize(("told", "rate"), [("", 10.0), ("3/second", 3.0), ("90/minute", 1.5), ("36/hour", 0.01)])
def test_the_rate_is_a_setting(told: str, rate: float) -> None:
    assert read_settings(Settings, {"REVEILLE_THINKING_RATE": told}).thinking_rate == rate


@pytest.mark.parametrize("told", ["10", "0/second", "-1/second", "1/day", "1.5/second"])
def test_a_rate_that_is_none_is_named(told: str) -> None:
    with pytest.raises(Misconfigured, match="expected a number per second, minute or hour, like 10/second"):
        read_settings(Settings, {"REVEILLE_THINKING_RATE": told})


async def thoughts(house: House) -> list[tuple[str, int]]:
    return [(one.text.data.decode(), one.dropped) for one in await house.told(AgentThinking)]


async def test_a_run_that_says_too_much_goes_on_at_once_and_its_end_tells_how_much(house: House) -> None:
    async def skill(task: Task, context: Context) -> dict[str, Any]:
        for number in range(100):
            await context.progress(str(number))
        return {}

    end = await house.completed(skill)
    assert house.clock.now() == NOON
    assert await thoughts(house) == [(str(number), 0) for number in range(20)]
    assert end.dropped == 80


async def test_the_next_thought_tells_what_was_dropped_before_it(house: House) -> None:
    async def skill(task: Task, context: Context) -> dict[str, Any]:
        for number in range(25):
            await context.progress(str(number))
        house.clock.advance(0.2)
        for number in range(25, 30):
            await context.progress(str(number))
        raise ArithmeticError("no sum")

    end = await house.failed(skill)
    assert (await thoughts(house))[20:] == [("25", 5), ("26", 0)]
    assert end.dropped == 3


async def test_what_decides_something_is_recorded_however_much_is_said(house: House) -> None:
    async def look(number: int) -> Any:
        return {"seen": number}

    house.tools["look"] = look

    async def skill(task: Task, context: Context) -> dict[str, Any]:
        for number in range(50):
            await context.progress("hm")
            await context.tools.call("look", {"number": number})
        return {}

    end = await house.completed(skill)
    assert (len(await house.told(ToolCalled)), len(await house.told(ToolReturned))) == (50, 50)
    assert len(await house.told(AgentThinking)) + end.dropped == 50


async def test_what_an_end_could_not_tell_the_executions_next_one_does(house: House) -> None:
    entered, ended = asyncio.Event(), asyncio.Event()

    async def cut_short(task: Task, context: Context) -> dict[str, Any]:
        for _ in range(30):
            await context.progress("hm")
        entered.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.set()
        return {}

    async def quiet(task: Task, context: Context) -> dict[str, Any]:
        return {}

    async with house.open():
        stream = await house.start(cut_short)
        await entered.wait()
        await house.tell(stream, Interrupt(now=NOON))
        first = await house.end(stream)
        await ended.wait()
        second = await house.end(await house.start(quiet))
    assert isinstance(first, RunFailed)
    assert isinstance(second, RunCompleted)
    assert (first.dropped, second.dropped) == (0, 10)


@asynccontextmanager
async def linked(house: House) -> AsyncIterator[tuple[Link, str]]:
    """A remote agent's connection, and the run that it has."""
    work = await house.work("remote")
    work.remote = True
    (started,) = await house.log.write(f"t.run-{work.run_id}", RunStarted(work=work))
    place = Workplace(
        store=house.store,
        facts=Facts(house.store),
        blobs=house.blobs,
        desk=house.desk,
        clock=house.clock,
        thinking=house.thinking,
    )
    # Its heart beats once a year: a clock that stands still until somebody sleeps would have it beat all the time.
    link = Link(replace(place, clock=_Patient(house.clock)), tenant="t", agent="a", session="s", beat=1e7)
    link.give(Known(started=started))
    async with running(house.desk.run(), _lives(link)):
        yield link, work.run_id
        link.close(1000, "done")


async def _lives(link: Link) -> None:
    await link.live()


class _Patient:
    def __init__(self, clock: ManualClock) -> None:
        self.now = clock.now

    async def sleep(self, seconds: float) -> None:
        await asyncio.Event().wait()


async def test_a_remote_agent_is_limited_alike(house: House) -> None:
    async with linked(house) as (link, run_id):
        for number in range(30):
            await link.take(json.dumps({"type": "progress", "runId": run_id, "text": str(number)}))
        done = {"type": "task_complete", "runId": run_id, "attempt": 1, "tokensUsed": 0, "result": {}}
        await link.take(json.dumps(done))
        end = await house.end(f"t.run-{run_id}")
    assert await thoughts(house) == [(str(number), 0) for number in range(20)]
    assert (type(end), end.dropped) == (RunCompleted, 10)
