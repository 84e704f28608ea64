"""Who may call the platform's services by gRPC: whoever has the token that all of them make of the platform's key."""

import hmac
from collections.abc import Callable
from typing import Any, Final

import grpc  # type: ignore[import-untyped]

from reveille.kernel.digests import derived

AUTHORIZATION: Final = "authorization"
# Who watches over a service asks for its health; reflection says what there is, where the setting has it served at all.
OPEN: Final = ("/grpc.health.v1.Health/", "/grpc.reflection.v1alpha.ServerReflection/")
_REFUSED: Final = "authorization is missing or wrong, expected the token of this platform's services"


def token_of(key: bytes) -> str:
    """key: REVEILLE_KEY, the same for all five services."""
    return derived(key, "grpc").hex()


class Access(grpc.aio.ServerInterceptor):  # type: ignore[misc]
    def __init__(self, token: str) -> None:
        self._wanted = _bearer(token).encode()

    async def intercept_service(self, continuation: Any, details: Any) -> Any:
        handler = await continuation(details)
        if handler is None or details.method.startswith(OPEN) or self._fits(details.invocation_metadata):
            return handler
        return _refusing(handler)

    def _fits(self, metadata: Any) -> bool:
        given = [value for key, value in metadata or () if key == AUTHORIZATION]
        return len(given) == 1 and hmac.compare_digest(given[0].encode(), self._wanted)


class AuthorizedChannel:
    """A channel on which every call carries the token, in whichever direction it streams.

    Not by interceptors: with one a stream is another kind of call, which says in other ways how it has ended.
    """

    def __init__(self, channel: Any, token: str) -> None:
        self._channel = channel
        self._metadata = ((AUTHORIZATION, _bearer(token)),)

    def unary_unary(self, *method: Any, **how: Any) -> Callable[..., Any]:
        return self._carrying(self._channel.unary_unary(*method, **how))

    def unary_stream(self, *method: Any, **how: Any) -> Callable[..., Any]:
        return self._carrying(self._channel.unary_stream(*method, **how))

    def stream_unary(self, *method: Any, **how: Any) -> Callable[..., Any]:
        return self._carrying(self._channel.stream_unary(*method, **how))

    def stream_stream(self, *method: Any, **how: Any) -> Callable[..., Any]:
        return self._carrying(self._channel.stream_stream(*method, **how))

    async def close(self, grace: float | None = None) -> None:
        await self._channel.close(grace)

    def _carrying(self, call: Any) -> Callable[..., Any]:
        def carried(*request: Any, metadata: Any = None, **how: Any) -> Any:
            return call(*request, metadata=(*(metadata or ()), *self._metadata), **how)

        return carried


def _bearer(token: str) -> str:
    return f"Bearer {token}"


def _refusing(handler: Any) -> Any:
    """Of the same kind, so that the call ends as its client expects."""

    async def refuse(request: Any, context: Any) -> Any:
        await context.abort(grpc.StatusCode.UNAUTHENTICATED, _REFUSED)

    async def refuse_stream(request: Any, context: Any) -> Any:
        await context.abort(grpc.StatusCode.UNAUTHENTICATED, _REFUSED)
        yield

    kinds = {
        (False, False): lambda: grpc.unary_unary_rpc_method_handler(refuse),
        (False, True): lambda: grpc.unary_stream_rpc_method_handler(refuse_stream),
        (True, False): lambda: grpc.stream_unary_rpc_method_handler(refuse),
        (True, True): lambda: grpc.stream_stream_rpc_method_handler(refuse_stream),
    }
    return kinds[handler.request_streaming, handler.response_streaming]()
