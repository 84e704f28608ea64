"""`reveille serve <service>`: one service in a process of its own, one of any number of replicas."""

import asyncio
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from reveille.adapters.grpc import Server, open_channel
from reveille.adapters.inbox import Inboxes
from reveille.cli import cluster
from reveille.cli.admin import Admin
from reveille.cli.catalogue import EVENT_TYPES
from reveille.cli.cluster import Cluster
from reveille.cli.probes import Probes
from reveille.cli.serving import Http, listen, until_stopped
from reveille.cli.settings import ServeSettings
from reveille.kernel.service import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A service, its query servicer and what else it serves; ingress also has an application, once all can be asked.

    ping, silence: of its WebSockets, in seconds.
    """

    service: Service
    servicer: Any
    others: Sequence[Any] = ()
    app: Callable[[Mapping[str, Any]], Any] | None = None
    ping: float = 30.0
    silence: float = 60.0


def run(
    service: str, settings: ServeSettings, environment: Mapping[str, str], *, announce: Callable[[str], None]
) -> None:
    """Returns when it was stopped. Raises Misconfigured with one line, and whatever the service died of."""
    settings.check(service)
    admin = listen(settings.bind, settings.admin_port)
    sockets = [listen(settings.host, port) for port in settings.ports] if service == "ingress" else []
    cluster.prepare(settings, service)
    import uvloop

    uvloop.run(_serve(service, settings, environment, admin, sockets, announce))


async def _serve(
    name: str,
    settings: ServeSettings,
    environment: Mapping[str, str],
    admin: socket.socket,
    sockets: list[socket.socket],
    announce: Callable[[str], None],
) -> None:
    async with AsyncExitStack() as stack:
        opened = await cluster.open_cluster(settings, name)
        stack.push_async_callback(opened.closing.aclose)
        probes = Probes(opened.checks)
        if name == "ingress":
            from reveille.cli import serve_ingress

            built = await serve_ingress.build(opened, settings, environment, probes)
        else:
            built = await build(name, opened, environment, key=settings.key, ingress=_ingress(settings, stack))
        service = built.service
        service.parts += [opened.relay.run, *opened.parts]
        service.drains.append(opened.relay.leave)
        grpc = Server(
            [
                built.servicer,
                *built.others,
                Inboxes([service], decode=EVENT_TYPES.decode, prefix=settings.topic_prefix),
            ],
            address=f"{settings.bind}:{settings.grpc_port}",
            ready=lambda asked: not probes.not_ready(),
            spans=lambda asked: opened.ports.spans,
        )
        port = await grpc.start()
        stack.push_async_callback(grpc.stop, 0.5)
        https = [Http(Admin(name, not_ready=probes.not_ready, figures=lambda: _figures(opened, service)), [admin])]
        if built.app is not None:
            channels = {asked: open_channel(address) for asked, address in settings.asked.items()}
            channels[name] = open_channel(f"127.0.0.1:{port}")
            for channel in channels.values():
                stack.push_async_callback(channel.close)
            https.append(Http(built.app(channels), sockets, ping=built.ping, silence=built.silence))

        async def drain() -> None:
            probes.leave()
            await service.drain(settings.grace)

        async def running() -> None:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(probes.run(), name="probes")
                tasks.create_task(service.run(), name=name)

        def up() -> None:
            where = f" on {https[-1].url}" if built.app is not None else ""
            announce(f"reveille {name} is up{where} (admin {https[0].url}, gRPC {settings.bind}:{port})")

        await until_stopped(running(), drain=drain, https=https, up=up)


def _ingress(settings: ServeSettings, stack: AsyncExitStack) -> Any:
    """A channel to it; None where nobody said where it is."""
    if not settings.ingress:
        return None
    channel = open_channel(settings.ingress)
    stack.push_async_callback(channel.close)
    return channel


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
            )
    raise LookupError(f"no service {name}")


async def _figures(opened: Cluster, service: Service) -> Mapping[str, float]:
    head = await opened.ports.store.head()
    return {
        "reveille_log_position": head,
        "reveille_view_position": service.follower.position,
        "reveille_relay_position": (await opened.relayed.load()).get(service.name, 0),
    }
