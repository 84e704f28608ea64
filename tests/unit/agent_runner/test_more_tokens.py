"""A run that needs more asks the ledger for it, or ends with what it has."""

import asyncio
import json
from typing import Any

import pytest

from reveille.agent_runner.application.handling import REACTORS
from reveille.agent_runner.application.routing import ROUTES
from reveille.agent_runner.domain.run import Ask, CallModel, Complete, Grant, Interrupt, Refuse, StartRun, decider
from reveille.agents import Context, Task
from reveille.contracts.agent_runner.v1.events_pb2 import (
    FAILURE_TOKENS,
    ModelCalled,
    RunCompleted,
    RunStarted,
    TokensGranted,
    TokensRefused,
    TokensRequested,
    Work,
)
from reveille.contracts.budget.v1.events_pb2 import TopUpDenied, TopUpReserved
from reveille.contracts.common.v1.common_pb2 import Sealed
from tests.unit.agent_runner.house import House, answer, request
from tests.unit.log import Log
from tests.unit.manual_clock import NOON
from tests.unit.spec import spec

given = spec(decider)
WORK = Work(run_id="r", execution_id="e", agent="a", tokens=100)
STARTED = RunStarted(work=WORK)
RESULT = Sealed(data=b"{}")


def ask(number: int = 1, tokens: int = 50) -> Ask:
    return Ask(now=NOON, request=number, tokens=tokens)


def grant(number: int = 1, tokens: int = 50) -> Grant:
    return Grant(now=NOON, request=number, tokens=tokens)


def refuse(number: int = 1, left: int = 7) -> Refuse:
    return Refuse(now=NOON, request=number, left=left)


def requested(number: int = 1, tokens: int = 50) -> TokensRequested:
    return TokensRequested(work=WORK, request=number, tokens=tokens)


def granted(number: int = 1, tokens: int = 50) -> TokensGranted:
    return TokensGranted(run_id="r", request=number, tokens=tokens)


def test_a_run_asks_for_more_once_for_each_request() -> None:
    given(STARTED).when(ask()).then(requested())
    given(STARTED, requested()).when(ask()).then()
    given(STARTED, requested()).when(ask(2)).then(requested(2))


def test_what_is_granted_can_be_used() -> None:
    call = CallModel(now=NOON, call=1, model="m", cap=150)
    given(STARTED, requested()).when(call).then_rejected("has 100 tokens left, the call may use 150")
    given(STARTED, requested()).when(grant()).when(call).then(ModelCalled(run_id="r", call=1, model="m", cap=150))


def test_an_answer_is_taken_once() -> None:
    given(STARTED, requested()).when(grant()).then(granted())
    given(STARTED, requested()).when(grant()).when(grant()).then()
    given(STARTED, requested()).when(refuse()).then(TokensRefused(run_id="r", request=1, left=7))
    given(STARTED, requested()).when(refuse()).when(refuse()).then()


def test_what_is_granted_to_a_run_that_has_ended_changes_nothing() -> None:
    ended = given(STARTED, requested()).when(Complete(now=NOON, result=RESULT))
    ended.when(grant()).then()
    ended.when(refuse()).then()


def test_a_run_that_has_ended_asks_for_nothing() -> None:
    given(STARTED).when(Interrupt(now=NOON)).when(ask()).then_rejected("run r has ended")


def test_a_partial_result_says_so() -> None:
    given(STARTED).when(Complete(now=NOON, result=RESULT, partial=True)).then(
        RunCompleted(work=WORK, result=RESULT, partial=True)
    )


@pytest.mark.asyncio
async def test_the_ledgers_answer_goes_to_the_run_that_asked() -> None:
    log = Log()
    for event, command in (
        (TopUpReserved(run_id="r", agent="a", request=2, tokens=50), grant(2)),
        (TopUpDenied(run_id="r", agent="a", request=2, tokens=50, left=7), refuse(2)),
    ):
        (recorded,) = await log.write("t.ledger", event)
        assert await REACTORS[recorded.type](recorded, NOON) == [("t.run-r", command)]


