"""The HTTP application: the doors, the read API and the probes behind one guard."""

from base64 import b64encode
from collections.abc import AsyncIterator
from hashlib import sha256
from importlib.resources import files
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException

from reveille.ingress.adapters.queries import Queries
from reveille.ingress.bootstrap import Ingress
from reveille.ingress.domain.refusals import FieldError
from reveille.ingress.entrypoints.access_table import AccessTable, differences
from reveille.ingress.entrypoints.http.admission import Admission
from reveille.ingress.entrypoints.http.agent_socket import AgentSocket
from reveille.ingress.entrypoints.http.analytics import analytics_routes
from reveille.ingress.entrypoints.http.approvals import approval_routes
from reveille.ingress.entrypoints.http.audit import audit_routes
from reveille.ingress.entrypoints.http.auditing import Audited
from reveille.ingress.entrypoints.http.authenticating import authenticating
from reveille.ingress.entrypoints.http.blueprints import blueprint_routes
from reveille.ingress.entrypoints.http.cursors import Cursors
from reveille.ingress.entrypoints.http.deadletters import dead_letter_routes
from reveille.ingress.entrypoints.http.described import describe_doors
from reveille.ingress.entrypoints.http.doors import Doors
from reveille.ingress.entrypoints.http.doorway import DOORS, Doorway, Front
from reveille.ingress.entrypoints.http.erasures import erasure_routes
from reveille.ingress.entrypoints.http.events_socket import EventsSocket
from reveille.ingress.entrypoints.http.executions import execution_routes
from reveille.ingress.entrypoints.http.figures import Owners
from reveille.ingress.entrypoints.http.fleet import fleet_routes
from reveille.ingress.entrypoints.http.gate import Gate, Held
from reveille.ingress.entrypoints.http.guard import Guard, check_routed
from reveille.ingress.entrypoints.http.health import health_routes
from reveille.ingress.entrypoints.http.history import history_routes
from reveille.ingress.entrypoints.http.history_live import live_history_routes
from reveille.ingress.entrypoints.http.identity import Authenticator
from reveille.ingress.entrypoints.http.keys import key_routes
from reveille.ingress.entrypoints.http.limits import Limits
from reveille.ingress.entrypoints.http.me import me_routes
from reveille.ingress.entrypoints.http.metrics import Answers, Telling
from reveille.ingress.entrypoints.http.notifications import notification_routes
from reveille.ingress.entrypoints.http.own_doors import OwnDoors
from reveille.ingress.entrypoints.http.page import page_routes
from reveille.ingress.entrypoints.http.parties import Parties, party_routes
from reveille.ingress.entrypoints.http.party_socket import PartySocket
from reveille.ingress.entrypoints.http.plan_writes import PlanWrites
from reveille.ingress.entrypoints.http.plans import Plans
from reveille.ingress.entrypoints.http.problems import CODES, Problem
from reveille.ingress.entrypoints.http.proofs import signed_by
from reveille.ingress.entrypoints.http.reads import reads
from reveille.ingress.entrypoints.http.status import status_routes
from reveille.ingress.entrypoints.http.stream import stream_routes
from reveille.ingress.entrypoints.http.taking import Taking
from reveille.ingress.entrypoints.http.tracing import keep_span, keep_trace, new_trace, parent_of, trace_id_of, trace_of
from reveille.kernel import trace_context
from reveille.kernel.digests import derived


