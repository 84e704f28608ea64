"""What all doors do alike: read a body within its bounds, hand on what it says, and answer."""

import asyncio
import logging
import re
from collections.abc import Sequence
from typing import Any, Final

import orjson

from reveille.ingress.application.receiving import Receipt, Received, Receiving
from reveille.ingress.domain.delivery import Delivery
from reveille.ingress.entrypoints.http.identity import principal_of
from reveille.ingress.entrypoints.http.problems import TooLarge, TooSlow, UnsupportedMedia
from reveille.ingress.entrypoints.http.tracing import keep_span, keep_trace, new_trace, parent_of, trace_of
from reveille.ingress.settings import Settings
from reveille.kernel.ids import Ids
from reveille.kernel.spans import Spans, Value

logger = logging.getLogger(__name__)

# A sender that gives its body byte by byte holds a place that others need.
BODY_SECONDS: Final = 30.0
JSON: Final = (b"content-type", b"application/json")
# By the source of what comes in.
SPANS: Final = {
    "github": "POST /webhooks/github",
    "gitlab": "POST /webhooks/gitlab",
    "jenkins": "POST /webhooks/jenkins",
    "ci": "POST /webhooks/ci",
    "prometheus": "POST /webhooks/prometheus",
    "custom": "POST /webhooks/custom/{name}",
    "trigger": "POST /webhook/trigger/{agent}",
    "git": "POST /webhook/git",
    "system": "POST /webhook/system/{event}",
    "events": "POST /api/v1/events",
}

_CHARSET: Final = re.compile(rb"charset=[\"']?([^\"';\s]{1,40})", re.IGNORECASE)

Headers = dict[bytes, bytes]


class ClientGone(Exception):
    """The sender hung up before the end of its body."""


class Taking:
    """What comes in is its principal's tenant's: who that is stands in the scope, also where a secret has said it."""

    def __init__(self, *, settings: Settings, receiving: Receiving, ids: Ids, spans: Spans) -> None:
        self._max_body = settings.max_body
        self._receiving = receiving
        self._ids = ids
        self._spans = spans

    async def one(
        self, scope: Any, send: Any, headers: Headers, delivery: Delivery, body: bytes, *, verified: bool
    ) -> None:
        """Answers with the signal's id: 202 for a new one, 200 for one that had come before."""
        (receipt,) = await self._receive(scope, headers, [(delivery, body, b"")], verified=verified)
        if logger.isEnabledFor(logging.INFO):
            what = "comes again as" if receipt.duplicate else "is"
            about = {"trace": trace_of(scope, self._ids), "correlation": receipt.signal_id}
            logger.info("%s %s %s signal %s", delivery.source, delivery.kind, what, receipt.signal_id, extra=about)
        await answer(send, 200 if receipt.duplicate else 202, _told(receipt))

    async def several(
        self, scope: Any, send: Any, headers: Headers, parts: Sequence[tuple[Delivery, bytes, bytes]], *, verified: bool
    ) -> None:
        """parts: each with what it said, and with what makes it the same again (b"": what it said)."""
        receipts = await self._receive(scope, headers, parts, verified=verified) if parts else []
        duplicates = sum(receipt.duplicate for receipt in receipts)
        if parts and logger.isEnabledFor(logging.INFO):
            about = {"trace": trace_of(scope, self._ids)}
            told = "%s: %d signals, %d of them had come before"
            logger.info(told, parts[0][0].source, len(receipts), duplicates, extra=about)
        signals = [{"signal_id": receipt.signal_id, "duplicate": receipt.duplicate} for receipt in receipts]
        position = max((receipt.position for receipt in receipts), default=0)
        counted = {"accepted": len(receipts) - duplicates, "duplicates": duplicates, "position": position}
        await answer(send, 202, {"signals": signals, **counted})

    async def _receive(
        self, scope: Any, headers: Headers, parts: Sequence[tuple[Delivery, bytes, bytes]], *, verified: bool
    ) -> list[Receipt]:
        first = parts[0][0]
        route = SPANS[first.source].removeprefix("POST ")
        attributes: dict[str, Value] = {
            "http.request.method": "POST",
            "http.route": route,
            "reveille.signals": len(parts),
        }
        span = self._spans.start(SPANS[first.source], parent_of(headers), attributes, kind="server")
        keep_span(scope, span)
        trace = span.traceparent or new_trace(self._ids)
        keep_trace(scope, trace)
        received = [
            Received(delivery=delivery, body=body, verified=verified, trace=trace, identity=identity)
            for delivery, body, identity in parts
        ]
        return await self._receiving.receive_many(principal_of(scope).tenant, received)

    async def body(self, receive: Any) -> bytes:
        """Raises TooSlow where it does not come, also where nothing of it does, and TooLarge."""
        try:
            async with asyncio.timeout(BODY_SECONDS):
                return await self._whole(receive)
        except TimeoutError:
            raise TooSlow("body_too_slow", f"the body did not come within {BODY_SECONDS:.0f} s") from None

    async def _whole(self, receive: Any) -> bytes:
        parts, size, more = [], 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self._max_body:
                raise TooLarge("body_too_large", f"the body is above the limit of {self._max_body} bytes")
            more = message.get("more_body", False)
        return b"".join(parts)


def media_type(headers: Headers) -> str:
    """Lower-case and without parameters."""
    return headers.get(b"content-type", b"").partition(b";")[0].strip().lower().decode("latin-1")


def check_json(headers: Headers) -> None:
    """Raises UnsupportedMedia for what is not JSON."""
    if not is_json(media_type(headers)):
        raise unsupported(headers, "application/json")
    check_as_it_is(headers)


def check_as_it_is(headers: Headers) -> None:
    """Raises UnsupportedMedia for a body that is compressed, or in letters that JSON does not have."""
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise UnsupportedMedia("unsupported_encoding", "Content-Encoding is set, expected a body as it is")
    found = _CHARSET.search(headers.get(b"content-type", b""))
    if found is not None and found[1].lower() not in (b"utf-8", b"utf8", b"us-ascii"):
        told = found[1].decode("latin-1")
        raise UnsupportedMedia("unsupported_encoding", f"Content-Type names charset {told}, expected utf-8")


def unsupported(headers: Headers, expected: str) -> UnsupportedMedia:
    shown = headers.get(b"content-type", b"")[:100].decode("latin-1") or "missing"
    return UnsupportedMedia("unsupported_media_type", f"Content-Type is {shown}, expected {expected}")


def is_json(media: str) -> bool:
    return media == "application/json" or (media.startswith("application/") and media.endswith("+json"))


def _told(receipt: Receipt) -> dict[str, Any]:
    told: dict[str, Any] = {
        "signal_id": receipt.signal_id,
        "duplicate": receipt.duplicate,
        "position": receipt.position,
    }
    if receipt.contradicted:
        told["contradicted"] = True
    return told


async def answer(send: Any, status: int, document: dict[str, Any]) -> None:
    body = orjson.dumps(document)
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [JSON, length]})
    await send({"type": "http.response.body", "body": body})
