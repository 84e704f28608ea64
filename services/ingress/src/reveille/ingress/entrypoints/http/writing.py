"""What the routes that change something have in common: their bodies."""

import asyncio
from typing import Final

from fastapi import Request
from starlette.requests import ClientDisconnect

from reveille.ingress.domain.refusals import Malformed
from reveille.ingress.entrypoints.http.problems import TooLarge, TooSlow
from reveille.ingress.entrypoints.http.taking import check_as_it_is

JSON: Final = "application/json"
BODY_SECONDS: Final = 10.0


def media_type_of(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def body_of(request: Request, most: int) -> bytes:
    """Raises TooLarge above so many bytes, TooSlow where it does not come, UnsupportedMedia for one that is packed."""
    check_as_it_is(dict(request.scope["headers"]))
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
    except ClientDisconnect:
        raise Malformed("body_cut_off", "the body did not come to its end") from None
    return b"".join(parts)
