"""The internal interface: what the five services answer by gRPC, with health and reflection."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from reveille.contracts.agent_runner.v1 import queries_pb2 as agent_runner
from reveille.contracts.agent_runner.v1.queries_pb2_grpc import QueryServiceStub as AgentRunner
from reveille.contracts.planner.v1 import queries_pb2 as planner
from reveille.contracts.planner.v1.queries_pb2_grpc import QueryServiceStub as Planner
from tests.e2e.running import Platform, free_port

SERVICES = [f"reveille.{name}.v1.QueryService" for name in ("ingress", "analyzer", "planner", "budget", "agent_runner")]


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Platform, Any]]:
    """And a channel to it."""
    port = free_port()
    running = Platform(tmp_path_factory.mktemp("platform"), options=["--grpc-port", str(port)]).start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield running, channel
    running.close()


@pytest.mark.parametrize("service", ["", *SERVICES])
def test_each_service_serves(platform: tuple[Platform, Any], service: str) -> None:
    stub = health_pb2_grpc.HealthStub(platform[1])
    answer = stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=5)
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_a_service_that_is_not_there_is_not_found(platform: tuple[Platform, Any]) -> None:
    stub = health_pb2_grpc.HealthStub(platform[1])
    with pytest.raises(grpc.RpcError) as refused:
        stub.Check(health_pb2.HealthCheckRequest(service="reveille.nobody.v1.QueryService"), timeout=5)
    assert refused.value.code() == grpc.StatusCode.NOT_FOUND


def test_reflection_lists_all_query_services(platform: tuple[Platform, Any]) -> None:
    stub = reflection_pb2_grpc.ServerReflectionStub(platform[1])
    asked = iter([reflection_pb2.ServerReflectionRequest(list_services="")])
    (answer,) = stub.ServerReflectionInfo(asked, timeout=5)
    assert set(SERVICES) <= {service.name for service in answer.list_services_response.service}


def test_a_direct_call_gives_what_http_gives(platform: tuple[Platform, Any]) -> None:
    running, channel = platform
    execution = running.run("worker", {"name": "by grpc"})
    request = planner.GetExecutionRequest(tenant="default", execution_id=execution["id"])
    view = Planner(channel).GetExecution(request, timeout=5).execution
    assert (view.status, view.agent, view.steps[0].run_id) == ("completed", "worker", execution["steps"][0]["run_id"])


def test_a_tenant_sees_nothing_of_anothers(platform: tuple[Platform, Any]) -> None:
    running, channel = platform
    execution = running.run("worker")
    with pytest.raises(grpc.RpcError) as refused:
        Planner(channel).GetExecution(
            planner.GetExecutionRequest(tenant="other", execution_id=execution["id"]), timeout=5
        )
    assert refused.value.code() == grpc.StatusCode.NOT_FOUND
    listed = Planner(channel).ListExecutions(planner.ListExecutionsRequest(tenant="other", limit=10), timeout=5)
    agents = AgentRunner(channel).ListAgents(agent_runner.ListAgentsRequest(tenant="other"), timeout=5)
    assert (len(listed.items), len(agents.items)) == (0, 0)
