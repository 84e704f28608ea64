"""Ingress as a service of a cluster: with HTTP, and the fleet that its file wants."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reveille.adapters.nudging_listening import Listening
from reveille.adapters.settings import read_settings
from reveille.cli.built import Built
from reveille.cli.cluster import Cluster
from reveille.cli.fleet_files import put_in_force, read_fleet
from reveille.cli.probes import Probes
from reveille.cli.settings import ServeSettings
from reveille.ingress import bootstrap
from reveille.ingress.adapters.queries import Queries
from reveille.ingress.adapters.replicas import Replicas
from reveille.ingress.entrypoints import grpc
from reveille.ingress.entrypoints.http.app import create_app
from reveille.ingress.settings import Settings


async def build(opened: Cluster, settings: ServeSettings, environment: Mapping[str, str], probes: Probes) -> Built:
    """Raises Misconfigured for what the fleet file says wrong."""
    receiving = read_settings(Settings, {**environment, "REVEILLE_MODE": "cluster"})
    receiving.check()
    wanted = read_fleet(settings.fleet)
    if settings.fleet is not None:
        receiving = replace(receiving, tenant=wanted.tenant)
    ingress = bootstrap.build(
        opened.ports,
        receiving,
        blobs=await opened.blobs(),
        key=settings.key,
        leases=opened.leases,
        persons=await opened.persons(),
    )
    ingress.probes = probes.not_ready
    await put_in_force(ingress.fleets, replace(wanted, tenant=receiving.tenant), named=settings.fleet is not None)
    await ingress.keys.load()

    def app(channels: Mapping[str, Any], replicas: Mapping[str, Replicas]) -> Any:
        return create_app(ingress, Queries.over(channels, replicas))

    if opened.fanout is not None:
        listening = Listening(
            ingress.timeline.news,
            fanout=opened.fanout,
            store=opened.ports.store,
            reached=lambda: ingress.service.follower.position,
        )
        ingress.service.parts.append(listening.run)
    return Built(
        service=ingress.service,
        servicer=grpc.QueryServicer(ingress.reading),
        app=app,
        ping=receiving.socket_ping,
        silence=receiving.socket_silence,
        proxies=receiving.trusted_proxies,
    )
