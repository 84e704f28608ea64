"""One gRPC server and a channel to it, on loopback."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from reveille.adapters.grpc import MAX_MESSAGE_BYTES, Server, open_channel
from reveille.contracts.budget.v1 import queries_pb2 as budget_pb2
from reveille.contracts.budget.v1 import queries_pb2_grpc as budget_grpc
from reveille.contracts.planner.v1 import queries_pb2, queries_pb2_grpc
from reveille.kernel import trace_context
from reveille.kernel.errors import Misconfigured, Rejected, Transient
from tests.recorded_spans import RecordedSpans

TOKEN = "t" * 64
PLANNER = "reveille.planner.v1.QueryService"
TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
Answer = Callable[[Any], Awaitable[queries_pb2.GetExecutionResponse]]


class PlannerQueries(queries_pb2_grpc.QueryServiceServicer):
    """Answers as the test says."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    async def GetExecution(self, request: Any, context: Any) -> queries_pb2.GetExecutionResponse:
        return await self._answer(request)


class BudgetQueries(budget_grpc.QueryServiceServicer):
    async def ListAccounts(self, request: Any, context: Any) -> budget_pb2.ListAccountsResponse:
        return budget_pb2.ListAccountsResponse(waiting=3)


class Platform:
    """A server whose planner's answer a test may change, and a channel to it."""

    def __init__(self) -> None:
        self.spans = RecordedSpans()
        self.not_ready: set[str] = set()
        self.answer: Answer = _echo
        servicers = [PlannerQueries(lambda request: self.answer(request)), BudgetQueries()]
        self.server = Server(
            servicers,
            token=TOKEN,
            reflection=True,
            ready=lambda service: service not in self.not_ready,
            spans=lambda _: self.spans,
        )

    async def start(self) -> None:
        self.channel = open_channel(f"127.0.0.1:{await self.server.start()}", token=TOKEN)
        self.planner = queries_pb2_grpc.QueryServiceStub(self.channel)
        self.health = health_pb2_grpc.HealthStub(self.channel)

    async def refused(self, error: Exception) -> grpc.aio.AioRpcError:
        async def refuse(request: Any) -> queries_pb2.GetExecutionResponse:
            raise error

        self.answer = refuse
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await self.planner.GetExecution(queries_pb2.GetExecutionRequest(), timeout=5)
        return raised.value

    async def status(self, service: str) -> str:
        answer = await self.health.Check(health_pb2.HealthCheckRequest(service=service), timeout=5)
        return str(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))


async def _echo(request: Any) -> queries_pb2.GetExecutionResponse:
    return queries_pb2.GetExecutionResponse(execution={"id": request.execution_id})


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    running = Platform()
    await running.start()
    yield running
    await running.channel.close()
    await running.server.stop(0)


async def test_services_of_one_process_share_a_port(platform: Platform) -> None:
    got = await platform.planner.GetExecution(queries_pb2.GetExecutionRequest(execution_id="e-1"), timeout=5)
    accounts = await budget_grpc.QueryServiceStub(platform.channel).ListAccounts(
        budget_pb2.ListAccountsRequest(), timeout=5
    )
    assert (got.execution.id, accounts.waiting) == ("e-1", 3)


@pytest.mark.parametrize(
    ("error", "code", "details"),
    [
        (KeyError("no execution e-1"), grpc.StatusCode.NOT_FOUND, "no execution e-1"),
        (Transient("views are at position 3, asked to wait for 7"), grpc.StatusCode.UNAVAILABLE, "asked to wait for 7"),
        (Rejected("limit is 900, expected at most 500"), grpc.StatusCode.INVALID_ARGUMENT, "expected at most 500"),
        (ValueError("cursor is not ours"), grpc.StatusCode.INVALID_ARGUMENT, "cursor is not ours"),
    ],
)
async def test_an_error_becomes_its_code_with_its_text(
    platform: Platform, error: Exception, code: grpc.StatusCode, details: str
) -> None:
    refusal = await platform.refused(error)
    assert refusal.code() is code
    assert details in refusal.details()


