"""Errors as problem details (RFC 9457), and the one table of which error is which status."""

import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import orjson

from reveille.ingress.application.fleets import FleetMoved
from reveille.ingress.application.inputs import InputsMoved
from reveille.ingress.domain.refusals import Conflicting, FieldError, Forbidden, Invalid, Malformed, Missing, Refusal
from reveille.kernel.errors import Transient

MEDIA_TYPE: Final = b"application/problem+json"


class Unauthenticated(Refusal):
    """The signature or the token is missing or wrong; `challenge` is the scheme that is expected."""

    def __init__(self, code: str, message: str, *, challenge: str = "HMAC-SHA256") -> None:
        super().__init__(code, message)
        self.challenge = challenge


class MethodNotAllowed(Refusal):
    """This door takes POST alone."""


class TooSlow(Refusal):
    """The body did not come within its time."""


class TooLarge(Refusal):
    """The body is above the limit."""


class UnsupportedMedia(Refusal):
    """The body is of a type that this door does not read."""


class Flooded(Refusal):
    """Too much at once; it may come again after `retry_after` seconds."""

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__("too_many_requests", message)
        self.retry_after = retry_after


STATUS: Final[Mapping[type[Exception], int]] = {
    Malformed: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    Missing: 404,
    MethodNotAllowed: 405,
    TooSlow: 408,
    Conflicting: 409,
    FleetMoved: 412,
    InputsMoved: 412,
    TooLarge: 413,
    UnsupportedMedia: 415,
    Invalid: 422,
    Flooded: 429,
    Transient: 503,
}
# Their messages say again what was sent, or what was asked for.
_QUOTING: Final = (Malformed, Missing, Conflicting, Invalid)
CODES: Final = {404: "not_found", 405: "method_not_allowed"}


class Problem:
    """One error as an answer: status, headers and body."""

    __slots__ = ("body", "headers", "status")

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        instance: str,
        trace_id: str,
        errors: Sequence[FieldError] = (),
        headers: Sequence[tuple[bytes, bytes]] = (),
    ) -> None:
        document: dict[str, Any] = {
            "type": f"urn:reveille:problem:{code}",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": detail,
            "instance": instance,
            "code": code,
            "trace_id": trace_id,
        }
        if errors:
            document["errors"] = [{"path": error.path, "message": error.message} for error in errors]
        self.status = status
        self.body = orjson.dumps(document)
        length = str(len(self.body)).encode()
        self.headers = [(b"content-type", MEDIA_TYPE), (b"content-length", length), *headers]

    async def send(self, send: Any) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})


def outline(error: Exception) -> str:
    """What the log says of it, in which nobody is to read what others sent."""
    return error.code if isinstance(error, _QUOTING) else str(error)


def problem_of(error: Exception, *, instance: str, trace_id: str) -> Problem:
    """Of what is not in the table the sender learns no more than that it failed."""
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
    headers: list[tuple[bytes, bytes]] = []
    if isinstance(error, Flooded | Transient):
        headers.append((b"retry-after", str(max(1, math.ceil(error.retry_after))).encode()))
    if isinstance(error, Unauthenticated):
        headers.append((b"www-authenticate", error.challenge.encode()))
    if status == 405:
        headers.append((b"allow", b"POST"))
    if status == 500:
        return Problem(500, "internal_error", "this request failed", instance=instance, trace_id=trace_id)
    if isinstance(error, Refusal):
        code, detail, errors = error.code, str(error), error.errors
    else:
        code, detail, errors = "unavailable", str(error), ()
    return Problem(status, code, detail, instance=instance, trace_id=trace_id, errors=errors, headers=headers)
