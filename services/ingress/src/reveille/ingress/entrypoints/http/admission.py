"""Who may come in at a door: whoever proves himself, and where nobody can, this machine's own programs."""

from collections.abc import Callable
from typing import Any, Final

from reveille.ingress.domain.delivery import delivery_key
from reveille.ingress.domain.refusals import Forbidden
from reveille.ingress.entrypoints.http.proofs import Proof
from reveille.ingress.entrypoints.http.taking import Headers, Taking, check_json
from reveille.ingress.settings import Settings
from reveille.kernel.clock import Clock

IDEMPOTENCY_KEY: Final = b"idempotency-key"


class Admission:
    def __init__(self, *, settings: Settings, taking: Taking, clock: Clock) -> None:
        self._trusting = settings.trusting
        self._taking = taking
        self._clock = clock

    async def admit(
        self,
        scope: Any,
        receive: Any,
        proof: Proof | None,
        *,
        closed: str,
        check: Callable[[Headers], None] = check_json,
    ) -> tuple[Headers, bytes]:
        """The headers and the body of whoever may come in.

        closed: why there is no proof. check: what is to hold of the headers, before the body is read.
        """
        headers: Headers = dict(scope["headers"])
        if proof is not None:
            proof.expect(headers)
        elif not self._trusting:
            raise Forbidden(
                "door_closed", f"this door is closed: {closed}, and only one machine's own services on loopback trust"
            )
        check(headers)
        body = await self._taking.body(receive)
        if proof is not None:
            proof.check(headers, body, self._clock.now())
        return headers, body


def header_text(headers: Headers, name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1")


def idempotency_key(headers: Headers) -> str:
    return delivery_key(header_text(headers, IDEMPOTENCY_KEY), "Idempotency-Key")
