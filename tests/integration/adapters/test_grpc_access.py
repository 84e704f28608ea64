"""Who may call the platform's services by gRPC, whichever way a call streams."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from reveille.adapters.grpc import Server, open_channel
from reveille.adapters.grpc_access import token_of
from reveille.contracts.agent_runner.v1.queries_pb2 import ConnectRequest, ConnectResponse
from reveille.contracts.agent_runner.v1.queries_pb2_grpc import LinkServiceServicer, LinkServiceStub
from reveille.contracts.budget.v1.queries_pb2 import ListAccountsRequest, ListAccountsResponse
from reveille.contracts.budget.v1.queries_pb2_grpc import QueryServiceServicer, QueryServiceStub

TOKEN = token_of(b"k" * 32)
PATIENCE = 30


class Links(LinkServiceServicer):
    def __init__(self) -> None:
        self.heard: list[str] = []

    async def Connect(self, requests: Any, context: Any) -> AsyncIterator[ConnectResponse]:
        async for request in requests:
            self.heard.append(request.text)
            yield ConnectResponse(text=f"heard {request.text}")


class Budget(QueryServiceServicer):
    def __init__(self) -> None:
        self.asked = 0

    async def ListAccounts(self, request: Any, context: Any) -> ListAccountsResponse:
        self.asked += 1
        return ListAccountsResponse(waiting=3)


class Platform:
    def __init__(self) -> None:
        self.links, self.budget = Links(), Budget()
        self.server = Server([self.links, self.budget], token=TOKEN)
        self.address = ""


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    platform = Platform()
    platform.address = f"127.0.0.1:{await platform.server.start()}"
    yield platform
    await platform.server.stop(0)


async def listed(channel: Any, **how: Any) -> ListAccountsResponse:
    answer = await QueryServiceStub(channel).ListAccounts(ListAccountsRequest(), timeout=PATIENCE, **how)
    assert isinstance(answer, ListAccountsResponse)
    return answer


async def told(channel: Any, **how: Any) -> str:
    call = LinkServiceStub(channel).Connect(timeout=PATIENCE, **how)
    try:
        await call.write(ConnectRequest(text="hello"))
    except grpc.aio.AioRpcError:
        pass  # it has ended already: reading says how
    said = await call.read()
    call.cancel()
    return "" if said is grpc.aio.EOF else str(said.text)


async def test_who_has_the_token_is_answered_whichever_way_the_call_streams(platform: Platform) -> None:
    channel = open_channel(platform.address, token=TOKEN)
    try:
        assert (await listed(channel)).waiting == 3
        assert await told(channel) == "heard hello"
    finally:
        await channel.close()


@pytest.mark.parametrize(
    "metadata",
    [
        (),
        (("authorization", ""),),
        (("authorization", TOKEN),),
        (("authorization", f"Bearer {token_of(b'o' * 32)}"),),
        (("authorization", f"Bearer {TOKEN}x"),),
        (("authorization", f"Bearer {TOKEN}"), ("authorization", "Bearer other")),
    ],
)
async def test_who_has_it_not_is_refused_before_anybody_hears_of_him(platform: Platform, metadata: Any) -> None:
    async with grpc.aio.insecure_channel(platform.address) as channel:
        for asking in (listed, told):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await asking(channel, metadata=metadata)
            assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED
            assert TOKEN not in str(refused.value.details())
    assert (platform.budget.asked, platform.links.heard) == (0, [])


async def test_health_is_told_to_whoever_watches_over_it_and_nothing_else_is(platform: Platform) -> None:
    async with grpc.aio.insecure_channel(platform.address) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        answer = await health.Check(health_pb2.HealthCheckRequest(), timeout=PATIENCE)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
        asked = iter([reflection_pb2.ServerReflectionRequest(list_services="")])
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            async for _ in reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(
                asked, timeout=PATIENCE
            ):
                pass
        assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_another_platforms_token_is_another_and_is_not_its_key() -> None:
    assert len({token_of(b"a" * 32), token_of(b"b" * 32), (b"a" * 32).hex()}) == 3
