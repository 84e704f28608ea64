"""What the routes that change plans have in common: their bodies, and how often they came."""

import json
import re
from typing import Annotated, Any, Final

from fastapi import Header, Request

from reveille.ingress.application.inputs import Sent
from reveille.ingress.domain.delivery import MAX_KEY, delivery_key
from reveille.ingress.domain.refusals import Malformed, invalid_field
from reveille.ingress.entrypoints.http.problems import UnsupportedMedia
from reveille.ingress.entrypoints.http.strict_json import parse
from reveille.ingress.entrypoints.http.tracing import trace_of
from reveille.ingress.entrypoints.http.writing import JSON, body_of, media_type_of
from reveille.ingress.settings import Settings
from reveille.kernel.ids import Ids

IdempotencyKey = Annotated[
    str | None,
    Header(description=f"The same request again has no second effect; at most {MAX_KEY} characters, without a space."),
]
IfMatch = Annotated[
    str | None, Header(max_length=500, description="The revision that it is to take the place of, as in the ETag.")
]
_REVISION: Final = re.compile(r'"?(-1|[0-9]{1,18})"?')


class PlanWrites:
    def __init__(self, *, settings: Settings, ids: Ids) -> None:
        self._settings = settings
        self._ids = ids

    async def document(self, request: Request, *, required: bool = True) -> Any:
        """The body as JSON; where it is not required, none is an empty object."""
        media_type = media_type_of(request)
        if media_type and media_type != JSON:
            raise UnsupportedMedia("unsupported_media_type", f"Content-Type is {media_type!r}, expected {JSON}")
        body = await body_of(request, self._settings.max_body)
        if not body and not required:
            return {}
        if not media_type:
            raise UnsupportedMedia("unsupported_media_type", f"Content-Type is missing, expected {JSON}")
        return _parsed(body)

    def sent(self, request: Request, document: Any, key: str | None, *, if_match: str | None = None) -> Sent:
        """Of a request's document, with where it says it. Raises Malformed for headers that mean nothing."""
        return Sent(
            asks=[request.method, request.url.path, document],
            trace=trace_of(request.scope, self._ids),
            key=delivery_key(key, "Idempotency-Key") if key is not None else "",
            seen=_revisions(if_match),
        )


def _revisions(if_match: str | None) -> frozenset[int] | None:
    """None: any."""
    if if_match is None or if_match.strip() == "*":
        return None
    seen = set()
    for part in if_match.split(","):
        found = _REVISION.fullmatch(part.strip())
        if not found:
            raise Malformed("invalid_if_match", f"If-Match is {if_match[:50]!r}, expected a revision, as in the ETag")
        seen.add(int(found[1]))
    return frozenset(seen)


def _parsed(body: bytes) -> Any:
    """Raises Invalid with its place for a text that holds half of a surrogate pair, Malformed for what is no JSON."""
    try:
        return parse(body)
    except Malformed:
        path = _half_pair(body)
        if path is None:
            raise
    raise invalid_field(path, "it has half of a surrogate pair, expected a text")


def _half_pair(body: bytes) -> str | None:
    """Where in the body it stands; None where there is none, or nothing can be said."""
    try:
        todo: list[tuple[str, Any]] = [("", json.loads(body))]
    except (ValueError, RecursionError):
        return None
    while todo:
        path, value = todo.pop()
        if isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value):
            return path
        if isinstance(value, dict):
            for key, one in value.items():
                if any("\ud800" <= letter <= "\udfff" for letter in key):
                    return path
                todo.append((f"{path}.{key}" if path else key, one))
        elif isinstance(value, list):
            todo += [(f"{path}[{place}]", one) for place, one in enumerate(value)]
    return None
