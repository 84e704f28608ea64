"""The doors for webhooks of others: plain ASGI, as every outside event passes here."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from reveille.contracts.ingress.v1.events_pb2 import Source, SourceScheme
from reveille.ingress.application.fleets import Fleets
from reveille.ingress.domain import alerts, ci, custom, github, gitlab, jenkins
from reveille.ingress.domain.delivery import Delivery, delivery_key
from reveille.ingress.domain.refusals import Forbidden, Malformed, Missing
from reveille.ingress.entrypoints.http.admission import Admission, Admitted, header_text, idempotency_key
from reveille.ingress.entrypoints.http.proofs import (
    WEBHOOK_ID,
    Authorization,
    BodySignature,
    Proof,
    Proofs,
    SignedOrTold,
    StandardSignature,
    of_gitlab,
    of_source,
)
from reveille.ingress.entrypoints.http.strict_json import parse
from reveille.ingress.entrypoints.http.taking import Headers, Taking, answer
from reveille.ingress.settings import Settings


class Doors:
    """Without secrets a door has no proof: `Admission` says to whom it is open then."""

    def __init__(self, *, settings: Settings, admission: Admission, taking: Taking, fleets: Fleets) -> None:
        self._settings = settings
        self._admission = admission
        self._taking = taking
        self._fleets = fleets
        self._github = _proofs(lambda given: BodySignature("X-Hub-Signature-256", given), settings.secrets_at("github"))
        self._gitlab = _proofs(of_gitlab, settings.secrets_at("gitlab"))
        self._jenkins = _proofs(SignedOrTold, settings.secrets_at("jenkins"))
        self._ci = _proofs(SignedOrTold, settings.secrets_at("ci"))
        self._prometheus = _proofs(Authorization, settings.secrets_at("prometheus"))
        self._custom = {name: settings.secrets_at(f"custom/{name}") for name in settings.sources}
        self._of_sources: dict[tuple[str, str], tuple[Source, Proof]] = {}

    async def github(self, scope: Any, receive: Any, send: Any, name: str) -> None:
        sent = await self._admit(scope, receive, "github", self._github)
        event = header_text(sent.headers, b"x-github-event")
        if not event:
            raise Malformed("missing_event", "X-GitHub-Event is missing")
        given = header_text(sent.headers, b"x-github-delivery")
        key = delivery_key(given, "X-GitHub-Delivery") if given else idempotency_key(sent.headers)
        delivery = github.normalise(event, parse(sent.body), key)
        if delivery is None:
            await answer(send, 200, {"pong": True})
        else:
            await self._take(scope, send, sent, delivery)

    async def gitlab(self, scope: Any, receive: Any, send: Any, name: str) -> None:
        sent = await self._admit(scope, receive, "gitlab", self._gitlab)
        event = header_text(sent.headers, b"x-gitlab-event")
        await self._take(scope, send, sent, gitlab.normalise(event, parse(sent.body), _gitlab_key(sent)))

    async def jenkins(self, scope: Any, receive: Any, send: Any, name: str) -> None:
        sent = await self._admit(scope, receive, "jenkins", self._jenkins)
        await self._take(scope, send, sent, jenkins.normalise(parse(sent.body), idempotency_key(sent.headers)))

    async def ci(self, scope: Any, receive: Any, send: Any, name: str) -> None:
        sent = await self._admit(scope, receive, "ci", self._ci)
        await self._take(scope, send, sent, ci.normalise(parse(sent.body), idempotency_key(sent.headers)))

    async def prometheus(self, scope: Any, receive: Any, send: Any, name: str) -> None:
        sent = await self._admit(scope, receive, "prometheus", self._prometheus)
        found = alerts.normalise(parse(sent.body))
        parts = [(alert.delivery, orjson.dumps(alert.told), alert.identity) for alert in found]
        await self._taking.several(scope, send, sent.headers, parts, verified=sent.verified)

    async def custom(self, scope: Any, receive: Any, send: Any, name: str) -> None:
        sources = self._sources(name)
        if not sources:
            raise Missing("unknown_source", f"source {name[:100]} is not in the fleet in force")
        closed = f"REVEILLE_CUSTOM_SECRETS names no secret of {name}"
        sent = await self._admission.admit(scope, receive, self._proofs_of(sources), door=name, closed=closed)
        source = sources[sent.tenant]
        delivery = custom.normalise(source, parse(sent.body), _custom_key(sent.headers, source))
        await self._take(scope, send, sent, delivery)

    async def _admit(self, scope: Any, receive: Any, door: str, proofs: Proofs | None) -> Admitted:
        closed = f"REVEILLE_{door.upper()}_SECRET is not set"
        return await self._admission.admit(scope, receive, proofs, door=door, closed=closed)

    async def _take(self, scope: Any, send: Any, sent: Admitted, delivery: Delivery) -> None:
        await self._taking.one(scope, send, sent.headers, delivery, sent.body, verified=sent.verified)

    def _sources(self, name: str) -> dict[str, Source]:
        """What those have under it, by tenant, who have a secret for it; where nobody has one, this machine's owner."""
        tenants = self._custom.get(name) or (self._settings.tenant,)
        found = {tenant: self._fleets.in_force(tenant).fleet.sources.get(name) for tenant in tenants}
        return {tenant: source for tenant, source in found.items() if source is not None}

    def _proofs_of(self, sources: Mapping[str, Source]) -> Proofs | None:
        """Raises Forbidden where nobody's secrets are of his source's scheme."""
        found, closed = {}, []
        for tenant, source in sources.items():
            if secrets := self._custom.get(source.name, {}).get(tenant):
                try:
                    found[tenant] = self._proof_of(tenant, source, secrets)
                except Forbidden as error:
                    closed.append(error)
        if closed and not found:
            raise closed[0]
        return Proofs(found) if found else None

    def _proof_of(self, tenant: str, source: Source, secrets: Sequence[bytes]) -> Proof:
        """Made anew where a fleet has changed the source."""
        known = self._of_sources.get((tenant, source.name))
        if known is None or known[0] != source:
            known = self._of_sources[tenant, source.name] = (source, of_source(source, secrets))
        return known[1]


def _proofs(make: Callable[[Sequence[bytes]], Proof], by_tenant: Mapping[str, Sequence[bytes]]) -> Proofs | None:
    return Proofs({tenant: make(secrets) for tenant, secrets in by_tenant.items()}) if by_tenant else None


def _gitlab_key(sent: Admitted) -> str:
    """What is signed, then what stays the same when GitLab tries again.

    `Idempotency-Key` (GitLab 17.4) does; with a signing token it stands in `webhook-id` too, and that is signed.
    `X-Gitlab-Event-UUID` does not: a retry has another one, and webhooks that one webhook's receiver sets off share
    it. So before 17.4 it tells deliveries apart only together with what they say.
    """
    headers, body = sent.headers, sent.body
    if isinstance(sent.by, StandardSignature):
        return delivery_key(header_text(headers, WEBHOOK_ID), "webhook-id")
    if key := idempotency_key(headers):
        return key
    uuid = delivery_key(header_text(headers, b"x-gitlab-event-uuid"), "X-Gitlab-Event-UUID")
    return f"{uuid}\x1f{hashlib.sha256(body).hexdigest()}" if uuid else ""


def _custom_key(headers: Headers, source: Source) -> str:
    standard = source.scheme in (SourceScheme.SOURCE_SCHEME_STANDARD, SourceScheme.SOURCE_SCHEME_UNSPECIFIED)
    id = delivery_key(header_text(headers, WEBHOOK_ID), "webhook-id") if standard else ""
    return id or idempotency_key(headers)
