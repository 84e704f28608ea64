"""Posting webhooks. Nothing that a receiver says leads elsewhere, and little of it is read."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Final

from reveille.ingress.application.notification_telling import Answer, Send, Webhook

if TYPE_CHECKING:
    import httpx

# Of an answer's body, so that its connection can be used again; a longer one costs the connection.
MAX_READ: Final = 64 * 1024
MAX_ERROR_CHARACTERS: Final = 200


class WebhookSender:
    @asynccontextmanager
    async def session(self) -> AsyncIterator[Send]:
        async with AsyncExitStack() as stack:
            opened: list[httpx.AsyncClient] = []

            def client() -> "httpx.AsyncClient":
                """Imported and opened late, 100 ms that only those pay whose fleet tells somebody."""
                if not opened:
                    import httpx

                    # The webhook's own time-out is of the whole of it, and so there is none of parts. Who tells says
                    # how many go at a time: a pool of its own would let one receiver's wait for another's.
                    limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
                    opened.append(httpx.AsyncClient(follow_redirects=False, timeout=None, limits=limits))
                    # What one receiver wants us to keep is nothing to us.
                    opened[0].cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
                    stack.push_async_callback(opened[0].aclose)
                return opened[0]

            async def send(webhook: Webhook) -> Answer:
                return await _post(client(), webhook)

            yield send


async def _post(client: "httpx.AsyncClient", webhook: Webhook) -> Answer:
    import httpx

    headers = {**webhook.headers, "accept-encoding": "identity", "user-agent": "reveille"}
    answer: Answer | None = None
    try:
        async with (
            asyncio.timeout(webhook.timeout),
            client.stream("POST", webhook.url, headers=headers, content=webhook.body) as response,
        ):
            answer = Answer(status=response.status_code, retry_after=response.headers.get("retry-after", ""))
            size = 0
            async for part in response.aiter_raw():
                size += len(part)
                if size > MAX_READ:
                    break
    except TimeoutError:
        return answer or Answer(status=0, error=f"no answer within {webhook.timeout:g} s")
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ssl.SSLError, UnicodeError) as error:
        # Whatever became of the body: the answer was there.
        return answer or Answer(status=0, error=_reason(error))
    return answer


def _reason(error: Exception) -> str:
    """What a URL has in it that only its owner should know is in none of these."""
    import httpx

    told = str(error) if isinstance(error, httpx.ConnectError) else type(error).__name__
    return f"it cannot be reached: {told or type(error).__name__}"[:MAX_ERROR_CHARACTERS]
