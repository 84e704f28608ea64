"""`reveille serve <service>`: one service in a process of its own, one of any number of replicas."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any, Final

from reveille.adapters.grpc import Server, open_channel
from reveille.adapters.grpc_access import token_of
from reveille.adapters.grpc_peers import tell_of_handshakes
from reveille.adapters.inbox import Inboxes
from reveille.adapters.prometheus import Sample
from reveille.adapters.tls import Pem, names_of, server_context
from reveille.cli import cluster
from reveille.cli.admin import Admin
from reveille.cli.built import build
from reveille.cli.catalogue import EVENT_TYPES
from reveille.cli.cluster import Cluster
from reveille.cli.complaints import Complaints, Look, of_collector, of_inbox, of_redis, of_relay, of_views
from reveille.cli.metrics import ProcessMetrics, service_samples
from reveille.cli.probes import Probes
from reveille.cli.serving import Http, listen, until_stopped
from reveille.cli.settings import ServeSettings
from reveille.ingress.adapters.replicas import Replicas
from reveille.kernel.errors import Misconfigured
from reveille.kernel.service import Service

# Without what a service does its work: a delivery is accepted by an append, and what is to be published waits in the
# log. Were ingress unready without a broker, no replica would be left to accept what may never be sent again.
SPARED: Final[Mapping[str, Collection[str]]] = {"ingress": ("kafka",)}


def run(
    service: str, settings: ServeSettings, environment: Mapping[str, str], *, announce: Callable[[str], None]
) -> None:
    """Returns when it was stopped. Raises Misconfigured with one line, and whatever the service died of."""
    settings.check(service)
    tls = server_context(settings.http_pem) if service == "ingress" else None
    if (grpc_tls := settings.grpc_pem) is not None:
        grpc_tls.check()
    admin = listen(settings.bind, settings.admin_port)
    sockets = [listen(settings.host, port, at_once=False) for port in settings.ports] if service == "ingress" else []
    cluster.prepare(settings, service)
    import uvloop

    uvloop.run(_serve(service, settings, environment, admin, sockets, tls, announce))


async def _serve(
    name: str,
    settings: ServeSettings,
    environment: Mapping[str, str],
    admin: socket.socket,
    sockets: list[socket.socket],
    tls: ssl.SSLContext | None,
    announce: Callable[[str], None],
) -> None:
    async with AsyncExitStack() as stack:
        opened = await cluster.open_cluster(settings, name)
        stack.push_async_callback(opened.closing.aclose)
        probes = Probes(opened.checks, spared=SPARED.get(name, ()))
        if name == "ingress":
            from reveille.cli import serve_ingress

            built = await serve_ingress.build(opened, settings, environment, probes)
        else:
            built = await build(name, opened, environment, key=settings.key, ingress=_ingress(opened, settings, stack))
        service = built.service
        service.parts += [opened.relay.run, *opened.parts]
        service.drains.append(opened.relay.leave)
        if opened.sealing is not None:
            opened.sealing.forgets.append(service.forget)
        token = token_of(settings.key)
        complaints = Complaints([*_looks(opened, service), *built.looks], probes)
        grpc = Server(
            [
                built.servicer,
                *built.others,
                Inboxes([service], decode=EVENT_TYPES.decode, prefix=settings.topic_prefix),
            ],
            token=token,
            reflection=settings.grpc_reflection,
            address=f"{settings.bind}:{settings.grpc_port}",
            ready=lambda asked: not probes.not_ready(),
            complaints=lambda asked: complaints.now(),
            spans=lambda asked: opened.ports.spans,
            tls=settings.grpc_pem,
        )
        port = await grpc.start()
        stack.push_async_callback(grpc.stop, 0.5)
        process = ProcessMetrics(opened.telemetry)
        tellers: list[Callable[[], Awaitable[Sequence[Sample]]]] = []

        async def figures() -> list[Sample]:
            ready = not probes.not_ready()
            told = [*process.samples(ready=ready), *await _of_service(opened, service, settings), *built.own()]
            for tell in tellers:
                told += await tell()
            return told

        https = [Http(Admin(name, not_ready=probes.not_ready, figures=figures), [admin])]
        if built.app is not None:
            pem = settings.grpc_pem
            channels = {
                asked: open_channel(address, token=token, tls=pem, name=settings.grpc_name, spans=opened.ports.spans)
                for asked, address in settings.asked.items()
            }
            # Its certificate is for the name that others call it by.
            channels[name] = open_channel(
                f"127.0.0.1:{port}", token=token, tls=pem, name=_own_name(pem), spans=opened.ports.spans
            )
            for channel in channels.values():
                stack.push_async_callback(channel.close)
            service.parts.append(lambda: tell_of_handshakes(channels))

            def to_one(address: str, host: str) -> Any:
                return open_channel(address, token=token, tls=pem, name=settings.grpc_name or host)

            replicas = {asked: Replicas(address, to_one) for asked, address in settings.asked.items()}
            for each in replicas.values():
                stack.push_async_callback(each.close)
            front = built.app(channels, replicas)
            tellers.append(front.told)
            http = Http(front, sockets, ping=built.ping, silence=built.silence, tls=tls, proxies=built.proxies)
            https.append(http)

        async def drain() -> None:
            probes.leave()
            await service.drain(settings.grace)

        async def running() -> None:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(probes.run(), name="probes")
                tasks.create_task(process.run(), name="process metrics")
                tasks.create_task(complaints.run(), name="complaints")
                tasks.create_task(service.run(), name=name)

        def up() -> None:
            where = f" on {https[-1].url}" if built.app is not None else ""
            announce(f"reveille {name} is up{where} (admin {https[0].url}, gRPC {settings.bind}:{port})")

        await until_stopped(running(), drain=drain, https=https, up=up)


def _ingress(opened: Cluster, settings: ServeSettings, stack: AsyncExitStack) -> Any:
    """A channel to it; None where nobody said where it is."""
    if not settings.ingress:
        return None
    channel = open_channel(
        settings.ingress,
        token=token_of(settings.key),
        tls=settings.grpc_pem,
        name=settings.grpc_name,
        spans=opened.ports.spans,
    )
    stack.push_async_callback(channel.close)
    return channel


def _own_name(pem: Pem | None) -> str:
    if pem is None or pem.cert is None:
        return ""
    if not (names := names_of(pem.cert)):
        raise Misconfigured(f"{pem.names[0]} names {pem.cert}, which is for no name, expected one that others call")
    return names[0]


def _looks(opened: Cluster, service: Service) -> list[Look]:
    fanout = opened.fanout
    return [
        of_views(service),
        of_inbox(service),
        of_relay(service, opened.relayed.load, opened.leases.holders),
        of_collector(opened.telemetry),
        *([of_redis(lambda: fanout.connected)] if fanout is not None else []),
    ]


async def _of_service(opened: Cluster, service: Service, settings: ServeSettings) -> list[Sample]:
    fanout = opened.fanout
    return await service_samples(
        service,
        topic=f"{settings.topic_prefix}.{service.name}.inbox.v1",
        relayed=opened.relayed.load,
        lost=None if fanout is None else lambda: fanout.lost,
    )
