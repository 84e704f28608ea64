"""Puts ingress together."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from reveille.adapters import cel, patterns
from reveille.adapters.prometheus import Told
from reveille.contracts.ingress.v1.events_pb2 import Blueprint
from reveille.ingress.adapters.clones import GitClones
from reveille.ingress.adapters.provider_apis import ProviderApis, apis
from reveille.ingress.adapters.sql.analytics import SqlAnalytics
from reveille.ingress.adapters.sql.audit import SqlAudit
from reveille.ingress.adapters.sql.conversations import SqlConversations
from reveille.ingress.adapters.sql.deadletters import SqlDeadLetters
from reveille.ingress.adapters.sql.enriching import SqlEnriching, open_before
from reveille.ingress.adapters.sql.notifications import SqlNotifications
from reveille.ingress.adapters.sql.signals import SqlSignals
from reveille.ingress.adapters.sql.tenants import SqlTenants
from reveille.ingress.adapters.sql.timeline import SqlTimeline
from reveille.ingress.adapters.sql.trail import SqlTrail
from reveille.ingress.adapters.webhook_sender import WebhookSender
from reveille.ingress.application.analytics import Analytics
from reveille.ingress.application.approving import Approving
from reveille.ingress.application.audit import Audit
from reveille.ingress.application.auditing import Auditing
from reveille.ingress.application.blueprint_file import read_blueprint
from reveille.ingress.application.deadletters import DeadLetters
from reveille.ingress.application.enriching import Enriching
from reveille.ingress.application.erasing import Erasing, Persons
from reveille.ingress.application.fleet_blueprints import Nearby
from reveille.ingress.application.fleet_file import read_fleet
from reveille.ingress.application.fleet_rules import Checks
from reveille.ingress.application.fleets import Fleets
from reveille.ingress.application.inputs import Inputs
from reveille.ingress.application.keys import Keys
from reveille.ingress.application.live import Live
from reveille.ingress.application.news import News
from reveille.ingress.application.notification_contents import NotificationContents
from reveille.ingress.application.notification_definitions import NotificationDefinitions
from reveille.ingress.application.notification_telling import Telling
from reveille.ingress.application.notifications import Notifications
from reveille.ingress.application.notifying import ALONE, Notifying
from reveille.ingress.application.observing import Observers
from reveille.ingress.application.overview import Overview
from reveille.ingress.application.plan_streams import PlanStreams
from reveille.ingress.application.projections.tenants import ACCESS, FLEET
from reveille.ingress.application.reading import Reading
from reveille.ingress.application.receiving import Receiving
from reveille.ingress.application.tenant_streams import Known
from reveille.ingress.application.timeline import Timeline
from reveille.ingress.domain.fleet import WantedFleet
from reveille.ingress.settings import Settings
from reveille.kernel.blobs import Blobs
from reveille.kernel.digests import derived
from reveille.kernel.leases import Leases
from reveille.kernel.service import Ports, Service
from reveille.kernel.views import View

if TYPE_CHECKING:
    from reveille.ingress.adapters.jwks import IssuerTokens

# Views may lag by what a busy log takes in within a second or two; beyond it answers are old.
MAX_BEHIND: Final = 100_000


async def nothing_told() -> Sequence[Told]:
    return ()


@dataclass(slots=True, kw_only=True)
class Ingress:
    """`key`: what HMACs are made with; it must stay the same for as long as the log lives, on every replica."""

    settings: Settings
    service: Service
    reading: Reading
    receiving: Receiving
    approving: Approving
    fleets: Fleets
    inputs: Inputs
    plan_streams: PlanStreams
    clones: GitClones
    timeline: Timeline
    live: Live
    overview: Overview
    dead_letters: DeadLetters
    analytics: Analytics
    notifications: Notifications
    keys: Keys
    tokens: "IssuerTokens | None"
    auditing: Auditing
    audit: Audit
    erasing: Erasing
    key: bytes
    # What else this process rests on, and does not answer.
    probes: Callable[[], list[str]] = list
    # What the other parts of its process tell Prometheus, where they have no port of their own for it.
    told: Callable[[], Awaitable[Sequence[Told]]] = nothing_told
    leaving: bool = False

    async def not_ready(self) -> list[str]:
        """What keeps it from taking requests; [] where nothing does."""
        reasons = []
        if self.leaving:
            reasons.append("it is shutting down")
        if not self.fleets.loaded:
            reasons.append("the fleet is not loaded yet")
        if not self.keys.loaded:
            reasons.append("the keys are not loaded yet")
        if away := self.probes():
            # Nothing else can be asked for without it.
            return [*reasons, *away]
        behind = await self.service.ports.store.head() - self.service.follower.position
        if behind > MAX_BEHIND:
            reasons.append(f"views are {behind} events behind the log")
        return reasons

    async def drain(self, grace: float) -> None:
        self.leaving = True
        self.timeline.news.leave()


def build(
    ports: Ports,
    settings: Settings,
    *,
    blobs: Blobs,
    key: bytes,
    leases: Leases = ALONE,
    persons: Persons | None = None,
) -> Ingress:
    """leases: of all replicas, so that one of them does what one is to do. persons: None where nothing is encrypted."""
    index, trail = SqlSignals(), SqlTrail()
    timeline, letters, news = SqlTimeline(), SqlDeadLetters(), News()
    views: list[View] = [index, trail, SqlEnriching(), timeline, letters]
    views.append(conversations := SqlConversations())
    views.append(figures := SqlAnalytics())
    views.append(notified := SqlNotifications())
    views.append(tenants := SqlTenants())
    views.append(acts := SqlAudit())
    overview = Overview(
        reached=lambda: service.follower.position,
        not_ready=lambda: ingress.not_ready(),
        clock=ports.clock,
    )
    service = Service("ingress", ports, views=views, observer=Observers(news, overview))

    def having(category: str) -> Known:
        async def known() -> tuple[int, list[str]]:
            return await ports.transactions.run(
                lambda connection: (ports.positions.load(connection, tenants.name), tenants.of(connection, category))
            )

        return known

    fleets = Fleets(store=ports.store, clock=ports.clock, ids=ports.ids, replica=ports.replica, known=having(FLEET))
    keys = Keys(
        store=ports.store,
        clock=ports.clock,
        ids=ports.ids,
        replica=ports.replica,
        key=key,
        known=having(ACCESS),
    )
    tokens = _tokens(settings, ports)
    enriching = Enriching(
        store=ports.store,
        providers=ProviderApis(
            apis(
                github=settings.github_api,
                github_token=settings.github_token,
                gitlab=settings.gitlab_api,
                gitlab_token=settings.gitlab_token,
            )
        ),
        open_before=lambda received, limit: ports.transactions.run(
            lambda connection: open_before(connection, received, limit)
        ),
        clock=ports.clock,
        ids=ports.ids,
        replica=ports.replica,
        tenant=settings.tenant,
    )
    receiving = Receiving(
        store=ports.store,
        blobs=blobs,
        fleets=fleets,
        enriching=enriching,
        clock=ports.clock,
        ids=ports.ids,
        replica=ports.replica,
        key=derived(key, "bodies"),
    )
    reading = Reading(
        store=ports.store, follower=service.follower, transactions=ports.transactions, index=index, trail=trail
    )
    plan_streams = PlanStreams(ports.store)
    ingress = Ingress(
        settings=settings,
        service=service,
        reading=reading,
        receiving=receiving,
        approving=Approving(store=ports.store, clock=ports.clock, ids=ports.ids, replica=ports.replica),
        fleets=fleets,
        inputs=Inputs(
            store=ports.store,
            streams=plan_streams,
            fleets=fleets,
            clock=ports.clock,
            ids=ports.ids,
            replica=ports.replica,
            key=key,
        ),
        plan_streams=plan_streams,
        clones=GitClones(settings.repos),
        timeline=Timeline(
            store=ports.store,
            follower=service.follower,
            transactions=ports.transactions,
            rows=timeline,
            news=news,
        ),
        live=Live(
            store=ports.store,
            follower=service.follower,
            transactions=ports.transactions,
            rows=conversations,
            blobs=blobs,
            news=news,
        ),
        dead_letters=DeadLetters(
            store=ports.store, follower=service.follower, transactions=ports.transactions, index=letters
        ),
        overview=overview,
        analytics=Analytics(follower=service.follower, transactions=ports.transactions, rows=figures),
        notifications=Notifications(
            store=ports.store, follower=service.follower, transactions=ports.transactions, rows=notified
        ),
        keys=keys,
        tokens=tokens,
        auditing=Auditing(store=ports.store, clock=ports.clock, ids=ports.ids, replica=ports.replica),
        audit=Audit(store=ports.store, follower=service.follower, transactions=ports.transactions, index=acts),
        erasing=Erasing(persons, store=ports.store, clock=ports.clock, ids=ports.ids, replica=ports.replica),
        key=key,
    )
    service.forgets += [plan_streams.forget, ingress.live.forget]
    service.parts += [fleets.run, keys.run, enriching.run, overview.run]
    if tokens is not None:
        service.parts.append(tokens.run)
    service.drains.append(ingress.drain)
    notifying = _notifying(ports, settings, ingress, notified, leases)
    service.parts.append(notifying.run)
    service.drains.append(notifying.leave)
    return ingress


def _tokens(settings: Settings, ports: Ports) -> "IssuerTokens | None":
    """Of an issuer; None where there is none."""
    if not settings.jwt_jwks:
        return None
    # Imported late: its cryptography takes 60 ms, and 10 MB of memory.
    from reveille.ingress.adapters.jwks import Issuer, issuer_tokens

    issuer = Issuer(
        keys=settings.jwt_jwks,
        name=settings.jwt_issuer,
        audience=settings.jwt_audience,
        algorithms=settings.jwt_algorithms,
        roles_claim=settings.jwt_roles_claim,
        tenant_claim=settings.jwt_tenant_claim,
        leeway=settings.jwt_leeway,
    )
    return issuer_tokens(issuer, clock=ports.clock)


def _notifying(ports: Ports, settings: Settings, ingress: Ingress, rows: SqlNotifications, leases: Leases) -> Notifying:
    definitions = NotificationDefinitions(ports.store, ingress.fleets)
    return Notifying(
        store=ports.store,
        follower=ingress.service.follower,
        definitions=definitions,
        open_of=lambda tenant, name, limit: ports.transactions.run(
            lambda connection: rows.open_of(connection, tenant, name, limit)
        ),
        telling=Telling(
            store=ports.store,
            transactions=ports.transactions,
            rows=rows,
            definitions=definitions,
            contents=NotificationContents(ports.store, ingress.live),
            keys=settings.keys_of,
            inward=settings.may_tell_inside,
            clock=ports.clock,
            ids=ports.ids,
            replica=ports.replica,
        ),
        receivers=WebhookSender(),
        leases=leases,
        clock=ports.clock,
        replica=ports.replica,
    )


def fleet_from(text: str, *, file: str, nearby: Nearby | None = None) -> WantedFleet:
    """Raises FleetFileInvalid naming each mistake with its line. nearby: files that it may name."""
    return read_fleet(text, file=file, checks=_checks(), nearby=nearby)


def blueprint_from(text: str, *, file: str) -> Blueprint:
    """Raises FleetFileInvalid naming each mistake with its line."""
    return read_blueprint(text, file=file, checks=_checks())


def _checks() -> Checks:

    def check_cron(expression: str, zone: str) -> str | None:
        # Imported late: only those pay for it who have a rule with `cron`, or a time zone.
        from reveille.adapters import cron

        return cron.check(expression, zone)

    def check_paths(names: Any) -> str | None:
        try:
            patterns.paths(tuple(names))
        except ValueError as error:
            return str(error)
        return None

    return Checks(where=cel.check_where, condition=cel.check_condition, paths=check_paths, cron=check_cron)
