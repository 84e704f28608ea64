"""Before every socket: who may open one, how often, and how many he may hold; and its end when he may no more."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from typing import Any, Final

from reveille.ingress.domain.access import Principal
from reveille.ingress.domain.flood import Places
from reveille.ingress.entrypoints.access_table import SocketEntry
from reveille.ingress.entrypoints.http.identity import Authenticator, check_needs, keep_principal, while_known
from reveille.ingress.entrypoints.http.limits import Limits, address_of, share
from reveille.ingress.entrypoints.http.origins import Origins
from reveille.ingress.entrypoints.http.problems import Flooded
from reveille.ingress.entrypoints.http.sockets import Closing, close
from reveille.ingress.settings import Settings

NO_LONGER: Final[Closing] = (1008, "the key or token that opened this is revoked or has expired")
# After which one may have left.
LATER_SECONDS: Final = 5


class Held:
    """How many sockets and streams are open, of each kind, address, key and tenant."""

    def __init__(self, settings: Settings) -> None:
        self._kinds = Places(settings.max_in_flight)
        # By kind and tenant.
        self._shares = Places(share(settings.max_in_flight))
        self._addresses = Places(settings.sockets_per_address)
        self._keys = Places(settings.sockets_per_key)
        self._tenants = Places(settings.sockets_per_tenant)

    def open(self, kind: str) -> int:
        return self._kinds.taken(kind)

    @contextmanager
    def one(self, kind: str, scope: Any, principal: Principal) -> Iterator[None]:
        """Raises Flooded where no more may be. This machine's owner holds as many as his address may."""
        with ExitStack() as taken:
            taken.enter_context(_place(self._kinds, kind, "of this kind are open"))
            taken.enter_context(_place(self._addresses, address_of(scope), "are open from this address"))
            if principal.proven:
                key = f"{principal.tenant}/{principal.counted_as}"
                of_kind = f"of this kind are open of tenant {principal.tenant}"
                taken.enter_context(_place(self._shares, f"{kind} {principal.tenant}", of_kind))
                taken.enter_context(_place(self._keys, key, f"are open of {principal.name}"))
                taken.enter_context(_place(self._tenants, principal.tenant, f"are open of tenant {principal.tenant}"))
            yield


class Gate:
    def __init__(self, *, settings: Settings, authenticator: Authenticator, limits: Limits, held: Held) -> None:
        self._authenticator = authenticator
        self._limits = limits
        self._held = held
        self._origins = Origins(settings)

    @asynccontextmanager
    async def passed(self, scope: Any, entry: SocketEntry) -> AsyncIterator[Principal]:
        """Holds his place until the socket has ended. Raises a Refusal, or Transient."""
        self._limits.check_address(scope, "sockets")
        principal = await self._authenticator.principal(scope)
        self._origins.check(scope, principal)
        keep_principal(scope, principal)
        check_needs(principal, entry.needs)
        self._limits.check_key(principal)
        with self._held.one(entry.path, scope, principal):
            yield principal

    async def until_ended(self, socket: Any, principal: Principal, scope: Any, receive: Any, send: Any) -> None:
        """Runs the socket as long as its principal is who he was."""
        if not await while_known(self._authenticator, principal, socket(scope, receive, send)):
            await close(send, NO_LONGER)


@contextmanager
def _place(places: Places, holder: str, told: str) -> Iterator[None]:
    if not places.take(holder):
        raise Flooded(f"{places.most} sockets {told}, the most that are taken", retry_after=LATER_SECONDS)
    try:
        yield
    finally:
        places.leave(holder)