async def test_a_fault_of_ours_is_logged_and_not_told(platform: Platform, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        refusal = await platform.refused(RuntimeError("password is hunter2"))
    assert (refusal.code(), refusal.details()) == (grpc.StatusCode.INTERNAL, "internal error")
    assert "RuntimeError: password is hunter2" in caplog.text


async def test_what_a_servicer_does_not_offer_is_unimplemented(platform: Platform) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await platform.planner.ListExecutions(queries_pb2.ListExecutionsRequest(), timeout=5)
    assert raised.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_the_trace_of_the_caller_goes_on_in_the_answerer(platform: Platform) -> None:
    seen: list[str] = []

    async def look(request: Any) -> queries_pb2.GetExecutionResponse:
        seen.append(trace_context.traceparent.get())
        return queries_pb2.GetExecutionResponse()

    platform.answer = look
    with trace_context.about(TRACE):
        await platform.planner.GetExecution(queries_pb2.GetExecutionRequest(), timeout=5)
    (span,) = platform.spans.started
    assert (span.name, span.parent) == (f"{PLANNER}/GetExecution", TRACE)
    assert seen == [span.traceparent]
    assert span.ended == [None]


@pytest.mark.parametrize(
    ("error", "code", "fault"),
    [
        (KeyError("no execution e-1"), grpc.StatusCode.NOT_FOUND, None),
        (Transient("the log is away"), grpc.StatusCode.UNAVAILABLE, "UNAVAILABLE"),
        (RuntimeError("password is hunter2"), grpc.StatusCode.INTERNAL, "INTERNAL"),
    ],
)
async def test_a_span_tells_the_code_and_fails_where_the_service_is_at_fault(
    platform: Platform, error: Exception, code: grpc.StatusCode, fault: str | None
) -> None:
    await platform.refused(error)
    (span,) = platform.spans.started
    assert span.told == {"rpc.grpc.status_code": code.value[0]}
    assert [None if one is None else str(one) for one in span.ended] == [fault]


async def test_a_call_within_a_trace_is_a_span_of_the_callers_above_the_answerers(platform: Platform) -> None:
    calls = RecordedSpans()
    channel = open_channel(f"127.0.0.1:{platform.server.port}", token=TOKEN, spans=calls)
    planner = queries_pb2_grpc.QueryServiceStub(channel)
    await planner.GetExecution(queries_pb2.GetExecutionRequest(), timeout=5)
    assert calls.started == []
    with trace_context.about(TRACE):
        await planner.GetExecution(queries_pb2.GetExecutionRequest(), timeout=5)
    (call,) = calls.started
    assert (call.name, call.parent) == (f"{PLANNER}/GetExecution", TRACE)
    assert platform.spans.started[-1].parent == call.traceparent
    assert (call.told, call.ended) == ({"rpc.grpc.status_code": 0}, [None])
    await channel.close()


async def test_each_service_is_healthy_while_it_is_ready(platform: Platform) -> None:
    assert await platform.status(PLANNER) == "SERVING"
    platform.not_ready.add("planner")
    assert await platform.status(PLANNER) == "NOT_SERVING"
    assert await platform.status("reveille.budget.v1.QueryService") == "SERVING"


async def test_the_whole_is_healthy_when_every_service_is(platform: Platform) -> None:
    assert await platform.status("") == "SERVING"
    platform.not_ready.add("budget")
    assert await platform.status("") == "NOT_SERVING"


async def test_the_health_of_an_unknown_service_is_not_found(platform: Platform) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await platform.status("reveille.unheard.v1.QueryService")
    assert raised.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_watcher_hears_when_the_server_leaves(platform: Platform) -> None:
    watching = platform.health.Watch(health_pb2.HealthCheckRequest(service=PLANNER), timeout=10)
    first = await watching.read()
    stopping = asyncio.ensure_future(platform.server.stop(5))
    last = await watching.read()
    await stopping
    serving = health_pb2.HealthCheckResponse.ServingStatus
    assert (first.status, last.status) == (serving.SERVING, serving.NOT_SERVING)


async def test_reflection_lists_all_services(platform: Platform) -> None:
    stub = reflection_pb2_grpc.ServerReflectionStub(platform.channel)
    call = stub.ServerReflectionInfo(iter([reflection_pb2.ServerReflectionRequest(list_services="")]), timeout=5)
    answer = await call.read()
    names = {service.name for service in answer.list_services_response.service}
    assert {PLANNER, "reveille.budget.v1.QueryService", "grpc.health.v1.Health"} <= names


async def test_a_call_under_way_may_end_while_the_server_stops(platform: Platform) -> None:
    entered, leave = asyncio.Event(), asyncio.Event()

    async def wait(request: Any) -> queries_pb2.GetExecutionResponse:
        entered.set()
        await leave.wait()
        return queries_pb2.GetExecutionResponse(execution={"id": "done"})

    platform.answer = wait
    call = platform.planner.GetExecution(queries_pb2.GetExecutionRequest(), timeout=10)
    answered = asyncio.ensure_future(_result(call))
    await entered.wait()
    stopping = asyncio.ensure_future(platform.server.stop(10))
    leave.set()
    assert (await answered).execution.id == "done"
    await stopping


async def test_a_call_that_does_not_end_is_cut_when_the_grace_is_over(platform: Platform) -> None:
    entered = asyncio.Event()

    async def hang(request: Any) -> queries_pb2.GetExecutionResponse:
        entered.set()
        await asyncio.Event().wait()
        raise AssertionError

    platform.answer = hang
    answered = asyncio.ensure_future(
        _result(platform.planner.GetExecution(queries_pb2.GetExecutionRequest(), timeout=60))
    )
    await entered.wait()
    await platform.server.stop(0.05)
    with pytest.raises((grpc.aio.AioRpcError, asyncio.CancelledError)):
        await answered


async def test_an_answer_may_be_larger_than_grpc_has_it_by_itself(platform: Platform) -> None:
    async def much(request: Any) -> queries_pb2.GetExecutionResponse:
        return queries_pb2.GetExecutionResponse(execution={"id": "x" * (MAX_MESSAGE_BYTES - 100)})

    platform.answer = much
    got = await platform.planner.GetExecution(queries_pb2.GetExecutionRequest(), timeout=10)
    assert len(got.execution.id) == MAX_MESSAGE_BYTES - 100


async def test_a_second_server_on_the_port_is_refused(platform: Platform) -> None:
    second = Server([BudgetQueries()], token=TOKEN, address=f"127.0.0.1:{platform.server.port}")
    with pytest.raises(Misconfigured, match=f"gRPC cannot listen on 127.0.0.1:{platform.server.port}"):
        await second.start()


async def test_a_channel_does_not_share_the_bad_luck_of_an_older_one() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    request = health_pb2.HealthCheckRequest()
    unlucky = open_channel(f"127.0.0.1:{port}", token=TOKEN)
    with pytest.raises(grpc.aio.AioRpcError):
        await health_pb2_grpc.HealthStub(unlucky).Check(request, timeout=5)
    server = Server([], token=TOKEN, address=f"127.0.0.1:{port}")
    await server.start()
    channel = open_channel(f"127.0.0.1:{port}", token=TOKEN)
    answer = await health_pb2_grpc.HealthStub(channel).Check(request, timeout=5)
    assert answer.status == health_pb2.HealthCheckResponse.SERVING
    await channel.close()
    await unlucky.close()
    await server.stop(0)


async def test_what_is_no_servicer_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="Platform is no servicer"):
        await Server([Platform()], token=TOKEN).start()


async def _result(call: Any) -> Any:
    return await call
