"""gRPC: one server with any set of servicers, and channels to it. Errors and trace contexts pass both."""

import logging
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final, NoReturn

import grpc  # type: ignore[import-untyped]

from reveille.adapters import trace_context
from reveille.adapters.grpc_health import Health, Ready
from reveille.adapters.plain import to_plain
from reveille.kernel.errors import Misconfigured, Poison, Rejected, Transient
from reveille.kernel.events import service_of
from reveille.kernel.parking import Closed
from reveille.kernel.spans import NoSpans, Span, Spans

__all__ = ["Server", "open_channel", "to_plain"]

logger = logging.getLogger(__name__)

# A page of 500 rows with their results; the default of 4 MiB is less.
MAX_MESSAGE_BYTES: Final = 16 * 1024 * 1024
KEEPALIVE_MS: Final = 30_000
_SIZES: Final = [
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
]
SERVER_OPTIONS: Final = [
    *_SIZES,
    # Otherwise a second server takes half of the first one's calls without a word.
    ("grpc.so_reuseport", 0),
    # The default of 5 minutes would end the connections of our own channels for too many pings.
    ("grpc.http2.min_recv_ping_interval_without_data_ms", KEEPALIVE_MS // 3),
]
CHANNEL_OPTIONS: Final = [
    *_SIZES,
    ("grpc.keepalive_time_ms", KEEPALIVE_MS),
    ("grpc.keepalive_timeout_ms", 10_000),
    # A restarted service is found again soon; the default waits up to 2 minutes.
    ("grpc.max_reconnect_backoff_ms", 2_000),
    # Of several replicas each is asked in turn, and one that is away not at all.
    ("grpc.lb_policy_name", "round_robin"),
    # Otherwise a channel waits as long as an older one of this process that could not reach the same address.
    ("grpc.use_local_subchannel_pool", 1),
]
# The first that fits. Whatever is not here is a fault of ours, of which the caller learns no more than that.
CODES: Final[tuple[tuple[type[Exception], grpc.StatusCode], ...]] = (
    (KeyError, grpc.StatusCode.NOT_FOUND),
    (Transient, grpc.StatusCode.UNAVAILABLE),
    (Closed, grpc.StatusCode.FAILED_PRECONDITION),
    (Poison, grpc.StatusCode.ABORTED),
    (Rejected, grpc.StatusCode.INVALID_ARGUMENT),
    (ValueError, grpc.StatusCode.INVALID_ARGUMENT),
    (NotImplementedError, grpc.StatusCode.UNIMPLEMENTED),
)


class Server:
    """Servicers of generated base classes, with health and reflection, on one port."""

    def __init__(
        self,
        servicers: Sequence[Any],
        *,
        address: str = "127.0.0.1:0",
        ready: Ready = lambda service: True,
        spans: Callable[[str], Spans] = lambda service: NoSpans(),
    ) -> None:
        """ready, spans: by a service's name, such as `agent-runner`; ready is asked at every health check."""
        self._servicers = servicers
        self._address = address
        self._ready = ready
        self._spans = spans
        self._server: Any = None
        self._health: Health | None = None
        self.port = 0

    async def start(self) -> int:
        """The port. Raises Misconfigured where the address is in use."""
        from grpc_health.v1 import health_pb2, health_pb2_grpc  # type: ignore[import-untyped]
        from grpc_reflection.v1alpha import reflection  # type: ignore[import-untyped]

        self._server = grpc.aio.server(interceptors=[_Edge(self._spans)], options=SERVER_OPTIONS)
        names = []
        for servicer in self._servicers:
            name, add = _generated(servicer)
            add(servicer, self._server)
            names.append(name)
        self._health = Health(names, self._ready)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        health_name = health_pb2.DESCRIPTOR.services_by_name["Health"].full_name
        reflection.enable_server_reflection([*names, health_name, reflection.SERVICE_NAME], self._server)
        try:
            self.port = self._server.add_insecure_port(self._address)
        except RuntimeError as error:
            raise Misconfigured(f"gRPC cannot listen on {self._address}: the address is in use or not ours") from error
        await self._server.start()
        return self.port

    async def stop(self, grace: float = 3.0) -> None:
        """Take no more calls; those under way have so many seconds to end."""
        if self._server is not None:
            assert self._health is not None
            self._health.leave()
            await self._server.stop(grace)


def open_channel(address: str) -> Any:
    """A channel without TLS, for loopback and the cluster's own network. It connects at its first call.

    address: HOST:PORT, whose name may stand for several replicas; or IPv4:PORT several times, parted by commas.
    """
    target = f"ipv4:{address.replace(' ', '')}" if "," in address else address
    return grpc.aio.insecure_channel(target, options=CHANNEL_OPTIONS, interceptors=[_CarriesTrace()])


def _generated(servicer: Any) -> tuple[str, Callable[[Any, Any], None]]:
    """The full name of what the servicer serves and how to add it, from the generated module of its base class."""
    for base in type(servicer).__mro__:
        if base.__module__.endswith("_pb2_grpc"):
            service = base.__name__.removesuffix("Servicer")
            messages = sys.modules[base.__module__.removesuffix("_grpc")]
            add = getattr(sys.modules[base.__module__], f"add_{base.__name__}_to_server")
            return messages.DESCRIPTOR.services_by_name[service].full_name, add
    raise TypeError(f"{type(servicer).__name__} is no servicer: expected a generated base class")


class _Edge(grpc.aio.ServerInterceptor):  # type: ignore[misc]
    """Around each call of our own services: a span, and errors as codes."""

    def __init__(self, spans: Callable[[str], Spans]) -> None:
        self._spans = spans

    async def intercept_service(self, continuation: Any, details: Any) -> Any:
        handler = await continuation(details)
        if handler is None or not details.method.startswith("/reveille.") or handler.request_streaming:
            return handler
        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(
                self._streaming(handler.unary_stream, details.method),
                handler.request_deserializer,
                handler.response_serializer,
            )
        return grpc.unary_unary_rpc_method_handler(
            self._unary(handler.unary_unary, details.method), handler.request_deserializer, handler.response_serializer
        )

    def _unary(self, answer: Any, method: str) -> Any:
        async def call(request: Any, context: Any) -> Any:
            span = self._span(method, context)
            error: Exception | None = None
            try:
                with trace_context.about(span.traceparent):
                    return await answer(request, context)
            except grpc.aio.AbortError:
                raise
            except Exception as raised:
                error = raised
            finally:
                span.end(error)
            return await _abort(context, method, error)

        return call

    def _streaming(self, answer: Any, method: str) -> Any:
        async def call(request: Any, context: Any) -> Any:
            span = self._span(method, context)
            error: Exception | None = None
            try:
                with trace_context.about(span.traceparent):
                    async for response in answer(request, context):
                        yield response
            except grpc.aio.AbortError:
                raise
            except Exception as raised:
                error = raised
            finally:
                span.end(error)
            if error is not None:
                await _abort(context, method, error)

        return call

    def _span(self, method: str, context: Any) -> Span:
        parent = next((value for key, value in context.invocation_metadata() or () if key == "traceparent"), "")
        service, _, name = method.removeprefix("/").partition("/")
        attributes = {"rpc.system": "grpc", "rpc.service": service, "rpc.method": name}
        return self._spans(service_of(service)).start(f"{service}/{name}", parent, attributes)


async def _abort(context: Any, method: str, error: Exception) -> NoReturn:
    for kind, code in CODES:
        if isinstance(error, kind):
            # Whoever keeps the error would keep the call's frames with it, until gRPC is gone.
            error.__traceback__ = None
            # The text of a KeyError is its argument's repr.
            await context.abort(code, str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error))
    logger.error("%s failed", method, exc_info=error)
    await context.abort(grpc.StatusCode.INTERNAL, "internal error")
    raise AssertionError("abort raises")


class _CarriesTrace(grpc.aio.UnaryUnaryClientInterceptor):  # type: ignore[misc]
    async def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        trace = trace_context.traceparent.get()
        if trace:
            metadata = grpc.aio.Metadata(*(details.metadata or ()), ("traceparent", trace))
            details = details._replace(metadata=metadata)
        return await continuation(details, request)
