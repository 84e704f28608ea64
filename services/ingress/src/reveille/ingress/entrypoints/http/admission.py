"""Who may come in at a door for others' webhooks: whoever proves himself, and where nobody can, this machine's own."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from reveille.ingress.domain.access import Permission, Principal, owner
from reveille.ingress.domain.delivery import delivery_key
from reveille.ingress.domain.flood import Places
from reveille.ingress.domain.refusals import Forbidden
from reveille.ingress.entrypoints.http.identity import keep_principal
from reveille.ingress.entrypoints.http.limits import Limits, address_of
from reveille.ingress.entrypoints.http.problems import Flooded
from reveille.ingress.entrypoints.http.proofs import Proof, Proofs
from reveille.ingress.entrypoints.http.taking import Headers, Taking, check_json
from reveille.ingress.settings import Settings
from reveille.kernel.clock import Clock

IDEMPOTENCY_KEY: Final = b"idempotency-key"


@dataclass(frozen=True, slots=True)
class Admitted:
    """by: what the sender has proven himself with; None: nobody asked him. tenant: whose he is."""

    headers: Headers
    body: bytes
    tenant: str
    by: Proof | None

    @property
    def verified(self) -> bool:
        return self.by is not None


class Admission:
    def __init__(self, *, settings: Settings, taking: Taking, limits: Limits, clock: Clock) -> None:
        self._asked = settings.authenticates
        self._owner = owner(settings.tenant)
        self._taking = taking
        self._limits = limits
        self._clock = clock
        # Whoever begins requests and never ends them would take all places for as long as a body is waited for.
        self._awaited = Places(max(1, settings.max_in_flight // 2))

    async def admit(self, scope: Any, receive: Any, proofs: Proofs | None, *, door: str, closed: str) -> Admitted:
        """The headers and the body of whoever may come in; the scope knows then whose he is.

        door: the name of it, under which he is known. closed: why there is no proof.
        """
        headers: Headers = dict(scope["headers"])
        if proofs is not None:
            proofs.expect(headers)
        elif self._asked:
            raise Forbidden(
                "door_closed", f"this door is closed: {closed}, and only one machine's own services on loopback trust"
            )
        check_json(headers)
        body = await self._body(address_of(scope), receive)
        if proofs is None:
            keep_principal(scope, self._owner)
            return Admitted(headers, body, self._owner.tenant, None)
        now = self._clock.now()
        proven = proofs.check(headers, body, now)
        self._limits.check_tenant(proven.tenant, now)
        keep_principal(scope, _sender(proven.tenant, door))
        return Admitted(headers, body, proven.tenant, proven.by)

    async def _body(self, address: str, receive: Any) -> bytes:
        if not self._awaited.take(address):
            told = f"{self._awaited.most} bodies from this address are waited for, the most that are"
            raise Flooded(told, retry_after=1)
        try:
            return await self._taking.body(receive)
        finally:
            self._awaited.leave(address)


@cache
def _sender(tenant: str, door: str) -> Principal:
    """Both are out of the settings and the fleets."""
    return Principal(name=door, tenant=tenant, permissions=frozenset({Permission.SIGNAL}), sources=frozenset({door}))


def header_text(headers: Headers, name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1")


def idempotency_key(headers: Headers) -> str:
    return delivery_key(header_text(headers, IDEMPOTENCY_KEY), "Idempotency-Key")
