"""Who asks how a service is hears what each of its replicas complains of, and of those alone that are there."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from reveille.adapters.complaints import Complaint
from reveille.adapters.grpc import Server, open_channel
from reveille.contracts.planner.v1 import queries_pb2_grpc
from reveille.ingress.adapters.queries import UNREACHABLE, Condition, Queries
from reveille.ingress.adapters.replicas import Replicas
from reveille.ingress.domain.advice import MODEL_AWAY, SERVICE_AWAY, VIEWS_BEHIND

pytestmark = pytest.mark.asyncio
TOKEN = "token-of-a-test"
AWAY = Complaint(MODEL_AWAY, "a model does not answer")
BEHIND = Complaint(VIEWS_BEHIND, "its views are late")
SERVICES = ("ingress", "analyzer", "planner", "budget", "agent-runner")


class Planner:
    """A replica."""

    def __init__(self) -> None:
        self.complaints: list[Complaint] = []
        self.ready = True
        self.server = Server(
            [queries_pb2_grpc.QueryServiceServicer()],
            token=TOKEN,
            ready=lambda asked: self.ready,
            complaints=lambda asked: self.complaints,
        )

    async def start(self) -> str:
        return f"127.0.0.1:{await self.server.start()}"


class House:
    """Two replicas, and who asks them."""

    def __init__(self, planners: list[Planner], queries: Queries, opened: list[str]) -> None:
        self.one, self.other = planners
        self._queries = queries
        self.opened = opened

    async def planner(self) -> Condition:
        return (await self._queries.conditions())["planner"]


def asking(addresses: str, stack: AsyncExitStack, opened: list[str]) -> Queries:
    def open_one(address: str, name: str) -> Any:
        opened.append(address)
        return open_channel(address, token=TOKEN, name=name)

    channel = open_channel(addresses, token=TOKEN)
    stack.push_async_callback(channel.close)
    replicas = Replicas(addresses, open_one)
    stack.push_async_callback(replicas.close)
    return Queries.over(dict.fromkeys(SERVICES, channel), {"planner": replicas})


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        planners, opened = [Planner(), Planner()], list[str]()
        addresses = ",".join([await one.start() for one in planners])
        for one in planners:
            stack.push_async_callback(one.server.stop, 0)
        yield House(planners, asking(addresses, stack, opened), opened)


async def test_what_any_replica_complains_of_is_told_once_and_each_time(house: House) -> None:
    assert await house.planner() == Condition("serving", ())
    house.other.complaints = [AWAY]
    for _ in range(3):
        assert await house.planner() == Condition("serving", (AWAY,))
    house.one.complaints = [BEHIND, AWAY]
    assert await house.planner() == Condition("serving", (BEHIND, AWAY))
    assert len(house.opened) == 2, "a channel to each is kept"


async def test_a_service_serves_as_long_as_one_replica_does(house: House) -> None:
    house.one.ready = False
    assert (await house.planner()).status == "serving"
    house.other.ready = False
    assert (await house.planner()).status == "not_serving"


async def test_a_replica_that_is_gone_says_nothing_and_all_that_are_gone_are_told_of(house: House) -> None:
    house.one.complaints = [AWAY]
    await house.one.server.stop(0)
    assert await house.planner() == Condition("serving", ())
    await house.other.server.stop(0)
    condition = await house.planner()
    assert condition.status == UNREACHABLE
    assert [one.code for one in condition.complaints] == [SERVICE_AWAY]


async def test_a_name_stands_for_all_that_it_is_known_for_and_a_new_one_is_found() -> None:
    async with AsyncExitStack() as stack:
        planner, opened = Planner(), list[str]()
        port = (await planner.start()).rpartition(":")[2]
        stack.push_async_callback(planner.server.stop, 0)
        planner.complaints = [AWAY]
        queries = asking(f"localhost:{port}", stack, opened)
        assert (await queries.conditions())["planner"] == Condition("serving", (AWAY,))
        assert f"127.0.0.1:{port}" in opened


async def test_a_name_that_nobody_knows_is_a_service_that_is_away() -> None:
    async with AsyncExitStack() as stack:
        queries = asking("nobody.invalid:1", stack, [])
        assert (await queries.conditions())["planner"].status == UNREACHABLE
