"""A run's model and tools: every use stands in the log, before it is made and after."""

import asyncio
import json
from typing import Any

import pytest

from reveille.agent_runner.domain.run import Interrupt
from reveille.agents import Context, ModelRefused, ModelUnavailable, Task, TokensSpent, ToolFailed
from reveille.contracts.agent_runner.v1.events_pb2 import (
    FAILURE_ERROR,
    FAILURE_TOKENS,
    LateUsageFound,
    ModelAnswered,
    ModelCalled,
    ToolCalled,
    ToolReturned,
)
from reveille.kernel.blobs import BLOB_FROM
from reveille.kernel.errors import Transient
from tests.unit.agent_runner.house import House, answer, request
from tests.unit.manual_clock import NOON

pytestmark = pytest.mark.asyncio


@pytest.fixture
def house() -> House:
    return House()


async def asks(task: Task, context: Context) -> dict[str, Any]:
    """Its request can use 30 tokens."""
    before = context.tokens_left
    said = await context.model.complete(request())
    return {"text": said.text, "before": before, "after": context.tokens_left}


async def test_a_call_stands_in_the_log_with_its_cap_and_then_with_what_it_used(house: House) -> None:
    house.model.script = [answer(3, 4)]
    await house.completed(asks)
    assert await house.told(ModelCalled) == [ModelCalled(run_id="r1", call=1, model="scripted", cap=30)]
    assert await house.told(ModelAnswered) == [
        ModelAnswered(run_id="r1", call=1, model="scripted-1", input_tokens=3, output_tokens=4)
    ]


async def test_a_call_stands_in_the_log_before_it_is_made(house: House) -> None:
    standing: list[int] = []

    async def skill(task: Task, context: Context) -> dict[str, Any]:
        await context.model.complete(request())
        return {}

    class Looking:
        name = "scripted"
        cap = house.model.cap

        async def complete(self, asked: Any) -> Any:
            standing.append(len(await house.told(ModelCalled)))
            return answer()

    house.model = Looking()  # type: ignore[assignment]
    await house.completed(skill)
    assert standing == [1]


async def test_a_run_uses_what_its_answers_used(house: House) -> None:
    house.model.script = [answer(3, 4)]
    assert (await house.completed(asks)).tokens_used == 7


async def test_a_skill_knows_what_it_has_left(house: House) -> None:
    house.model.script = [answer(3, 4)]
    end = await house.completed(asks, tokens=100)
    assert json.loads(end.result.data) == {"text": "yes", "before": 100, "after": 93}


async def test_a_call_in_flight_holds_its_cap(house: House) -> None:
    async def skill(task: Task, context: Context) -> dict[str, Any]:
        async with asyncio.TaskGroup() as calls:
            calls.create_task(context.model.complete(request()))
            await asyncio.sleep(0)
            left = context.tokens_left
        return {"left": left}

    house.model.script = [answer()]
    assert json.loads((await house.completed(skill, tokens=100)).result.data) == {"left": 70}


async def test_a_call_that_can_use_more_than_is_left_is_not_made(house: House) -> None:
    end = await house.failed(asks, tokens=29)
    assert (end.reason, end.error.data, end.retry) == (
        FAILURE_TOKENS,
        b"the call can use 30 tokens, the run has 29 left",
        False,
    )
    assert (await house.told(ModelCalled), house.model.asked) == ([], [])


async def test_a_skill_may_do_without_the_tokens_that_it_has_not(house: House) -> None:
    async def skill(task: Task, context: Context) -> dict[str, Any]:
        try:
            await context.model.complete(request())
        except TokensSpent as error:
            return {"asked": error.asked, "left": error.left}
        return {}

    end = await house.completed(skill, tokens=29)
    assert json.loads(end.result.data) == {"asked": 30, "left": 29}


@pytest.mark.parametrize("error", [ModelUnavailable("away"), ModelRefused("will not", detail="as it was asked")])
async def test_a_call_that_was_not_charged_costs_nothing_and_says_why_without_what_may_quote_it(
    house: House, error: ModelUnavailable | ModelRefused
) -> None:
    house.model.script = [error]
    end = await house.failed(asks)
    assert (end.reason, end.tokens_used) == (FAILURE_ERROR, 0)
    assert end.error.data.decode() == f"{type(error).__name__}: {error}"
    (answered,) = await house.told(ModelAnswered)
    assert (answered.error, answered.input_tokens, answered.output_tokens) == (error.outline, 0, 0)


async def test_a_call_that_may_have_been_charged_counts_with_its_cap(house: House) -> None:
    house.model.script = [ModelUnavailable("no answer", maybe_charged=True)]
    end = await house.failed(asks)
    assert (end.tokens_used, await house.told(ModelAnswered)) == (30, [])


async def test_a_skill_may_ask_again_when_the_model_was_away(house: House) -> None:
    async def skill(task: Task, context: Context) -> dict[str, Any]:
        try:
            await context.model.complete(request())
        except ModelUnavailable:
            await context.model.complete(request())
        return {"left": context.tokens_left}

    house.model.script = [ModelUnavailable("away"), answer(3, 4)]
    assert json.loads((await house.completed(skill, tokens=100)).result.data) == {"left": 93}


