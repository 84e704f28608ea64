"""How much may come from an address, on a key and for a tenant."""

from functools import lru_cache
from ipaddress import IPv6Address
from typing import Any, Final

from reveille.ingress.domain.access import Principal
from reveille.ingress.domain.flood import Buckets, Rate
from reveille.ingress.entrypoints.http.problems import Flooded
from reveille.ingress.settings import Settings
from reveille.kernel.clock import Clock

# Bits of an IPv6 address that say whose it is: whoever has it has all that begin so (RFC 6177, RFC 4291 2.5.4).
NETWORK: Final = 64
_REST: Final = (1 << (128 - NETWORK)) - 1


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


def share(most: int) -> int:
    """Of what all have together, what one tenant may take at a time: the others always find something left."""
    return max(1, most * 3 // 4)


def address_of(scope: Any) -> str:
    """What one sender has: an address, of IPv6 the network of 64 bits that his own lies in."""
    client = scope["client"]
    if not client:
        return ""
    address: str = client[0]
    return _network(address) if ":" in address else address


@lru_cache(maxsize=10_000)
def _network(address: str) -> str:
    try:
        found = IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if found.ipv4_mapped is not None:  # as a socket of both kinds shows it
        return str(found.ipv4_mapped)
    return f"{IPv6Address(int(found) & ~_REST)}/{NETWORK}"


def _flooded(rate: Rate, how: str, seconds: float) -> Flooded:
    return Flooded(f"more than {rate.requests} requests in {rate.seconds} s {how}", retry_after=seconds)