def create_app(ingress: Ingress, queries: Queries, *, authenticator: Authenticator | None = None) -> Front:
    """authenticator: who says whose a request is; None: as the settings have it."""
    settings, ports = ingress.settings, ingress.service.ports
    ids = ports.ids
    # The framework's own page would load its script from elsewhere; and who asks with a slash too many it would send on
    # to whatever host the request names, before he has said who he is.
    app = FastAPI(
        title="Reveille",
        description="Agents sleep until an event wakes them.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    answers, owners = Answers(), Owners(queries, ingress.fleets, ports.clock)
    taking = Taking(settings=settings, receiving=ingress.receiving, ids=ids, spans=ports.spans)
    limits, held = Limits(settings, ports.clock), Held(settings)
    admission = Admission(settings=settings, taking=taking, limits=limits, clock=ports.clock)
    doors = Doors(settings=settings, admission=admission, taking=taking, fleets=ingress.fleets)
    own_doors = OwnDoors(settings=settings, taking=taking, fleets=ingress.fleets, clones=ingress.clones)

    async def traced(request: Request) -> AsyncIterator[None]:
        """What is asked of other services is a part of the request's trace."""
        check_routed(request.scope)
        route = request.scope["route"].path
        attributes = {"http.request.method": request.method, "http.route": route}
        parent, name = parent_of(dict(request.scope["headers"])), f"{request.method} {route}"
        span = ports.spans.start(name, parent, attributes, kind="server")
        keep_span(request.scope, span)
        keep_trace(request.scope, span.traceparent or new_trace(ids))
        with trace_context.about(trace_of(request.scope, ids)):
            yield

    asking = [Depends(traced)]
    cursors = Cursors(derived(ingress.key, "cursors"))
    app.include_router(reads(queries, cursors), dependencies=asking)
    app.include_router(fleet_routes(queries, ingress.fleets), dependencies=asking)
    app.include_router(health_routes(ingress, queries), dependencies=asking)
    app.include_router(me_routes(), dependencies=asking)
    app.include_router(key_routes(ingress.keys, cursors, clock=ports.clock, ids=ids), dependencies=asking)
    app.include_router(audit_routes(ingress.audit, cursors), dependencies=asking)
    app.include_router(blueprint_routes(ingress.fleets), dependencies=asking)
    app.include_router(approval_routes(queries, ingress.approving, cursors), dependencies=asking)
    plans = Plans(queries=queries, streams=ingress.plan_streams)
    parties = Parties(plans)
    plan_writes = PlanWrites(settings=settings, ids=ids)
    # Before the routes of one execution, which would take `events` for its id.
    app.include_router(history_routes(queries, ingress.timeline, cursors), dependencies=asking)
    app.include_router(live_history_routes(ingress.live, ingress.timeline, cursors), dependencies=asking)
    app.include_router(stream_routes(ingress.live), dependencies=asking)
    app.include_router(analytics_routes(ingress.analytics, ingress.fleets, clock=ports.clock), dependencies=asking)
    app.include_router(notification_routes(ingress.notifications, cursors), dependencies=asking)
    app.include_router(dead_letter_routes(queries, ingress.dead_letters, cursors), dependencies=asking)
    app.include_router(
        execution_routes(
            queries, ingress.inputs, plans, ingress.timeline, cursors, plan_writes, ingress.live.executions_of
        ),
        dependencies=asking,
    )
    app.include_router(party_routes(ingress.inputs, plans, parties, plan_writes), dependencies=asking)
    app.include_router(
        erasure_routes(ingress.erasing, ingress.inputs, plans, cursors, plan_writes, ids), dependencies=asking
    )
    mode = "embedded" if settings.embedded else "cluster"
    told = Telling(ingress, owners, answers, held)
    if not settings.embedded:
        ingress.overview.others = queries.healths
    app.include_router(
        status_routes(queries, owners, mode=mode, own=settings.tenant, as_text=told.to_tenant),
        dependencies=asking,
    )
    _probes(app, ingress)
    app.include_router(page_routes())
    _page(app)

    def problem(request: Request, status: int, code: str, detail: str, **more: Any) -> Response:
        trace_id = trace_id_of(request.scope, ids)
        told = Problem(status, code, detail, instance=request.url.path, trace_id=trace_id, **more)
        return Response(told.body, status, {name.decode(): value.decode() for name, value in told.headers})

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        code = CODES.get(error.status_code, "refused")
        allow = [(b"allow", error.headers["Allow"].encode())] if error.headers and "Allow" in error.headers else []
        return problem(
            request, error.status_code, code, f"{request.method} {request.url.path}: {error.detail}", headers=allow
        )

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        errors = [FieldError(".".join(map(str, one["loc"][1:])), one["msg"].lower()) for one in error.errors()]
        detail = "; ".join(f"{one.path}: {one.message}" for one in errors)
        return problem(request, 422, "invalid_query", detail, errors=errors)

    describe_doors(app)
    signed, table = signed_by(settings), AccessTable()
    asked = authenticator or authenticating(settings, ingress.keys, ingress.tokens)

    def guarded(inner: Any) -> Audited:
        guard = Guard(
            inner,
            settings=settings,
            table=table,
            signed=signed,
            authenticator=asked,
            limits=limits,
            held=held,
            ids=ids,
            answers=answers,
        )
        return Audited(guard, auditing=ingress.auditing, clock=ports.clock, ids=ids)

    # Inside the framework for what it routes, as it would answer faults before anything around it could.
    app.add_middleware(guarded)
    events_socket = EventsSocket(
        settings=settings,
        live=ingress.live,
        overview=ingress.overview,
        caught_up=ingress.timeline.catch_up,
    )
    ingress.service.drains.append(events_socket.drain)
    sockets = [
        AgentSocket(fleets=ingress.fleets, links=queries.links, ids=ids),
        PartySocket(parties=parties, timeline=ingress.timeline, ids=ids),
        events_socket,
    ]
    check_complete(app)
    gate = Gate(settings=settings, authenticator=asked, limits=limits, held=held)
    opened = guarded(Doorway(doors, own_doors))
    return Front(
        app,
        doors=opened,
        sockets=sockets,
        gate=gate,
        on_record=opened.of_socket,
        ids=ids,
        told=told.of_process,
    )


def check_complete(app: FastAPI) -> None:
    """Raises LookupError where something is served that the access table does not have, or the other way round."""
    routed = [
        (method, route.path or "") for route in iter_route_contexts(app.routes) for method in route.methods or {""}
    ]
    if told := differences(frozenset([*routed, *(("POST", path) for path in DOORS)])):
        raise LookupError("; ".join(told))


def _page(app: FastAPI) -> None:
    page = files("reveille.ingress.entrypoints.http").joinpath("docs.html").read_text(encoding="utf-8")
    headers = {
        "content-security-policy": _policy(page),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
    }

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(page, headers=headers)


def _policy(page: str) -> str:
    """What stands in the page itself runs, and nothing else: it shows what fleets and routes are described by."""
    own = {tag: _digest_of(tag, page) for tag in ("script", "style")}
    return (
        f"default-src 'none'; script-src {own['script']}; style-src {own['style']}; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _digest_of(tag: str, page: str) -> str:
    within = page.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]
    return f"'sha256-{b64encode(sha256(within.encode()).digest()).decode()}'"


def _probes(app: FastAPI, ingress: Ingress) -> None:
    @app.get("/healthz", tags=["status"])
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz", tags=["status"])
    async def readiness() -> Response:
        reasons = await ingress.not_ready()
        return JSONResponse({"status": "unready" if reasons else "ready", "reasons": reasons}, 503 if reasons else 200)
