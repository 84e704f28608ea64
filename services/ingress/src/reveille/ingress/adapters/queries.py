"""Asking the services that own what is asked for, by gRPC."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import grpc  # type: ignore[import-untyped]

from reveille.adapters.complaints import METADATA, Complaint, decoded
from reveille.contracts.agent_runner.v1 import queries_pb2_grpc as agent_runner
from reveille.contracts.analyzer.v1 import queries_pb2_grpc as analyzer
from reveille.contracts.budget.v1 import queries_pb2_grpc as budget
from reveille.contracts.common.v1 import inbox_pb2_grpc as inbox
from reveille.contracts.common.v1.inbox_pb2 import GetInboxRequest
from reveille.contracts.ingress.v1 import queries_pb2_grpc as ingress
from reveille.contracts.planner.v1 import queries_pb2_grpc as planner
from reveille.ingress.adapters.replicas import Replicas
from reveille.ingress.domain.advice import KEY_MISMATCH, NOT_READY, SERVICE_AWAY
from reveille.ingress.domain.refusals import Conflicting, Invalid, Missing
from reveille.kernel.errors import Transient

HEALTH_SECONDS: Final = 1.0
UNREACHABLE: Final = "unreachable"
# Besides what the caller is ready to wait for the view: the call's own way.
SLACK_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Condition:
    """How a service is. status: `serving`, `not_serving` or `unreachable`."""

    status: str
    complaints: tuple[Complaint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Queries:
    """A stub for each service's QueryService; by a service's name, `inboxes` asks its InboxService, `health`
    grpc.health.v1, and `replicas` are those that can be asked one by one.
    """

    ingress: Any
    analyzer: Any
    planner: Any
    budget: Any
    agent_runner: Any
    links: Any
    inboxes: Mapping[str, Any] = field(default_factory=dict)
    health: Mapping[str, Any] = field(default_factory=dict)
    replicas: Mapping[str, Replicas] = field(default_factory=dict)

    @classmethod
    def over(cls, channels: Mapping[str, Any], replicas: Mapping[str, Replicas] | None = None) -> "Queries":
        """channels: by service; all five must be there, such as `agent-runner`. replicas: to ask one by one."""
        from grpc_health.v1 import health_pb2_grpc  # type: ignore[import-untyped]

        return cls(
            ingress=ingress.QueryServiceStub(channels["ingress"]),  # type: ignore[no-untyped-call]
            analyzer=analyzer.QueryServiceStub(channels["analyzer"]),  # type: ignore[no-untyped-call]
            planner=planner.QueryServiceStub(channels["planner"]),  # type: ignore[no-untyped-call]
            budget=budget.QueryServiceStub(channels["budget"]),  # type: ignore[no-untyped-call]
            agent_runner=agent_runner.QueryServiceStub(channels["agent-runner"]),  # type: ignore[no-untyped-call]
            links=agent_runner.LinkServiceStub(channels["agent-runner"]),  # type: ignore[no-untyped-call]
            inboxes={
                name: inbox.InboxServiceStub(channel)  # type: ignore[no-untyped-call]
                for name, channel in channels.items()
                if name != "ingress"  # it has none: what it decides on comes over HTTP
            },
            health={name: health_pb2_grpc.HealthStub(channel) for name, channel in channels.items()},
            replicas=replicas or {},
        )

    async def healths(self) -> dict[str, str]:
        """`serving`, `not_serving` or `unreachable` by service."""
        found = await asyncio.gather(*(self._health(name) for name in self.health))
        return dict(zip(self.health, found, strict=True))

    async def conditions(self) -> dict[str, Condition]:
        """By service; of those that are there also what they complain of, each replica for itself."""
        found = await asyncio.gather(*(self._condition(name) for name in self.health))
        return dict(zip(self.health, found, strict=True))

    async def _health(self, name: str) -> str:
        return (await _checked(self.health[name], name)).status

    async def _condition(self, name: str) -> Condition:
        condition = _of_all(await asyncio.gather(*(_checked(stub, name) for stub in await self._each(name))))
        if condition.status == UNREACHABLE or name not in self.inboxes:
            return condition
        try:
            await self.inboxes[name].GetInbox(GetInboxRequest(service=name), timeout=HEALTH_SECONDS)
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.UNAUTHENTICATED:
                mismatch = Complaint(KEY_MISMATCH, "it has another REVEILLE_KEY than ingress, and answers it nothing")
                return Condition(condition.status, (*condition.complaints, mismatch))
        return condition

    async def _each(self, name: str) -> list[Any]:
        from grpc_health.v1 import health_pb2_grpc

        if name not in self.replicas:
            return [self.health[name]]
        return [health_pb2_grpc.HealthStub(channel) for channel in await self.replicas[name].channels()]


async def _checked(stub: Any, name: str) -> Condition:
    from grpc_health.v1 import health_pb2

    asked = f"reveille.{name.replace('-', '_')}.v1.QueryService"
    call = stub.Check(health_pb2.HealthCheckRequest(service=asked), timeout=HEALTH_SECONDS)
    try:
        answer = await call
        metadata = await call.trailing_metadata() or ()
    except grpc.aio.AioRpcError:
        return Condition(UNREACHABLE, (Complaint(SERVICE_AWAY, "it does not answer"),))
    complaints = tuple(one for key, value in metadata if key == METADATA for one in decoded(value))
    if answer.status == health_pb2.HealthCheckResponse.SERVING:
        return Condition("serving", complaints)
    return Condition("not_serving", complaints or (Complaint(NOT_READY, "it does not say why it is not ready"),))


def _of_all(replicas: Sequence[Condition]) -> Condition:
    """One that serves is enough for the service; what any complains of is told, once."""
    there = [one for one in replicas if one.status != UNREACHABLE] or replicas
    status = "serving" if any(one.status == "serving" for one in there) else there[0].status
    return Condition(status, tuple(dict.fromkeys(told for one in there for told in one.complaints)))


async def ask(method: Any, request: Any, seconds: float) -> Any:
    """Raises Missing, Invalid, Conflicting or Transient for what the service says about it."""
    try:
        return await method(request, timeout=seconds + SLACK_SECONDS)
    except grpc.aio.AioRpcError as error:
        match error.code():
            case grpc.StatusCode.NOT_FOUND:
                raise Missing("not_found", error.details()) from error
            case grpc.StatusCode.INVALID_ARGUMENT:
                raise Invalid("invalid_query", error.details()) from error
            case grpc.StatusCode.FAILED_PRECONDITION:
                raise Conflicting("already_done", error.details()) from error
            case grpc.StatusCode.ABORTED:
                raise Conflicting("cannot_be_handled", error.details()) from error
            case grpc.StatusCode.UNAVAILABLE | grpc.StatusCode.DEADLINE_EXCEEDED:
                raise Transient(f"{_service(request)} cannot answer now", retry_after=1.0) from error
            case grpc.StatusCode.UNIMPLEMENTED:
                # While a cluster is upgraded; it will know this when it is its turn.
                raise Transient(f"{_service(request)} is of an older version, which cannot answer this") from error
        raise


def _service(request: Any) -> str:
    """Who was asked: it says so itself where one server answers for several."""
    named: str = getattr(request, "service", "")
    return named or str(request.DESCRIPTOR.full_name).split(".")[1].replace("_", "-")