async def test_a_call_that_used_more_than_its_cap_is_charged_with_what_it_used(house: House) -> None:
    house.model.script = [answer(40, 4)]
    assert (await house.completed(asks)).tokens_used == 44


async def test_an_answer_that_comes_after_the_runs_end_is_recorded(house: House) -> None:
    asked = asyncio.Event()

    class Late:
        name = "scripted"
        cap = house.model.cap

        async def complete(self, request: Any) -> Any:
            asked.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                return answer(40, 4)  # it was on its way

    house.model = Late()  # type: ignore[assignment]
    async with house.open():
        stream = await house.start(asks)
        await asked.wait()
        await house.tell(stream, Interrupt(now=NOON))
        await house.until(lambda event: isinstance(event.msg, LateUsageFound))
    (late,) = await house.told(LateUsageFound)
    assert late.tokens == 14


async def test_an_answer_is_recorded_also_where_nobody_waits_for_it_any_more(house: House) -> None:
    class Dear:
        name = "scripted"
        cap = house.model.cap

        async def complete(self, request: Any) -> Any:
            house.store.faults, house.store.lands = [Transient("away")] * 5, False
            return answer(3, 4)

    async def skill(task: Task, context: Context) -> dict[str, Any]:
        calling = asyncio.create_task(context.model.complete(request()))
        await house.clock.slept.wait()  # the answer could not be recorded at once
        calling.cancel()
        return {}

    house.model = Dear()  # type: ignore[assignment]
    async with house.open():
        await house.start(skill)
        answered = await house.until(lambda event: isinstance(event.msg, ModelAnswered))
    assert isinstance(answered.msg, ModelAnswered)
    assert (answered.msg.input_tokens, answered.msg.output_tokens) == (3, 4)


async def sums(a: int, b: int) -> int:
    return a + b


async def uses(task: Task, context: Context) -> dict[str, Any]:
    return {"result": await context.tools.call("sums", {"a": 1, "b": 2})}


async def test_a_tool_gives_the_skill_its_result(house: House) -> None:
    house.tools["sums"] = sums
    assert json.loads((await house.completed(uses)).result.data) == {"result": 3}


async def test_a_tools_use_stands_in_the_log_with_its_arguments_and_its_result(house: House) -> None:
    house.tools["sums"] = sums
    await house.completed(uses)
    (called,), (returned,) = await house.told(ToolCalled), await house.told(ToolReturned)
    assert (called.call, called.tool, json.loads(called.arguments.data)) == (1, "sums", {"a": 1, "b": 2})
    assert (returned.call, returned.tool, returned.result.data) == (1, "sums", b"3")


async def test_a_tool_that_fails_says_why_in_the_log_and_to_the_skill(house: House) -> None:
    async def broken(a: int, b: int) -> int:
        raise ArithmeticError("no sum")

    async def skill(task: Task, context: Context) -> dict[str, Any]:
        with pytest.raises(ArithmeticError, match="no sum"):
            await context.tools.call("sums", {"a": 1, "b": 2})
        return {}

    house.tools["sums"] = broken
    await house.completed(skill)
    (returned,) = await house.told(ToolReturned)
    assert (returned.error.data, returned.HasField("result")) == (b"no sum", False)


async def test_a_tool_that_is_not_there_is_recorded_too(house: House) -> None:
    async def skill(task: Task, context: Context) -> dict[str, Any]:
        with pytest.raises(ToolFailed):
            await context.tools.call("none", {})
        return {}

    await house.completed(skill)
    (returned,) = await house.told(ToolReturned)
    assert b"there is no tool 'none'" in returned.error.data


async def _text_of(house: House, length: int) -> ToolReturned:
    """The record of a tool whose result is JSON of so many bytes."""

    async def tells() -> str:
        return "x" * (length - 2)

    async def skill(task: Task, context: Context) -> dict[str, Any]:
        return {"length": len(await context.tools.call("tells", {}))}

    house.tools["tells"] = tells
    end = await house.completed(skill)
    assert json.loads(end.result.data) == {"length": length - 2}
    (returned,) = await house.told(ToolReturned)
    assert isinstance(returned, ToolReturned)
    return returned


async def test_a_large_result_of_a_tool_becomes_a_blob(house: House) -> None:
    returned = await _text_of(house, BLOB_FROM)
    assert (len(await house.blobs.get("t", returned.result_blob)), returned.HasField("result")) == (BLOB_FROM, False)


async def test_a_result_below_that_stands_in_the_log(house: House) -> None:
    returned = await _text_of(house, BLOB_FROM - 1)
    assert (len(returned.result.data), returned.result_blob) == (BLOB_FROM - 1, "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (object(), "the arguments of tool 'takes' are not JSON"),
        ("\ud800", "the arguments of tool 'takes' are not JSON"),
        ("x" * 200_000, "the arguments of tool 'takes' are 200011 bytes, at most 131072"),
    ],
)
async def test_a_tool_is_not_called_with_what_cannot_be_recorded(house: House, text: object, reason: str) -> None:
    async def takes(text: object) -> int:
        raise AssertionError("it was called")

    async def skill(task: Task, context: Context) -> dict[str, Any]:
        with pytest.raises(ToolFailed, match=reason):
            await context.tools.call("takes", {"text": text})
        return {}

    house.tools["takes"] = takes
    await house.completed(skill)
    assert await house.told(ToolCalled) == []
