"""What becomes of a run: its skill is called with its task, and however that goes, the run ends once."""

import asyncio
import json
import logging
from typing import Any

import pytest

from reveille.agent_runner.domain import run
from reveille.agent_runner.domain.run import Cancel, Interrupt
from reveille.agents import Context, Task
from reveille.contracts.agent_runner.v1.events_pb2 import (
    FAILURE_ERROR,
    FAILURE_INTERRUPTED,
    FAILURE_SKILL,
    FAILURE_TIMEOUT,
    AgentThinking,
    RunCompleted,
    RunFailed,
    RunStarted,
    Work,
)
from reveille.kernel.errors import Rejected, Transient
from reveille.kernel.events import Meta, new_event
from tests.unit.agent_runner.house import HERE_REPLICA, House
from tests.unit.analyzer.signalling import signal
from tests.unit.manual_clock import NOON
from tests.unit.spec import HERE

pytestmark = pytest.mark.asyncio


@pytest.fixture
def house() -> House:
    return House()


async def done(task: Task, context: Context) -> dict[str, Any]:
    return {"done": True}


async def for_ever(task: Task, context: Context) -> dict[str, Any]:
    await asyncio.Event().wait()
    return {}


async def test_what_a_skill_returns_is_the_runs_result(house: House) -> None:
    async def skill(task: Task, context: Context) -> dict[str, Any]:
        return {"grüße": [1, None, "x"]}

    end = await house.completed(skill)
    assert (json.loads(end.result.data), end.tokens_used) == ({"grüße": [1, None, "x"]}, 0)


async def test_the_end_of_another_tenants_run_of_the_same_id_ends_nothing(house: House) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def skill(task: Task, context: Context) -> dict[str, Any]:
        begun.set()
        await may_end.wait()
        return {"done": True}

    async with house.open():
        stream = await house.start(skill)
        await begun.wait()
        run_id = stream.removeprefix("t.run-")
        work = Work(run_id=run_id, execution_id="e", step="wake", attempt=1, agent="a")
        await house.log.write(f"u.run-{run_id}", RunFailed(work=work, reason=FAILURE_INTERRUPTED))
        await house.end(await house.start(done))  # the pool has seen what stands before it
        may_end.set()
        assert isinstance(await house.end(stream), RunCompleted)


async def test_a_skill_that_returns_nothing_has_an_empty_result(house: House) -> None:
    async def skill(task: Task, context: Context) -> None:
        return None

    assert json.loads((await house.completed(skill)).result.data) == {}


async def test_a_skill_is_told_its_work(house: House) -> None:
    async def skill(task: Task, context: Context) -> dict[str, Any]:
        return {name: getattr(task, name) for name in ("agent", "step", "attempt", "priority", "tokens")}

    end = await house.completed(skill, tokens=77)
    assert json.loads(end.result.data) == {
        "agent": "a",
        "step": "wake",
        "attempt": 1,
        "priority": "high",
        "tokens": 77,
    }


@pytest.mark.parametrize(
    ("fields", "expected"), [({}, None), ({"paths_known": True}, []), ({"paths_known": True, "paths": ["a"]}, ["a"])]
)
async def test_a_skill_can_tell_unknown_paths_from_none(
    house: House, fields: dict[str, Any], expected: list[str] | None
) -> None:
    async def skill(task: Task, context: Context) -> dict[str, Any]:
        (one,) = task.signals
        return {"paths": one.paths, "repository": one.repository}

    end = await house.completed(skill, signals=[signal(repository="r", **fields)])
    assert json.loads(end.result.data) == {"paths": expected, "repository": "r"}


async def _payload(task: Task, context: Context) -> dict[str, Any]:
    return {"told": task.signals[0].payload}


@pytest.mark.parametrize(
    ("payload", "expected"),
    [(b'{"a": 1}', {"a": 1}), (b"", {}), (b"[1, 2]", {"payload": [1, 2]})],
)
async def test_a_skill_is_told_the_payload_of_its_signal(house: House, payload: bytes, expected: Any) -> None:
    end = await house.completed(_payload, signals=[signal(payload=payload)])
    assert json.loads(end.result.data) == {"told": expected}


