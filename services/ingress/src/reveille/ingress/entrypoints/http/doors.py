"""The doors for webhooks of others: plain ASGI, as every outside event passes here."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from reveille.contracts.ingress.v1.events_pb2 import Source, SourceScheme
from reveille.ingress.application.fleets import Fleets
from reveille.ingress.domain import alerts, ci, custom, github, gitlab, jenkins
from reveille.ingress.domain.delivery import delivery_key
from reveille.ingress.domain.refusals import Malformed, Missing
from reveille.ingress.entrypoints.http.admission import Admission, header_text, idempotency_key
from reveille.ingress.entrypoints.http.proofs import (
    WEBHOOK_ID,
    Authorization,
    BodySignature,
    Proof,
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
        self._github = _proof(lambda given: BodySignature("X-Hub-Signature-256", given), settings.github_secrets)
        self._gitlab = _proof(of_gitlab, settings.gitlab_secrets)
        self._jenkins = _proof(SignedOrTold, settings.jenkins_secrets)
        self._ci = _proof(SignedOrTold, settings.ci_secrets)
        self._prometheus = _proof(Authorization, settings.prometheus_secrets)
        self._of_sources: dict[str, tuple[Source, Proof | None]] = {}

    async def github(self, scope: Any, receive: Any, send: Any, name: str) -> None:
        proof = self._github
        headers, body = await self._admission.admit(scope, receive, proof, closed="REVEILLE_GITHUB_SECRET is not set")
        event = header_text(headers, b"x-github-event")
        if not event:
            raise Malformed("missing_event", "X-GitHub-Event is missing")
        given = header_text(headers, b"x-github-delivery")
        key = delivery_key(given, "X-GitHub-Delivery") if given else idempotency_key(headers)
        delivery = github.normalise(event, parse(body), key)
        if delivery is None:
            await answer(send, 200, {"pong": True})
        else:
            await self._taking.one(scope, send, headers, delivery, body, verified=proof is not None)

    async def gitlab(self, scope: Any, receive: Any, send: Any, name: str) -> None:
        proof = self._gitlab
        headers, body = await self._admission.admit(scope, receive, proof, closed="REVEILLE_GITLAB_SECRET is not set")
        event = header_text(headers, b"x-gitlab-event")
        delivery = gitlab.normalise(event, parse(body), _gitlab_key(headers, body, proof))
        await self._taking.one(scope, send, headers, delivery, body, verified=proof is not None)

    async def jenkins(self, scope: Any, receive: Any, send: Any, name: str) -> None:
        proof = self._jenkins
        headers, body = await self._admission.admit(scope, receive, proof, closed="REVEILLE_JENKINS_SECRET is not set")
        delivery = jenkins.normalise(parse(body), idempotency_key(headers))
        await self._taking.one(scope, send, headers, delivery, body, verified=proof is not None)

    async def ci(self, scope: Any, receive: Any, send: Any, name: str) -> None:
        proof = self._ci
        headers, body = await self._admission.admit(scope, receive, proof, closed="REVEILLE_CI_SECRET is not set")
        delivery = ci.normalise(parse(body), idempotency_key(headers))
        await self._taking.one(scope, send, headers, delivery, body, verified=proof is not None)

    async def prometheus(self, scope: Any, receive: Any, send: Any, name: str) -> None:
        proof = self._prometheus
        headers, body = await self._admission.admit(
            scope, receive, proof, closed="REVEILLE_PROMETHEUS_SECRET is not set"
        )
        found = alerts.normalise(parse(body))
        parts = [(alert.delivery, orjson.dumps(alert.told), alert.identity) for alert in found]
        await self._taking.several(scope, send, headers, parts, verified=proof is not None)

    async def custom(self, scope: Any, receive: Any, send: Any, name: str) -> None:
        source = self._fleets.in_force(self._settings.tenant).fleet.sources.get(name)
        if source is None:
            raise Missing("unknown_source", f"source {name[:100]} is not in the fleet in force")
        proof = self._proof_of(source)
        closed = f"REVEILLE_CUSTOM_SECRETS names no secret of {name}"
        headers, body = await self._admission.admit(scope, receive, proof, closed=closed)
        delivery = custom.normalise(source, parse(body), _custom_key(headers, source))
        await self._taking.one(scope, send, headers, delivery, body, verified=proof is not None)

    def _proof_of(self, source: Source) -> Proof | None:
        """Made anew where a fleet has changed the source."""
        known = self._of_sources.get(source.name)
        if known is None or known[0] != source:
            secrets = self._settings.secrets_of(source.name)
            known = (source, _proof(lambda given: of_source(source, given), secrets))
            self._of_sources[source.name] = known
        return known[1]


def _proof(make: Callable[[Sequence[bytes]], Proof], secrets: Sequence[bytes]) -> Proof | None:
    return make(secrets) if secrets else None


def _gitlab_key(headers: Headers, body: bytes, proof: Proof | None) -> str:
    """What is signed, then what stays the same when GitLab tries again.

    `Idempotency-Key` (GitLab 17.4) does; with a signing token it stands in `webhook-id` too, and that is signed.
    `X-Gitlab-Event-UUID` does not: a retry has another one, and webhooks that one webhook's receiver sets off share
    it. So before 17.4 it tells deliveries apart only together with what they say.
    """
    if isinstance(proof, StandardSignature):
        return delivery_key(header_text(headers, WEBHOOK_ID), "webhook-id")
    if key := idempotency_key(headers):
        return key
    uuid = delivery_key(header_text(headers, b"x-gitlab-event-uuid"), "X-Gitlab-Event-UUID")
    return f"{uuid}\x1f{hashlib.sha256(body).hexdigest()}" if uuid else ""


def _custom_key(headers: Headers, source: Source) -> str:
    standard = source.scheme in (SourceScheme.SOURCE_SCHEME_STANDARD, SourceScheme.SOURCE_SCHEME_UNSPECIFIED)
    id = delivery_key(header_text(headers, WEBHOOK_ID), "webhook-id") if standard else ""
    return id or idempotency_key(headers)
