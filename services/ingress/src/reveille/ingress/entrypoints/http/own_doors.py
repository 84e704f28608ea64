"""The doors of our own protocol, and CloudEvents: one token opens them all."""

from typing import Any, Final

import orjson

from reveille.ingress.adapters.clones import GitClones
from reveille.ingress.application.fleets import Fleets
from reveille.ingress.domain import cloudevents, wakes
from reveille.ingress.domain.refusals import Forbidden
from reveille.ingress.entrypoints.http.admission import Admission, idempotency_key
from reveille.ingress.entrypoints.http.proofs import Authorization
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
    def __init__(
        self, *, settings: Settings, admission: Admission, taking: Taking, fleets: Fleets, clones: GitClones
    ) -> None:
        self._settings = settings
        self._admission = admission
        self._taking = taking
        self._fleets = fleets
        self._clones = clones
        self._proof = Authorization(settings.wake_tokens) if settings.wake_tokens else None
        self._verified = self._proof is not None

    async def trigger(self, scope: Any, receive: Any, send: Any, name: str) -> None:
        headers, body = await self._admit(scope, receive)
        agents = self._fleets.in_force(self._settings.tenant).fleet.agents
        delivery = wakes.trigger(name, agents, parse(body), idempotency_key(headers))
        await self._taking.one(scope, send, headers, delivery, body, verified=self._verified)

    async def system(self, scope: Any, receive: Any, send: Any, name: str) -> None:
        headers, body = await self._admit(scope, receive, check=check_as_it_is)
        if body:
            check_json(headers)
        document = parse(body) if body else None
        delivery = wakes.system_event(name, document, idempotency_key(headers))
        await self._taking.one(scope, send, headers, delivery, body, verified=self._verified)

    async def git(self, scope: Any, receive: Any, send: Any, name: str) -> None:
        headers, body = await self._admit(scope, receive)
        push = wakes.push(parse(body))
        clone, paths = "", None
        if push.path:
            if not self._settings.local:
                raise Forbidden(
                    "clone_not_allowed", "path: a local clone can be named only where all services are on one machine"
                )
            clone = await self._clones.resolve(push.path)
            paths = await self._clones.changed_paths(clone, push.before, push.after)
        delivery = wakes.pushed(push, idempotency_key(headers), clone=clone, paths=paths)
        await self._taking.one(scope, send, headers, delivery, body, verified=self._verified)

    async def events(self, scope: Any, receive: Any, send: Any, name: str) -> None:
        """A batch is taken whole, in one append, or not at all."""
        headers, body = await self._admit(scope, receive, check=_check_events)
        media = media_type(headers)
        if media == BATCH:
            found = cloudevents.batch(parse(body))
            parts = [(cloudevents.signal(event), _canonical(event), b"") for event in found]
            await self._taking.several(scope, send, headers, parts, verified=self._verified)
            return
        if media == STRUCTURED:
            event = cloudevents.single(parse(body))
        else:
            named = {name[3:].decode(): value for name, value in headers.items() if name.startswith(CE)}
            given = {name: value.decode("latin-1") for name, value in named.items()}
            parsed = parse(body) if body and is_json(media) else None
            event = cloudevents.from_headers(given, headers.get(b"content-type", b"").decode("latin-1"), body, parsed)
        delivery = cloudevents.signal(event)
        await self._taking.one(scope, send, headers, delivery, _canonical(event), verified=self._verified)

    async def _admit(self, scope: Any, receive: Any, **how: Any) -> tuple[Headers, bytes]:
        return await self._admission.admit(scope, receive, self._proof, closed="REVEILLE_WAKE_TOKEN is not set", **how)


def _check_events(headers: Headers) -> None:
    """Binary mode takes a body of any type: its attributes stand in the headers."""
    if media_type(headers) not in (STRUCTURED, BATCH) and b"ce-specversion" not in headers:
        raise unsupported(headers, f"{STRUCTURED}, {BATCH} or the headers ce-*")
    check_as_it_is(headers)


def _canonical(event: Any) -> bytes:
    """The same event is the same bytes, alone or in a batch, however it was spelt."""
    return orjson.dumps(event, option=orjson.OPT_SORT_KEYS)
