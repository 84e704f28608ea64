"""The doors for webhooks: plain ASGI, as every outside event passes here."""

import asyncio
import hmac
import logging
from collections.abc import Sequence
from typing import Any, Final

import orjson

from reveille.ingress.adapters.clones import GitClones
from reveille.ingress.application.fleets import Fleets
from reveille.ingress.application.receiving import Receipt, Received, Receiving
from reveille.ingress.domain import github, wakes
from reveille.ingress.domain.body_mac import BodyMac
from reveille.ingress.domain.delivery import Delivery, delivery_key
from reveille.ingress.domain.refusals import Forbidden, Malformed
from reveille.ingress.entrypoints.http.problems import TooLarge, TooSlow, Unauthenticated, UnsupportedMedia
from reveille.ingress.entrypoints.http.strict_json import parse
from reveille.ingress.entrypoints.http.tracing import keep_trace, new_trace, parent_of
from reveille.ingress.settings import Settings
from reveille.kernel.ids import Ids
from reveille.kernel.spans import Spans

logger = logging.getLogger(__name__)

# A sender that gives its body byte by byte holds a place that others need.
BODY_SECONDS: Final = 30.0
JSON: Final = (b"content-type", b"application/json")
IDEMPOTENCY_KEY: Final = b"idempotency-key"
# By the source of what comes in.
SPANS: Final = {
    "github": "POST /webhooks/github",
    "trigger": "POST /webhook/trigger/{agent}",
    "git": "POST /webhook/git",
    "system": "POST /webhook/system/{event}",
}

Headers = dict[bytes, bytes]


class ClientGone(Exception):
    """The sender hung up before the end of its body."""


