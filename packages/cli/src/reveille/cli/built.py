"""One service of a cluster, put together, and what a process serves of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reveille.adapters.prometheus import Sample
from reveille.cli.cluster import Cluster
from reveille.cli.complaints import Look, of_models
from reveille.ingress.adapters.replicas import Replicas
from reveille.kernel.service import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A service, its query servicer and what else it serves; ingress also has an application, once all can be asked.

    own: what it alone tells Prometheus. looks: what it alone looks after. ping, silence: of its WebSockets, in seconds.
    proxies: who says by a header whom it asks for.
    """

    service: Service
    servicer: Any
    others: Sequence[Any] = ()
    app: Callable[[Mapping[str, Any], Mapping[str, Replicas]], Any] | None = None
    own: Callable[[], Sequence[Sample]] = list
    looks: Sequence[Look] = ()
    ping: float = 30.0
    silence: float = 60.0
    proxies: Sequence[str] = ()


async def build(
    name: str, opened: Cluster, environment: Mapping[str, str], *, key: bytes = b"", ingress: Any = None
) -> Built:
    """Any service but ingress, which has more to be told. Only the one that is asked for is imported.

    key: of digests, for those that make some. ingress: a channel to it, for what agents look up there.
    """
    ports = opened.ports
    match name:
        case "analyzer":
            from reveille.analyzer import bootstrap as analyzer
            from reveille.analyzer.entrypoints import grpc as analyzer_grpc

            analysing = analyzer.build(ports)
            return Built(service=analysing.service, servicer=analyzer_grpc.Queries(analysing))
        case "planner":
            from reveille.planner import bootstrap as planner
            from reveille.planner.entrypoints import grpc as planner_grpc

            planning = planner.build(ports, key=key)
            return Built(service=planning.service, servicer=planner_grpc.Queries(planning))
        case "budget":
            from reveille.budget import bootstrap as budget
            from reveille.budget.entrypoints import grpc as budget_grpc

            accounting = budget.build(ports)
            return Built(service=accounting, servicer=budget_grpc.Queries(accounting))
        case "agent-runner":
            from reveille.agent_runner import bootstrap as agent_runner
            from reveille.agent_runner.adapters.history import SignalHistory
            from reveille.agent_runner.application.history import no_history
            from reveille.agent_runner.entrypoints import grpc as agent_runner_grpc
            from reveille.agent_runner.entrypoints import links as agent_runner_links
            from reveille.agent_runner.entrypoints import metrics as agent_runner_metrics

            running = agent_runner.build(
                ports,
                blobs=await opened.blobs(),
                environment=environment,
                alone=False,
                head=await ports.store.head(),
                history=no_history if ingress is None else SignalHistory.over(ingress, ports.clock),
            )
            return Built(
                service=running.service,
                servicer=agent_runner_grpc.Queries(running),
                others=[agent_runner_links.LinkServicer(running)],
                own=lambda: agent_runner_metrics.samples(running),
                looks=[of_models(running.breakers.away)],
            )
    raise LookupError(f"no service {name}")