async def test_a_large_payload_is_read_from_its_blob(house: House) -> None:
    digest = await house.blobs.put("t", b'{"large": true}')
    end = await house.completed(_payload, signals=[signal(payload_blob=digest)])
    assert json.loads(end.result.data) == {"told": {"large": True}}


async def test_a_payload_that_is_gone_fails_the_run_and_nothing_else(house: House) -> None:
    async with house.open():
        broken = await house.start(_payload, signals=[signal(payload_blob="gone")])
        whole = await house.start(done)
        end = await house.end(broken)
        assert isinstance(end, RunFailed)
        assert (end.reason, b"has no blob gone" in end.error.data) == (FAILURE_ERROR, True)
        assert isinstance(await house.end(whole), RunCompleted)


async def test_a_skill_that_raises_fails_and_may_be_tried_again(house: House) -> None:
    async def skill(task: Task, context: Context) -> dict[str, Any]:
        raise ArithmeticError("no sum")

    end = await house.failed(skill)
    assert (end.reason, end.error.data, end.retry) == (FAILURE_ERROR, b"ArithmeticError: no sum", True)


@pytest.mark.parametrize("error", [SystemExit(3), asyncio.CancelledError()])
async def test_a_skill_ends_nothing_but_its_run(house: House, error: BaseException) -> None:
    async def skill(task: Task, context: Context) -> dict[str, Any]:
        raise error

    assert (await house.failed(skill)).reason == FAILURE_ERROR


async def test_an_error_is_cut_before_it_is_too_long(house: House) -> None:
    async def skill(task: Task, context: Context) -> dict[str, Any]:
        raise ArithmeticError("ü" * 100_000)

    assert len((await house.failed(skill)).error.data.decode()) == 2_000


async def test_a_skill_that_takes_too_long_is_stopped_and_may_be_tried_again(house: House) -> None:
    end = await house.failed(for_ever, timeout_ms=10)
    assert (end.reason, end.error.data, end.retry) == (FAILURE_TIMEOUT, b"no result within 0.01 s", True)


async def test_a_time_out_of_the_skills_own_is_an_error_like_any_other(house: House) -> None:
    async def skill(task: Task, context: Context) -> dict[str, Any]:
        raise TimeoutError("the database")

    assert (await house.failed(skill)).reason == FAILURE_ERROR


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ({"a": object()}, "the skill's result is not JSON"),
        ({"a": float("nan")}, "the skill's result is not JSON"),
        ([1, 2, 3], "the skill's result is not JSON: it is a list, expected a mapping"),
        ([], "the skill's result is not JSON: it is a list, expected a mapping"),
        ("text", "the skill's result is not JSON: it is a str, expected a mapping"),
        ({"a": "\ud800"}, "the skill's result is not JSON"),
        ({"a": "x" * 200_000}, "a result of 200009 bytes, at most 131072"),
    ],
)
async def test_a_result_that_cannot_be_kept_fails_for_good(house: House, result: Any, reason: str) -> None:
    async def skill(task: Task, context: Context) -> Any:
        return result

    end = await house.failed(skill)
    assert end.error.data.decode().startswith(reason)
    assert (end.reason, end.retry) == (FAILURE_ERROR, False)


async def test_a_skill_that_cannot_be_loaded_fails_for_good(house: House) -> None:
    end = await house.failed("nowhere:nothing")
    assert (end.reason, end.error.data, end.retry) == (FAILURE_SKILL, b"there is no skill nowhere:nothing", False)


async def test_what_a_skill_says_of_its_progress_is_recorded_in_order(house: House) -> None:
    async def skill(task: Task, context: Context) -> dict[str, Any]:
        await context.progress("first")
        await context.progress("x" * 5_000)
        return {}

    await house.completed(skill)
    texts = [thinking.text.data.decode() for thinking in await house.told(AgentThinking)]
    assert texts == ["first", "x" * 4_000]


