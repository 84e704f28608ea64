"""How much may come from an address, on a key and for a tenant."""

from typing import Any

from reveille.ingress.domain.access import Principal
from reveille.ingress.domain.flood import Buckets, Rate
from reveille.ingress.entrypoints.http.problems import Flooded
from reveille.ingress.settings import Settings
from reveille.kernel.clock import Clock


class Limits:
    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._addresses = Buckets(settings.rate_limit)
        self._keys = Buckets(settings.key_rate_limit)
        self._tenants = Buckets(settings.tenant_rate_limit)

    def check_address(self, scope: Any, door: str) -> None:
        """Before anything else is known of who sends. Raises Flooded."""
        if seconds := self._addresses.take(address_of(scope), door, self._clock.now()):
            raise _flooded(self._settings.rate_limit, "came from this address", seconds)

    def check_key(self, principal: Principal) -> None:
        """And what is his tenant's. This machine's owner is limited by his address alone. Raises Flooded."""
        if not principal.proven:
            return
        now = self._clock.now()
        if seconds := self._keys.take(principal.counted_as, principal.tenant, now):
            raise _flooded(self._settings.key_rate_limit, f"came from {principal.name}", seconds)
        self.check_tenant(principal.tenant, now)

    def check_tenant(self, tenant: str, now: int) -> None:
        """Raises Flooded."""
        if seconds := self._tenants.take(tenant, "", now):
            raise _flooded(self._settings.tenant_rate_limit, f"came for tenant {tenant}", seconds)


def address_of(scope: Any) -> str:
    client = scope["client"]
    return client[0] if client else ""


def _flooded(rate: Rate, how: str, seconds: float) -> Flooded:
    return Flooded(f"more than {rate.requests} requests in {rate.seconds} s {how}", retry_after=seconds)
