"""What the routes that change something have in common: whose token they want, and their bodies."""

import asyncio
import hmac
from collections.abc import Sequence
from typing import Final

from fastapi import Request

from reveille.ingress.domain.refusals import Forbidden
from reveille.ingress.entrypoints.http.problems import TooLarge, TooSlow, Unauthenticated

JSON: Final = "application/json"
BODY_SECONDS: Final = 10.0


def check_bearer(request: Request, tokens: Sequence[bytes], *, on_loopback: bool, closed: str, wrong: str) -> None:
    """Without tokens only loopback is let in; raises Forbidden with `closed`, Unauthenticated with `wrong`."""
    if not tokens:
        if not on_loopback:
            raise Forbidden("door_closed", closed)
        return
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    # All are compared, so that the time tells nothing about which one it was.
    fits = [hmac.compare_digest(given.encode(), token) for token in tokens]
    if scheme.lower() != "bearer" or not any(fits):
        raise Unauthenticated("wrong_token", wrong, challenge="Bearer")


def media_type_of(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def body_of(request: Request, most: int) -> bytes:
    """Raises TooLarge above so many bytes, TooSlow where it does not come."""
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                parts.append(part)
                size += len(part)
                if size > most:
                    raise TooLarge("body_too_large", f"the body is above the limit of {most} bytes")
    except TimeoutError:
        raise TooSlow("body_too_slow", f"the body did not come within {BODY_SECONDS:.0f} s") from None
    return b"".join(parts)