class Doors:
    def __init__(
        self, *, settings: Settings, receiving: Receiving, fleets: Fleets, clones: GitClones, ids: Ids, spans: Spans
    ) -> None:
        self._settings = settings
        self._github_macs = [BodyMac(secret) for secret in settings.github_secrets]
        self._receiving = receiving
        self._fleets = fleets
        self._clones = clones
        self._ids = ids
        self._spans = spans

    async def github(self, scope: Any, receive: Any, send: Any, name: str) -> None:
        headers = dict(scope["headers"])
        macs = self._github_macs
        if not macs:
            self._check_trusting("REVEILLE_GITHUB_SECRET is not set")
        _check_media_type(headers)
        signature = headers.get(b"x-hub-signature-256", b"")
        if macs and not signature:
            raise Unauthenticated("missing_signature", "X-Hub-Signature-256 is missing")
        body = await self._body(receive)
        if macs and not _signed(macs, signature, body):
            raise Unauthenticated("wrong_signature", "X-Hub-Signature-256 does not fit the body")
        event = _text(headers, b"x-github-event")
        if not event:
            raise Malformed("missing_event", "X-GitHub-Event is missing")
        given = _text(headers, b"x-github-delivery")
        key = delivery_key(given, "X-GitHub-Delivery") if given else _idempotency_key(headers)
        delivery = github.normalise(event, parse(body), key)
        if delivery is None:
            await _answer(send, 200, {"pong": True})
        else:
            await self._take(scope, send, headers, delivery, body, verified=bool(macs))

    async def trigger(self, scope: Any, receive: Any, send: Any, name: str) -> None:
        headers, body = await self._open(scope, receive)
        agents = self._fleets.in_force(self._settings.tenant).fleet.agents
        delivery = wakes.trigger(name, agents, parse(body), _idempotency_key(headers))
        await self._take(scope, send, headers, delivery, body, verified=False)

    async def system(self, scope: Any, receive: Any, send: Any, name: str) -> None:
        headers, body = await self._open(scope, receive, may_be_empty=True)
        document = parse(body) if body else None
        delivery = wakes.system_event(name, document, _idempotency_key(headers))
        await self._take(scope, send, headers, delivery, body, verified=False)

    async def git(self, scope: Any, receive: Any, send: Any, name: str) -> None:
        headers, body = await self._open(scope, receive)
        push = wakes.push(parse(body))
        clone, paths = "", None
        if push.path:
            if not self._settings.local:
                raise Forbidden(
                    "clone_not_allowed", "path: a local clone can be named only where all services are on one machine"
                )
            clone = await self._clones.resolve(push.path)
            paths = await self._clones.changed_paths(clone, push.before, push.after)
        delivery = wakes.pushed(push, _idempotency_key(headers), clone=clone, paths=paths)
        await self._take(scope, send, headers, delivery, body, verified=False)

    async def _open(self, scope: Any, receive: Any, *, may_be_empty: bool = False) -> tuple[Headers, bytes]:
        """The doors of our own protocol have no secret yet."""
        headers: Headers = dict(scope["headers"])
        self._check_trusting("there is no secret for it")
        body = await self._body(receive)
        if body or not may_be_empty:
            _check_media_type(headers)
        return headers, body

    def _check_trusting(self, reason: str) -> None:
        if not self._settings.trusting:
            raise Forbidden(
                "door_closed", f"this door is closed: {reason}, and only one machine's own services on loopback trust"
            )

    async def _take(
        self, scope: Any, send: Any, headers: Headers, delivery: Delivery, body: bytes, *, verified: bool
    ) -> None:
        attributes = {"http.request.method": "POST", "reveille.signal.kind": delivery.kind}
        span = self._spans.start(SPANS[delivery.source], parent_of(headers), attributes)
        trace = span.traceparent or new_trace(self._ids)
        keep_trace(scope, trace)
        received = Received(delivery=delivery, body=body, verified=verified, trace=trace)
        error: Exception | None = None
        try:
            receipt = await self._receiving.receive(self._settings.tenant, received)
        except Exception as raised:
            error = raised
            raise
        finally:
            span.end(error)
        if logger.isEnabledFor(logging.INFO):
            what = "comes again as" if receipt.duplicate else "is"
            about = {"trace": trace, "correlation": receipt.signal_id}
            logger.info("%s %s %s signal %s", delivery.source, delivery.kind, what, receipt.signal_id, extra=about)
        await _answer(send, 200 if receipt.duplicate else 202, _told(receipt))

    async def _body(self, receive: Any) -> bytes:
        message = await receive()
        body: bytes = message.get("body", b"")
        if message.get("more_body"):
            try:
                async with asyncio.timeout(BODY_SECONDS):
                    body = await self._rest(receive, body)
            except TimeoutError:
                raise TooSlow("body_too_slow", f"the body did not come within {BODY_SECONDS:.0f} s") from None
        elif message["type"] == "http.disconnect":
            raise ClientGone
        if len(body) > self._settings.max_body:
            raise self._too_large()
        return body

    async def _rest(self, receive: Any, body: bytes) -> bytes:
        parts, size = [body], len(body)
        while True:
            if size > self._settings.max_body:
                raise self._too_large()
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if not message.get("more_body"):
                return b"".join(parts)

    def _too_large(self) -> TooLarge:
        return TooLarge("body_too_large", f"the body is above the limit of {self._settings.max_body} bytes")


def _signed(macs: Sequence[BodyMac], signature: bytes, body: bytes) -> bool:
    """All secrets are tried, so that the time tells nothing about which one it was."""
    fits = False
    for mac in macs:
        fits |= hmac.compare_digest(b"sha256=" + mac.hexdigest(body).encode(), signature)
    return fits


def _check_media_type(headers: Headers) -> None:
    given = headers.get(b"content-type", b"")
    media_type = given.partition(b";")[0].strip().lower()
    if media_type != b"application/json" and not (
        media_type.startswith(b"application/") and media_type.endswith(b"+json")
    ):
        shown = given[:100].decode("latin-1") or "missing"
        raise UnsupportedMedia("unsupported_media_type", f"Content-Type is {shown}, expected application/json")
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise UnsupportedMedia("unsupported_encoding", "Content-Encoding is set, expected a body as it is")


def _idempotency_key(headers: Headers) -> str:
    return delivery_key(_text(headers, IDEMPOTENCY_KEY), "Idempotency-Key")


def _text(headers: Headers, name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1")


def _told(receipt: Receipt) -> dict[str, Any]:
    told: dict[str, Any] = {
        "signal_id": receipt.signal_id,
        "duplicate": receipt.duplicate,
        "position": receipt.position,
    }
    if receipt.contradicted:
        told["contradicted"] = True
    return told


async def _answer(send: Any, status: int, document: dict[str, Any]) -> None:
    body = orjson.dumps(document)
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [JSON, length]})
    await send({"type": "http.response.body", "body": body})
