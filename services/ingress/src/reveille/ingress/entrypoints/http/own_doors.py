"""The doors of our own protocol, and CloudEvents: for whoever may tell of what happened outside."""

from collections.abc import Callable
from typing import Any, Final

import orjson

from reveille.ingress.adapters.clones import GitClones
from reveille.ingress.application.fleets import Fleets
from reveille.ingress.domain import cloudevents, wakes
from reveille.ingress.domain.delivery import Delivery
from reveille.ingress.domain.refusals import Forbidden
from reveille.ingress.entrypoints.http.admission import idempotency_key
from reveille.ingress.entrypoints.http.identity import principal_of
from reveille.ingress.entrypoints.http.strict_json import parse
from reveille.ingress.entrypoints.http.taking import (
    Headers,
    Taking,
    check_as_it_is,
    check_json,
    is_json,
    media_type,
    unsupported,
)
from reveille.ingress.settings import Settings

STRUCTURED: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
CE: Final = b"ce-"


class OwnDoors:
    def __init__(self, *, settings: Settings, taking: Taking, fleets: Fleets, clones: GitClones) -> None:
        self._settings = settings
        self._taking = taking
        self._fleets = fleets
        self._clones = clones

    async def trigger(self, scope: Any, receive: Any, send: Any, name: str) -> None:
        headers, body = await self._admit(scope, receive)
        agents = self._fleets.in_force(principal_of(scope).tenant).fleet.agents
        await self._take(scope, send, headers, wakes.trigger(name, agents, parse(body), idempotency_key(headers)), body)

    async def system(self, scope: Any, receive: Any, send: Any, name: str) -> None:
        headers, body = await self._admit(scope, receive, check=check_as_it_is)
        if body:
            check_json(headers)
        document = parse(body) if body else None
        delivery = wakes.system_event(name, document, idempotency_key(headers))
        await self._take(scope, send, headers, delivery, body)

    async def git(self, scope: Any, receive: Any, send: Any, name: str) -> None:
        headers, body = await self._admit(scope, receive)
        push = wakes.push(parse(body))
        clone, paths = "", None
        if push.path:
            if not self._settings.local:
                raise Forbidden(
                    "clone_not_allowed", "path: a local clone can be named only where all services are on one machine"
                )
            if principal_of(scope).tenant != self._settings.tenant:
                raise Forbidden("clone_not_allowed", "path: the clones of this machine are another tenant's")
            clone = await self._clones.resolve(push.path)
            paths = await self._clones.changed_paths(clone, push.before, push.after)
        delivery = wakes.pushed(push, idempotency_key(headers), clone=clone, paths=paths)
        await self._take(scope, send, headers, delivery, body)

    async def events(self, scope: Any, receive: Any, send: Any, name: str) -> None:
        """A batch is taken whole, in one append, or not at all."""
        headers, body = await self._admit(scope, receive, check=_check_events)
        media, principal = media_type(headers), principal_of(scope)
        if media == BATCH:
            found = cloudevents.batch(parse(body))
            for event in found:
                principal.check_source(event["source"])
            parts = [(cloudevents.signal(event), _canonical(event), b"") for event in found]
            await self._taking.several(scope, send, headers, parts, verified=principal.proven)
            return
        if media == STRUCTURED:
            event = cloudevents.single(parse(body))
        else:
            named = {name[3:].decode(): value for name, value in headers.items() if name.startswith(CE)}
            given = {name: value.decode("latin-1") for name, value in named.items()}
            parsed = parse(body) if body and is_json(media) else None
            event = cloudevents.from_headers(given, headers.get(b"content-type", b"").decode("latin-1"), body, parsed)
        principal.check_source(event["source"])
        delivery, canonical = cloudevents.signal(event), _canonical(event)
        await self._taking.one(scope, send, headers, delivery, canonical, verified=principal.proven)

    async def _admit(
        self, scope: Any, receive: Any, *, check: Callable[[Headers], None] = check_json
    ) -> tuple[Headers, bytes]:
        """check: what is to hold of the headers, before the body is read."""
        headers: Headers = dict(scope["headers"])
        check(headers)
        return headers, await self._taking.body(receive)

    async def _take(self, scope: Any, send: Any, headers: Headers, delivery: Delivery, body: bytes) -> None:
        principal = principal_of(scope)
        principal.check_source(delivery.source)
        await self._taking.one(scope, send, headers, delivery, body, verified=principal.proven)


def _check_events(headers: Headers) -> None:
    """Binary mode takes a body of any type: its attributes stand in the headers."""
    if media_type(headers) not in (STRUCTURED, BATCH) and b"ce-specversion" not in headers:
        raise unsupported(headers, f"{STRUCTURED}, {BATCH} or the headers ce-*")
    check_as_it_is(headers)


def _canonical(event: Any) -> bytes:
    """The same event is the same bytes, alone or in a batch, however it was spelt."""
    return orjson.dumps(event, option=orjson.OPT_SORT_KEYS)
