"""Puts ingress together."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from reveille.adapters import cel, patterns
from reveille.ingress.adapters.clones import GitClones
from reveille.ingress.adapters.provider_apis import ProviderApis, apis
from reveille.ingress.adapters.sql.enriching import SqlEnriching, open_before
from reveille.ingress.adapters.sql.signals import SqlSignals
from reveille.ingress.adapters.sql.trail import SqlTrail
from reveille.ingress.application.approving import Approving
from reveille.ingress.application.enriching import Enriching
from reveille.ingress.application.fleet_file import read_fleet
from reveille.ingress.application.fleet_rules import Checks
from reveille.ingress.application.fleets import Fleets
from reveille.ingress.application.reading import Reading
from reveille.ingress.application.receiving import Receiving
from reveille.ingress.domain.fleet import WantedFleet
from reveille.ingress.settings import Settings
from reveille.kernel.blobs import Blobs
from reveille.kernel.digests import derived
from reveille.kernel.service import Ports, Service

# Views may lag by what a busy log takes in within a second or two; beyond it answers are old.
MAX_BEHIND: Final = 100_000


@dataclass(slots=True, kw_only=True)
class Ingress:
    """`key`: what HMACs are made with; it must stay the same for as long as the log lives, on every replica."""

    settings: Settings
    service: Service
    reading: Reading
    receiving: Receiving
    approving: Approving
    fleets: Fleets
    clones: GitClones
    key: bytes
    # What else this process rests on, and does not answer.
    probes: Callable[[], list[str]] = list
    leaving: bool = False

    async def not_ready(self) -> list[str]:
        """What keeps it from taking requests; [] where nothing does."""
        reasons = []
        if self.leaving:
            reasons.append("it is shutting down")
        if not self.fleets.loaded:
            reasons.append("the fleet is not loaded yet")
        if away := self.probes():
            # Nothing else can be asked for without it.
            return [*reasons, *away]
        behind = await self.service.ports.store.head() - self.service.follower.position
        if behind > MAX_BEHIND:
            reasons.append(f"views are {behind} events behind the log")
        return reasons

    async def drain(self, grace: float) -> None:
        self.leaving = True


def build(ports: Ports, settings: Settings, *, blobs: Blobs, key: bytes) -> Ingress:
    index, trail = SqlSignals(), SqlTrail()
    service = Service("ingress", ports, views=[index, trail, SqlEnriching()])
    fleets = Fleets(
        store=ports.store, clock=ports.clock, ids=ports.ids, replica=ports.replica, tenants=[settings.tenant]
    )
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
    ingress = Ingress(
        settings=settings,
        service=service,
        reading=reading,
        receiving=receiving,
        approving=Approving(store=ports.store, clock=ports.clock, ids=ports.ids, replica=ports.replica),
        fleets=fleets,
        clones=GitClones(settings.repos),
        key=key,
    )
    service.parts += [fleets.run, enriching.run]
    service.drains.append(ingress.drain)
    return ingress


def fleet_from(text: str, *, file: str) -> WantedFleet:
    """Raises FleetFileInvalid naming each mistake with its line."""

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

    checks = Checks(where=cel.check_where, paths=check_paths, cron=check_cron)
    return read_fleet(text, file=file, checks=checks)