async def test_what_is_told_while_the_log_is_away_is_told_when_it_is_back(house: House) -> None:
    async def skill(task: Task, context: Context) -> dict[str, Any]:
        house.store.faults, house.store.lands = [Transient("away")] * 3, False
        await context.progress("patient")
        return {}

    await house.completed(skill)
    assert len(await house.told(AgentThinking)) == 1


async def test_runs_go_on_side_by_side(house: House) -> None:
    met = asyncio.Barrier(2)

    async def skill(task: Task, context: Context) -> dict[str, Any]:
        await met.wait()
        return {}

    async with house.open():
        for stream in [await house.start(skill), await house.start(skill)]:
            assert isinstance(await house.end(stream), RunCompleted)


async def test_a_run_that_another_replica_started_is_left_alone(house: House) -> None:
    theirs = await house.started(done, "elsewhere")
    await house.completed(done)
    assert [type(event) for event in await house.log.messages(theirs)] == [RunStarted]


async def test_a_run_that_was_started_before_this_replica_took_part_is_left_alone(house: House) -> None:
    before = await house.started(done, HERE_REPLICA)
    async with house.open(after=await house.store.head()):
        await house.end(await house.start(done))
    assert [type(event) for event in await house.log.messages(before)] == [RunStarted]


async def test_draining_waits_for_what_can_end(house: House) -> None:
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def skill(task: Task, context: Context) -> dict[str, Any]:
        entered.set()
        await go_on.wait()
        return {"done": True}

    async with house.open():
        stream = await house.start(skill)
        await entered.wait()
        draining = asyncio.create_task(house.pool.drain(5))
        await asyncio.sleep(0)
        go_on.set()
        await draining
        assert isinstance(await house.end(stream), RunCompleted)


async def test_what_does_not_end_in_the_grace_is_interrupted_and_may_be_tried_again(house: House) -> None:
    entered, cancelled = asyncio.Event(), asyncio.Event()

    async def skill(task: Task, context: Context) -> dict[str, Any]:
        entered.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return {}

    async with house.open():
        stream = await house.start(skill)
        await entered.wait()
        await house.pool.drain(0.001)
        end = await house.end(stream)
        await asyncio.wait_for(cancelled.wait(), 5)
    assert isinstance(end, RunFailed)
    assert (end.reason, end.retry) == (FAILURE_INTERRUPTED, True)


async def test_a_pool_without_runs_is_drained_at_once(house: House) -> None:
    async with house.open():
        await house.pool.drain(5)


def cancel(stream: str) -> Cancel:
    return Cancel(now=NOON, work=Work(run_id=stream.partition("-")[2], agent="a"))


def ended_by_others(stream: str) -> list[run.Command]:
    return [Interrupt(now=NOON), cancel(stream)]


@pytest.mark.parametrize("how", [0, 1])
async def test_a_run_that_others_have_ended_is_stopped(house: House, how: int) -> None:
    entered, stopped = asyncio.Event(), asyncio.Event()

    async def skill(task: Task, context: Context) -> dict[str, Any]:
        entered.set()
        try:
            return await for_ever(task, context)
        finally:
            stopped.set()

    async with house.open(), asyncio.timeout(5):
        stream = await house.start(skill)
        await entered.wait()
        await house.tell(stream, ended_by_others(stream)[how])
        await stopped.wait()
        assert isinstance(await house.end(await house.start(done)), RunCompleted)  # the pool goes on
    assert [type(event) for event in await house.log.messages(stream)] == [RunStarted, RunFailed]


