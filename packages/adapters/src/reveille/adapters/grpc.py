"""gRPC: one server with any set of servicers, and channels to it. Errors and trace contexts pass both."""

import logging
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final, NoReturn

import grpc  # type: ignore[import-untyped]

from reveille.adapters.grpc_access import Access, AuthorizedChannel
from reveille.adapters.grpc_health import Complaints, Health, Ready
from reveille.adapters.plain import to_plain
from reveille.adapters.tls import Pem
from reveille.kernel import trace_context
from reveille.kernel.errors import Misconfigured, Poison, Rejected, Transient
from reveille.kernel.events import service_of
from reveille.kernel.parking import Closed
from reveille.kernel.spans import NoSpans, Span, Spans, Value

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

# What is the service's fault and not the caller's, as OpenTelemetry has it.
FAULTS: Final = frozenset(
    {
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DATA_LOSS,
    }
)


class Server:
    """Servicers of generated base classes, with health, on one port; for those who have its token."""

    def __init__(
        self,
        servicers: Sequence[Any],
        *,
        token: str,
        reflection: bool = False,
        address: str = "127.0.0.1:0",
        ready: Ready = lambda service: True,
        complaints: Complaints = lambda service: (),
        spans: Callable[[str], Spans] = lambda service: NoSpans(),
        tls: Pem | None = None,
    ) -> None:
        """token: what every call but those for health must carry. reflection: whether it says to all what it serves.

        ready, complaints, spans: by a service's name, such as `agent-runner`; the first two are asked at every health
        check.
        tls: then clients must show a certificate of its authorities.
        """
        self._servicers = servicers
        self._token = token
        self._reflection = reflection
        self._address = address
        self._ready = ready
        self._complaints = complaints
        self._spans = spans
        self._tls = tls
        self._server: Any = None
        self._health: Health | None = None
        self.port = 0

    async def start(self) -> int:
        """The port. Raises Misconfigured where the address is in use."""
        from grpc_health.v1 import health_pb2, health_pb2_grpc  # type: ignore[import-untyped]

        edges = [Access(self._token), _Edge(self._spans)]
        self._server = grpc.aio.server(interceptors=edges, options=SERVER_OPTIONS)
        names = []
        for servicer in self._servicers:
            name, add = _generated(servicer)
            add(servicer, self._server)
            names.append(name)
        self._health = Health(names, self._ready, self._complaints)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        if self._reflection:
            _reflect([*names, health_pb2.DESCRIPTOR.services_by_name["Health"].full_name], self._server)
        try:
            self.port = self._listen()
        except RuntimeError as error:
            raise Misconfigured(f"gRPC cannot listen on {self._address}: the address is in use or not ours") from error
        await self._server.start()
        return self.port

    def _listen(self) -> int:
        if self._tls is None:
            return int(self._server.add_insecure_port(self._address))
        cert, key, ca = _read(self._tls)
        credentials = grpc.ssl_server_credentials([(key, cert)], root_certificates=ca, require_client_auth=True)
        return int(self._server.add_secure_port(self._address, credentials))

    async def stop(self, grace: float = 3.0) -> None:
        """Take no more calls; those under way have so many seconds to end."""
        if self._server is not None:
            assert self._health is not None
            self._health.leave()
            await self._server.stop(grace)


def open_channel(
    address: str, *, token: str, tls: Pem | None = None, name: str = "", spans: Spans | None = None
) -> AuthorizedChannel:
    """It connects at its first call; without TLS it is for loopback and the cluster's own network.

    token: of the platform whose services it calls.

    address: HOST:PORT, whose name may stand for several replicas; or IPv4:PORT several times, parted by commas.
    name: the one that certificates there must be for; "" is the host of the address. spans: the caller's.
    """
    target = f"ipv4:{address.replace(' ', '')}" if "," in address else address
    interceptors = [_CarriesTrace(spans or NoSpans())]
    if tls is None:
        plain = grpc.aio.insecure_channel(target, options=CHANNEL_OPTIONS, interceptors=interceptors)
        return AuthorizedChannel(plain, token)
    options = [*CHANNEL_OPTIONS, *([("grpc.ssl_target_name_override", name)] if name else [])]
    cert, key, ca = _read(tls)
    credentials = grpc.ssl_channel_credentials(root_certificates=ca, private_key=key, certificate_chain=cert)
    secured = grpc.aio.secure_channel(target, credentials, options=options, interceptors=interceptors)
    return AuthorizedChannel(secured, token)


def _read(tls: Pem) -> tuple[bytes, bytes, bytes]:
    """Certificate, key and authorities; gRPC wants all three, each side shows its own."""
    assert tls.cert and tls.key and tls.ca
    return tls.cert.read_bytes(), tls.key.read_bytes(), tls.ca.read_bytes()


def _reflect(names: Sequence[str], server: Any) -> None:
    from grpc_reflection.v1alpha import reflection  # type: ignore[import-untyped]

    reflection.enable_server_reflection([*names, reflection.SERVICE_NAME], server)


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
        ours = handler is not None and details.method.startswith("/reveille.")
        if not ours or handler.request_streaming or handler.response_streaming:
            return handler
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
                span.end(_fault(span, _code(error)))
            return await _abort(context, method, error)

        return call

    def _span(self, method: str, context: Any) -> Span:
        parent = next((value for key, value in context.invocation_metadata() or () if key == "traceparent"), "")
        name, attributes = _named(method)
        return self._spans(service_of(name)).start(name, parent, attributes, kind="server")


def _named(method: str) -> tuple[str, dict[str, Value]]:
    """A span's name and attributes."""
    service, _, name = method.removeprefix("/").partition("/")
    return f"{service}/{name}", {"rpc.system": "grpc", "rpc.service": service, "rpc.method": name}


class _Fault(Exception):
    """A call that did not go well, and not for what was asked. Its text is the code's name."""

    @property
    def error_type(self) -> str:
        return str(self)


def _fault(span: Span, code: Any) -> _Fault | None:
    span.tell("rpc.grpc.status_code", code.value[0])
    return _Fault(code.name) if code in FAULTS else None


def _code(error: Exception | None) -> Any:
    if error is None:
        return grpc.StatusCode.OK
    return next((code for kind, code in CODES if isinstance(error, kind)), grpc.StatusCode.INTERNAL)


async def _abort(context: Any, method: str, error: Exception) -> NoReturn:
    code = _code(error)
    if code is grpc.StatusCode.INTERNAL:
        logger.error("%s failed", method, exc_info=error)
        await context.abort(code, "internal error")
    # Whoever keeps the error would keep the call's frames with it, until gRPC is gone.
    error.__traceback__ = None
    # The text of a KeyError is its argument's repr.
    await context.abort(code, str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error))
    raise AssertionError("abort raises")


class _CarriesTrace(grpc.aio.UnaryUnaryClientInterceptor):  # type: ignore[misc]
    def __init__(self, spans: Spans) -> None:
        self._spans = spans

    async def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        trace = trace_context.traceparent.get()
        if not trace:
            return await continuation(details, request)
        if isinstance(self._spans, NoSpans):
            return await continuation(_within(details, trace), request)
        method = details.method if isinstance(details.method, str) else details.method.decode()
        name, attributes = _named(method)
        span = self._spans.start(name, trace, attributes, kind="client")
        fault: Exception | None = None
        try:
            call = await continuation(_within(details, span.traceparent), request)
            fault = _fault(span, await call.code())
            return call
        finally:
            span.end(fault)


def _within(details: Any, trace: str) -> Any:
    metadata = grpc.aio.Metadata(*(details.metadata or ()), ("traceparent", trace))
    return details._replace(metadata=metadata)
