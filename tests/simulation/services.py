"""The services as a simulation builds them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from reveille.agent_runner import bootstrap as agent_runner
from reveille.agent_runner.application.links import Links
from reveille.agent_runner.application.routing import ROUTES as AGENT_RUNNER_ROUTES
from reveille.agents import Model
from reveille.analyzer import bootstrap as analyzer
from reveille.analyzer.application.routing import ROUTES as ANALYZER_ROUTES
from reveille.budget import bootstrap as budget
from reveille.budget.application.routing import ROUTES as BUDGET_ROUTES
from reveille.contracts.agent_runner.v1 import events_pb2 as agent_runner_pb2
from reveille.contracts.analyzer.v1 import events_pb2 as analyzer_pb2
from reveille.contracts.budget.v1 import events_pb2 as budget_pb2
from reveille.contracts.common.v1 import common_pb2
from reveille.contracts.ingress.v1 import events_pb2 as ingress_pb2
from reveille.contracts.planner.v1 import events_pb2 as planner_pb2
from reveille.contracts.planner.v1.queries_pb2 import ExecutionView
from reveille.ingress.adapters.sql.analytics import SqlAnalytics
from reveille.ingress.adapters.sql.conversations import SqlConversations
from reveille.ingress.adapters.sql.deadletters import SqlDeadLetters
from reveille.ingress.adapters.sql.enriching import SqlEnriching, open_before
from reveille.ingress.adapters.sql.signals import SqlSignals
from reveille.ingress.adapters.sql.tenants import SqlTenants
from reveille.ingress.adapters.sql.timeline import SqlTimeline
from reveille.ingress.adapters.sql.trail import SqlTrail
from reveille.ingress.application.approving import Approving
from reveille.ingress.application.enriching import Enriching
from reveille.ingress.application.fleets import Fleets
from reveille.ingress.application.inputs import Inputs
from reveille.ingress.application.live import Live
from reveille.ingress.application.news import News
from reveille.ingress.application.plan_streams import AskPlanner, PlanStreams
from reveille.ingress.application.receiving import Receiving
from reveille.ingress.application.routing import ROUTES as INGRESS_ROUTES
from reveille.ingress.application.timeline import Timeline
from reveille.ingress.domain.refusals import NoExecution
from reveille.kernel.blobs import Blobs
from reveille.kernel.digests import derived
from reveille.kernel.event_bus import Routes
from reveille.kernel.event_store import NO_STREAM, EventStore
from reveille.kernel.events import EventTypes, stream_name
from reveille.kernel.service import Ports, Service
from reveille.kernel.views import View
from reveille.planner import bootstrap as planner
from reveille.planner.application.routing import ROUTES as PLANNER_ROUTES
from reveille.planner.application.telling import told
from tests.simulation.providers import SimulatedProviders
from tests.simulation.skills import SimulatedModel

SERVICES: Final = ("ingress", "analyzer", "planner", "budget", "agent-runner")
EVENT_TYPES: Final = EventTypes([common_pb2, ingress_pb2, analyzer_pb2, planner_pb2, budget_pb2, agent_runner_pb2])
ROUTES: Final[Routes] = {
    **INGRESS_ROUTES,
    **ANALYZER_ROUTES,
    **PLANNER_ROUTES,
    **BUDGET_ROUTES,
    **AGENT_RUNNER_ROUTES,
}
SNAPSHOT_EVERY: Final = 12
# What HMACs are made with, on every replica.
KEY: Final = b"key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    service: Service
    receiving: Receiving | None = None
    fleets: Fleets | None = None
    approving: Approving | None = None
    inputs: Inputs | None = None
    timeline: Timeline | None = None
    live: Live | None = None
    links: Links | None = None


def build(name: str, ports: Ports, blobs: Blobs, head: int) -> Built:
    built = _build(name, ports, blobs, head)
    deciders = built.service.handling._deciders
    # A run's streams are short: as they are set for years of events, snapshots would never be taken in it.
    built.service.handling._deciders = {
        category: replace(decider, snapshot_every=min(decider.snapshot_every, SNAPSHOT_EVERY))
        for category, decider in deciders.items()
    }
    return built


def _build(name: str, ports: Ports, blobs: Blobs, head: int) -> Built:
    match name:
        case "ingress":
            return _ingress(ports, blobs)
        case "analyzer":
            return Built(service=analyzer.build(ports).service)
        case "planner":
            return Built(service=planner.build(ports, key=KEY).service)
        case "budget":
            return Built(service=budget.build(ports))
        case "agent-runner":
            built = agent_runner.build(ports, blobs=blobs, environment={}, alone=False, head=head, model=_model)
            return Built(service=built.service, links=built.links)
    raise LookupError(f"there is no service {name}")


def _model(name: str, environment: Mapping[str, str]) -> Model:
    return SimulatedModel()


def _ingress(ports: Ports, blobs: Blobs) -> Built:
    """As its bootstrap does it, for several tenants and without HTTP."""
    shared: dict[str, Any] = {
        "store": ports.store, "clock": ports.clock, "ids": ports.ids, "replica": ports.replica
    }  # fmt: skip
    fleets = Fleets(**shared)
    rows, conversations, news = SqlTimeline(), SqlConversations(), News()
    views: list[View] = [
        SqlSignals(),
        SqlTrail(),
        SqlEnriching(),
        rows,
        SqlDeadLetters(),
        conversations,
        SqlAnalytics(),
        SqlTenants(),
    ]
    service = Service("ingress", ports, views=views, observer=news)
    enriching = Enriching(
        providers=SimulatedProviders(),
        open_before=lambda received, limit: ports.transactions.run(
            lambda connection: open_before(connection, received, limit)
        ),
        **shared,
    )
    service.parts += [fleets.run, enriching.run]
    receiving = Receiving(blobs=blobs, fleets=fleets, enriching=enriching, key=derived(KEY, "bodies"), **shared)
    timeline = Timeline(
        store=ports.store, follower=service.follower, transactions=ports.transactions, rows=rows, news=news
    )
    return Built(
        service=service,
        receiving=receiving,
        fleets=fleets,
        approving=Approving(**shared),
        inputs=Inputs(streams=PlanStreams(ports.store), fleets=fleets, key=KEY, **shared),
        timeline=timeline,
        live=Live(
            store=ports.store,
            follower=service.follower,
            transactions=ports.transactions,
            rows=conversations,
            blobs=blobs,
            news=news,
        ),
    )


def planner_of(store: EventStore, tenant: str) -> AskPlanner:
    """What the planner says of an execution, as its own door does."""

    async def ask(execution_id: str) -> ExecutionView:
        stream = stream_name(tenant, "execution", execution_id)
        events = (await store.read_streams({stream: NO_STREAM}))[stream]
        if not events:
            raise NoExecution(execution_id)
        return told(events)

    return ask
