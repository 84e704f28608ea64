"""Posting webhooks. Nothing that a receiver says leads elsewhere, and little of it is read."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Final
from urllib.request import getproxies

from reveille.ingress.adapters.public_addresses import NotPublic, public_addresses
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
            opened: dict[bool, httpx.AsyncClient] = {}

            def client(anywhere: bool) -> "httpx.AsyncClient":
                """Imported and opened late, 100 ms that only those pay whose fleet tells somebody."""
                if anywhere not in opened:
                    import httpx

                    # The webhook's own time-out is of the whole of it, and so there is none of parts. Who tells says
                    # how many go at a time: a pool of its own would let one receiver's wait for another's.
                    # A connection that was opened by its address may be another receiver's: it is used once.
                    limits = httpx.Limits(max_connections=None, max_keepalive_connections=20 if anywhere else 0)
                    made = httpx.AsyncClient(follow_redirects=False, timeout=None, limits=limits)
                    # What one receiver wants us to keep is nothing to us.
                    made.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
                    stack.push_async_callback(made.aclose)
                    opened[anywhere] = made
                return opened[anywhere]

            async def send(webhook: Webhook) -> Answer:
                return await _post(client(webhook.anywhere), webhook)

            yield send


async def _post(client: "httpx.AsyncClient", webhook: Webhook) -> Answer:
    import httpx

    headers = {**webhook.headers, "accept-encoding": "identity", "user-agent": "reveille"}
    answer: Answer | None = None
    try:
        async with (
            asyncio.timeout(webhook.timeout),
            _posted(client, webhook, headers) as response,
        ):
            answer = Answer(status=response.status_code, retry_after=response.headers.get("retry-after", ""))
            size = 0
            async for part in response.aiter_raw():
                size += len(part)
                if size > MAX_READ:
                    break
    except TimeoutError:
        return answer or Answer(status=0, error=f"no answer within {webhook.timeout:g} s")
    except NotPublic as error:
        return Answer(status=0, error=str(error)[:MAX_ERROR_CHARACTERS])
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ssl.SSLError, UnicodeError) as error:
        # Whatever became of the body: the answer was there.
        return answer or Answer(status=0, error=_reason(error))
    return answer


@asynccontextmanager
async def _posted(
    client: "httpx.AsyncClient", webhook: Webhook, headers: Mapping[str, str]
) -> "AsyncIterator[httpx.Response]":
    import httpx

    url = httpx.URL(webhook.url)
    if webhook.anywhere or url.scheme in getproxies():  # where a proxy leads is for the proxy to say
        async with client.stream("POST", url, headers=headers, content=webhook.body) as response:
            yield response
        return
    port = url.port or {"http": 80, "https": 443}[url.scheme]
    named = {**headers, "host": url.netloc.decode()}
    response = await _first_answer(client, webhook, url, named, await public_addresses(url.host, port))
    try:
        yield response
    finally:
        await response.aclose()


async def _first_answer(
    client: "httpx.AsyncClient",
    webhook: Webhook,
    url: "httpx.URL",
    headers: Mapping[str, str],
    addresses: Sequence[str],
) -> "httpx.Response":
    """Of the addresses, in their order; one that does not answer at all is passed over."""
    import httpx

    for left, address in zip(range(len(addresses) - 1, -1, -1), addresses, strict=True):
        request = client.build_request(
            "POST",
            url.copy_with(host=address),
            headers=headers,
            content=webhook.body,
            extensions={"sni_hostname": url.raw_host.decode()},
        )
        try:
            return await client.send(request, stream=True)
        except httpx.ConnectError:
            if not left:
                raise
    raise httpx.ConnectError(f"{url.host} has no address")


def _reason(error: Exception) -> str:
    """What a URL has in it that only its owner should know is in none of these."""
    import httpx

    told = str(error) if isinstance(error, httpx.ConnectError) else type(error).__name__
    return f"it cannot be reached: {told or type(error).__name__}"[:MAX_ERROR_CHARACTERS]