async def test_a_skill_that_is_stopped_may_tidy_up_as_long_as_it_likes(house: House) -> None:
    entered, tidy, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def skill(task: Task, context: Context) -> dict[str, Any]:
        entered.set()
        try:
            return await for_ever(task, context)
        finally:
            await go_on.wait()
            tidy.set()

    async with house.open(), asyncio.timeout(5):
        stream = await house.start(skill)
        await entered.wait()
        await house.tell(stream, cancel(stream))
        await house.tell(stream, cancel(stream))
        await house.end(await house.start(done))
        await house.pool.drain(0)
        go_on.set()
        await tidy.wait()


async def test_what_a_skill_says_that_will_not_be_stopped_is_not_recorded(house: House) -> None:
    entered, refused = asyncio.Event(), asyncio.Event()

    async def skill(task: Task, context: Context) -> dict[str, Any]:
        entered.set()
        try:
            await for_ever(task, context)
        except asyncio.CancelledError:
            pass
        try:
            await context.progress("too late")
        except Rejected:
            refused.set()
        return {"late": True}

    async with house.open(), asyncio.timeout(5):
        stream = await house.start(skill)
        await entered.wait()
        await house.tell(stream, cancel(stream))
        await refused.wait()
        assert isinstance(await house.end(await house.start(done)), RunCompleted)
    assert [type(event) for event in await house.log.messages(stream)] == [RunStarted, RunFailed]


async def test_a_skill_that_will_not_be_stopped_holds_up_no_drain(house: House) -> None:
    entered, stopped, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def skill(task: Task, context: Context) -> dict[str, Any]:
        entered.set()
        try:
            await for_ever(task, context)
        except asyncio.CancelledError:
            stopped.set()
        await go_on.wait()
        return {}

    async with house.open():
        async with asyncio.timeout(5):
            stream = await house.start(skill)
            await entered.wait()
            await house.tell(stream, cancel(stream))
            await stopped.wait()
            await house.pool.drain(60)
        go_on.set()
    assert [type(event) for event in await house.log.messages(stream)] == [RunStarted, RunFailed]


async def test_a_run_that_had_ended_before_it_could_begin_is_not_begun(house: House) -> None:
    entered = False

    async def skill(task: Task, context: Context) -> dict[str, Any]:
        nonlocal entered
        entered = True
        return {}

    stream = await house.started(skill, HERE_REPLICA)
    await house.log.append(
        stream, [new_event(house.log.ids.new(), RunFailed(work=Work(run_id="r1", agent="a")), Meta(NOON, HERE))]
    )
    async with house.open():
        await house.end(await house.start(done))
    assert not entered


async def test_a_run_that_fails_by_itself_is_not_stopped(house: House, caplog: pytest.LogCaptureFixture) -> None:
    async def skill(task: Task, context: Context) -> dict[str, Any]:
        raise ArithmeticError("no sum")

    with caplog.at_level(logging.INFO):
        async with house.open():
            await house.end(await house.start(skill))
            await house.end(await house.start(done))
    told = [record.getMessage() for record in caplog.records]
    assert "a failed in run r1, attempt 1: ArithmeticError" in told
    assert not any("is stopped" in line for line in told)


async def test_a_log_says_where_a_skill_has_raised_and_not_what_which_may_quote_its_task(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    def read(written: str) -> int:
        return int(written)

    async def skill(task: Task, context: Context) -> dict[str, Any]:
        return {"sum": read("what nobody else is to read")}

    with caplog.at_level(logging.DEBUG):
        async with house.open():
            await house.end(await house.start(skill))
    (end,) = await house.log.all("RunFailed")
    assert isinstance(end.msg, RunFailed)
    assert end.msg.error.data == b"ValueError: invalid literal for int() with base 10: 'what nobody else is to read'"
    assert "the skill raised ValueError" in caplog.text
    assert "in read\n" in caplog.text
    assert "invalid literal" not in caplog.text


async def test_a_run_is_about_what_woke_it(house: House) -> None:
    await house.completed(done)
    (end,) = await house.log.all("RunCompleted")
    (start,) = await house.log.all("RunStarted")
    assert (end.meta.about, end.meta.origin.cause) == (HERE, start.id)