@pytest.mark.asyncio
async def test_a_request_goes_to_the_ledger_of_its_tenant() -> None:
    (recorded,) = await Log().write("t.run-r", requested())
    assert {service: key(recorded) for service, key in ROUTES[recorded.type].items()} == {"budget": "t"}


# Below: a skill that works, and a test that answers in the ledger's place.


async def wants_more(task: Task, context: Context) -> dict[str, Any]:
    before = context.tokens_left
    got = await context.more_tokens(50)
    return {"before": before, "got": got, "after": context.tokens_left}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (grant(), {"before": 100, "got": True, "after": 150}),
        (refuse(), {"before": 100, "got": False, "after": 100}),
    ],
)
async def test_a_skill_gets_more_or_hears_that_there_is_none(told: Grant | Refuse, expected: dict[str, Any]) -> None:
    house = House()
    async with house.open():
        stream = await house.start(wants_more, tokens=100)
        await house.until(lambda event: isinstance(event.msg, TokensRequested))
        assert await house.tell(stream, told) is None
        end = await house.end(stream)
    assert isinstance(end, RunCompleted)
    assert json.loads(end.result.data) == expected


@pytest.mark.asyncio
async def test_what_is_granted_after_the_skill_stopped_waiting_is_there_all_the_same() -> None:
    seen = asyncio.Event()

    async def impatient(task: Task, context: Context) -> dict[str, Any]:
        waiting = asyncio.ensure_future(context.more_tokens(50))
        await seen.wait()
        waiting.cancel()
        await asyncio.wait([waiting])
        return {"got": await context.more_tokens(20), "after": context.tokens_left}

    house = House()
    async with house.open():
        stream = await house.start(impatient, tokens=100)
        await house.until(lambda event: isinstance(event.msg, TokensRequested))
        seen.set()
        await house.until(lambda event: isinstance(event.msg, TokensRequested) and event.msg.request == 2)
        await house.tell(stream, grant(1, 50))
        await house.tell(stream, grant(2, 20))
        end = await house.end(stream)
    assert isinstance(end, RunCompleted)
    assert json.loads(end.result.data) == {"got": True, "after": 170}


@pytest.mark.asyncio
async def test_a_skill_that_asks_for_nothing_is_told_so() -> None:
    async def asks_for_nothing(task: Task, context: Context) -> dict[str, Any]:
        await context.more_tokens(0)
        return {}

    failed = await House().failed(asks_for_nothing)
    assert b"0 tokens are asked for, expected at least 1" in failed.error.data


async def spends_all(task: Task, context: Context) -> dict[str, Any]:
    context.keep({"found": 1})
    await context.model.complete(request())
    context.keep({"found": 2})
    await context.model.complete(request())
    return {"found": 3}


@pytest.mark.asyncio
async def test_a_run_whose_tokens_are_spent_ends_with_what_it_kept_last() -> None:
    house = House()
    house.model.script = [answer(3, 4)]
    end = await house.completed(spends_all, tokens=30)
    assert (end.partial, end.tokens_used) == (True, 7)
    assert json.loads(end.result.data) == {"found": 2, "partial": True}


@pytest.mark.asyncio
async def test_a_run_that_had_enough_does_not_say_that_it_is_partial() -> None:
    house = House()
    house.model.script = [answer(3, 4), answer(3, 4)]
    end = await house.completed(spends_all, tokens=100)
    assert (end.partial, json.loads(end.result.data)) == (False, {"found": 3})


@pytest.mark.asyncio
async def test_a_run_that_kept_nothing_fails_when_its_tokens_are_spent() -> None:
    async def keeps_nothing(task: Task, context: Context) -> dict[str, Any]:
        await context.model.complete(request())
        return {}

    assert (await House().failed(keeps_nothing, tokens=10)).reason == FAILURE_TOKENS


def test_a_run_starts_with_nothing_granted() -> None:
    assert given().when(StartRun(now=NOON, work=WORK)).state.left == 100
