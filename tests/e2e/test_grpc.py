"""The internal interface: what the five services answer by gRPC, with health; with reflection where it is set."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from reveille.adapters.grpc_access import token_of
from reveille.contracts.agent_runner.v1 import queries_pb2 as agent_runner
from reveille.contracts.agent_runner.v1.queries_pb2_grpc import QueryServiceStub as AgentRunner
from reveille.contracts.planner.v1 import queries_pb2 as planner
from reveille.contracts.planner.v1.queries_pb2_grpc import QueryServiceStub as Planner
from tests.e2e.running import PATIENCE, Platform

# By service, the channel to it; embedded, they all lead to one process.
Channels = Mapping[str, Any]
SERVICES = ("ingress", "analyzer", "planner", "budget", "agent-runner")


def interface(service: str) -> str:
    return f"reveille.{service.replace('-', '_')}.v1.QueryService"


@pytest.fixture(scope="module")
def channels(shared: Platform) -> Iterator[Channels]:
    with ExitStack() as stack:
        yield {
            service: stack.enter_context(grpc.insecure_channel(address))
            for service, address in shared.grpc_addresses().items()
        }


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_serves(channels: Channels, service: str) -> None:
    stub = health_pb2_grpc.HealthStub(channels[service])
    for asked in ("", interface(service)):
        answer = stub.Check(health_pb2.HealthCheckRequest(service=asked), timeout=PATIENCE)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_that_is_not_there_is_not_found(channels: Channels, service: str) -> None:
    stub = health_pb2_grpc.HealthStub(channels[service])
    with pytest.raises(grpc.RpcError) as refused:
        stub.Check(health_pb2.HealthCheckRequest(service=interface("nobody")), timeout=PATIENCE)
    assert refused.value.code() == grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("service", SERVICES)
def test_nobody_learns_what_a_service_serves_unless_a_setting_has_it_told(channels: Channels, service: str) -> None:
    stub = reflection_pb2_grpc.ServerReflectionStub(channels[service])
    asked = iter([reflection_pb2.ServerReflectionRequest(list_services="")])
    with pytest.raises(grpc.RpcError) as refused:
        list(stub.ServerReflectionInfo(asked, timeout=PATIENCE))
    assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_only_the_platforms_own_services_are_answered(shared: Platform, channels: Channels) -> None:
    request = planner.ListExecutionsRequest(tenant="default", limit=1)
    for metadata in ((), (("authorization", f"Bearer {'0' * 64}"),)):
        with pytest.raises(grpc.RpcError) as refused:
            Planner(channels["planner"]).ListExecutions(request, timeout=PATIENCE, metadata=metadata)
        assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED
    Planner(channels["planner"]).ListExecutions(request, timeout=PATIENCE, metadata=ours(shared))


def ours(platform: Platform) -> Sequence[tuple[str, str]]:
    """What the platform's services show each other."""
    return (("authorization", f"Bearer {token_of(bytes.fromhex(platform.key_file.read_text()))}"),)


def test_a_direct_call_gives_what_http_gives(shared: Platform, channels: Channels) -> None:
    execution = shared.run("worker", {"name": "by grpc"})
    request = planner.GetExecutionRequest(tenant="default", execution_id=execution["id"])
    view = Planner(channels["planner"]).GetExecution(request, timeout=PATIENCE, metadata=ours(shared)).execution
    assert (view.status, view.agent, view.steps[0].run_id) == ("completed", "worker", execution["steps"][0]["run_id"])


def test_a_tenant_sees_nothing_of_anothers(shared: Platform, channels: Channels) -> None:
    execution = shared.run("worker")
    asked, metadata = Planner(channels["planner"]), ours(shared)
    request = planner.GetExecutionRequest(tenant="other", execution_id=execution["id"])
    with pytest.raises(grpc.RpcError) as refused:
        asked.GetExecution(request, timeout=PATIENCE, metadata=metadata)
    assert refused.value.code() == grpc.StatusCode.NOT_FOUND
    listed = asked.ListExecutions(
        planner.ListExecutionsRequest(tenant="other", limit=10), timeout=PATIENCE, metadata=metadata
    )
    agents = AgentRunner(channels["agent-runner"]).ListAgents(
        agent_runner.ListAgentsRequest(tenant="other"), timeout=PATIENCE, metadata=metadata
    )
    assert (len(listed.items), len(agents.items)) == (0, 0)
